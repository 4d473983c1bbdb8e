"""P7: hidden losses."""

from experiments.claims.claim import RECORD, Proposition, difference
from experiments.claims.measures import PROTEST_A

PROPOSITION = Proposition(
    7,
    "Information and claims",
    "One side hides its losses.",
    RECORD,
    (difference(PROTEST_A, {"dyad.reporting.disclosure_a": 0.3}, sign=-1),),
    estimand="highest protest in a with losses disclosed as they are minus with seven tenths hidden",
    contradicted_by="hiding is irrelevant",
    beside="Not supported by later lists of names: four or five deaths.",
)
