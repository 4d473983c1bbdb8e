"""P22: ties between the patrons."""

from experiments.claims.claim import CAUSAL, PRESSED, Part, Proposition, Test, difference
from experiments.claims.measures import ALLY_ARMS, DEATHS_A, REGIONAL_WAR

APART, TIED = {"alliance.tie_12": 0}, {"alliance.tie_12": 1}

PROPOSITION = Proposition(
    22,
    "Alliances",
    "Close ties between the two patrons restrain both.",
    CAUSAL,
    (difference(REGIONAL_WAR, APART, TIED),),
    overrides=PRESSED,
    estimand="regional war without ties minus with full ties, under high pressure",
    contradicted_by="no effect",
    drivers=("alliance.first.reliability", "alliance.second.reliability", "alliance.second.deed_pace"),
    moderators=("alliance.second.reliability", "alliance.second.moral_hazard"),
    beside="A regional war is rare: five points of risk are out of reach unless allies act faster than coded.",
    parts=(
        Part("share of regional wars with full ties", Test({"tied": TIED}, {"tied": 1}, REGIONAL_WAR)),
        Part("an ally sends arms, without ties minus with", difference(ALLY_ARMS, APART, TIED), built_in=True),
        Part("log deaths of a, with ties minus without", difference(DEATHS_A, TIED, APART)),
    ),
)
