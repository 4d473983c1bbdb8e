"""P27: a regional war."""

from experiments.claims.claim import CAUSAL, PRESSED, Part, Proposition, Test, difference
from experiments.claims.measures import REGIONAL_WAR

PROPOSITION = Proposition(
    27,
    "Alliances",
    "There is a chance of a full war that draws in third parties.",
    CAUSAL,
    (difference(REGIONAL_WAR, {"alliance.second.start_support": 2}, {"alliance.second.most_support": 1}),),
    overrides=PRESSED,
    estimand="regional war with arms from the second patron from the first day minus words only, under high pressure",
    contradicted_by="entry at low rungs, or none",
    drivers=("alliance.second.reliability", "alliance.second.deed_pace"),
    moderators=("alliance.second.reliability", "alliance.second.moral_hazard"),
    beside="A regional war is rare: five points of risk are out of reach unless allies act faster than coded.",
    parts=(
        Part("share of regional wars as it is", Test({"as it is": {}}, {"as it is": 1}, REGIONAL_WAR)),
        Part(
            "regional war with full ties between the patrons minus without",
            difference(REGIONAL_WAR, {"alliance.tie_12": 1}, {"alliance.tie_12": 0}),
        ),
    ),
)
