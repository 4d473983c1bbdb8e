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

from experiments.calibration.candidates import TABLES
from experiments.design.hyperparameters import VARIES, Hyperparameter, argument_of, settings_of, values_at
from experiments.files import read_table
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


WIDE = "drivers drawn"
"""The look in which what claims rest on is drawn even where it is coded."""


def _each(name: str, path: str, low: float, high: float, why: str) -> tuple[Hyperparameter, ...]:
    return tuple(Hyperparameter(f"{name}_{side}", (path.replace("?", side),), low, high, why) for side in "ab")


CODED = (
    *_each("domestic_weight", "government.?.domestic_weight", 2.5, 8, "weight of approval, citizens not muted"),
    *_each("propaganda", "public.?.propaganda", 0, 1.2, "intensity of the media"),
    Hyperparameter("inconsistency", _sides("public.?.inconsistency"), 2, 4, "charge for breaking one's word"),
    Hyperparameter("media_pull", _sides("public.?.media_pull"), 0.005, 0.05, "pull of the media"),
    Hyperparameter("anger_pull", _sides("public.?.anger_pull"), 0.02, 0.15, "pull of anger"),
    Hyperparameter("anchor_pull", _sides("public.?.anchor_pull"), 0.02, 0.1, "return to one's own view"),
    Hyperparameter("blame_verification", _sides("public.?.blame_verification"), 0, 2, "what verification takes away"),
    Hyperparameter("hardship_weight", _sides("public.?.hardship_weight"), 0, 1.6, "what hardship takes away"),
    Hyperparameter("rhetoric_commitment", _sides("government.?.rhetoric_commitment"), 0, 1, "words that bind"),
    Hyperparameter("commitment_decay", _sides("government.?.commitment_decay"), 0.005, 0.05, "how fast they wear off"),
    Hyperparameter("conciliation", _sides("government.?.conciliation"), 0, 1, "conciliatory bias"),
    Hyperparameter("contest_steepness", _sides("government.?.contest_steepness"), 1, 4, "how decisive force is"),
    Hyperparameter(
        "deed_pace",
        tuple(f"alliance.{ally}.deed_pace" for ally in ("first", "second")),
        0.003,
        0.3,
        "chance a day that a willing ally acts",
        True,
    ),
    Hyperparameter("effort", ("mediation.effort",), 0.05, 1, "a mediator's attempts a day"),
    Hyperparameter("leverage", ("mediation.leverage",), 0, 1.5, "a mediator's means"),
    *(
        Hyperparameter(lever, (f"mediation.{lever}",), 0, 1, "a mediator's lever")
        for lever in ("facilitation", "formulation", "manipulation", "cover", "secrecy", "verification", "enforcement")
    ),
)
"""Drawn in the wide look alone; ranges assumed, within those of the parameters, citizens not muted."""


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
    coded = _prior(CODED, scenario, number, SEED + 2) if structure == WIDE else {}
    structure = "" if structure == WIDE else structure
    # A population draws some traits itself: what it draws is not drawn again.
    assumed = {
        path: column
        for path, column in {**coded, **_prior(UNINFORMED, scenario, number, SEED + 1)}.items()
        if path not in scenario.varies
    }
    shipped = posterior_file(f"{name}.{structure.replace(' ', '_')}" if structure else name)
    if kind == PRIOR or shipped is None:
        source = "prior" if kind == PRIOR else "prior (no posterior ships for this scenario)"
        fitted = _prior(tuple(TABLES.get(name, ())), _before_any_fit(name, scenario), number, SEED)
        return _split({**fitted, **assumed}, source)
    table = read_table(shipped)
    rows = np.random.default_rng(SEED).permutation(table.height)
    rows = np.resize(rows, number)
    fitted = {path: table[path].to_numpy()[rows] for path in table.columns}
    return _split({**assumed, **fitted}, f"posterior {shipped.name}")


def _before_any_fit(name: str, scenario: Scenario) -> Scenario:
    """What factors of the prior are laid over: the scenario before a search fitted it, as in calibration."""
    if name not in TABLES:
        return scenario
    from experiments.calibration.tuning import untuned

    return untuned(name)


def case_draws(scenario: Scenario, name: str, number: int) -> Draws:
    """Draws for a coded case: its own posterior, else what the population's says of traits the case does not code."""
    own, shared = posterior_file(name), posterior_file(POPULATION)
    if own is not None or shared is None:
        return draws(POSTERIOR, scenario, name, number)
    from experiments.targets.populations import scenario_named

    found = draws(POSTERIOR, scenario, POPULATION, number)
    assumed = _prior(UNINFORMED, scenario, number, SEED + 1)
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
        for path in LENT
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


def _prior(table: tuple[Hyperparameter, ...], scenario: Scenario, number: int, seed: int) -> dict[str, np.ndarray]:
    if not table:
        return {}
    places = qmc.LatinHypercube(len(table), rng=seed).random(number)
    rows = [settings_of(table, row, scenario) for row in values_at(table, places)]
    return {path: np.array([row[path] for row in rows]) for path in rows[0]}
