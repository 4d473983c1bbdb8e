"""Draws of what is not known about the baseline, before and after calibration.

Calibrated parameters come from the posterior that ships with Offramp, or from its prior. What no record speaks of (the
levers of cover and framing, the allies' reckoning, inertia apart for up and down) is drawn from its own range in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import qmc

from experiments.calibration.candidates import TABLES
from experiments.calibration.hyperparameters import VARIES, Hyperparameter, argument_of, settings_of, values_at
from sim.scenario import Scenario, parameters


def _sides(name: str) -> tuple[str, ...]:
    return tuple(name.replace("?", side) for side in "ab")


PRIOR, POSTERIOR = "prior", "posterior"
POPULATION = "dispute_population"
CODED_BY_RULE = ("resolve",)
"""What every case codes for itself, whatever its value."""
LENT = _sides("government.?.step_up") + _sides("government.?.step_down")
"""Traits that no case knows: drawn from the fitted population."""
SEED = 20_200_719


UNINFORMED = (
    Hyperparameter("hawkishness_a", ("public.a.hawkishness",), -0.05, 0.2, "survey-informed prior, never updated"),
    Hyperparameter("hawkishness_b", ("public.b.hawkishness",), -0.05, 0.25, "survey-informed prior, never updated"),
    Hyperparameter("weakness", _sides("public.?.weakness"), 0, 3, "penalty for weakness"),
    Hyperparameter("framing", _sides("public.?.framing"), 0, 1, "what the enemy's framing adds"),
    Hyperparameter("insecurity", _sides("government.?.insecurity"), -1, 2, "both signs argued"),
    Hyperparameter("anticipation", _sides("government.?.anticipation"), 0, 1, "how far ahead governments think"),
    Hyperparameter("shadow_weight", ("alliance.shadow_weight",), 0, 5, "weight of the enemy's ally"),
    Hyperparameter(
        "reliability",
        tuple(f"alliance.{ally}.reliability" for ally in ("first", "second")),
        -2.5,
        0.5,
        "allies' reliability",
    ),
    Hyperparameter(
        "moral_hazard",
        tuple(f"alliance.{ally}.moral_hazard" for ally in ("first", "second")),
        0,
        1.5,
        "expected help in one's own reckoning",
    ),
    Hyperparameter("hedging", ("alliance.first.hedging",), 0.5, 2, "exponent of effective alignment"),
    Hyperparameter("credibility", ("talks.credibility",), -0.2, 0.8, "how bias moves credibility"),
    Hyperparameter("ripeness", ("talks.ripeness",), 0, 1.5, "value of mutual exhaustion"),
    Hyperparameter("asking", ("talks.asking",), 0, 1.5, "cost of being seen to have asked"),
)


@dataclass(frozen=True)
class Draws:
    """Draws of uncertain parameters: ``columns`` maps paths to (draws,) values; ``source`` is where they come from.

    ``varied`` does the same for arguments of what a scenario itself draws, ``varies.dyad.incidents.rate.median``;
    ``lent`` holds distributions that a scenario is lent because it knows no more of a trait.
    """

    columns: dict[str, np.ndarray]
    source: str
    varied: dict[str, np.ndarray] = field(default_factory=dict)
    lent: dict[str, dict[str, Any]] = field(default_factory=dict)

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
    # A population draws some traits itself: what it draws is not drawn again.
    assumed = {
        path: column for path, column in _prior(UNINFORMED, scenario, number, SEED + 1).items()
        if path not in scenario.varies
    }
    shipped = posterior_file(f"{name}.{structure.replace(' ', '_')}" if structure else name)
    if kind == PRIOR or shipped is None:
        source = "prior" if kind == PRIOR else "prior (no posterior ships for this scenario)"
        fitted = _prior(TABLES.get(name, ()), _before_any_fit(name, scenario), number, SEED)
        return _split({**fitted, **assumed}, source)
    table = pl.read_parquet(shipped)
    rows = np.random.default_rng(SEED).permutation(table.height)
    rows = np.resize(rows, number)
    fitted = {path: table[path].to_numpy()[rows] for path in table.columns}
    return _split({**assumed, **fitted}, f"posterior {shipped.name}")


def _before_any_fit(name: str, scenario: Scenario) -> Scenario:
    """What factors of the prior are laid over: the scenario before a search fitted it, as in calibration."""
    if name not in TABLES:
        return scenario
    from experiments.tuning import untuned

    return untuned(name)


def case_draws(scenario: Scenario, name: str, number: int) -> Draws:
    """Draws for a coded case: its own posterior, else what the population's says of traits the case does not code."""
    own, shared = posterior_file(name), posterior_file(POPULATION)
    if own is not None or shared is None:
        return draws(POSTERIOR, scenario, name, number)
    from experiments.validation.populations import scenario_named

    found = draws(POSTERIOR, scenario, POPULATION, number)
    assumed = _prior(UNINFORMED, scenario, number, SEED + 1)
    table = pl.read_parquet(shared)
    coded, default = scenario.values(), Scenario().values()
    taken = {
        path: values for path, values in found.columns.items()
        if path not in table.columns or _is_left_open(path, coded, default)
    }
    population = scenario_named(POPULATION)
    lent = {path: population.varies[path] for path in LENT
            if path in population.varies and _is_left_open(path, coded, default)}
    varied = {path: values for path, values in found.varied.items() if argument_of(path)[0] in lent}
    count = len({path.rpartition(".")[2] for path in taken if path in table.columns})
    source = f"{count} parameters of posterior {shared.name} that the case leaves open"
    assumed = {path: values for path, values in assumed.items()
               if path.endswith(".hawkishness") or _is_left_open(path, coded, default)}
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
    """How much narrower each parameter is after calibration: 1 - posterior sd / prior sd, 0 where no record speaks."""
    if posterior_file(name) is None:
        return dict.fromkeys(draws(PRIOR, scenario, name, 2).columns, 0.0)
    before = draws(PRIOR, scenario, name, 1000).columns
    after = draws(POSTERIOR, scenario, name, 1000).columns
    spread = {path: float(values.std()) for path, values in before.items()}
    return {
        path: max(0.0, 1 - float(after[path].std()) / spread[path]) if path in after and spread[path] > 0 else 0.0
        for path in before
    }


def posterior_file(name: str) -> Path | None:
    """The shipped posterior of a scenario, if there is one."""
    path = Path(str(files("conf") / "posterior" / f"{name}.parquet"))
    return path if path.exists() else None


def _prior(table: tuple[Hyperparameter, ...], scenario: Scenario, number: int, seed: int) -> dict[str, np.ndarray]:
    if not table:
        return {}
    places = qmc.LatinHypercube(len(table), rng=seed).random(number)
    rows = [settings_of(table, row, scenario) for row in values_at(table, places)]
    return {path: np.array([row[path] for row in rows]) for path in rows[0]}
