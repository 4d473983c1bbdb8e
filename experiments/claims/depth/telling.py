"""What a study in depth has to say: numbers with intervals, tables, figures, and a section of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.claims.arms import Arm, Bench
from experiments.claims.measures import Measure
from experiments.figures.style import Drawing, save
from experiments.files import write_csv
from experiments.statistics.nested import nested
from experiments.text import as_markdown

RESAMPLES = 1000
TEXT_BASIS = (
    "Brackets: 95 % intervals by resampling luck, which says how well the number is known for these draws; "
    "braces: 95 % of draws of what is not known, Monte Carlo noise taken out."
)


@dataclass(frozen=True)
class Told:
    """A study's result: one line, a section of text, figures by stem and tables by name."""

    headline: str
    text: str
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)

    def write(self, directory: Path, name: str) -> list[Path]:
        """Write figures and tables into a directory; return the figures' paths."""
        import polars as pl

        tables = directory / "tables"
        tables.mkdir(parents=True, exist_ok=True)
        for stem, rows in self.tables.items():
            write_csv(tables / f"{name.lower()}_{stem}.csv", pl.DataFrame(list(rows)))
        drawn: list[Path] = []
        for stem, drawing in self.drawings.items():
            drawn += save(drawing, directory / "figures", f"{name.lower()}_{stem}")
        return drawn


@dataclass(frozen=True)
class Known:
    """A mean with two intervals: by resampling luck, and over draws of what is not known."""

    mean: float
    low: float
    high: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{_plain(self.mean)} [{_plain(self.low)}, {_plain(self.high)}]"

    @property
    def whole(self) -> str:
        """With the spread over draws."""
        return f"{self} {{{_plain(self.least)}, {_plain(self.most)}}}"

    def columns(self) -> dict[str, float]:
        """As columns of a table."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "draws_low": self.least, "draws_high": self.most}


UNKNOWN = Known(*[float("nan")] * 5)
"""Of what never happened."""


def _plain(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def values(bench: Bench, one: Arm, measure: Measure | None = None) -> np.ndarray:
    """A measure of an arm's crises, shape (draws, crises)."""
    lanes = bench.lanes(one)
    read = measure.read(lanes) if measure else lanes["value"]
    return np.asarray(read, float).reshape(bench.effort.draws, bench.effort.crises)


def known(cells: np.ndarray) -> Known:
    """Mean and intervals of values (draws, crises); NaN values drop out."""
    if np.isnan(cells).all():
        return UNKNOWN
    low, high = np.nanquantile(resampled(cells), [0.025, 0.975])
    draw = np.repeat(np.arange(cells.shape[0]), cells.shape[1])
    try:
        least, most = nested(draw, cells.ravel()).interval()
    except ValueError:
        least = most = float("nan")
    return Known(float(np.nanmean(cells)), float(low), float(high), least, most)


def resampled(cells: np.ndarray) -> np.ndarray:
    """Means of values (draws, crises) under resampled luck, the same resamples for every call of that shape.

    Whole columns are resampled, crisis 7 of every draw together: draws stay as they are, and luck alone varies.
    """
    weights = luck_weights(cells.shape[1])
    there = ~np.isnan(cells)
    total, count = np.where(there, cells, 0).sum(axis=0), there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weights @ total) / (weights @ count)


def luck_weights(crises: int) -> np.ndarray:
    """How often each luck is drawn in each resample, shape (resamples, crises)."""
    return np.random.default_rng(20_200_717).multinomial(crises, np.full(crises, 1 / crises), RESAMPLES)


def ratio(part: np.ndarray, whole: np.ndarray) -> Known:
    """A part's share of the whole, both (draws, crises), with its interval over resampled luck."""
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanquantile(resampled(part) / resampled(whole), [0.025, 0.975])
        return Known(float(part.mean() / whole.mean()), float(low), float(high), float("nan"), float("nan"))


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    return as_markdown(tuple(head), [tuple(str(cell) for cell in row) for row in rows])
