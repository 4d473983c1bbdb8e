"""The answer to a lever that was moved: two arms counted, contrasted and drawn by the code of ``offramp compare``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from experiments.comparison.analysis import Tables, analyse, seen
from experiments.comparison.drawing import sketches_of_arms
from experiments.figures.distributions import classes_distribution
from experiments.figures.forest import on_axis
from experiments.figures.lazy_figures import Drawings
from experiments.figures.rows import ENDS, rows_of
from experiments.statistics.arms import Arm
from experiments.statistics.estimates import DAYS, DEATHS, classes_of, edges_of_deaths
from experiments.statistics.metrics import Metric, deaths, default_metrics, metric
from experiments.statistics.vocabulary import CATEGORIES
from experiments.study.parts import arrow_table
from experiments.text import known
from experiments.text import plain as written

DRAWN = ("incidence", "contrasts", "severity", "termination", "deaths", "heavy")
"""Figures of a comparison that the page draws of an answer, in reading order."""
DEAD = "military deaths"
"""What the figure of deaths counts, in words."""
HEAVY = "heavy days (rung 5 or above)"
DASH = "\N{EN DASH}"


def lanes_frame(parts: list[dict[str, np.ndarray]]) -> pl.DataFrame:
    """Chunks of outcomes, as :func:`experiments.view.worker.lanes_of` returns them, as a study's table."""
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pl.DataFrame(arrow_table("outcomes", together))


class Answer:
    """Two arms, analysed.

    Parameters
    ----------
    lanes : mapping of str to pl.DataFrame
        Outcomes by arm, the reference first.
    horizon : int
        Days simulated.
    """

    def __init__(self, lanes: Mapping[str, pl.DataFrame], horizon: int) -> None:
        self.arms = [Arm(name, frame, horizon) for name, frame in lanes.items()]
        schema = self.arms[0].lanes.schema
        self.metrics: list[Metric] = [metric(name, horizon, schema) for name in default_metrics(schema)]
        self.tables: Tables = analyse(self.arms, self.arms[0], self.metrics)
        self.horizon = horizon

    @property
    def drawings(self) -> Drawings:
        """The figures ``offramp compare`` makes of outcomes alone, and heavy days, drawn when they are asked for."""
        sketches = sketches_of_arms(self.arms, seen(self.tables, self.metrics), self.tables)
        heavy = {arm.name: arm.lanes["days_heavy"].to_numpy() for arm in self.arms}
        return Drawings({**sketches, "heavy": partial(classes_distribution, heavy, HEAVY, DAYS)})

    def document(self) -> dict[str, Any]:
        """What a page shows: figures as rows, numbers in words, and a crisis for each part of a distribution."""
        sketches = self.drawings.sketches
        return {
            "replicates": self.arms[0].lanes.height,
            "numbers": self._numbers(),
            "figures": {name: rows_of(sketches[name]) for name in DRAWN if name in sketches},
            "examples": examples(self.arms),
        }

    def _numbers(self) -> list[dict[str, Any]]:
        """Every quantity in words: its level in both arms, with and without intervals, and what changes."""
        levels, changes = self.tables.levels, self.tables.contrasts
        assert changes is not None
        numbers = []
        for name in levels["metric"].unique(maintain_order=True):
            rows = levels.filter(metric=name).to_dicts()
            change = on_axis(changes.filter(metric=name), rows[0]["unit"]).head(1).to_dicts()
            numbers.append(
                {
                    "metric": name,
                    "label": rows[0]["label"],
                    "values": [in_words(row["unit"], row["value"]) for row in rows],
                    "levels": [in_words(*(row[column] for column in ("unit", *ENDS))) for row in rows],
                    "change": change_in_words(change[0]) if change else "",
                }
            )
        return numbers


def in_words(unit: str, value: float | None, *ends: float | None) -> str:
    """A level, and its interval where one is given: shares as per cent."""
    if unit == "probability":
        per_cent = [None if end is None else 100 * end for end in (value, *ends)]
        return f"{_bracketed(per_cent, written)} %" if known(value) else DASH
    return _bracketed([value, *ends], _three_digits)


def change_in_words(row: Mapping[str, Any]) -> str:
    """A contrast on its axis with interval, unit and how it reads: "-12.0 [-15.1, -9.0] points, larger than matters"."""
    unit = {"probability": " points", "days": " days", "deaths": " times"}.get(row["unit"], "")
    form = written if row["unit"] == "probability" else _three_digits
    words = _bracketed([row[end] for end in ("at", "low", "high")], form)
    return f"{words}{unit if words != DASH else ''}{', ' if row['reading'] else ''}{row['reading'] or ''}"


def _bracketed(values: Sequence[float | None], form: Callable[[float], str]) -> str:
    value, *ends = (form(end) if known(end) else DASH for end in values)
    return value if set(ends) <= {DASH} else f"{value} [{', '.join(ends)}]"


def _three_digits(value: float) -> str:
    """A number of at least three digits, with a true minus and without an exponent."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    return f"{float(f'{value:.3g}'):g}".replace("-", "\N{MINUS SIGN}")


def examples(arms: Sequence[Arm]) -> dict[str, dict[str, Any]]:
    """Return crises that stand for others, point and replicate of each, by arm.

    ``median`` and ``worst`` by deaths, then for severity, termination and the classes of deaths and heavy days, under
    the words of their figures, the median one of each part of the distribution.
    """
    dead = {arm.name: arm.lanes.select(deaths()).to_series().to_numpy() for arm in arms}
    heavy = {arm.name: arm.lanes["days_heavy"].to_numpy() for arm in arms}
    by_arm = {}
    for arm in arms:
        crises = arm.lanes.select("point", "replicate", *CATEGORIES).with_columns(
            pl.Series(DEAD, classes_of(dead[arm.name], edges_of_deaths([*dead.values()], DEATHS))),
            pl.Series(HEAVY, classes_of(heavy[arm.name], edges_of_deaths([*heavy.values()], DAYS))),
            dead=pl.Series(dead[arm.name]),
            days=pl.Series(heavy[arm.name]),
        )
        crises = crises.sort("dead", "days", "point", "replicate")
        parts = {
            name: {str(key[0]): _middle(part) for key, part in crises.group_by(name, maintain_order=True)}
            for name in (*CATEGORIES, DEAD, HEAVY)
        }
        by_arm[arm.name] = {"median": _middle(crises), "worst": list(crises.row(-1)[:2]), **parts}
    return by_arm


def _middle(crises: pl.DataFrame) -> list[int]:
    return list(crises.row((crises.height - 1) // 2)[:2])  # point and replicate
