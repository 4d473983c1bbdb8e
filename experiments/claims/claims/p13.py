"""P13: a step back is called weakness."""

from experiments.claims.claim import CAUSAL, Part, Proposition, both, difference, setting
from experiments.claims.measures import CALM, PENALTY

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
    parts=(
        Part(
            "the price at home of a step down, with the charge for weakness minus without",
            difference(PENALTY, {}, setting(0, "public.?.weakness", "public.?.framing")),
            built_in=True,
        ),
    ),
    moderators=("public.?.hawkishness", "public.?.weakness"),
)
