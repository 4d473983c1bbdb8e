"""P3: when it happened."""

from experiments.claims.claim import RECORD, Part, Proposition, Test
from experiments.claims.measures import DAYS_HOT, Measure, unread
from experiments.claims.watching import days_of_fire, over_in_six_days

PROPOSITION = Proposition(
    3,
    "Fighting",
    "The first clash was on 12 July; fighting continued up to and including 17 July.",
    RECORD,
    (Test({"as it is": {}}, {"as it is": 1}, DAYS_HOT, days_of_fire),),
    overrides=("talks=none",),
    horizon=76,
    estimand="days on which somebody fights at rung 5 or above in the baseline with its own mediators, within 76 days",
    contradicted_by="duration never below ten days",
    beside="Other sources: a lull on 15 July, active fighting until the 16th, calm reported on the 22nd.",
    parts=(
        Part("days of any shooting, incidents among them", Test({"as it is": {}}, {"as it is": 1}, DAYS_HOT)),
        Part(
            "share of crises with six such days at most, as in the record",
            Test({"as it is": {}}, {"as it is": 1}, Measure("short", "share", 0.05, unread), over_in_six_days),
        ),
    ),
)
