"""P29: leaders climb because their publics push."""

from experiments.claims.claim import CAUSAL, Part, Proposition, Test, both
from experiments.claims.special import PUSHED, net_push, pushed_share

PROPOSITION = Proposition(
    29,
    "Domestic pressure",
    "Leaders climb because their publics push them.",
    CAUSAL,
    (Test({"as it is": {}}, {"as it is": 1}, PUSHED, pushed_share),),
    estimand="share of steps up that would not be taken, with the same luck, if approval had no weight that day",
    contradicted_by="leaders climb for strategic reasons",
    drivers=both("government.?.domestic_weight"),
    moderators=("public.?.hawkishness", "government.?.insecurity"),
    parts=(
        Part(
            "steps up that approval brought about less those it prevented, for each step up that was taken",
            Test({"as it is": {}}, {"as it is": 1}, PUSHED, net_push),
        ),
    ),
    beside="A share cannot be negative: that publics hold leaders back shows in what is not judged.",
)
