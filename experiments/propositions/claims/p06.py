"""P6: casualty claims."""

from experiments.propositions.claim import RECORD, Proposition, difference
from experiments.propositions.measures import DAYS_HOT

PROPOSITION = Proposition(
    6,
    "Information and claims",
    "The two sides' claims about losses differ by an order of magnitude.",
    RECORD,
    (
        difference(
            DAYS_HOT,
            {"dyad.reporting.inflation_a": 20, "dyad.reporting.inflation_b": 20},
            {"dyad.reporting.inflation_a": 1, "dyad.reporting.inflation_b": 1},
        ),
    ),
    estimand="days of fighting when both inflate enemy losses twentyfold minus when neither does",
    contradicted_by="claims do not matter",
    beside="Named dead: 12 and 4; claimed: 100 and 20. Twenty-fold and less than twofold.",
)
