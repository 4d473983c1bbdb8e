"""The ten rungs of the ladder of escalation: what each means, how hostile, how forceful and how deadly.

The ladder is the model's own; the hostility levels follow the five-point scale of the Militarized Interstate Disputes
(after Maoz et al. 2019). Force is assumed, deaths a day are anchored in July 2020 (rungs 5 to 7), April 2016
(rung 8) and autumn 2020 (rung 9); the chance of a bloodless day follows Militarized Interstate Events 1.0 at rungs 4
and 5 and is assumed elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDES = ("a", "b")
PAIRS = (("a", "b"), ("b", "a"))
"""Each side with its adversary."""
RUNGS = 10
QUIET = 1
SETTLED = 2
DEPLOYED = 3
HOT = 4
ARTILLERY = 5
DRONES = 6
ASSAULT = 7
OFFENSIVE = 8

CALM_DAYS = 14
"""Days in a row with both policies at rung 3 or below and nobody firing at rung 5 or above that make a calm; as many
days without a shot make a silence."""


@dataclass(frozen=True)
class Rung:
    """One posture. ``force`` is a share of full force, ``deaths`` a mean a day on an equal foe."""

    name: str
    hostility: int
    force: float
    deaths: float
    bloodless: float


LADDER = (
    Rung("quiet", 1, 0.0, 0.0, 0.0),
    Rung("hostile rhetoric", 2, 0.0, 0.0, 0.0),
    Rung("show of force", 3, 0.02, 0.0, 0.0),
    Rung("mobilisation, probing", 3, 0.05, 0.02, 0.95),
    Rung("small arms, raids", 4, 0.10, 0.15, 0.80),
    Rung("mortars, artillery", 4, 0.22, 1.2, 0.50),
    Rung("drones, precision strikes", 4, 0.30, 2.0, 0.40),
    Rung("local ground assault", 4, 0.45, 4.0, 0.25),
    Rung("limited offensive", 4, 0.75, 25.0, 0.05),
    Rung("full war", 4, 1.0, 80.0, 0.0),
)
INDEX = np.arange(RUNGS)
FORCE = np.array([rung.force for rung in LADDER])
DEATHS = np.array([rung.deaths for rung in LADDER])
BLOODLESS = np.array([rung.bloodless for rung in LADDER])


def pick(table: np.ndarray, rung: np.ndarray) -> np.ndarray:
    """Read a table of shape (lanes, rungs) at one whole rung a lane, shape (lanes,)."""
    # Cheaper than fancy indexing along both axes.
    return table.ravel()[np.arange(0, table.size, table.shape[1]) + rung]
