"""P16: membership of an alliance."""

from experiments.propositions.claim import BUILT_IN, PRESSED, Proposition, difference
from experiments.propositions.measures import OFFENSIVE_BY_B

PROPOSITION = Proposition(
    16,
    "Alliances",
    "A treaty partner deters the other side at a covered venue.",
    BUILT_IN,
    (difference(OFFENSIVE_BY_B, {"alliance.first.treaty": "none"}, {"alliance.first.treaty": "border"}),),
    overrides=PRESSED,
    estimand="b reaches rung 8 without the treaty minus with it, under high pressure",
    contradicted_by="no effect at any rung",
)
