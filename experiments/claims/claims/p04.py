"""P4: who began."""

from experiments.claims.claim import CAUSAL, Part, Proposition, Test, both
from experiments.claims.measures import AGREEMENT, DAYS_HOT

ON_SITE = {
    "mediation.present": 1,
    "mediation.effort": 0,
    "mediation.facilitation": 0,
    "mediation.formulation": 0,
    "mediation.manipulation": 0,
    "mediation.cover": 0,
    "mediation.leverage": 0,
    "mediation.enforcement": 0,
}
SEEN, UNSEEN = {**ON_SITE, "mediation.verification": 0.9}, {**ON_SITE, "mediation.verification": 0}
OFFERING = {"mediation.effort": 0.25}
"""Observers who make offers, too: facts then also count with governments that weigh an offer."""

PROPOSITION = Proposition(
    4,
    "Information and claims",
    "Each side says the other began; facts found by outsiders would cool anger.",
    CAUSAL,
    (Test({"seen": SEEN, "unseen": UNSEEN}, {"seen": -1, "unseen": 1}, DAYS_HOT),),
    estimand="days of fighting without verification minus with it, under outsiders who only observe",
    contradicted_by="no effect of verification once offers and enforcement are held fixed",
    drivers=both("public.?.blame_verification"),
    moderators=("public.?.hawkishness", "government.?.reciprocity"),
    parts=(
        Part(
            "days of fighting, where the observers also make offers, which verification makes easier to believe",
            Test({"seen": {**SEEN, **OFFERING}, "unseen": {**UNSEEN, **OFFERING}}, {"seen": -1, "unseen": 1}, DAYS_HOT),
        ),
        Part(
            "any agreement there, with verification minus without",
            Test(
                {"seen": {**SEEN, **OFFERING}, "unseen": {**UNSEEN, **OFFERING}}, {"seen": 1, "unseen": -1}, AGREEMENT
            ),
        ),
    ),
)
