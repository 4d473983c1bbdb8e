"""P33: which mechanism does the work."""

from experiments.claims.claim import CAUSAL, Part, Proposition, Test, difference
from experiments.claims.measures import CALM

MEDIATOR, HOTLINE = {"mediation.present": 1, "mediation.delay": 1}, {"talks.present": 1}
AS_OFTEN = ({**MEDIATOR, "mediation.effort": 0.5}, {**HOTLINE, "talks.rate": 0.5, "talks.rate_floor": 1})
"""Both try every other day, whatever the two governments think of each other."""

PROPOSITION = Proposition(
    33,
    "Mediation",
    "International mechanisms do what the two governments cannot do by themselves.",
    CAUSAL,
    (
        Test(
            {"mediator": MEDIATOR, "hotline": HOTLINE},
            {"mediator": 1, "hotline": -1},
            CALM,
        ),
        difference(CALM, *AS_OFTEN),
    ),
    estimand=(
        "calm by day 60 with a mediator that has every lever at its default minus with direct talks alone; or, if "
        "less, the same where both try every other day"
    ),
    moderators=("talks.threshold", "government.?.step_down"),
    parts=(
        Part("calm with direct talks at their usual rate minus with nobody", difference(CALM, HOTLINE)),
        Part("calm with direct talks every other day minus with nobody", difference(CALM, AS_OFTEN[1])),
        Part("calm with a mediator every other day minus with nobody", difference(CALM, AS_OFTEN[0])),
    ),
    contradicted_by="one lever alone does all, or none does more than direct talks",
    drivers=(
        "talks.threshold",
        *(
            f"mediation.{lever}"
            for lever in ("effort", "facilitation", "formulation", "manipulation", "cover", "leverage", "verification")
        ),
    ),
)
