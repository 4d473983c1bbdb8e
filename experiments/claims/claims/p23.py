"""P23: help only when the state itself is threatened."""

from experiments.claims.claim import CAUSAL, THRESHOLD_ONLY, Part, Proposition, difference
from experiments.claims.measures import JUST_BELOW

# A covered protege is threatened by .5 x rung / 9: at a threshold of .35 help would first come at rung 7.
AT_SEVEN, NEVER = {"alliance.first.threat_threshold": 0.35}, {"alliance.first.threat_threshold": 0.95}

PROPOSITION = Proposition(
    23,
    "Alliances",
    "Help will not come below a threshold, and the adversary stays just below it.",
    CAUSAL,
    (difference(JUST_BELOW, {**AT_SEVEN, **THRESHOLD_ONLY}, {**NEVER, **THRESHOLD_ONLY}),),
    estimand=(
        "b's highest rung is 6 where help would first come at rung 7 minus where it would never come, in the article's "
        "own world, in which help weighs only where it would come at once"
    ),
    contradicted_by="no kink at the threshold",
    drivers=("alliance.shadow_weight", "alliance.first.reliability"),
    moderators=("alliance.shadow_weight", "alliance.first.reliability"),
    parts=(
        Part(
            "the same where chances of help weigh on every rung, so that there is no edge",
            difference(JUST_BELOW, AT_SEVEN, NEVER),
        ),
    ),
)
