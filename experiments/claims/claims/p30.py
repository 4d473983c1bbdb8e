"""P30: a shifting balance."""

from experiments.claims.claim import CAUSAL, Part, Proposition, both, difference
from experiments.claims.measures import LIMITED_WAR, Measure, unread
from experiments.claims.watching import a_climbs_early, b_climbs_early

DRIFT = {"government.a.force_drift": -0.01, "government.b.force_drift": 0.01}
CLIMBS = Measure("a step up within ten days", "share", 0.05, unread)

PROPOSITION = Proposition(
    30,
    "Fighting",
    "An expected shift of the balance makes the side that is losing ground fight sooner.",
    CAUSAL,
    (difference(CLIMBS, DRIFT, own=a_climbs_early),),
    estimand="a steps up within ten days with force expected to drift from a to b by one per cent a day minus without",
    contradicted_by="no effect at plausible drift",
    drivers=both("government.?.contest_steepness", "government.?.step_up"),
    moderators=("government.?.step_up", "government.a.resolve"),
    parts=(
        Part("b, which gains ground, steps up within ten days", difference(CLIMBS, DRIFT, own=b_climbs_early)),
        Part("limited war or worse", difference(LIMITED_WAR, DRIFT)),
    ),
)
