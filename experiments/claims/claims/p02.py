"""P2: the venue decides."""

from experiments.claims.claim import CAUSAL, PRESSED, Part, Proposition, Test, difference
from experiments.claims.measures import LIMITED_WAR

LINE = "line_of_contact"
TREATY = {"dyad.coverage_at": LINE, "dyad.fear_at": LINE}
OTHERS = {
    "stakes": "dyad.stakes_at",
    "terrain": "dyad.terrain_at",
    "civilians": "dyad.civilians_at",
    "surprise": "dyad.surprise_at",
}


def _more_than(part: str, sign: int) -> Test:
    """By how much the treaty moves risk further than another part does, whichever way that one goes."""
    arms = {"treaty": TREATY, part: {OTHERS[part]: LINE}, "border": {}}
    return Test(arms, {"treaty": 1, part: -sign, "border": sign - 1}, LIMITED_WAR)


PROPOSITION = Proposition(
    2,
    "Fighting",
    (
        "That the clash moved from the line of contact to the state border is the key difference, because a treaty "
        "applies there."
    ),
    CAUSAL,
    (difference(LIMITED_WAR, TREATY), *(_more_than(part, sign) for part in OTHERS for sign in (1, -1))),
    overrides=PRESSED,
    estimand=(
        "limited war or worse where treaty and fear are those of a line of contact minus those of the border, all "
        "else as at the border, under high pressure; or, if less, how much further that moves it than stakes, "
        "terrain, civilians exposed or surprise do, each moved alone"
    ),
    contradicted_by="the other consequences of the venue carry the difference, or there is none",
    drivers=("alliance.shadow_weight", "alliance.first.reliability"),
    moderators=("alliance.shadow_weight", "alliance.first.reliability"),
    parts=(Part("treaty and fear alone", difference(LIMITED_WAR, TREATY)),),
)
