"""P16: a treaty partner."""

from experiments.claims.claim import CAUSAL, PRESSED, THRESHOLD_ONLY, Part, Proposition, difference
from experiments.claims.measures import OFFENSIVE_BY_B, Measure, unread
from experiments.claims.special import fear_of_an_offensive

WITHOUT, WITH = {"alliance.first.treaty": "none"}, {"alliance.first.treaty": "border"}
FEAR = Measure("b's fear of the ally at rung 8", "utility", 0.1, unread)

PROPOSITION = Proposition(
    16,
    "Alliances",
    "A treaty partner deters the other side at a covered venue.",
    CAUSAL,
    (difference(OFFENSIVE_BY_B, WITHOUT, WITH),),
    overrides=PRESSED,
    estimand="b reaches rung 8 without the treaty minus with it, under high pressure",
    contradicted_by="no effect at any rung",
    drivers=("alliance.shadow_weight", "alliance.first.reliability"),
    moderators=("alliance.shadow_weight", "alliance.first.reliability"),
    parts=(
        Part("b's fear at rung 8, with minus without", difference(FEAR, WITH, WITHOUT, own=fear_of_an_offensive), True),
        Part(
            "the claim where help counts only at the threshold, which no rung reaches without lost ground",
            difference(OFFENSIVE_BY_B, {**WITHOUT, **THRESHOLD_ONLY}, {**WITH, **THRESHOLD_ONLY}),
        ),
    ),
)
