"""Figures inside the page: inline SVG with its words, which loads nothing and shares no names with other figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO

import matplotlib
from markupsafe import Markup

from experiments.figures.style import RULES, Drawing

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACES = re.compile(r'\s+xmlns(?::\w+)?="[^"]*"')
_OPENING = re.compile(r"<svg([^>]*)>")
_SIZE = re.compile(r'\s(?:width|height|version)="[^"]*"')
_NAMES = re.compile(r'(\bid="|url\(#|href="#)')
_WORDS = Markup('<title id="f{number}-title">{title}</title><desc id="f{number}-desc">{words}</desc>')
_SPACES = re.compile(r">\s+<(?!/?(?:tspan|text))")


@dataclass(frozen=True)
class Figure:
    """A numbered figure of a report: its SVG, its caption, and its content in words."""

    number: int
    svg: Markup
    caption: str
    words: str


def figure(drawing: Drawing, caption: str, number: int) -> Figure:
    """A drawing ready for the page; the number, from 1, must be unique on it."""
    return Figure(number, inline_svg(drawing, caption, number), caption, drawing.alt)


def inline_svg(drawing: Drawing, title: str, number: int) -> Markup:
    """A drawing as SVG for HTML: it loads nothing, and its names start with its number."""
    stream = StringIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RULES)
        drawing.figure.savefig(
            stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = _METADATA.sub("", _PROLOGUE.sub("", stream.getvalue(), count=1))
    text = _NAMES.sub(lambda name: f"{name[1]}f{number}-", _NAMESPACES.sub("", text).replace("xlink:href", "href"))
    width = drawing.figure.get_figwidth()
    words = str(_WORDS.format(number=number, title=title, words=drawing.alt))
    opening = _SIZE.sub("", _OPENING.search(text)[1])  # type: ignore[index]
    start = (
        f'<svg{opening} role="img" aria-labelledby="f{number}-title" aria-describedby="f{number}-desc" '
        f'style="--wide:{width:g}in">'
    )
    return Markup(_SPACES.sub("><", _OPENING.sub(lambda _: start + words, text, count=1)).strip())
