"""P6: casualty claims."""

from experiments.claims.claim import RECORD, Proposition, difference
from experiments.claims.measures import DAYS_HOT

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
    beside="Named dead: 12 on one side and 4 or 5 on the other. Claimed by the other side: 20 of the 12 (1.7 times), "
    "and 100 of the 4 or 5 (20 to 25 times), put three days later as 100 killed and wounded, of about 40 (2.5 times).",
)
