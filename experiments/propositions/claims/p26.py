"""P26: from alignment to war."""

from experiments.propositions.claim import CAUSAL, PRESSED, Proposition, difference
from experiments.propositions.measures import LIMITED_WAR

PROPOSITION = Proposition(
    26,
    "Alliances",
    "By loosening ties to its patron one government brought the region to the brink.",
    CAUSAL,
    (difference(LIMITED_WAR, {"alliance.first.alignment": 0}, {"alliance.first.alignment": 1}),),
    overrides=PRESSED,
    estimand="limited war or worse at no alignment minus at full alignment, under high pressure",
    contradicted_by="the total effect is negligible, or domestic pressure dominates it",
    drivers=("alliance.first.reliability", "alliance.shadow_weight"),
)
