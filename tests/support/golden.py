"""Comparing texts with files under `tests/golden`; `OFFRAMP_GOLDEN=write` writes those files anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"
_DRAWN = re.compile(r"(<svg[^>]*>.*?</desc>).*?</svg>", re.DOTALL)
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def check_golden(name: str, text: str, place: Path | None = None) -> None:
    """Assert that a text is that of a file under `tests/golden`.

    Parameters
    ----------
    name : str
        Name of the file.
    text : str
        What was made; HTML should have gone through :func:`skeleton`.
    place : Path, optional
        A temporary directory, whose path is written as `PLACE`.
    """
    text = text.replace(str(place), "PLACE") if place else text
    path = GOLDEN / name
    if os.environ.get("OFFRAMP_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    assert text == expected, f"should it differ? OFFRAMP_GOLDEN=write pytest writes {name} anew; read its diff"


def skeleton(page: str) -> str:
    """HTML without style and without what figures draw, a line an element: space between elements means nothing."""
    page = page.replace("&#x27;", "'").replace("&#39;", "'").replace("&#34;", "&quot;")
    bare = _STYLE.sub("<style></style>", _DRAWN.sub(r"\1</svg>", page))
    return re.sub(r">\s*<", ">\n<", bare).strip() + "\n"
