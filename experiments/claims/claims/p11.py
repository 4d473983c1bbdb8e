"""P11: private signals."""

from experiments.claims.claim import CAUSAL, Proposition, both, difference, setting
from experiments.claims.measures import CALM

PROPOSITION = Proposition(
    11,
    "Information and claims",
    (
        "Both leaderships signal in private that they do not want a larger fight, and such signals work without a "
        "third party."
    ),
    CAUSAL,
    (difference(CALM, setting(0.15, "government.?.private_precision"), setting(0, "government.?.private_precision")),),
    estimand="calm by day 60 with a weight of private signals of .15 a day minus none",
    contradicted_by="a private channel is useless where commitment is high",
    drivers=both("government.?.conciliation"),
    beside="A hotline has existed since 2018 and was little used.",
    moderators=("government.?.reciprocity", "government.?.insecurity"),
)
