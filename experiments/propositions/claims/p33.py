"""P33: which mechanism does the work."""

from experiments.propositions.claim import CAUSAL, Proposition, Test
from experiments.propositions.measures import CALM

PROPOSITION = Proposition(
    33,
    "Mediation",
    "International mechanisms do what the two governments cannot do by themselves.",
    CAUSAL,
    (
        Test(
            {"mediator": {"mediation.present": 1, "mediation.delay": 1}, "hotline": {"talks.present": 1}},
            {"mediator": 1, "hotline": -1},
            CALM,
        ),
    ),
    estimand="calm by day 60 with a mediator that has every lever at its default minus with direct talks alone",
    contradicted_by="one lever alone does all, or none does more than direct talks",
    drivers=(
        "talks.threshold",
        *(
            f"mediation.{lever}"
            for lever in ("effort", "facilitation", "formulation", "manipulation", "cover", "leverage", "verification")
        ),
    ),
)
