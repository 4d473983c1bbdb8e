"""P24: the balance."""

from experiments.propositions.claim import BUILT_IN, Proposition, difference
from experiments.propositions.measures import DEATHS_A

PROPOSITION = Proposition(
    24,
    "Alliances",
    "With the balance against it, one side's chances in a limited fight are poor.",
    BUILT_IN,
    (difference(DEATHS_A, {"dyad.combat.force_border_a": 0.8}, {"dyad.combat.force_border_a": 1.2}),),
    estimand="log deaths of a with its local force at .8 minus at 1.2",
    contradicted_by="the defender's advantage dominates",
    beside="In July 2020 the exchange was twelve to four or five in favour of a.",
)
