"""Replies beside their ranges, as lines, a document and a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from experiments.config.yaml_files import read_text, read_tree
from experiments.figures.palette import INK, SIDES
from experiments.figures.parts import OUTLINED, as_rows
from experiments.figures.style import NOTES, Drawing, canvas, key, styled
from experiments.protocols.asking import Item, items
from experiments.text import render
from sim.scenario import Scenario

PRIOR = "prior"
SAMPLES = 20
"""Draws of citizens behind the interval where nothing else is drawn."""
SHARES = ("cover", "inconsistency_share")
"""Items in shares of a cost; the others are in shares of a public that approves."""
BAND = "#d9d9d9"
SHARE_AXIS = (-0.25, 1.25)
MARKS = {"a": "o", "b": "D"}
SHIFT = {"a": -0.14, "b": 0.14}
WORDS = Path(__file__).with_name("words.yaml")
COLUMNS = (
    *("reply", "item", "side", "value", "low", "high", "range_low", "range_high", "inside", "share_inside"),
    *("design", "source"),
)


@dataclass(frozen=True)
class Asked:
    """What was asked for: a scenario, where its uncertain values come from, how many citizens, whose luck."""

    name: str
    scenario: Scenario
    uncertainty: str
    citizens: int
    seed: int
    settings: dict[str, np.ndarray]
    draws: int

    @property
    def source(self) -> str:
        """Where the values come from, in words."""
        if not self.settings:
            return f"values of the scenario; intervals over {SAMPLES} samples of citizens"
        kind, _, _ = self.uncertainty.partition(":")
        return f"{self.draws:,} draws of the {'prior' if kind == PRIOR else f'posterior ({self.uncertainty})'}"


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

    @property
    def interval(self) -> str:
        """The value with its interval."""
        return f"{_number(self.value)} ({_number(self.low)} to {_number(self.high)})"

    def verdict(self, drawn: bool) -> str:
        """Whether it is inside, or how many draws are."""
        if isnan(self.value):
            return "nobody to propose" if self.item.item == "cover" else "no cost to share"
        return f"{self.share_inside:.2f} of draws inside" if drawn else "inside" if self.inside else "outside"


def as_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """The rows as a table, columns as ``README.md`` explains them."""
    table = [{**vars(row.item), **vars(row), "item": row.item.item} for row in rows]
    ranges = [{"range_low": row.item.low, "range_high": row.item.high} for row in rows]
    frame = pl.DataFrame(table, infer_schema_length=None).hstack(pl.DataFrame(ranges))
    return frame.select(COLUMNS)


def _number(value: float) -> str:
    return "none" if isnan(value) else f"{value:.3f}"


def line(row: Row, drawn: bool) -> str:
    """One line for standard output."""
    interval = f"{_number(row.value):>6} ({_number(row.low)} to {_number(row.high)})"
    return (
        f"{row.item.reply:<31} {row.item.item:<20} {row.side}  {interval:<28} range {row.item.range:<12} "
        f"{row.verdict(drawn)}"
    )


def markdown(rows: Sequence[Row], asked: Asked, shares: Mapping[str, float], made: str, files: bool = True) -> str:
    """The document of all replies; ``made`` says when, and by which model, ``files`` whether to explain the tables."""
    values = {"asked": asked, "made": made, "drawn": bool(asked.settings), "shares": shares, "files": files}
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    return render(
        "experiments.protocols", "protocols.md.j2", pairs=pairs, verdict=verdict(rows), items=items(), **values
    )


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


@styled
def beside_ranges(rows: Sequence[Row], asked: Asked) -> Drawing:
    """Two panels, a row a number: grey bands for what experiments find, points with intervals for the model's publics."""
    over = "nine tenths of draws" if asked.settings else "95 % of samples of citizens"
    note = NOTES["protocols"].format(over=over)
    figure = canvas(5.2, title=f"Publics of {asked.name} beside experiments", note=note)
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
        f"{row.item.item} of side {row.side} {row.interval}, range {row.item.range}, {row.verdict(bool(asked.settings))}"
        for row in rows
    )
    return Drawing(figure, f"Replies of the model's publics beside the ranges of experiments. {said}.")


def _panel(axes: Axes, rows: Sequence[Row], limits: tuple[float, float]) -> None:
    names = list(dict.fromkeys(row.item.item for row in rows))
    words = read_tree(read_text(WORDS), WORDS)
    for row in rows:
        place = names.index(row.item.item)
        if row.side == "a":
            high = limits[1] if row.item.is_sign else row.item.high
            axes.barh(place, high - row.item.low, left=row.item.low, height=0.62, color=BAND, zorder=1)
        if not isnan(row.value):
            _mark(axes, row, place + SHIFT[row.side], limits)
    axes.axvline(0, color=INK, linewidth=0.7)
    axes.set_yticks(range(len(names)), [words[name] for name in names], fontsize=8, color=INK)
    axes.set(xlim=limits, ylim=(len(names) - 0.5, -0.5))
    as_rows(axes)


def _mark(axes: Axes, row: Row, place: float, limits: tuple[float, float]) -> None:
    left, right = limits
    low, high = max(row.low, left), min(row.high, right)
    if low <= high:
        axes.plot([low, high], [place, place], color=SIDES[row.side], linewidth=1.6, zorder=2)
    beyond = "<" if row.value < left else ">" if row.value > right else MARKS[row.side]
    axes.plot(min(max(row.value, left), right), place, beyond, color=SIDES[row.side], markersize=5, **OUTLINED)
