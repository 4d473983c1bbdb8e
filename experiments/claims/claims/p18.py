"""P18: loosened ties to the patron."""

from experiments.claims.claim import CAUSAL, PRESSED, THRESHOLD_ONLY, Part, Proposition, difference
from experiments.claims.measures import OFFENSIVE_BY_B, Measure, unread
from experiments.claims.special import patron_reliability

LOOSE, CLOSE = {"alliance.first.alignment": 0}, {"alliance.first.alignment": 1}
RELIABILITY = Measure("chance that the patron would enter at full war", "share", 0.05, unread)

PROPOSITION = Proposition(
    18,
    "Alliances",
    "Loosening ties to the patron has left the country more exposed.",
    CAUSAL,
    (difference(OFFENSIVE_BY_B, LOOSE, CLOSE),),
    overrides=PRESSED,
    estimand="b reaches rung 8 at no alignment minus at full alignment, under high pressure",
    contradicted_by="alignment is inert: the threshold binds",
    drivers=("alliance.first.reliability", "alliance.shadow_weight"),
    moderators=("alliance.first.reliability", "alliance.shadow_weight"),
    parts=(
        Part(
            "chance that the patron would enter at full war",
            difference(RELIABILITY, LOOSE, CLOSE, own=patron_reliability),
            built_in=True,
        ),
        Part(
            "the claim where help counts only at the threshold, which no rung reaches without lost ground",
            difference(OFFENSIVE_BY_B, {**LOOSE, **THRESHOLD_ONLY}, {**CLOSE, **THRESHOLD_ONLY}),
        ),
    ),
)
