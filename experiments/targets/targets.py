"""The tuning targets: facts about records, shipped as data, and whether a simulated number agrees with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite, isnan, nan, sqrt

from experiments.files import shipped_rows
from experiments.statistics.arms import Sample
from experiments.statistics.bootstrap import quantile
from experiments.statistics.estimates import estimate
from experiments.statistics.intervals import Z
from experiments.targets.readings import READINGS, SCALE
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

    @property
    def columns(self) -> dict[str, str | float]:
        """Columns by which tables tell a target: ``id, statistic, record, record_low, record_high``."""
        numbers = {"record": self.value, "record_low": self.low, "record_high": self.high}
        return {"id": self.id, "statistic": self.statistic, **numbers}


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
    made = []
    for row in shipped_rows("evidence/tuning_targets.csv"):
        numbers = {name: float(row[name]) if row[name] else nan for name in ("value", "low", "high")}
        made.append(Target(**{**row, **numbers, "n": int(row["n"] or 0)}))
    return tuple(made)


def targets_of(scenario: str) -> tuple[Target, ...]:
    """The targets that a scenario is read against."""
    return tuple(target for target in targets() if target.scenario == scenario)


def compare(wanted: Sequence[Target], tables: Tables) -> list[Comparison]:
    """Set simulated tables beside targets of their scenario."""
    made = []
    for target in wanted:
        reading, factor = READINGS[target.id], SCALE.get(target.id, 1.0)
        sample = reading.sample(tables)
        number = estimate(sample, reading.metric)
        value, low, high = number.value * factor, number.low * factor, number.high * factor
        inside: bool | None
        if isnan(value):
            inside, settled = None, False
        elif isnan(target.low):
            least, most = sampling_band(sample, reading.metric.at, target.n)
            inside, settled = least <= target.value <= most, isfinite(low)
        else:
            inside = target.low <= value <= target.high
            settled = target.low <= low and high <= target.high if inside else high < target.low or low > target.high
        made.append(Comparison(target, value, low, high, inside, settled, number.lanes, number.units))
    return made


def sampling_band(sample: Sample, at: float, n: int) -> tuple[float, float]:
    """Where a quantile of ``n`` cases drawn from the simulated ones would fall, 19 times in 20.

    It stands in for the record's interval where the record gives a quantile and its number of cases alone.
    """
    reach = Z * sqrt(at * (1 - at) / n)
    return quantile(sample, max(at - reach, 0.0)), quantile(sample, min(at + reach, 1.0))
