"""P28: calls."""

from experiments.claims.claim import CAUSAL, Part, Proposition, difference
from experiments.claims.measures import AGREEMENT, CALM

CALL = {
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
}
MORE_THAN_A_CALL = {**CALL, "mediation.facilitation": 0.8, "mediation.formulation": 0.8}

PROPOSITION = Proposition(
    28,
    "Mediation",
    "An alliance's call on the sides to stop changes nothing by itself.",
    CAUSAL,
    (difference(CALM, CALL, sign=-1),),
    estimand=(
        "calm by day 60 without any mediator minus with a pure call; that nothing changes is borne out where this is "
        "negligible, and it fails where calls alone bring calm"
    ),
    contradicted_by="calls alone work",
    drivers=("talks.threshold", "talks.credibility"),
    moderators=("talks.threshold", "talks.ripeness"),
    parts=(
        Part(
            "any agreement, where the caller also facilitates and drafts, minus with a pure call",
            difference(AGREEMENT, MORE_THAN_A_CALL, CALL),
        ),
        Part("the same for calm by day 60", difference(CALM, MORE_THAN_A_CALL, CALL)),
    ),
)
