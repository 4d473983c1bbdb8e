"""A record beside the predictive distribution of its crisis: percentiles, scores, and what they come to over cases.

The continuous ranked probability score is the mean distance to the record less half the mean distance between two
draws (Gneiting and Raftery 2007); in the unit of the quantity, smaller is better, and for a single number it is the
absolute error. Percentiles of counts, and of records known as a range, are intervals; a histogram of them spreads each
record over its own (Czado, Gneiting and Held 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from experiments.cases.records import LABEL, NUMBERS, Record, known_of
from experiments.config.yaml_files import read_text, read_tree
from experiments.statistics.intervals import Floats

QUANTILES = (5, 25, 50, 75, 95)
HEADLINES = ("days_heavy", "days_to_calm", "deaths")
"""The quantities drawn, ranked and scored over cases."""
BINS = 5
_WORDS = Path(__file__).with_name("words.yaml")
WORDS: dict[str, str] = read_tree(read_text(_WORDS), _WORDS)
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
    military, civilian = (pl.col(f"{whose}deaths_a") + pl.col(f"{whose}deaths_b") for whose in ("", "civilian_"))
    expressions = {
        **{name: pl.col(name).cast(pl.Float64).fill_null(np.inf) for name in ("days_to_calm", "days_to_silence")},
        "last_heavy_day": pl.col("last_heavy_day").fill_null(-1),
        "deaths": military,
        "civilian_deaths": civilian,
        "deaths_all": military + civilian,
        "deaths_per_30_days": (military + civilian) * 30 / horizon,
    }
    frame = outcomes.select(expressions.get(name, pl.col(name)).cast(pl.Float64).alias(name) for name in NUMBERS)
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
    for name, stated in known.items():
        below, up_to = percentile_range(samples[name], *stated.span)
        ends = {"value": stated.value, "low": stated.low, "high": stated.high}
        rows[name] = {
            **{end: value if value is not None and isfinite(value) else None for end, value in ends.items()},
            "never": stated.span[0] == np.inf,
            "bounded": stated.bounded,
            "below": below,
            "up_to": up_to,
            "percentile": (below + up_to) / 2 if stated.bounded else None,
            "crps": None if stated.value is None else _score(name, samples[name], stated.value, horizon),
            "source": stated.source,
            "note": stated.note,
        }
    dates = {name: str(day) if day else None for name, day in (("begin", record.begin), ("end", record.end))}
    return {"known": rows, "silent": silent, LABEL: record.termination, "notes": list(record.notes), **dates}


def _score(name: str, sample: Floats, value: float, horizon: int) -> float:
    """The score of a sample; days up to the horizon, deaths in factors of ten of 1 + deaths."""
    if "death" in name:
        return crps(np.log10(1 + sample), float(np.log10(1 + value)))
    return crps(np.minimum(sample, horizon), float(min(value, horizon)))


def summary(cases: Sequence[Mapping[str, Any]], samples: Mapping[str, Mapping[str, Floats]]) -> dict[str, Score]:
    """Scores and rank histograms of the headline quantities over the cases whose records give them.

    ``cases`` have a ``record`` as :func:`set_beside` makes it, or None; ``samples`` are case -> quantity -> its sample.
    """
    scores = {}
    for name in HEADLINES:
        recorded = [(case, (case["record"] or {"known": {}})["known"].get(name)) for case in cases]
        bounded = [(case, row) for case, row in recorded if row and row["bounded"]]
        scored = [(case, row) for case, row in bounded if row["crps"] is not None]
        pooled = []
        for case, row in scored if len(cases) > 1 else ():
            others = np.concatenate([samples[other["case"]][name] for other in cases if other["case"] != case["case"]])
            pooled.append(_score(name, others, np.inf if row["never"] else row["value"], case["horizon"]))
        alone = [row["crps"] for _, row in scored]
        histogram = rank_histogram([(row["below"], row["up_to"]) for _, row in bounded], BINS)
        mean, others_mean = (float(np.mean(values)) if values else nan for values in (alone, pooled))
        scores[name] = Score(len(alone), len(bounded), mean, others_mean, tuple(map(float, histogram)))
    return scores


def crps(sample: Floats, value: float) -> float:
    """The continuous ranked probability score of a sample, shape (lanes,), given the number that came true."""
    ordered = np.sort(np.asarray(sample, float))
    count = ordered.size
    between = 2 * float(np.sum(ordered * (2 * np.arange(1, count + 1) - count - 1))) / count**2
    return float(np.abs(ordered - value).mean()) - between / 2


def percentile_range(sample: Floats, low: float, high: float) -> tuple[float, float]:
    """Shares of a sample, shape (lanes,), below ``low`` and up to ``high``: between them lies a record so known."""
    values = np.asarray(sample, float)
    return float(np.mean(values < low)), float(np.mean(values <= high))


def rank_histogram(ranges: Sequence[tuple[float, float]], bins: int) -> Floats:
    """Records in equal bins of their percentiles, shape (bins,), each spread evenly over its range, 0 to 1.

    Flat where predictions are right; heaped at the ends where they are too narrow, in the middle where too wide.
    """
    edges = np.linspace(0, 1, bins + 1)
    counts = np.zeros(bins)
    for low, high in ranges:
        if high > low:
            counts += np.diff(np.clip((edges - low) / (high - low), 0, 1))
        else:
            counts[min(int(low * bins), bins - 1)] += 1
    return counts
