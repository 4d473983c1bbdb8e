"""P17: the patron stays with diplomacy."""

from experiments.claims.claim import RECORD, Proposition, difference
from experiments.claims.measures import OFFENSIVE_BY_B

PROPOSITION = Proposition(
    17,
    "Alliances",
    "The patron and its alliance confine themselves to diplomacy.",
    RECORD,
    (difference(OFFENSIVE_BY_B, {"alliance.first.reliability": 1}, sign=-1),),
    estimand="b reaches rung 8 as it is minus with a far more reliable patron",
    contradicted_by="the patron's involvement changes nothing",
    beside="Offers of good offices and telephone calls from the second day; no military help.",
)
