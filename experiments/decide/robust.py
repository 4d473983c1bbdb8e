"""``compare --robust``: arms held against each other over what is not known, as tables, figures and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from experiments.comparison.compare import Studies, check_place, filled, listed, paths_of
from experiments.decide.arms import Gathered, gather, read_thresholds, sign_of
from experiments.decide.robustness import CLOSE, MANY, MEASURES, information, robustness, satisficing
from experiments.execution.processes import one_thread
from experiments.figures.lazy_figures import Drawings
from experiments.files import write_csv, write_text
from experiments.statistics.metrics import Metric
from experiments.text import as_markdown, bracketed, known, percentage, plain, render

STANDS_OUT = 0.05
"""Share of the value of knowing everything from which on a parameter is worth naming."""
FEW_STATES = 30
LONE = ("mean", "worst_tenth")
"""Measures that are levels, not distances."""


@dataclass(frozen=True)
class Robustness:
    """Arms over states of the world.

    ``table`` has `metric, arm, measure, value`, with intervals for luck alone, states alone, and both, on the metric's
    own scale, distances of typical values as ratios; ``information`` what finding out is worth (`metric, parameter,
    value, low, high, chance, share`); ``satisficing`` the share of states that meet the thresholds, where there are
    any; ``answer`` is two sentences.
    """

    table: pl.DataFrame
    information: pl.DataFrame
    satisficing: pl.DataFrame | None
    thresholds: tuple[str, ...]
    metrics: dict[str, Metric]
    notes: list[str]
    drawings: Drawings
    answer: str = ""

    def save(self, directory: str | Path) -> list[Path]:
        """Write tables, figures and a page into a directory and return their paths."""
        place = Path(directory)
        check_place(place)
        with filled(place) as inner:
            names = [path.name for path in self.drawings.save(inner)]
            tables = {"robustness": self.table, "information": self.information, "satisficing": self.satisficing}
            for name, table in tables.items():
                if table is not None:
                    names.append(f"{name}.csv")
                    write_csv(inner / names[-1], table)
            write_text(inner / "robustness.md", self.page())
        return [place / name for name in (*names, "robustness.md")]

    def page(self) -> str:
        """Everything in words, as Markdown."""
        return render("experiments.decide", "robustness.md.j2", made=self, table=as_markdown)

    def grid(self, name: str) -> tuple[list[str], list[list[str]]]:
        """Head and rows of one metric: arms against measures, with the interval of luck and states together."""
        item = self.metrics[name]
        cells: dict[str, dict[str, dict]] = {}
        for row in self.table.filter(metric=name).iter_rows(named=True):
            cells.setdefault(row["arm"], {})[row["measure"]] = row
        rows = [
            [arm, *(words_of(item, measure, row[measure]) for measure in MEASURES), _split(row["mean"], item)]
            for arm, row in cells.items()
        ]
        return ["arm", *(words for words, _ in MEASURES.values()), "half-width of the mean: luck, states"], rows

    def satisficing_grid(self) -> tuple[list[str], list[list[str]]]:
        """Head and rows of satisficing."""
        assert self.satisficing is not None
        rows = [
            [
                row["arm"],
                percentage(row["value"], row["luck_low"], row["luck_high"], 0) + " %",
                f"{100 * row['low']:.0f} to {100 * row['high']:.0f} %",
                f"{100 * row['close']:.0f} %",
            ]
            for row in self.satisficing.iter_rows(named=True)
        ]
        return ["arm", "share of states [luck]", "noise band", "states too close to tell"], rows

    def information_grid(self, name: str, most: int = 8) -> tuple[list[str], list[list[str]]]:
        """Head and rows of what finding out is worth, in one metric."""
        item = self.metrics[name]
        factor = 100 if item.kind == "probability" else 1
        rows = [
            [
                row["parameter"],
                bracketed(*(factor * row[end] for end in ("value", "low", "high")), decimals=2),
                "" if not known(row["chance"]) else f"{factor * row['chance']:.2f}",
                "" if not known(row["share"]) else f"{100 * row['share']:.0f} %",
            ]
            for row in self.information.filter(metric=name).head(most + 1).iter_rows(named=True)
        ]
        unit = {"probability": "points", "geometric": "log units"}.get(item.kind, item.unit or "its unit")
        return [f"to find out, for {item.label}", f"worth ({unit})", "chance alone gives", "of everything"], rows


def robust(
    studies: Studies,
    *,
    by: str | Sequence[str] = (),
    metrics: str | Sequence[str] = (),
    thresholds: str | Sequence[str] = (),
    where: str = "",
) -> Robustness:
    """Hold arms against each other over states of the world.

    Parameters
    ----------
    studies : path, results or iterable of them
        Studies whose arms are crossed with states (``uncertainty=posterior:60``, or any factor that is no policy), or
        the directory of a search.
    by : str or sequence of str
        Settings that make the arms; by default those of mediation and talks that differ.
    metrics : str or sequence of str
        Quantities that are means over crises.
    thresholds : str or sequence of str
        Levels that a state should reach, such as ``calm_14 >= 0.5``; all of them count together.
    where : str
        SQL expression: which crises to keep.

    Raises
    ------
    UserError
        For anything that is not there, or cannot be read.
    """
    factors = listed(by) if isinstance(by, str) else by
    names = listed(metrics) if isinstance(metrics, str) else metrics
    texts = [thresholds] if isinstance(thresholds, str) and thresholds else list(thresholds)
    with one_thread():
        gathered = gather(paths_of(studies), factors, list(dict.fromkeys(names)), where)
        levels = read_thresholds(texts, gathered)
        tables, worths, notes = [], [pl.DataFrame(schema=_WORTH)], list(gathered.notes)
        for name, crossed in gathered.quantities.items():
            labelled = (pl.lit(name).alias("metric"), pl.all())
            tables.append(_natural(robustness(crossed), gathered.metrics[name]).select(labelled))
            if crossed.values.shape[1] > 1:
                worths.append(information(crossed, gathered.uncertain).select(labelled))
        satisfied = satisficing(gathered.quantities, levels) if levels else None
    states = next(iter(gathered.quantities.values())).values.shape[1]
    if 1 < states < FEW_STATES:
        notes.append(f"{states} states: the value of single parameters is hardly more than chance; 60 find large ones.")
    if satisfied is None:
        notes.append("No threshold is declared, so nothing is said of satisficing; give --threshold 'calm_14 >= 0.5'.")
    elif (satisfied["close"] > MANY).any():
        notes.append(
            f"More than {MANY:.0%} of states lie within {CLOSE:g} standard deviations of luck of a threshold: more crises "
            "a state would tell on which side they are."
        )
    table, worth = pl.concat(tables), pl.concat(worths)
    drawings, answer = Drawings(_sketches(gathered, table, worth)), _answer(gathered.metrics, table, worth)
    declared = tuple(level.text for level in levels)
    return Robustness(table, worth, satisfied, declared, gathered.metrics, notes, drawings, answer)


_WORTH = {
    "metric": pl.String,
    "parameter": pl.String,
    **dict.fromkeys(("value", "low", "high", "chance", "share"), pl.Float64),
}
_TURNED = (("low", "high"), ("high", "low"))
_ENDS = ("value", "luck_low", "luck_high", "states_low", "states_high", "low", "high")


def _natural(table: pl.DataFrame, item: Metric) -> pl.DataFrame:
    """A table of oriented numbers on the scale a reader knows: levels as they are measured, distances as they are lost."""
    level, log = pl.col("measure").is_in(LONE), item.kind == "geometric"
    sign = sign_of(item.name)
    ends, is_share = pl.col(_ENDS), pl.col("measure") == "best"
    levels = (ends * sign).exp() - 1 if log else ends * sign
    table = table.with_columns(
        pl.when(level).then(levels).when(is_share).then(ends).otherwise(ends.exp() if log else ends)
    )
    if item.kind == "probability":  # taking noise out may move a state, or a worst tenth, past the ends
        table = table.with_columns(ends.clip(0, 1))
    if sign > 0:
        return table
    swaps = [(f"{kind}{end}", f"{kind}{other}") for kind in ("", "luck_", "states_") for end, other in _TURNED]
    return table.with_columns(
        pl.when(level).then(pl.col(other)).otherwise(pl.col(end)).alias(end) for end, other in swaps
    )


def words_of(item: Metric, measure: str, row: dict) -> str:
    """A cell: value and interval of luck and states together; distances of shares in percentage points."""
    ends = row["value"], row["low"], row["high"]
    if measure == "best" or item.kind == "probability":
        return percentage(*ends, 0) + (" %" if measure in (*LONE, "best") else " points")
    times = "times " if item.kind == "geometric" and measure not in LONE else ""
    return times + bracketed(*ends, decimals=2 if times else 1, form=plain)


def _split(row: dict, item: Metric) -> str:
    factor = 100 if item.kind == "probability" else 1
    halves = [factor * (row[f"{kind}_high"] - row[f"{kind}_low"]) / 2 for kind in ("luck", "states")]
    return ", ".join("none" if np.isnan(half) else f"{half:.1f}" for half in halves)


def _answer(metrics: dict[str, Metric], table: pl.DataFrame, worth: pl.DataFrame) -> str:
    """Which arm regrets least and what is worth finding out, in two sentences."""
    name, item = next(iter(metrics.items()))
    table = table.filter(metric=name)
    arm = table.filter(measure="regret_best_90").sort("value")["arm"][0]
    mean, worst, best = (table.filter(measure=measure, arm=arm).row(0, named=True) for measure in (*LONE, "best"))
    top = table.filter(measure="mean").sort("value", descending=sign_of(name) > 0).row(0, named=True)
    text = (
        f"{arm} is the arm to regret least: its {item.label} is {words_of(item, 'mean', mean)} on average over states and "
        f"{words_of(item, 'worst_tenth', worst)} over the worst tenth of them, and it is the best arm in "
        f"{words_of(item, 'best', best)} of states"
    )
    text += "." if top["arm"] == arm else f"; on average {top['arm']} does best, {words_of(item, 'mean', top)}."
    values = worth.filter(metric=name)
    if values.is_empty():
        return f"{text} With one state of the world nothing is said of what to find out."
    everything = values.row(0, named=True)
    matters = (pl.col("value") > pl.col("chance")) & (pl.col("share") > STANDS_OUT) & (everything["value"] > 0)
    single = values.slice(1).filter(matters)
    factor, unit = (100, " points") if item.kind == "probability" else (1, "")
    total = bracketed(*(factor * everything[end] for end in ("value", "low", "high")), decimals=2)
    if item.kind == "probability" and item.smallest is not None and everything["high"] < item.smallest:
        return (
            f"{text} Knowing everything before choosing would gain {total}{unit}, less than the smallest effect of "
            "interest, so nothing need be found out before choosing."
        )
    first = (
        f"{single['parameter'][0]} is worth finding out first"
        if single.height
        else "no single parameter is worth more than chance gives"
    )
    return f"{text} Knowing everything before choosing would gain {total}{unit}; {first}."


def _sketches(gathered: Gathered, table: pl.DataFrame, worth: pl.DataFrame) -> dict:
    from experiments.figures.deciding import regret, states_of_arms, worth_finding_out

    sketches: dict = {}
    for name, item in gathered.metrics.items():
        crossed, rows, values = gathered.quantities[name], table.filter(metric=name), worth.filter(metric=name)
        levels = sign_of(name) * crossed.cleaned
        levels = np.expm1(levels) if item.kind == "geometric" else levels
        sketches[f"robust_{name}"] = partial(states_of_arms, list(crossed.names), levels, rows, item.label, item.kind)
        sketches[f"regret_{name}"] = partial(regret, rows, item.label, item.kind)
        if values.height > 1:
            sketches[f"information_{name}"] = partial(worth_finding_out, values, item.label, item.kind)
    return sketches
