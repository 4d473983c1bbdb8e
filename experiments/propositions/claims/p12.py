"""P12: propaganda."""

from experiments.propositions.claim import CAUSAL, Proposition, both, difference, setting
from experiments.propositions.measures import DAYS_HOT

PROPOSITION = Proposition(
    12,
    "Domestic pressure",
    "Years of war propaganda push towards escalation.",
    CAUSAL,
    (difference(DAYS_HOT, setting(1, "public.?.propaganda"), setting(0, "public.?.propaganda")),),
    estimand="days of fighting with heavy propaganda on both sides minus none",
    contradicted_by="attitudes do not mediate",
    drivers=both("public.?.media_pull", "public.?.propaganda"),
    beside="That propaganda hardens attitudes is built in; that it prolongs fighting is not.",
)
