"""P4: who began it is disputed."""

from experiments.propositions.claim import CAUSAL, Proposition, Test, both
from experiments.propositions.measures import DAYS_HOT

ON_SITE = {
    "mediation.present": 1,
    "mediation.effort": 0.25,
    "mediation.facilitation": 0,
    "mediation.formulation": 0,
    "mediation.manipulation": 0,
    "mediation.cover": 0,
    "mediation.leverage": 0,
    "mediation.enforcement": 0,
}

PROPOSITION = Proposition(
    4,
    "Information and claims",
    "Each side says the other began; facts found by outsiders would cool anger.",
    CAUSAL,
    (
        Test(
            {"seen": {**ON_SITE, "mediation.verification": 0.9}, "unseen": {**ON_SITE, "mediation.verification": 0}},
            {"seen": -1, "unseen": 1},
            DAYS_HOT,
        ),
    ),
    estimand="days of fighting without verification minus with it, under a mediator who only observes",
    contradicted_by="no effect of verification once enforcement is held fixed",
    drivers=both("public.?.blame_verification"),
    moderators=("public.?.hawkishness", "government.?.reciprocity"),
)
