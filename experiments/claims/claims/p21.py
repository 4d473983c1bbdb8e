"""P21: the second patron."""

from experiments.claims.claim import CAUSAL, Part, Proposition, difference
from experiments.claims.measures import LIMITED_WAR, Measure, unread
from experiments.claims.watching import force_of_b

ARMS = {"alliance.second.start_support": 2}
BOLDER = {**ARMS, "alliance.second.emboldening": 0.2}
WORDS = {"alliance.second.most_support": 1}
FORCE = Measure("b's force at rung 6", "log", 0.1, unread)

PROPOSITION = Proposition(
    21,
    "Alliances",
    "The second patron's full support makes a large war likelier.",
    CAUSAL,
    (difference(LIMITED_WAR, ARMS, WORDS),),
    estimand="limited war or worse with arms from the first day minus words only",
    contradicted_by="the patron restrains",
    drivers=("government.b.material_cost", "government.b.resolve"),
    moderators=("government.b.material_cost", "alliance.second.moral_hazard"),
    parts=(
        Part("b's force at rung 6, mean over days", difference(FORCE, ARMS, WORDS, own=force_of_b), built_in=True),
        Part(
            "limited war or worse, where arms also raise b's resolve by two fifths",
            difference(LIMITED_WAR, BOLDER, WORDS),
        ),
    ),
)
