"""The tuning targets: facts about records, shipped as data, and whether a simulated number agrees with them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from math import isfinite, isnan, nan, sqrt
from typing import Any

from experiments.statistics.arms import Sample
from experiments.statistics.bootstrap import quantile
from experiments.statistics.estimates import estimate
from experiments.statistics.intervals import Z
from experiments.targets.readings import READINGS, SCALE, Reading
from experiments.targets.tables import Tables


@dataclass(frozen=True)
class Target:
    """One number of a record.

    ``low`` and ``high`` are the record's 95 % interval, or a range set in advance, NaN where the record gives none;
    ``value`` is NaN for such a range. ``n`` counts the cases behind the number, 0 where it does not apply.
    """

    id: str
    scenario: str
    quantity: str
    statistic: str
    value: float
    low: float
    high: float
    n: int
    population: str
    source: str


@dataclass(frozen=True)
class Comparison:
    """A target beside the simulated number.

    ``low`` and ``high`` bound the simulated number's 95 % Monte Carlo interval. ``inside`` tells whether the number
    lies in the record's interval, None where nothing could be simulated; ``settled`` whether more lanes could not
    change that. ``cases`` counts what the number was taken over, ``lanes`` the crises that had any.
    """

    target: Target
    value: float
    low: float
    high: float
    inside: bool | None
    settled: bool
    cases: int
    lanes: int

    @property
    def verdict(self) -> str:
        """The comparison in a word or two."""
        if self.inside is None:
            return "no case"
        return ("inside" if self.inside else "outside") + ("" if self.settled else ", unsettled")


@cache
def targets() -> tuple[Target, ...]:
    """Every tuning target, in the order of the shipped file."""
    text = files("conf").joinpath("evidence/tuning_targets.csv").read_text(encoding="utf-8")
    return tuple(_target(row) for row in csv.DictReader(StringIO(text)))


def _target(row: dict[str, str]) -> Target:
    numbers = {name: float(row[name]) if row[name] else nan for name in ("value", "low", "high")}
    fields: dict[str, Any] = {**row, **numbers, "n": int(row["n"] or 0)}
    return Target(**fields)


def targets_of(scenario: str) -> tuple[Target, ...]:
    """The targets that a scenario is read against."""
    return tuple(target for target in targets() if target.scenario == scenario)


def compare(wanted: Sequence[Target], tables: Tables) -> list[Comparison]:
    """Set simulated tables beside targets of their scenario."""
    return [_compared(target, READINGS[target.id], tables) for target in wanted]


def _compared(target: Target, reading: Reading, tables: Tables) -> Comparison:
    sample = reading.sample(tables)
    factor = SCALE.get(target.id, 1.0)
    number = estimate(sample, reading.metric)
    value, low, high = number.value * factor, number.low * factor, number.high * factor
    inside, settled = _agreement(target, reading, sample, (value, low, high))
    return Comparison(target, value, low, high, inside, settled, number.lanes, number.units)


def _agreement(
    target: Target, reading: Reading, sample: Sample, simulated: tuple[float, float, float]
) -> tuple[bool | None, bool]:
    value, low, high = simulated
    if isnan(value):
        return None, False
    if isnan(target.low):
        band = sampling_band(sample, reading.metric.at, target.n)
        return band[0] <= target.value <= band[1], bool(isfinite(low))
    inside = target.low <= value <= target.high
    settled = target.low <= low and high <= target.high if inside else high < target.low or low > target.high
    return inside, settled


def sampling_band(sample: Sample, at: float, n: int) -> tuple[float, float]:
    """Where a quantile of ``n`` cases drawn from the simulated ones would fall, 19 times in 20.

    It stands in for the record's interval where the record gives a quantile and its number of cases alone.
    """
    reach = Z * sqrt(at * (1 - at) / n)
    return quantile(sample, max(at - reach, 0.0)), quantile(sample, min(at + reach, 1.0))
