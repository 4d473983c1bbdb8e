"""P21: the other side's patron emboldens."""

from experiments.propositions.claim import BUILT_IN, Proposition, difference
from experiments.propositions.measures import LIMITED_WAR

PROPOSITION = Proposition(
    21,
    "Alliances",
    "The second patron's full support makes a large war likelier.",
    BUILT_IN,
    (
        difference(
            LIMITED_WAR,
            {"alliance.second.start_support": 2, "alliance.second.emboldening": 0.2},
            {"alliance.second.most_support": 1},
        ),
    ),
    estimand="limited war or worse with arms from the first day minus words only",
    contradicted_by="the patron restrains",
)
