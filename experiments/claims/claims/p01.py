"""P1: a clash leaves the pair more dangerous."""

from experiments.claims.aftermath import war_added_by_a_clash
from experiments.claims.claim import CAUSAL, Proposition, Test, both
from experiments.claims.measures import LIMITED_WAR

PROPOSITION = Proposition(
    1,
    "Fighting",
    "A clash raises the chance of a larger war afterwards.",
    CAUSAL,
    (Test({"as it is": {}}, {"as it is": 1}, LIMITED_WAR, war_added_by_a_clash),),
    estimand=(
        "limited war or worse within 120 days of a crisis' first calm, with the attitudes, commitment and trust that "
        "this very crisis left behind minus with those of before it"
    ),
    contradicted_by="no difference, or fewer wars: the clash taught both what the other would bear",
    drivers=both("public.?.anchor_pull", "government.?.commitment_decay"),
    moderators=("government.?.reciprocity", "public.?.weakness"),
    beside="War followed on day 77; one history cannot say why. Crises without a calm in 90 days are left out.",
)
