"""The simulated populations that the targets are read from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from experiments.config.compose import composer
from experiments.targets.tables import Tables
from experiments.targets.targets import Comparison, compare, targets_of
from sim.ensemble import Settings, simulate
from sim.scenario import Scenario


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
    return Tables.of(simulate(scenario, replicates, settings), horizon)


def compare_population(item: Population, quick: bool = False, seed: int = 1) -> list[Comparison]:
    """Simulate one population and set it beside its targets."""
    replicates = item.quick if quick else item.replicates
    tables = tables_of(scenario_named(item.scenario), item.horizon, replicates, item.citizens, seed)
    return compare(targets_of(item.scenario), tables)
