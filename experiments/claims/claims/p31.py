"""P31: attacks on civilians."""

from experiments.claims.claim import CAUSAL, Proposition, both, difference, setting
from experiments.claims.measures import DAYS_HOT

PROPOSITION = Proposition(
    31,
    "Domestic pressure",
    "Attacks on civilians, and claims of them, inflame both publics.",
    CAUSAL,
    (
        difference(
            DAYS_HOT,
            {**setting(2, "public.?.civilian_weight"), "dyad.reporting.civilian_claims": 1},
            setting(0, "public.?.civilian_weight"),
        ),
    ),
    estimand="days of fighting with civilian deaths counted double and claimed daily minus not counted at all",
    contradicted_by="no effect",
    drivers=both("public.?.anger_pull"),
    moderators=("public.?.hawkishness", "government.?.reciprocity"),
)
