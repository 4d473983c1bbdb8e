"""P8: the death of a general."""

from experiments.propositions.claim import BUILT_IN, Proposition, difference
from experiments.propositions.measures import PROTEST_B

PROPOSITION = Proposition(
    8,
    "Domestic pressure",
    "The death of senior officers inflames the public and drives escalation.",
    BUILT_IN,
    (
        difference(
            PROTEST_B, {"dyad.combat.salient_day": 2, "dyad.combat.salient_side": "b"}, {"dyad.combat.salient_share": 0}
        ),
    ),
    estimand="highest protest in b with a salient death on day 2 minus without any",
    contradicted_by="no effect",
)
