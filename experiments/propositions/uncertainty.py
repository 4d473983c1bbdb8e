"""Draws of what is not known about the baseline, before and after calibration.

Calibrated parameters come from the posterior that ships with Offramp, or from its prior. What no record speaks of (the
levers of cover and framing, the allies' reckoning, inertia apart for up and down) is drawn from its own range in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import qmc

from experiments.calibration.candidates import TABLES
from experiments.calibration.hyperparameters import VARIES, Hyperparameter, settings_of, values_at
from sim.scenario import Scenario, parameters

PRIOR, POSTERIOR = "prior", "posterior"
SEED = 20_200_719


def _sides(name: str) -> tuple[str, ...]:
    return tuple(name.replace("?", side) for side in "ab")


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

    ``varied`` does the same for arguments of what a scenario itself draws, ``varies.dyad.incidents.rate.median``.
    """

    columns: dict[str, np.ndarray]
    source: str
    varied: dict[str, np.ndarray] = field(default_factory=dict)

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
        return _split({**_prior(TABLES.get(name, ()), scenario, number, SEED), **assumed}, source)
    table = pl.read_parquet(shipped)
    rows = np.random.default_rng(SEED).permutation(table.height)
    rows = np.resize(rows, number)
    fitted = {path: table[path].to_numpy()[rows] for path in table.columns}
    return _split({**assumed, **fitted}, f"posterior {shipped.name}")


def _split(columns: dict[str, np.ndarray], source: str) -> Draws:
    known = parameters()
    return Draws(
        {path: values for path, values in columns.items() if path in known},
        source,
        {path: values for path, values in columns.items() if path.startswith(VARIES)},
    )


def contraction(name: str, scenario: Scenario) -> dict[str, float]:
    """How much narrower each parameter is after calibration: 1 - posterior sd / prior sd, 0 where no record speaks."""
    before = draws(PRIOR, scenario, name, 2000).columns
    after = draws(POSTERIOR, scenario, name, 2000).columns
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
