"""Figures inside the page: inline SVG with its words, which loads nothing and shares no names with other figures."""

from __future__ import annotations

import re
from io import StringIO

import matplotlib

from experiments.figures.style import RULES, Drawing
from experiments.report.html import Markup, element, folded

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACES = re.compile(r'\s+xmlns(?::\w+)?="[^"]*"')
_OPENING = re.compile(r"<svg([^>]*)>")
_SIZE = re.compile(r'\s(?:width|height|version)="[^"]*"')
_NAMES = re.compile(r'(\bid="|url\(#|href="#)')
_SPACES = re.compile(r">\s+<(?!/?(?:tspan|text))")


def figure(drawing: Drawing, caption: str, number: int) -> Markup:
    """A numbered figure with its caption, and its content in words behind a line that opens it.

    Parameters
    ----------
    drawing : Drawing
    caption : str
        One or two sentences.
    number : int
        From 1; unique on the page.
    """
    # The box scrolls by itself on narrow screens, so it must be reachable by keyboard and have a name.
    box = element(
        "div",
        inline_svg(drawing, caption, number),
        class_="drawing",
        tabindex=0,
        role="group",
        aria_label=f"Figure {number}",
    )
    return element(
        "figure",
        box,
        element("figcaption", element("b", f"Figure {number}. "), caption),
        folded("This figure in words", element("p", drawing.alt)),
    )


def inline_svg(drawing: Drawing, title: str, number: int) -> Markup:
    """A drawing as SVG to be put into HTML."""
    stream = StringIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RULES)
        drawing.figure.savefig(
            stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = _METADATA.sub("", _PROLOGUE.sub("", stream.getvalue(), count=1))
    text = _NAMES.sub(lambda found: f"{found[1]}f{number}-", _NAMESPACES.sub("", text).replace("xlink:href", "href"))
    width = drawing.figure.get_figwidth()
    words = element("title", title, id=f"f{number}-title") + element("desc", drawing.alt, id=f"f{number}-desc")
    opening = _SIZE.sub("", _OPENING.search(text)[1])  # type: ignore[index]
    start = (
        f'<svg{opening} role="img" aria-labelledby="f{number}-title" aria-describedby="f{number}-desc" '
        f'style="--wide:{width:g}in">'
    )
    return Markup(_SPACES.sub("><", _OPENING.sub(lambda _: start + words, text, count=1)).strip())
