"""P15: only outside mediation offers a way down."""

from experiments.claims.claim import CAUSAL, Proposition, Test, both
from experiments.claims.measures import CALM

PROPOSITION = Proposition(
    15,
    "Mediation",
    "De-escalation is possible only through international mechanisms.",
    CAUSAL,
    (Test({"article": {"alliance.shadow_weight": 0}}, {"article": 1}, CALM),),
    estimand="N: calm by day 60 without mediators, direct talks or fear of the enemy's ally",
    contradicted_by="N clearly above zero, or direct talks do as well as mediators",
    drivers=both("government.?.step_down", "government.?.step_up"),
    beside="In the record most short disputes end without a settlement or a mediator.",
    moderators=("government.?.step_down", "public.?.hawkishness"),
)
