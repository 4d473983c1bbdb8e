"""P22: ties between the patrons."""

from experiments.propositions.claim import BUILT_IN, Proposition, difference
from experiments.propositions.measures import ALLY_ARMS

PROPOSITION = Proposition(
    22,
    "Alliances",
    "Close ties between the two patrons restrain both.",
    BUILT_IN,
    (difference(ALLY_ARMS, {"alliance.tie_12": 0}, {"alliance.tie_12": 1}),),
    estimand="an ally sends arms without ties minus with full ties",
    contradicted_by="no effect",
)
