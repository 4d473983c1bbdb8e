"""A record beside the predictive distribution of its crisis: percentiles, scores, and what they come to over cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from experiments.cases.records import LABEL, NUMBERS, Known, Record, known_of
from experiments.statistics.intervals import Floats
from experiments.statistics.scores import crps, percentile_range, rank_histogram

QUANTILES = (5, 25, 50, 75, 95)
HEADLINES = ("days_heavy", "days_to_calm", "deaths")
"""The quantities drawn, ranked and scored over cases."""
BINS = 5
WORDS = {
    "days_heavy": "heavy days",
    "last_heavy_day": "last heavy day",
    "days_to_calm": "days to calm",
    "days_hot": "days of fire",
    "days_to_silence": "days to silence",
    "deaths": "military dead",
    "deaths_a": "military dead of a",
    "deaths_b": "military dead of b",
    "civilian_deaths": "civilian dead",
    "deaths_all": "dead, civilians included",
    "deaths_per_30_days": "dead, civilians included, in 30 days",
}
"""Quantity -> its name in tables and figures."""


class Score(NamedTuple):
    """Scores of one quantity over cases.

    ``crps`` is the mean over cases of the score of each case's own distribution, ``pooled`` that of all other cases'
    distributions thrown together: what knowing which case it is was worth. Both in days, or in factors of ten of deaths.
    """

    records: int
    ranked: int
    crps: float
    pooled: float
    histogram: tuple[float, ...]


def predicted(outcomes: pl.DataFrame, horizon: int) -> dict[str, Floats]:
    """Each quantity of :data:`.records.NUMBERS`, crisis by crisis, shape (lanes,); infinite what came not in time."""
    military = pl.col("deaths_a") + pl.col("deaths_b")
    civilian = pl.col("civilian_deaths_a") + pl.col("civilian_deaths_b")
    made: dict[str, pl.Expr] = {
        **{name: pl.col(name) for name in ("days_heavy", "days_hot", "deaths_a", "deaths_b")},
        **{name: pl.col(name).cast(pl.Float64).fill_null(np.inf) for name in ("days_to_calm", "days_to_silence")},
        "last_heavy_day": pl.col("last_heavy_day").fill_null(-1),
        "deaths": military,
        "civilian_deaths": civilian,
        "deaths_all": military + civilian,
        "deaths_per_30_days": (military + civilian) * 30 / horizon,
    }
    frame = outcomes.select(made[name].cast(pl.Float64).alias(name) for name in NUMBERS)
    return {name: frame[name].to_numpy() for name in NUMBERS}


def quantiles(sample: Floats) -> dict[str, float | None]:
    """Quantiles of a sample, None where they lie beyond the horizon."""
    levels = np.quantile(sample, np.array(QUANTILES) / 100, method="inverted_cdf")
    return {str(at): float(level) if isfinite(level) else None for at, level in zip(QUANTILES, levels, strict=True)}


def set_beside(record: Record, samples: Mapping[str, Floats], horizon: int) -> dict[str, Any]:
    """What a record says, where it lies, and what it does not say, as plain values.

    Percentiles are shares of crises with less, and with no more, than the record; their middle is the percentile.
    """
    known, silent = known_of(record, horizon)
    rows = {}
    for name, one in known.items():
        low, high = one.span
        below, up_to = percentile_range(samples[name], low, high)
        rows[name] = {
            **{end: _plain(value) for end, value in (("value", one.value), ("low", one.low), ("high", one.high))},
            "never": one.span[0] == np.inf,
            "bounded": one.bounded,
            "below": below,
            "up_to": up_to,
            "percentile": (below + up_to) / 2 if one.bounded else None,
            "crps": _score(name, samples[name], one, horizon),
            "source": one.source,
            "note": one.note,
        }
    return {
        "known": rows,
        "silent": silent,
        LABEL: record.termination,
        "notes": list(record.notes),
        "begin": str(record.begin) if record.begin else None,
        "end": str(record.end) if record.end else None,
    }


def _plain(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def scaled(name: str, values: Any, horizon: int) -> Any:
    """Values on the scale on which they are scored: days up to the horizon, deaths in factors of ten of 1 + deaths."""
    if "death" in name:
        return np.log10(1 + np.asarray(values, float))
    return np.minimum(np.asarray(values, float), horizon)


def _score(name: str, sample: Floats, known: Known, horizon: int) -> float | None:
    if known.value is None:
        return None
    return crps(scaled(name, sample, horizon), float(scaled(name, known.value, horizon)))


def summary(cases: Sequence[Mapping[str, Any]], samples: Mapping[str, Mapping[str, Floats]]) -> dict[str, Score]:
    """Scores and rank histograms of the headline quantities over the cases whose records give them.

    Parameters
    ----------
    cases : sequence of mapping
        Cases as they are written down, with ``record`` as :func:`set_beside` makes it, or None.
    samples : mapping
        Case -> quantity -> its sample.
    """
    made = {}
    for name in HEADLINES:
        there = [case for case in cases if case["record"] and name in case["record"]["known"]]
        bounded = [case for case in there if case["record"]["known"][name]["bounded"]]
        rows = [case["record"]["known"][name] for case in bounded]
        ranges = [(row["below"], row["up_to"]) for row in rows]
        scored = [case for case in bounded if case["record"]["known"][name]["crps"] is not None]
        own = [case["record"]["known"][name]["crps"] for case in scored]
        others = [_pooled(name, case, cases, samples) for case in scored] if len(cases) > 1 else []
        made[name] = Score(
            len(own),
            len(ranges),
            float(np.mean(own)) if own else nan,
            float(np.mean(others)) if others else nan,
            tuple(float(count) for count in rank_histogram(ranges, BINS)),
        )
    return made


def _pooled(
    name: str, case: Mapping[str, Any], cases: Sequence[Mapping[str, Any]], samples: Mapping[str, Mapping[str, Floats]]
) -> float:
    """The score of all other cases' distributions thrown together."""
    row, horizon = case["record"]["known"][name], case["horizon"]
    value = np.inf if row["never"] else row["value"]
    others = np.concatenate([samples[other["case"]][name] for other in cases if other["case"] != case["case"]])
    return crps(scaled(name, others, horizon), float(scaled(name, value, horizon)))
