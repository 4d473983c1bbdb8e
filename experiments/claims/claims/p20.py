"""P20: hedging."""

from experiments.claims.claim import CAUSAL, PRESSED, Part, Proposition, Test
from experiments.claims.measures import DEATHS_A, Measure, unread
from experiments.claims.special import patron_reliability

ALIGNED: dict[str, dict[str, float | str]] = {
    "none": {"alliance.first.alignment": 0},
    "half": {"alliance.first.alignment": 0.5},
    "full": {"alliance.first.alignment": 1},
}
LESS_THAN_THE_MEAN = {"none": 0.5, "half": -1, "full": 0.5}
RELIABILITY = Measure("chance that the patron would enter at full war", "share", 0.05, unread)

PROPOSITION = Proposition(
    20,
    "Alliances",
    "Hedging between patrons yields less than the mean of both alignments.",
    CAUSAL,
    (Test(ALIGNED, {arm: -weight for arm, weight in LESS_THAN_THE_MEAN.items()}, DEATHS_A),),
    overrides=PRESSED,
    estimand="log deaths of a at half alignment minus the mean of none and full alignment, under high pressure",
    contradicted_by="hedging pays, or support is too small to matter",
    drivers=("alliance.first.hedging",),
    moderators=("alliance.first.hedging", "alliance.first.reliability"),
    parts=(
        Part(
            "chance that the patron would enter at full war: the mean of none and full less half alignment",
            Test(ALIGNED, LESS_THAN_THE_MEAN, RELIABILITY, patron_reliability),
        ),
    ),
)
