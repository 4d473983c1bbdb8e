"""P25: knowledge of the allies."""

from experiments.claims.claim import CAUSAL, PRESSED, THRESHOLD_ONLY, Part, Proposition, difference
from experiments.claims.measures import LIMITED_WAR, OFFENSIVE_BY_B

KNOWS, GUESSES = {"alliance.knowledge_b": 1}, {"alliance.knowledge_b": 0}
BOTH_KNOW = {**KNOWS, "alliance.knowledge_a": 1}
BOTH_GUESS = {**GUESSES, "alliance.knowledge_a": 0}

PROPOSITION = Proposition(
    25,
    "Alliances",
    "The adversary fully understands that help will not come, and acts on it.",
    CAUSAL,
    (difference(OFFENSIVE_BY_B, KNOWS, GUESSES),),
    overrides=PRESSED,
    estimand="b reaches rung 8 where it knows the allies minus where it does not, under high pressure",
    contradicted_by="precision has no effect, or common knowledge makes wars fewer",
    drivers=("alliance.first.reliability", "alliance.shadow_weight"),
    moderators=("alliance.first.reliability", "alliance.shadow_weight"),
    parts=(
        Part("limited war or worse, where b knows", difference(LIMITED_WAR, KNOWS, GUESSES)),
        Part(
            "limited war or worse, where both know minus where neither does",
            difference(LIMITED_WAR, BOTH_KNOW, BOTH_GUESS),
        ),
        Part(
            "the claim where help counts only at the threshold, which no rung reaches without lost ground",
            difference(OFFENSIVE_BY_B, {**KNOWS, **THRESHOLD_ONLY}, {**GUESSES, **THRESHOLD_ONLY}),
        ),
    ),
)
