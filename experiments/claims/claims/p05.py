"""P5: drones."""

from experiments.claims.claim import CAUSAL, Part, Proposition, difference
from experiments.claims.measures import DEATHS_A, Measure, unread
from experiments.claims.watching import days_of_b_at_seven, days_of_b_at_six

DAYS = Measure("days of b at a rung", "days", 2.0, unread)
TWICE, ONCE = {"dyad.combat.drones_b": 2}, {"dyad.combat.drones_b": 1}

PROPOSITION = Proposition(
    5,
    "Fighting",
    "Armed drones on one side change how that side fights and what the other loses.",
    CAUSAL,
    (difference(DAYS, TWICE, ONCE, own=days_of_b_at_six),),
    estimand="days of b at rung 6, that of drones, with its drone factor at 2 minus at 1",
    contradicted_by="no crisis uses that rung",
    drivers=("government.b.material_cost", "government.b.rationality"),
    moderators=("government.b.material_cost", "government.b.resolve"),
    parts=(
        Part("log deaths of a", difference(DEATHS_A, TWICE, ONCE), built_in=True),
        Part("days of b at rung 7, a ground assault", difference(DAYS, TWICE, ONCE, own=days_of_b_at_seven)),
    ),
)
