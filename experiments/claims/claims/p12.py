"""P12: propaganda."""

from experiments.claims.claim import CAUSAL, Part, Proposition, both, difference, setting
from experiments.claims.measures import DAYS_HOT, Measure, unread
from experiments.claims.watching import attitude_of_publics

MUCH_AND_NONE = (setting(1, "public.?.propaganda"), setting(0, "public.?.propaganda"))
NO_WEIGHT = setting(0, "government.?.domestic_weight")
ATTITUDE = Measure("attitude", "of -1 to 1", 0.05, unread)

PROPOSITION = Proposition(
    12,
    "Domestic pressure",
    "Years of war propaganda push towards escalation.",
    CAUSAL,
    (difference(DAYS_HOT, *MUCH_AND_NONE),),
    estimand="days of fighting with heavy propaganda on both sides minus none",
    contradicted_by="attitudes do not mediate",
    drivers=both("public.?.media_pull", "public.?.propaganda"),
    moderators=("public.?.hawkishness", "government.?.reciprocity"),
    parts=(
        Part("attitude of both publics", difference(ATTITUDE, *MUCH_AND_NONE, own=attitude_of_publics), built_in=True),
        Part(
            "days of fighting, where approval has no weight with governments",
            difference(DAYS_HOT, {**MUCH_AND_NONE[0], **NO_WEIGHT}, {**MUCH_AND_NONE[1], **NO_WEIGHT}),
        ),
    ),
)
