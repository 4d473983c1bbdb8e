"""P14: hardship makes leaders unable to step back in public."""

from experiments.propositions.claim import CAUSAL, Proposition, both, difference, setting
from experiments.propositions.measures import TACIT_CALM

PROPOSITION = Proposition(
    14,
    "Domestic pressure",
    "Political and economic trouble leaves neither leader able to afford a public step back.",
    CAUSAL,
    (difference(TACIT_CALM, setting(0.9, "public.?.hardship"), setting(0.1, "public.?.hardship"), sign=-1),),
    estimand="calm without any agreement by day 60 under mild hardship minus under severe hardship",
    contradicted_by="insecure leaders concede more, or secrecy makes no difference",
    drivers=both("government.?.insecurity", "public.?.hardship_weight"),
    moderator=("insecurity", setting(1.5, "government.?.insecurity"), setting(-0.8, "government.?.insecurity")),
)
