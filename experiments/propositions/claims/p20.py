"""P20: hedging."""

from experiments.propositions.claim import CAUSAL, PRESSED, Proposition, Test
from experiments.propositions.measures import DEATHS_A

PROPOSITION = Proposition(
    20,
    "Alliances",
    "Hedging between patrons yields less than the mean of both alignments.",
    CAUSAL,
    (
        Test(
            {
                "none": {"alliance.first.alignment": 0},
                "half": {"alliance.first.alignment": 0.5},
                "full": {"alliance.first.alignment": 1},
            },
            {"none": -0.5, "half": 1, "full": -0.5},
            DEATHS_A,
        ),
    ),
    overrides=PRESSED,
    estimand="log deaths of a at half alignment minus the mean of none and full alignment, under high pressure",
    contradicted_by="hedging pays, or support is too small to matter",
    drivers=("alliance.first.hedging",),
)
