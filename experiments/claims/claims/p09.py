"""P9: both believe they defend."""

from experiments.claims.claim import CAUSAL, Part, Proposition, both, difference, setting
from experiments.claims.measures import DAYS_HOT

PROPOSITION = Proposition(
    9,
    "Information and claims",
    "Both publics see their own side as repelling aggression, and that spiral keeps the fighting going.",
    CAUSAL,
    (difference(DAYS_HOT, setting(0.7, "public.?.blame_prior"), setting(0.2, "public.?.blame_prior")),),
    estimand=(
        "days of fighting where seven tenths of both publics blame the enemy from the start minus where two tenths do"
    ),
    contradicted_by="nothing but the material balance drives it",
    drivers=both("public.?.anger_pull"),
    moderators=("government.?.reciprocity", "public.?.hawkishness"),
    parts=(
        Part(
            "the same on one side alone, the other as it is",
            difference(DAYS_HOT, {"public.a.blame_prior": 0.7}, {"public.a.blame_prior": 0.2}),
        ),
    ),
)
