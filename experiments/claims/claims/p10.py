"""P10: rhetoric."""

from experiments.claims.claim import CAUSAL, Proposition, Test, both, setting
from experiments.claims.measures import CALM

PROPOSITION = Proposition(
    10,
    "Domestic pressure",
    "Leaders' rhetoric closes their way back.",
    CAUSAL,
    (
        Test(
            {"restrained": setting(0.5, "government.?.rhetoric_discipline"), "as usual": {}},
            {"restrained": 1, "as usual": -1},
            CALM,
        ),
    ),
    estimand="calm by day 60 with half the rhetoric minus with all of it",
    contradicted_by="restraint has no effect, or lost approval forces escalation later",
    drivers=both("government.?.rhetoric_commitment", "public.?.inconsistency"),
    moderators=("public.?.weakness", "public.?.framing"),
)
