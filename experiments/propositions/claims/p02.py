"""P2: the venue decides."""

from experiments.propositions.claim import CAUSAL, PRESSED, Proposition, difference
from experiments.propositions.measures import LIMITED_WAR

PROPOSITION = Proposition(
    2,
    "Fighting",
    (
        "That the clash moved from the line of contact to the state border is the key difference, because a treaty "
        "applies there."
    ),
    CAUSAL,
    (difference(LIMITED_WAR, {"dyad.coverage_at": "line_of_contact", "dyad.fear_at": "line_of_contact"}),),
    overrides=PRESSED,
    estimand=(
        "limited war or worse where treaty and fear are those of a line of contact minus those of the border, all "
        "else as at the border, under high pressure"
    ),
    contradicted_by="the other consequences of the venue carry the difference, or there is none",
    drivers=("alliance.shadow_weight", "alliance.first.reliability"),
)
