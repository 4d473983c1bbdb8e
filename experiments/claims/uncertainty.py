"""Draws of what is not known about a scenario, before and after calibration.

Calibrated parameters come from the shipped posterior, or from its prior: those of the population of disputes, of which
every case is a draw, laid under what the case codes. What no record speaks of and calibration held fixed (hawkishness, the
framing of weakness, the allies' reckoning) is drawn from its own range in both, independently: a cut, not a
joint posterior. What a scenario or a mediator is coded with stays. The ranges stand in ``conf/prior``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from experiments.design.posterior import ONE_STRUCTURE, OWN, POPULATION, WeightedDraws, left_open, weighted_draws
from experiments.design.priors import UNUPDATED_PRIORS, VARIES, prior_of, settings_of, values_at
from experiments.study.identity import posterior_note
from experiments.targets.targets import scenario_named
from sim.scenario import Scenario, parameters

PRIOR, POSTERIOR = "prior", "posterior"
SEED = 20_200_719

Columns = dict[str, np.ndarray]
"""Path of a parameter -> its values, shape (draws,)."""


@dataclass(frozen=True)
class Draws:
    """Draws of uncertain parameters: ``columns`` maps paths to (draws,) values; ``source`` is where they come from.

    ``varied`` does the same for arguments of what a scenario itself draws, ``varies.dyad.incidents.rate.median``.
    ``structure`` and ``weight`` (draws,) are each draw's; empty where nothing is drawn.
    """

    columns: Columns
    source: str
    varied: Columns = field(default_factory=dict)
    structure: np.ndarray = field(default_factory=lambda: np.empty(0, str))
    weight: np.ndarray = field(default_factory=lambda: np.empty(0))

    def of(self, path: str) -> np.ndarray | None:
        """A parameter draw by draw, (draws,), or its median where the scenario draws it; None where it is fixed."""
        return self.columns.get(path, self.varied.get(f"{VARIES}{path}.median"))


def draws(kind: str, scenario: Scenario, name: str, number: int, equal: bool = False) -> Draws:
    """Draws of the uncertain parameters of a scenario.

    ``kind`` is ``prior`` or ``posterior``, ``name`` the scenario's in ``conf/posterior``. Where ``equal`` holds, structures
    get equally many draws, with weights, instead of as many as their weights say.
    """
    # A population draws some traits itself: what it draws is not drawn again.
    drawn = _prior(UNUPDATED_PRIORS, scenario, number, SEED + 1)
    assumed = {path: column for path, column in drawn.items() if path not in scenario.varies}
    of_scenario = posterior_file(name)
    shipped = of_scenario or posterior_file(POPULATION)
    structure, weight = np.full(number, ONE_STRUCTURE), np.full(number, 1 / number)
    fitted = {} if shipped and kind == POSTERIOR else _prior(POPULATION, scenario, number, SEED)
    source = kind if kind == PRIOR else "prior (no posterior ships)"
    if shipped:
        posterior = weighted_draws(shipped)
        rows, weight = posterior.sample(number, equal, SEED)
        structure = posterior.structure[rows]
        if kind == PRIOR:
            _switch_off(fitted, posterior, structure)
        else:
            fitted = {path: values[rows] for path, values in posterior.columns.items()}
            source = f"posterior {shipped.name}"
            if posterior_note(OWN, None, POPULATION):
                source += " (fitted with another state of the model, hence provisional)"
    if name != POPULATION and of_scenario is None:
        # What the population's calibration moves is laid under what a case codes.
        uncoded = left_open(fitted, scenario, scenario_named(POPULATION))
        source = f"{source}, {len(uncoded)} of {len(fitted)} columns that the case leaves open"
        fitted = {path: fitted[path] for path in uncoded}
    columns = {**fitted, **assumed} if kind == PRIOR else {**assumed, **fitted}
    known = parameters()
    return Draws(
        {path: values for path, values in columns.items() if path in known},
        source,
        {path: values for path, values in columns.items() if path.startswith(VARIES)},
        structure,
        weight,
    )


def _switch_off(prior: Columns, posterior: WeightedDraws, structure: np.ndarray) -> None:
    """Put at 0 what a structure leaves out: what is 0 in all of its draws and not in those of every structure."""
    for path in prior.keys() & posterior.columns.keys():
        values = posterior.columns[path]
        for name in np.unique(posterior.structure):
            if values.any() and not values[posterior.structure == name].any():
                prior[path][structure == name] = 0.0


def _prior(name: str, scenario: Scenario, number: int, seed: int) -> Columns:
    """Draws from a table of priors, by the name of its file in ``conf/prior``; none where there is no such table."""
    table = prior_of(name)
    if not table:
        return {}
    places = qmc.LatinHypercube(len(table), rng=seed).random(number)
    rows = [settings_of(table, row, scenario) for row in values_at(table, places)]
    return {path: np.array([row[path] for row in rows]) for path in rows[0]}


@cache
def contraction(name: str, *overrides: str) -> dict[str, float]:
    """How much narrower each parameter is after calibration: 1 - posterior sd / prior sd, 0 where no record speaks.

    Spreads are those of ranks within the prior, so that the scale a parameter is written on does not matter.
    """
    scenario = scenario_named(name, *overrides)
    if posterior_file(name) is None and posterior_file(POPULATION) is None:
        return dict.fromkeys(draws(PRIOR, scenario, name, 2).columns, 0.0)
    before, after = (draws(kind, scenario, name, 1000).columns for kind in (PRIOR, POSTERIOR))

    def spread(path: str, columns: Columns) -> float:
        ranks = np.searchsorted(np.sort(before[path]), columns[path]) / len(before[path])
        return float(ranks.std())

    return {
        path: max(0.0, 1 - spread(path, after) / spread(path, before)) if path in after and np.ptp(values) > 0 else 0.0
        for path, values in before.items()
    }


def posterior_file(name: str) -> Path | None:
    """The shipped posterior of a scenario, if there is one."""
    path = Path(str(files("conf") / "posterior" / f"{name}.parquet"))
    return path if path.exists() else None
