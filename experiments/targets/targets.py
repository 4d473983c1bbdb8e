"""The tuning targets: facts about records, shipped as data, and whether simulated populations agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite, isnan, nan, sqrt

from experiments.config.compose import composer
from experiments.files import shipped_rows
from experiments.statistics.arms import Sample
from experiments.statistics.estimates import estimate, quantile
from experiments.statistics.intervals import Z
from experiments.targets.readings import READINGS, SCALE, Tables, record_frames
from sim.ensemble import Settings, simulate
from sim.scenario import Scenario


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
    return tuple(
        Target(**row | {name: float(row[name] or nan) for name in ("value", "low", "high")} | {"n": int(row["n"] or 0)})
        for row in shipped_rows("evidence/tuning_targets.csv")
    )


def targets_of(scenario: str) -> tuple[Target, ...]:
    """The targets that a scenario is read against."""
    return tuple(target for target in targets() if target.scenario == scenario)


def compare(chosen: Sequence[Target], tables: Tables) -> list[Comparison]:
    """Set simulated tables beside targets of their scenario."""
    comparisons = []
    for target in chosen:
        reading, factor = READINGS[target.id], SCALE.get(target.id, 1.0)
        sample = reading.sample(tables)
        number = estimate(sample, reading.metric)
        value, low, high = (factor * end for end in (number.value, number.low, number.high))
        inside: bool | None
        if isnan(value):
            inside, settled = None, False
        elif isnan(target.low):
            least, most = sampling_band(sample, reading.metric.at, target.n)
            inside, settled = least <= target.value <= most, isfinite(low)
        else:
            inside = target.low <= value <= target.high
            settled = target.low <= low and high <= target.high if inside else high < target.low or low > target.high
        comparisons.append(Comparison(target, value, low, high, inside, settled, number.lanes, number.units))
    return comparisons


def sampling_band(sample: Sample, at: float, n: int) -> tuple[float, float]:
    """Where a quantile of ``n`` cases drawn from the simulated ones would fall, 19 times in 20.

    It stands in for the record's interval where the record gives a quantile and its number of cases alone.
    """
    reach = Z * sqrt(at * (1 - at) / n)
    return quantile(sample, max(at - reach, 0.0)), quantile(sample, min(at + reach, 1.0))


# -- simulated populations ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Population:
    """Size of the simulation for the targets of one scenario: days, crises, citizens of each public."""

    scenario: str
    horizon: int
    replicates: int
    quick: int
    citizens: int


POPULATIONS = (
    Population("dispute_population", 450, 6000, 400, 200),
    Population("simmer_2015", 450, 400, 60, 200),
    Population("tovuz_2020", 76, 4000, 400, 500),
)
"""The three scenarios with targets. In the first each replicate is another dyad."""


@cache
def scenario_named(name: str, *overrides: str) -> Scenario:
    """A shipped scenario, with anything typed as on the command line laid over it."""
    with composer() as open_composer:
        return open_composer.compose([f"scenario={name}", *overrides]).scenario


def population(name: str) -> Population:
    """The population of a scenario; KeyError where it has no targets."""
    return {item.scenario: item for item in POPULATIONS}[name]


def tables_of(scenario: Scenario, horizon: int, replicates: int, citizens: int, seed: int) -> Tables:
    """Simulate crises of one scenario, each with luck of its own, and read them as records."""
    settings = Settings(seed=seed, horizon_days=horizon, citizens=citizens, luck="own", records=True)
    return Tables.from_frames(*record_frames(simulate(scenario, replicates, settings)), horizon=horizon)


def compare_population(item: Population, quick: bool = False, seed: int = 1) -> list[Comparison]:
    """Simulate one population and set it beside its targets."""
    replicates = item.quick if quick else item.replicates
    tables = tables_of(scenario_named(item.scenario), item.horizon, replicates, item.citizens, seed)
    return compare(targets_of(item.scenario), tables)
