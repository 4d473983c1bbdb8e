"""P30: a shifting balance."""

from experiments.propositions.claim import CAUSAL, Proposition, both, difference
from experiments.propositions.measures import LIMITED_WAR

PROPOSITION = Proposition(
    30,
    "Fighting",
    "An expected shift of the balance makes the side that is losing ground fight sooner.",
    CAUSAL,
    (difference(LIMITED_WAR, {"government.a.force_drift": -0.01, "government.b.force_drift": 0.01}),),
    estimand="limited war or worse with force drifting from a to b by one per cent a day minus without drift",
    contradicted_by="no effect at plausible drift",
    drivers=both("government.?.contest_steepness"),
)
