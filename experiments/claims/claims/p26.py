"""P26: from alignment to war."""

from experiments.claims.claim import CAUSAL, PRESSED, THRESHOLD_ONLY, Part, Proposition, difference, setting
from experiments.claims.measures import LIMITED_WAR

LOOSE, CLOSE = {"alliance.first.alignment": 0}, {"alliance.first.alignment": 1}
HEAVY, NONE = setting(1, "public.?.propaganda"), setting(0, "public.?.propaganda")
STRONG, SLIGHT = setting(7, "government.?.domestic_weight"), setting(2.5, "government.?.domestic_weight")

PROPOSITION = Proposition(
    26,
    "Alliances",
    "By loosening ties to its patron one government brought the region to the brink.",
    CAUSAL,
    (difference(LIMITED_WAR, LOOSE, CLOSE),),
    overrides=PRESSED,
    estimand="limited war or worse at no alignment minus at full alignment, under high pressure",
    contradicted_by="the total effect is negligible, or domestic pressure dominates it",
    drivers=("alliance.first.reliability", "alliance.shadow_weight"),
    moderators=("alliance.shadow_weight", "alliance.first.moral_hazard"),
    parts=(
        Part("beside it, propaganda on both sides from none to heavy", difference(LIMITED_WAR, HEAVY, NONE)),
        Part("beside it, the weight of approval from 2.5 to 7", difference(LIMITED_WAR, STRONG, SLIGHT)),
        Part(
            "the claim where help counts only at the threshold, which no rung reaches without lost ground",
            difference(LIMITED_WAR, {**LOOSE, **THRESHOLD_ONLY}, {**CLOSE, **THRESHOLD_ONLY}),
        ),
    ),
)
