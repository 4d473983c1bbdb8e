"""P27: a regional war."""

from experiments.propositions.claim import CAUSAL, PRESSED, Proposition, difference
from experiments.propositions.measures import REGIONAL_WAR

PROPOSITION = Proposition(
    27,
    "Alliances",
    "There is a chance of a full war that draws in third parties.",
    CAUSAL,
    (difference(REGIONAL_WAR, {"alliance.second.start_support": 2}, {"alliance.second.most_support": 1}),),
    overrides=PRESSED,
    estimand="regional war with arms from the second patron from the first day minus words only, under high pressure",
    contradicted_by="entry at low rungs, or none",
    drivers=("alliance.second.reliability",),
)
