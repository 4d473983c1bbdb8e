"""Draws of what is not known about the baseline, before and after calibration.

Calibrated parameters come from the posterior that ships with Offramp, or from its prior. What no record speaks of and
calibration held still (hawkishness, the charge for weakness and its framing, the allies' reckoning) is drawn from its
own range in both, independently: a cut, not a joint posterior. What a scenario or a mediator is coded with stays as it
is coded, except in the look called :data:`WIDE`, which draws from their ranges also the remaining parameters that
claims rest on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import qmc

from experiments.design.hyperparameters import VARIES, argument_of, settings_of, values_at
from experiments.design.priors import CODED_PRIORS, UNUPDATED_PRIORS, prior_of
from experiments.files import read_table
from experiments.targets.populations import scenario_named
from sim.scenario import Scenario, parameters


def _sides(name: str) -> tuple[str, ...]:
    return tuple(name.replace("?", side) for side in "ab")


PRIOR, POSTERIOR = "prior", "posterior"
POPULATION = "dispute_population"
CODED_BY_RULE = ("resolve",)
"""What every case codes for itself, whatever its value."""
BORROWED_TRAITS = _sides("government.?.step_up") + _sides("government.?.step_down")
"""Traits that no case knows: drawn from the fitted population."""
SEED = 20_200_719


WIDE = "drivers drawn"
"""The look in which what claims rest on is drawn even where it is coded."""


@dataclass(frozen=True)
class Draws:
    """Draws of uncertain parameters: ``columns`` maps paths to (draws,) values; ``source`` is where they come from.

    ``varied`` does the same for arguments of what a scenario itself draws, ``varies.dyad.incidents.rate.median``;
    ``lent`` holds distributions that a scenario is lent because it knows no more of a trait.
    """

    columns: dict[str, np.ndarray]
    source: str
    varied: dict[str, np.ndarray] = field(default_factory=dict)
    lent: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def draws(kind: str, scenario: Scenario, name: str, number: int, structure: str = "") -> Draws:
    """Draws of the uncertain parameters of a scenario.

    Parameters
    ----------
    kind : {"prior", "posterior"}
    scenario : Scenario
        What factors are laid over.
    name : str
        The scenario's name in ``conf/posterior``.
    number : int
    structure : str
        The variant of the model whose own posterior is meant; the model as it is where left out. :data:`WIDE` draws
        coded parameters as well.
    """
    coded = _prior(CODED_PRIORS, scenario, number, SEED + 2) if structure == WIDE else {}
    structure = "" if structure == WIDE else structure
    # A population draws some traits itself: what it draws is not drawn again.
    assumed = {
        path: column
        for path, column in {**coded, **_prior(UNUPDATED_PRIORS, scenario, number, SEED + 1)}.items()
        if path not in scenario.varies
    }
    shipped = posterior_file(f"{name}.{structure.replace(' ', '_')}" if structure else name)
    if kind == PRIOR or shipped is None:
        source = "prior" if kind == PRIOR else "prior (no posterior ships for this scenario)"
        # Factors of a prior are laid over the scenario before it was fitted, as in calibration.
        fitted = _prior(name, scenario, number, SEED)
        return _split({**fitted, **assumed}, source)
    table = read_table(shipped)
    rows = np.random.default_rng(SEED).permutation(table.height)
    rows = np.resize(rows, number)
    fitted = {path: table[path].to_numpy()[rows] for path in table.columns}
    return _split({**assumed, **fitted}, f"posterior {shipped.name}")


def case_draws(scenario: Scenario, name: str, number: int) -> Draws:
    """Draws for a coded case: its own posterior, else what the population's says of traits the case does not code."""
    own, shared = posterior_file(name), posterior_file(POPULATION)
    if own is not None or shared is None:
        return draws(POSTERIOR, scenario, name, number)
    found = draws(POSTERIOR, scenario, POPULATION, number)
    assumed = _prior(UNUPDATED_PRIORS, scenario, number, SEED + 1)
    table = read_table(shared)
    coded, default = scenario.values(), Scenario().values()
    taken = {
        path: values
        for path, values in found.columns.items()
        if path not in table.columns or _is_left_open(path, coded, default)
    }
    population = scenario_named(POPULATION)
    lent = {
        path: population.varies[path]
        for path in BORROWED_TRAITS
        if path in population.varies and _is_left_open(path, coded, default)
    }
    varied = {path: values for path, values in found.varied.items() if argument_of(path)[0] in lent}
    count = len({path.rpartition(".")[2] for path in taken if path in table.columns})
    source = f"{count} parameters of posterior {shared.name} that the case leaves open"
    assumed = {
        path: values
        for path, values in assumed.items()
        if path.endswith(".hawkishness") or _is_left_open(path, coded, default)
    }
    return Draws({**assumed, **taken}, f"{source}, step costs of that population" if lent else source, varied, lent)


def _is_left_open(path: str, coded: dict[str, Any], default: dict[str, Any]) -> bool:
    """Whether a case says nothing of a parameter, on either side."""
    twins = {path, path.replace(".a.", ".b."), path.replace(".b.", ".a.")}
    return path.rpartition(".")[2] not in CODED_BY_RULE and all(coded[twin] == default[twin] for twin in twins)


def _split(columns: dict[str, np.ndarray], source: str) -> Draws:
    known = parameters()
    return Draws(
        {path: values for path, values in columns.items() if path in known},
        source,
        {path: values for path, values in columns.items() if path.startswith(VARIES)},
    )


def contraction(name: str, scenario: Scenario) -> dict[str, float]:
    """How much narrower each parameter is after calibration: 1 - posterior sd / prior sd, 0 where no record speaks.

    Spreads are those of places within the prior, so that the scale a parameter is written on does not matter.
    """
    if posterior_file(name) is None:
        return dict.fromkeys(draws(PRIOR, scenario, name, 2).columns, 0.0)
    before = draws(PRIOR, scenario, name, 1000).columns
    after = draws(POSTERIOR, scenario, name, 1000).columns
    return {
        path: max(0.0, 1 - float(_places(after[path], values).std() / _places(values, values).std()))
        if path in after and np.ptp(values) > 0
        else 0.0
        for path, values in before.items()
    }


def _places(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Where values lie among others, 0 to 1."""
    return np.searchsorted(np.sort(among), values) / len(among)


def posterior_file(name: str) -> Path | None:
    """The shipped posterior of a scenario, if there is one."""
    path = Path(str(files("conf") / "posterior" / f"{name}.parquet"))
    return path if path.exists() else None


def _prior(name: str, scenario: Scenario, number: int, seed: int) -> dict[str, np.ndarray]:
    table = prior_of(name)
    if not table:
        return {}
    places = qmc.LatinHypercube(len(table), rng=seed).random(number)
    rows = [settings_of(table, row, scenario) for row in values_at(table, places)]
    return {path: np.array([row[path] for row in rows]) for path in rows[0]}
