"""P28: calls for a ceasefire."""

from experiments.propositions.claim import BUILT_IN, Proposition, difference
from experiments.propositions.measures import CALM

PROPOSITION = Proposition(
    28,
    "Mediation",
    "An alliance's call on the sides to stop changes nothing by itself.",
    BUILT_IN,
    (
        difference(
            CALM,
            {
                "mediation.present": 1,
                "mediation.effort": 0.5,
                "mediation.facilitation": 0,
                "mediation.formulation": 0,
                "mediation.manipulation": 0,
                "mediation.leverage": 0,
                "mediation.cover": 0.1,
                "mediation.secrecy": 0,
                "mediation.verification": 0,
                "mediation.enforcement": 0,
            },
            sign=-1,
        ),
    ),
    estimand="calm by day 60 without any mediator minus with a pure call",
    contradicted_by="calls alone work",
)
