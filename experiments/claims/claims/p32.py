"""P32: stepping back invites exploitation."""

from experiments.claims.claim import CAUSAL, Proposition, Test, both
from experiments.claims.special import ADVANCE, advance_after_a_step_back

PROPOSITION = Proposition(
    32,
    "Domestic pressure",
    "Who steps back invites the other to push on.",
    CAUSAL,
    (Test({"as it is": {}}, {"as it is": 1}, ADVANCE, advance_after_a_step_back),),
    estimand=(
        "mean change of the enemy's rung in the seven days after a side stepped down alone minus after it held, "
        "crises alike in both rungs"
    ),
    contradicted_by="it reciprocates",
    drivers=both("government.?.reciprocity"),
    moderators=("government.?.reciprocity", "government.?.resolve"),
)
