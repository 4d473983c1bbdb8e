"""P19: distant friends."""

from experiments.claims.claim import RECORD, Proposition, difference
from experiments.claims.measures import OFFENSIVE_BY_B

PROPOSITION = Proposition(
    19,
    "Alliances",
    "Distant friends give no military protection and no economic help.",
    RECORD,
    (difference(OFFENSIVE_BY_B, {"alliance.third.protection": 1}, sign=-1),),
    estimand="b reaches rung 8 without protection by a distant friend minus with it",
    contradicted_by="even strong protection is irrelevant",
    beside="None was given in July 2020.",
)
