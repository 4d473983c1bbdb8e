"""P18: loosened ties to the patron."""

from experiments.propositions.claim import CAUSAL, PRESSED, Proposition, difference
from experiments.propositions.measures import OFFENSIVE_BY_B

PROPOSITION = Proposition(
    18,
    "Alliances",
    "Loosening ties to the patron has left the country more exposed.",
    CAUSAL,
    (difference(OFFENSIVE_BY_B, {"alliance.first.alignment": 0}, {"alliance.first.alignment": 1}),),
    overrides=PRESSED,
    estimand="b reaches rung 8 at no alignment minus at full alignment, under high pressure",
    contradicted_by="alignment is inert: the threshold binds",
    drivers=("alliance.first.reliability", "alliance.shadow_weight"),
)
