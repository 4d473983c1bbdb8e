"""Draws of what is not known about a scenario, before and after calibration.

Calibrated parameters come from the posterior that ships with Offramp, or from its prior. What no record speaks of and
calibration held fixed (hawkishness, the charge for weakness and its framing, the allies' reckoning) is drawn from its
own range in both, independently: a cut, not a joint posterior. What a scenario or a mediator is coded with stays as it
is coded, except in the structure called :data:`DRIVERS_DRAWN`, which also draws the remaining parameters that claims
rest on. The ranges stand in ``conf/prior``.
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
from experiments.targets.populations import scenario_named, untuned
from sim.scenario import Scenario, parameters

PRIOR, POSTERIOR = "prior", "posterior"
DRIVERS_DRAWN = "drivers drawn"
"""The structure in which what claims rest on is drawn even where it is coded."""
POPULATION = "dispute_population"
CODED_BY_RULE = ("resolve",)
"""What every case codes for itself, whatever its value."""
BORROWED_TRAITS = tuple(f"government.{side}.{name}" for name in ("step_up", "step_down") for side in "ab")
"""Traits that no case knows: drawn from the fitted population."""
SEED = 20_200_719

Columns = dict[str, np.ndarray]
"""Path of a parameter -> its values, shape (draws,)."""


@dataclass(frozen=True)
class Draws:
    """Draws of uncertain parameters: ``columns`` maps paths to (draws,) values; ``source`` is where they come from.

    ``varied`` does the same for arguments of what a scenario itself draws, ``varies.dyad.incidents.rate.median``;
    ``lent`` holds distributions that a scenario borrows because it knows no more of a trait.
    """

    columns: Columns
    source: str
    varied: Columns = field(default_factory=dict)
    lent: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

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
        The variant of the model whose own posterior is meant; the model as it is where left out.
    """
    coded: Columns = {}
    if structure == DRIVERS_DRAWN:
        coded, structure = _prior(CODED_PRIORS, scenario, number, SEED + 2), ""
    # A population draws some traits itself: what it draws is not drawn again.
    assumed = {
        path: column
        for path, column in {**coded, **_prior(UNUPDATED_PRIORS, scenario, number, SEED + 1)}.items()
        if path not in scenario.varies
    }
    shipped = posterior_file(f"{name}.{structure.replace(' ', '_')}" if structure else name)
    if kind == PRIOR or shipped is None:
        source = "prior" if kind == PRIOR else "prior (no posterior ships for this scenario)"
        fitted = _prior(name, untuned(name) if prior_of(name) else scenario, number, SEED)
        return _split({**fitted, **assumed}, source)
    table = read_table(shipped)
    rows = np.resize(np.random.default_rng(SEED).permutation(table.height), number)
    fitted = {path: table[path].to_numpy()[rows] for path in table.columns}
    return _split({**assumed, **fitted}, f"posterior {shipped.name}")


def _prior(name: str, scenario: Scenario, number: int, seed: int) -> Columns:
    """Draws from a table of priors, by the name of its file in ``conf/prior``; none where there is no such table."""
    table = prior_of(name)
    if not table:
        return {}
    places = qmc.LatinHypercube(len(table), rng=seed).random(number)
    rows = [settings_of(table, row, scenario) for row in values_at(table, places)]
    return {path: np.array([row[path] for row in rows]) for path in rows[0]}


def _split(columns: Columns, source: str) -> Draws:
    """Draws of parameters, and apart from them draws of arguments of what the scenario varies."""
    known = parameters()
    return Draws(
        {path: values for path, values in columns.items() if path in known},
        source,
        {path: values for path, values in columns.items() if path.startswith(VARIES)},
    )


def case_draws(scenario: Scenario, name: str, number: int) -> Draws:
    """Draws for a coded case: its own posterior, else what the population's says of traits the case does not code."""
    own, shared = posterior_file(name), posterior_file(POPULATION)
    if own is not None or shared is None:
        return draws(POSTERIOR, scenario, name, number)

    fitted = set(read_table(shared).columns)
    population = draws(POSTERIOR, scenario, POPULATION, number)
    coded, default = scenario.values(), Scenario().values()
    taken = {
        path: values
        for path, values in population.columns.items()
        if path not in fitted or _is_left_open(path, coded, default)
    }
    assumed = {
        path: values
        for path, values in _prior(UNUPDATED_PRIORS, scenario, number, SEED + 1).items()
        if path.endswith(".hawkishness") or _is_left_open(path, coded, default)
    }
    varies = scenario_named(POPULATION).varies
    lent = {path: varies[path] for path in BORROWED_TRAITS if path in varies and _is_left_open(path, coded, default)}
    count = len({path.rpartition(".")[2] for path in taken if path in fitted})
    source = f"{count} parameters of posterior {shared.name} that the case leaves open"
    return Draws(
        {**assumed, **taken},
        f"{source}, step costs of that population" if lent else source,
        {path: values for path, values in population.varied.items() if argument_of(path)[0] in lent},
        lent,
    )


def _is_left_open(path: str, coded: dict[str, Any], default: dict[str, Any]) -> bool:
    """Whether a case says nothing of a parameter, on either side."""
    twins = {path, path.replace(".a.", ".b."), path.replace(".b.", ".a.")}
    return path.rpartition(".")[2] not in CODED_BY_RULE and all(coded[twin] == default[twin] for twin in twins)


def contraction(name: str, scenario: Scenario) -> dict[str, float]:
    """How much narrower each parameter is after calibration: 1 - posterior sd / prior sd, 0 where no record speaks.

    Spreads are those of ranks within the prior, so that the scale a parameter is written on does not matter.
    """
    if posterior_file(name) is None:
        return dict.fromkeys(draws(PRIOR, scenario, name, 2).columns, 0.0)
    before = draws(PRIOR, scenario, name, 1000).columns
    after = draws(POSTERIOR, scenario, name, 1000).columns
    return {
        path: max(0.0, 1 - float(_ranks(after[path], values).std() / _ranks(values, values).std()))
        if path in after and np.ptp(values) > 0
        else 0.0
        for path, values in before.items()
    }


def _ranks(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Share of others that lie below each value, 0 to 1."""
    return np.searchsorted(np.sort(among), values) / len(among)


def posterior_file(name: str) -> Path | None:
    """The shipped posterior of a scenario, if there is one."""
    path = Path(str(files("conf") / "posterior" / f"{name}.parquet"))
    return path if path.exists() else None
