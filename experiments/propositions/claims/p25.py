"""P25: the adversary knows."""

from experiments.propositions.claim import CAUSAL, PRESSED, Proposition, difference
from experiments.propositions.measures import LIMITED_WAR

PROPOSITION = Proposition(
    25,
    "Alliances",
    "The adversary fully understands that help will not come, and acts on it.",
    CAUSAL,
    (difference(LIMITED_WAR, {"alliance.knowledge_b": 1}, {"alliance.knowledge_b": 0}),),
    overrides=PRESSED,
    estimand="limited war or worse where b knows the allies minus where it does not, under high pressure",
    contradicted_by="precision has no effect, or common knowledge makes wars fewer",
    drivers=("alliance.first.reliability",),
)
