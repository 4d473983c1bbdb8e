"""P5: drones."""

from experiments.propositions.claim import BUILT_IN, Proposition, difference
from experiments.propositions.measures import DEATHS_A

PROPOSITION = Proposition(
    5,
    "Fighting",
    "Armed drones on one side change how that side fights and what the other loses.",
    BUILT_IN,
    (difference(DEATHS_A, {"dyad.combat.drones_b": 2}, {"dyad.combat.drones_b": 1}),),
    estimand="log deaths of a with b's drone factor at 2 minus at 1",
    contradicted_by="no crisis uses that rung",
)
