"""P13: a step back is called weakness."""

from experiments.propositions.claim import CAUSAL, Proposition, both, difference, setting
from experiments.propositions.measures import CALM

PROPOSITION = Proposition(
    13,
    "Domestic pressure",
    "A unilateral stop would be presented by the other side as weakness, so neither can afford it.",
    CAUSAL,
    (
        difference(CALM, {"public.a.weakness": 0, "public.a.framing": 0}),
        difference(CALM, {"public.b.weakness": 0, "public.b.framing": 0}),
    ),
    estimand=(
        "the smaller, of both sides, of: calm by day 60 without any mediator where that side's public does not "
        "charge for weakness minus where it does"
    ),
    contradicted_by="unilateral steps are held back by something else",
    drivers=both("public.?.weakness", "public.?.framing", "government.?.domestic_weight"),
    moderator=(
        "domestic weight",
        setting(7, "government.?.domestic_weight"),
        setting(2.5, "government.?.domestic_weight"),
    ),
)
