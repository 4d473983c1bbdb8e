"""P3: when it happened."""

from experiments.propositions.claim import RECORD, Proposition, Test
from experiments.propositions.measures import DAYS_HOT

PROPOSITION = Proposition(
    3,
    "Fighting",
    "The first clash was on 12 July; fighting continued up to and including 17 July.",
    RECORD,
    (Test({"as it is": {}}, {"as it is": 1}, DAYS_HOT),),
    overrides=("talks=none",),
    horizon=76,
    estimand="days of fighting in the baseline with its own mediators, within 76 days",
    contradicted_by="duration never below ten days",
    beside="Other sources: a lull on 15 July, active fighting until the 16th, calm reported on the 22nd.",
)
