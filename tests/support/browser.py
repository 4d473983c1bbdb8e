"""Opens report pages in a headless Chromium, wide, narrow and as printed, and says what is wrong with them.

``python -m tests.support.browser [FILE.html ...] [--screenshots DIR]``; without files a page about a tiny
study is made and looked at.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WIDE, NARROW = 1280, 380
PAPER = 700
"""Pixels that a sheet of A4 leaves between its margins."""
HEIGHT = 900
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-extensions",
)
SMALLEST_TEXT = 12.0
"""Pixels below which running text counts as unreadable."""

LOOK = """() => {
  const shown = node => { const box = node.getBoundingClientRect(); return box.width > 100 && box.height > 40; };
  const figures = [...document.querySelectorAll('figure svg')];
  const named = node => {
    const words = id => (document.getElementById(node.getAttribute(id)) || {textContent: ''}).textContent;
    return words('aria-labelledby').length > 3 && words('aria-describedby').length > 20;
  };
  const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  const sizes = [...document.querySelectorAll('p, li, td, th, figcaption, caption')]
    .filter(node => node.getClientRects().length).map(node => parseFloat(getComputedStyle(node).fontSize));
  return {
    figures: figures.length, hidden: figures.filter(node => !shown(node)).length,
    unnamed: figures.filter(node => !named(node)).length, images: document.querySelectorAll('img:not([alt])').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: [...document.querySelectorAll('main *')].filter(node => !node.closest('.drawing')
      && node.getClientRects().length && node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map(node => node.tagName + ': ' + node.textContent.slice(0, 60)).slice(0, 5),
    repeated: [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].slice(0, 5), smallest: Math.min(...sizes),
    headings: document.querySelectorAll('h1').length, language: document.documentElement.lang,
  };
}"""


@dataclass
class Look:
    """What one look at a page found; ``problems`` is empty where all is well."""

    page: Path
    width: int
    problems: list[str] = field(default_factory=list)
    figures: int = 0


def find_browser() -> str | None:
    """Path of a Chromium on this machine, if there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def look_at(pages: Sequence[Path], screenshots: Path | None = None) -> list[Look]:
    """Open every page wide and narrow, each time as printed too, cut off from any network.

    Parameters
    ----------
    pages : sequence of Path
    screenshots : Path, optional
        Directory for a picture of each look.

    Raises
    ------
    RuntimeError
        Where there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    browser = find_browser()
    if browser is None:
        raise RuntimeError("no Chromium found; install Debian's package chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser, args=list(QUIET))
        try:
            return [_look(opened, page, width, screenshots) for page in pages for width in (WIDE, NARROW)]
        finally:
            opened.close()


def _look(browser: Any, place: Path, width: int, screenshots: Path | None) -> Look:
    look = Look(place, width)
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, offline=True)
    try:
        page = context.new_page()
        page.on(
            "console",
            lambda message: look.problems.append(f"console: {message.text}") if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: look.problems.append(f"script: {error}"))
        page.on("request", lambda request: _note_request(look, request.url))
        page.goto(place.resolve().as_uri(), wait_until="load")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER, "height": HEIGHT})
        cut = page.evaluate("document.documentElement.scrollWidth") - PAPER
        if cut > 0:
            look.problems.append(f"wider than a sheet of paper by {cut} pixels")
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found = page.evaluate(LOOK)
        look.figures = found["figures"]
        look.problems += _problems(found)
        if screenshots is not None:
            screenshots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=screenshots / f"{place.parent.name}_{place.stem}_{width}.png", full_page=True)
    finally:
        context.close()
    return look


def _note_request(look: Look, address: str) -> None:
    if address != look.page.resolve().as_uri() and not address.startswith("data:"):
        look.problems.append(f"asks for {address}")


def _problems(found: dict[str, Any]) -> Iterator[str]:
    if not found["figures"]:
        yield "no figures"
    for name, words in (
        ("hidden", "figures cannot be seen"),
        ("unnamed", "figures lack words"),
        ("images", "images lack words"),
    ):
        if found[name]:
            yield f"{found[name]} {words}"
    if found["overflow"] > 0 or found["wide"]:
        yield f"wider than the screen by {found['overflow']} pixels: {'; '.join(found['wide'])}"
    if found["repeated"]:
        yield f"names used twice: {', '.join(found['repeated'])}"
    if found["smallest"] < SMALLEST_TEXT:
        yield f"text of {found['smallest']:.1f} pixels"
    if found["headings"] != 1 or not found["language"]:
        yield "no single main heading, or no language"


def tiny_page(directory: Path) -> Path:
    """A page about a tiny study, made for looking at it."""
    from experiments.cli.app import run_command

    place = directory / "study"
    codes = [
        run_command(
            [
                "sweep",
                "mediation=none,manipulation",
                "replicates=40",
                "citizens=20",
                "horizon_days=75",
                "backend=serial",
                f"hydra.run.dir={place}",
            ]
        ),
        run_command(["report", str(place)]),
    ]
    if any(codes):
        raise RuntimeError("the tiny study, or the page about it, could not be made")
    return place / "report.html"


def main(argv: Sequence[str] | None = None) -> int:
    """Look, print what was found, and return 0 where all is well, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.browser", description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path, metavar="FILE.html")
    parser.add_argument("--screenshots", type=Path, help="where to put a picture of each look")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        looks = look_at(asked.pages or [tiny_page(Path(scratch))], asked.screenshots)
    for look in looks:
        print(
            f"{look.page.parent.name}/{look.page.name} at {look.width} pixels, {look.figures} figures: "
            f"{'; '.join(look.problems) or 'all well'}"
        )
    return 1 if any(look.problems for look in looks) else 0


if __name__ == "__main__":
    sys.exit(main())
