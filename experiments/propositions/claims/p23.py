"""P23: help only when the state itself is threatened."""

from experiments.propositions.claim import CAUSAL, Proposition, difference
from experiments.propositions.measures import DRONES_BY_B

PROPOSITION = Proposition(
    23,
    "Alliances",
    "Help will not come below a threshold, and the adversary stays just below it.",
    CAUSAL,
    (difference(DRONES_BY_B, {"alliance.first.threat_threshold": 0.5}, {"alliance.first.threat_threshold": 0.2}),),
    estimand="b reaches rung 6 where help begins at the top of the ladder minus where it begins at rung 4",
    contradicted_by="no kink at the threshold",
    drivers=("alliance.shadow_weight", "alliance.first.reliability"),
)
