"""P8: the death of a general."""

from experiments.claims.claim import CAUSAL, Part, Proposition, difference
from experiments.claims.measures import PROTEST_B, Measure, unread
from experiments.claims.watching import a_climbs_when_alarmed, b_climbs_when_alarmed, protest_when_alarmed

FALLS: dict[str, float | str] = {"dyad.combat.salient_day": 2, "dyad.combat.salient_side": "b"}
FALLS_IN_A: dict[str, float | str] = {"dyad.combat.salient_day": 2, "dyad.combat.salient_side": "a"}
NOBODY = {"dyad.combat.salient_share": 0}
CLIMBS = Measure("a step up within three days", "share", 0.05, unread)

PROPOSITION = Proposition(
    8,
    "Domestic pressure",
    "The death of senior officers inflames the public and drives escalation.",
    CAUSAL,
    (difference(CLIMBS, FALLS, NOBODY, own=b_climbs_when_alarmed),),
    estimand="b steps up in the three days after a salient death on day 2 minus without any",
    contradicted_by="no effect",
    drivers=("government.b.domestic_weight", "public.b.anger_pull"),
    moderators=("public.b.hawkishness", "government.b.rationality"),
    parts=(
        Part("highest protest in b then", difference(PROTEST_B, FALLS, NOBODY, own=protest_when_alarmed), True),
        Part("the same death in a: a steps up", difference(CLIMBS, FALLS_IN_A, NOBODY, own=a_climbs_when_alarmed)),
    ),
)
