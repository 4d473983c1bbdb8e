"""P14: hardship makes leaders unable to step back in public."""

from experiments.claims.arms import laid_by
from experiments.claims.claim import CAUSAL, UNMEDIATED, Proposition, Test, both, difference, setting
from experiments.claims.measures import CALM, TACIT_CALM

MILD, SEVERE = setting(0.1, "public.?.hardship"), setting(0.9, "public.?.hardship")
SECRET = laid_by("tovuz_2020", UNMEDIATED, ("talks=back_channel",))

PROPOSITION = Proposition(
    14,
    "Domestic pressure",
    "Political and economic trouble leaves neither leader able to afford a public step back.",
    CAUSAL,
    (
        difference(TACIT_CALM, SEVERE, MILD, sign=-1),
        Test(
            {
                "in public, mild": MILD,
                "in public, severe": SEVERE,
                "in secret, mild": {**MILD, **SECRET},
                "in secret, severe": {**SEVERE, **SECRET},
            },
            {"in public, mild": 1, "in public, severe": -1, "in secret, mild": -1, "in secret, severe": 1},
            CALM,
        ),
    ),
    estimand=(
        "calm without any agreement by day 60 under mild hardship minus under severe hardship; or, if less, how much "
        "more hardship lowers calm where there is no channel than where a secret one is at hand"
    ),
    contradicted_by="insecure leaders concede more, or secrecy makes no difference",
    drivers=both("government.?.insecurity", "public.?.hardship_weight"),
    moderators=("government.?.insecurity", "public.?.weakness"),
)
