"""Replies beside their ranges, as lines, a document and a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from experiments.figures.palette import INK, SIDES
from experiments.figures.parts import as_rows
from experiments.figures.style import Drawing, canvas, key, save, styled
from experiments.protocols.asking import Asked
from experiments.protocols.ranges import Item, items
from experiments.text import as_markdown, render

WORDS = {
    "cost_after_threat": "cost of backing down\nafter a threat",
    "cost_after_force": "cost of backing down\nafter force",
    "force_above_threat": "force less threat",
    "cover": "share of the cost\nthat cover removes",
    "inconsistency_share": "share of the cost that\nis inconsistency",
    "taunt": "firmness that a\ntaunt adds",
    "losses_at_8": "fall per factor ten of\ndeaths, rung 8",
    "losses_at_9": "fall per factor ten of\ndeaths, rung 9",
    "rally": "rally after a first day\nwith deaths",
}
SHARES = ("cover", "inconsistency_share")
"""Items in shares of a cost; the others are in shares of a public that approves."""
BAND = "#d9d9d9"
SHARE_AXIS = (-0.25, 1.25)


@dataclass(frozen=True)
class Row:
    """An item of a reply of one side's public, beside its range."""

    item: Item
    side: str
    value: float
    low: float
    high: float
    inside: bool
    share_inside: float

    def columns(self) -> dict[str, Any]:
        """The row of a table."""
        item = self.item
        return {
            "reply": item.reply,
            "item": item.item,
            "side": self.side,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "range_low": item.low,
            "range_high": item.high,
            "inside": self.inside,
            "share_inside": self.share_inside,
            "design": item.design,
            "source": item.source,
        }


def _number(value: float) -> str:
    return "none" if isnan(value) else f"{value:.3f}"


def _range(item: Item) -> str:
    return "above 0" if item.is_sign else f"{item.low:g} to {item.high:g}"


def _verdict(row: Row, drawn: bool) -> str:
    if isnan(row.value):
        return "nobody to propose" if row.item.item == "cover" else "no cost to share"
    return f"{row.share_inside:.2f} of draws inside" if drawn else "inside" if row.inside else "outside"


def line(row: Row, drawn: bool) -> str:
    """One line for standard output."""
    interval = f"{_number(row.value):>6} ({_number(row.low)} to {_number(row.high)})"
    return (
        f"{row.item.reply:<31} {row.item.item:<20} {row.side}  {interval:<28} range {_range(row.item):<12} "
        f"{_verdict(row, drawn)}"
    )


def markdown(rows: Sequence[Row], asked: Asked, shares: Mapping[str, float], made: str, files: bool = True) -> str:
    """The document of all replies; ``made`` says when, and by which model, ``files`` whether to explain the tables."""
    drawn = bool(asked.settings)
    table = as_markdown(
        ("reply", "number", "side a", "side b", "range", "side a", "side b"),
        [
            (
                a.item.reply,
                f"`{a.item.item}`",
                *map(_cell, (a, b)),
                _range(a.item),
                *(_verdict(row, drawn) for row in (a, b)),
            )
            for a, b in zip(rows[::2], rows[1::2], strict=True)
        ],
    )
    values = {
        "asked": asked,
        "made": made,
        "drawn": drawn,
        "table": table,
        "shares": as_markdown(("reply", "share of draws"), [(name, f"{share:.3f}") for name, share in shares.items()]),
        "verdict": f"{verdict(rows)}.",
        "designs": as_markdown(
            ("number", "what it is", "range", "source"),
            [(f"`{item.item}`", item.design, _range(item), item.source) for item in items()],
        ),
        "files": files,
    }
    return render("experiments.protocols", "protocols.md.j2", **values)


