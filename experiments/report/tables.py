"""Parts of a page that the templates write as HTML: tables as plain data, and figures as inline SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO

from markupsafe import Markup

from experiments.figures.style import Drawing, house_style

CODE = Markup("<code>{}</code>")

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACES = re.compile(r'\s+xmlns(?::\w+)?="[^"]*"')
_OPENING = re.compile(r"<svg([^>]*)>")
_SIZE = re.compile(r'\s(?:width|height|version)="[^"]*"')
_NAMES = re.compile(r'(\bid="|url\(#|href="#)')
_WORDS = Markup('<title id="f{number}-title">{title}</title><desc id="f{number}-desc">{words}</desc>')
_SPACES = re.compile(r">\s+<(?!/?(?:tspan|text))")


@dataclass(frozen=True)
class Table:
    """A table of a report; its first column names the row, text in its cells is escaped, `Markup` is not.

    Where it is ``numeric`` all columns but the first hold numbers; where it is ``folded`` it hides behind these words.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    numeric: bool = False
    folded: str = ""


@dataclass(frozen=True)
class Figure:
    """A numbered figure of a report: its SVG, its caption, and its content in words."""

    number: int
    svg: Markup
    caption: str
    words: str


def text_of(package: str, name: str) -> str:
    """The text of a file that comes with a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def figure(drawing: Drawing, caption: str, number: int) -> Figure:
    """A drawing as SVG for HTML: it loads nothing, and its names start with its number, which is unique on the page."""
    stream = StringIO()
    with house_style():
        drawing.figure.savefig(stream, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = _METADATA.sub("", _PROLOGUE.sub("", stream.getvalue(), count=1))
    text = _NAMES.sub(lambda name: f"{name[1]}f{number}-", _NAMESPACES.sub("", text).replace("xlink:href", "href"))
    opening = _SIZE.sub("", _OPENING.search(text)[1])  # type: ignore[index]
    start = (
        f'<svg{opening} role="img" aria-labelledby="f{number}-title" aria-describedby="f{number}-desc" '
        f'style="--wide:{drawing.figure.get_figwidth():g}in">'
        f"{_WORDS.format(number=number, title=caption, words=drawing.alt)}"
    )
    svg = Markup(_SPACES.sub("><", _OPENING.sub(lambda _: start, text, count=1)).strip())
    return Figure(number, svg, caption, drawing.alt)
