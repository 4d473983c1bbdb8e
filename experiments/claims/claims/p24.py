"""P24: an unfavourable balance."""

from experiments.claims.claim import CAUSAL, Part, Proposition, difference
from experiments.claims.measures import DEATHS_A, Measure, unread
from experiments.claims.watching import a_backs_down_first

WEAK, STRONG = {"dyad.combat.force_border_a": 0.8}, {"dyad.combat.force_border_a": 1.2}

PROPOSITION = Proposition(
    24,
    "Alliances",
    "With the balance against it, one side's chances in a limited fight are poor.",
    CAUSAL,
    (difference(Measure("a steps down first", "share", 0.05, unread), WEAK, STRONG, own=a_backs_down_first),),
    estimand="a steps down before b does, with its local force at .8 minus at 1.2",
    contradicted_by="the defender's advantage dominates",
    drivers=("government.a.material_cost", "government.a.contest_steepness"),
    moderators=("government.a.material_cost", "government.a.resolve"),
    beside="In July 2020 the exchange was twelve to four or five in favour of a.",
    parts=(Part("log deaths of a", difference(DEATHS_A, WEAK, STRONG), built_in=True),),
)
