"""The answer to a lever that was moved: two arms counted, contrasted and drawn by the code of ``offramp compare``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from experiments.comparison.analysis import Tables, analyse, seen
from experiments.comparison.drawing import sketches_of_arms
from experiments.figures.lazy_figures import Drawings
from experiments.figures.rows import classes_rows, plain, rows_of
from experiments.statistics.arms import Arm
from experiments.statistics.classes import DAYS, DEATHS, classes_of, edges_of_deaths
from experiments.statistics.metrics import Metric, deaths, default_metrics, metric
from experiments.statistics.vocabulary import CATEGORIES
from experiments.study.parts import arrow_table

DRAWN = ("severity", "termination", "incidence", "contrasts", "deaths")
"""Figures of a comparison that the page draws of an answer, in reading order."""
HEAVY = "heavy days (rung 5 or above)"


def lanes_frame(parts: list[dict[str, np.ndarray]]) -> pl.DataFrame:
    """Chunks of outcomes, as :func:`experiments.view.worker.lanes_of` returns them, as a study's table."""
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    frame = pl.from_arrow(arrow_table("outcomes", together))
    assert isinstance(frame, pl.DataFrame)
    return frame


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
        names = default_metrics(schema)
        self.metrics: list[Metric] = [metric(name, horizon, schema) for name in names]
        self.tables: Tables = analyse(self.arms, self.arms[0], self.metrics)
        self.horizon = horizon

    @property
    def drawings(self) -> Drawings:
        """Every figure ``offramp compare`` makes of outcomes, drawn when it is asked for."""
        return Drawings(sketches_of_arms(self.arms, seen(self.tables, self.metrics), self.tables))

    def document(self) -> dict[str, Any]:
        """What a page draws: figures as rows, levels, and which crisis stands for each part of a distribution."""
        sketches = self.drawings.sketches
        figures = {name: rows_of(sketches[name]) for name in DRAWN if name in sketches}
        heavy = {arm.name: arm.lanes["days_heavy"].to_numpy() for arm in self.arms}
        figures["heavy"] = plain(classes_rows(heavy, HEAVY, DAYS))
        return {
            "replicates": self.arms[0].lanes.height,
            "horizon": self.horizon,
            "levels": plain(self.tables.levels.to_dicts()),
            "figures": figures,
            "examples": examples(self.arms),
        }


def examples(arms: Sequence[Arm]) -> dict[str, dict[str, Any]]:
    """Return crises that stand for others, point and replicate of each, by arm.

    ``median`` and ``worst`` by deaths, then for severity, termination and the classes of deaths and heavy days the
    median one of each part of the distribution.
    """
    dead = {arm.name: arm.lanes.select(deaths()).to_series().to_numpy() for arm in arms}
    heavy = {arm.name: arm.lanes["days_heavy"].to_numpy() for arm in arms}
    edges = {"deaths": edges_of_deaths(list(dead.values()), DEATHS), "heavy": edges_of_deaths([*heavy.values()], DAYS)}
    made = {}
    for arm in arms:
        own = arm.lanes.select("point", "replicate", *CATEGORIES).with_columns(
            dead=pl.Series(dead[arm.name]),
            days=pl.Series(heavy[arm.name]),
            deaths=pl.Series(classes_of(dead[arm.name], edges["deaths"])),
            heavy=pl.Series(classes_of(heavy[arm.name], edges["heavy"])),
        )
        own = own.sort("dead", "days", "point", "replicate")
        parts = {
            name: {str(key[0]): _middle(part) for key, part in own.group_by(name, maintain_order=True)}
            for name in (*CATEGORIES, "deaths", "heavy")
        }
        made[arm.name] = {"median": _middle(own), "worst": _crisis(own, own.height - 1), **parts}
    return made


def _middle(part: pl.DataFrame) -> list[int]:
    return _crisis(part, (part.height - 1) // 2)


def _crisis(lanes: pl.DataFrame, row: int) -> list[int]:
    return [int(lanes["point"][row]), int(lanes["replicate"][row])]
