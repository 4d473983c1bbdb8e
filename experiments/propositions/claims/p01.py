"""P1: a clash leaves the pair more dangerous."""

from experiments.propositions.claim import CAUSAL, Proposition, both
from experiments.propositions.special import after_a_clash

PROPOSITION = Proposition(
    1,
    "Fighting",
    "A clash raises the chance of a larger war afterwards.",
    CAUSAL,
    (),
    estimand=(
        "limited war or worse within 120 days of a calm, with the attitudes, commitment and trust that the "
        "baseline leaves behind minus without them"
    ),
    contradicted_by="no difference, or fewer wars: the clash taught both what the other would bear",
    prepare=after_a_clash,
    drivers=both("public.?.anchor_pull", "government.?.commitment_decay"),
    beside="War followed on day 77; one history cannot say why.",
)