def verdict(rows: Sequence[Row]) -> str:
    """How many of the replies are inside, and which are not; nobody can judge cover where nobody proposes."""
    inside: dict[str, bool] = {}
    for row in rows:
        if not (row.item.item == "cover" and isnan(row.value)):
            inside[row.item.reply] = inside.get(row.item.reply, True) and row.inside
    outside = [name for name, good in inside.items() if not good]
    return f"{len(inside) - len(outside)} of {len(inside)} replies inside" + (
        f"; outside: {', '.join(outside)}" if outside else ""
    )


def _cell(row: Row) -> str:
    return f"{_number(row.value)} ({_number(row.low)} to {_number(row.high)})"


def write_figure(rows: Sequence[Row], asked: Asked, directory: Path) -> list[Path]:
    """Write the figure as SVG and PNG and return both paths."""
    return save(beside_ranges(rows, asked), directory, "replies")


@styled
def beside_ranges(rows: Sequence[Row], asked: Asked) -> Drawing:
    """Two panels, a row a number: grey bands for what experiments find, points with intervals for the model's publics."""
    over = "nine tenths of draws" if asked.settings else "95 % of samples of citizens"
    figure = canvas(
        5.2,
        title=f"Publics of {asked.name} beside experiments",
        note="Grey: range that experiments and series give, open to the right where they give a sign alone. "
        f"Points: median; lines: {over}. Triangles: beyond the axis.",
    )
    costs = [row for row in rows if row.item.item not in SHARES]
    shares = [row for row in rows if row.item.item in SHARES]
    above, below = figure.subplots(2, 1, height_ratios=(len(costs) + 1, len(shares) + 1))
    most = max([0.25, *(row.high for row in costs if not isnan(row.high))])
    _panel(above, costs, (min([-0.02, *(row.low for row in costs)]), min(most * 1.05, 0.6)))
    above.set_xlabel("change of approval (share of the public)")
    _panel(below, shares, SHARE_AXIS)
    below.set_xlabel("share of the cost")
    marks = [above.plot([], [], MARKS[side], color=SIDES[side], markersize=5)[0] for side in MARKS]
    key(above, [Patch(color=BAND), *marks], ["experiments", "public of side a", "public of side b"])
    said = "; ".join(
        f"{row.item.item} of side {row.side} {_cell(row)}, range {_range(row.item)}, {_verdict(row, bool(asked.settings))}"
        for row in rows
    )
    return Drawing(figure, f"Replies of the model's publics beside the ranges of experiments. {said}.")


MARKS = {"a": "o", "b": "D"}
SHIFT = {"a": -0.14, "b": 0.14}


def _panel(axes: Axes, rows: Sequence[Row], limits: tuple[float, float]) -> None:
    names = list(dict.fromkeys(row.item.item for row in rows))
    for row in rows:
        place = names.index(row.item.item)
        if row.side == "a":
            high = limits[1] if row.item.is_sign else row.item.high
            axes.barh(place, high - row.item.low, left=row.item.low, height=0.62, color=BAND, zorder=1)
        if not isnan(row.value):
            _mark(axes, row, place + SHIFT[row.side], limits)
    axes.axvline(0, color=INK, linewidth=0.7)
    axes.set_yticks(range(len(names)), [WORDS[name] for name in names], fontsize=8, color=INK)
    axes.set(xlim=limits, ylim=(len(names) - 0.5, -0.5))
    as_rows(axes)


def _mark(axes: Axes, row: Row, place: float, limits: tuple[float, float]) -> None:
    left, right = limits
    low, high = max(row.low, left), min(row.high, right)
    if low <= high:
        axes.plot([low, high], [place, place], color=SIDES[row.side], linewidth=1.6, zorder=2)
    beyond = "<" if row.value < left else ">" if row.value > right else MARKS[row.side]
    axes.plot(
        min(max(row.value, left), right),
        place,
        beyond,
        color=SIDES[row.side],
        markersize=5,
        markeredgecolor="white",
        markeredgewidth=0.4,
        clip_on=False,
        zorder=3,
    )
