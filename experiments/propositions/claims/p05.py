"""P5: drones."""

from experiments.propositions.claim import CAUSAL, Part, Proposition, difference
from experiments.propositions.measures import DEATHS_A, Measure, unread
from experiments.propositions.watching import days_at_six_rather_than_seven

TWICE, ONCE = {"dyad.combat.drones_b": 2}, {"dyad.combat.drones_b": 1}

PROPOSITION = Proposition(
    5,
    "Fighting",
    "Armed drones on one side change how that side fights and what the other loses.",
    CAUSAL,
    (
        difference(
            Measure("days at rung 6 rather than 7", "days", 2.0, unread),
            TWICE,
            ONCE,
            own=days_at_six_rather_than_seven,
        ),
    ),
    estimand="days of b at rung 6 less its days at rung 7, with its drone factor at 2 minus at 1",
    contradicted_by="no crisis uses that rung",
    drivers=("government.b.material_cost", "government.b.rationality"),
    moderators=("government.b.material_cost", "government.b.resolve"),
    parts=(Part("log deaths of a", difference(DEATHS_A, TWICE, ONCE), built_in=True),),
)
