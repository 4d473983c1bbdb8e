"""The colours of figures, drawn by matplotlib or by a page; nothing here loads a drawing library.

Colours of arms are Okabe and Ito's, which readers with any common colour-blindness can tell apart; ordered categories
take a ramp whose lightness falls steadily, so that it survives a black-and-white printer.
"""

from __future__ import annotations

INK, GREY, FAINT = "#1f1f1f", "#6b6b6b", "#dcdcdc"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4d4d4d")
"""Colours of arms, in order."""

SIDES = {"a": "#0072B2", "b": "#D55E00"}
SEVERITY_COLOURS = {
    "none": "#e3edf3",
    "clash": "#f6d48f",
    "limited_war": "#e1883f",
    "war": "#a03a20",
    "regional_war": "#45102a",
}
TERMINATION_COLOURS = {
    "mediated": "#0072B2",
    "direct": "#56B4E9",
    "tacit": "#009E73",
    "unilateral": "#F0E442",
    "imposed": "#D55E00",
    "ongoing": "#bdbdbd",
}
JOINT_COLOURS = {"spared": "#dbe7ee", "rescued": "#009E73", "harmed": "#D55E00", "lost": "#9a9a9a"}
CATEGORY_COLOURS = {"severity": SEVERITY_COLOURS, "termination": TERMINATION_COLOURS}
MAP_RAMP = ("#00224e", "#434e6c", "#7d7c78", "#bbaf71", "#fee838")
"""Stops of cividis, which maps are coloured by."""


def colour(index: int) -> str:
    """Colour of the arm with this number."""
    return PALETTE[index % len(PALETTE)]


def ink_on(background: str) -> str:
    """The ink that reads better on a colour such as `#e3edf3`: black or white."""
    red, green, blue = bytes.fromhex(background[1:])
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.52 * 255 else "white"
