"""P33: which international mechanism brings calm. Five of them, alone, left out, and their Shapley values."""

from __future__ import annotations

from functools import cache

from experiments.claims.arms import Arm
from experiments.claims.depth import drawing
from experiments.claims.depth.baseline import chosen, placebo, unmediated
from experiments.claims.depth.estimates import Coalition, cells_of, coalition_arms, estimate, ratio, shapley
from experiments.claims.depth.section import Section, tabulated, titled
from experiments.claims.measures import CALM_BY, CALM_HORIZON
from experiments.claims.store import ArmStore

MECHANISMS: dict[str, dict[str, float]] = {
    "institution": {"facilitation": 0.8, "formulation": 0.8, "cover": 0.4},
    "leverage": {"manipulation": 0.8, "leverage": 1.0},
    "monitors": {"verification": 0.8, "enforcement": 0.8},
    "deterrence": {},
    "direct talks": {},
}
"""What a mediator that is otherwise a placebo brings; the last two need no mediator."""


@cache
def mechanism_arms() -> dict[Coalition, Arm]:
    """Every coalition of mechanisms."""
    hotline = chosen("talks=hotline")

    def together(members: Coalition) -> Arm:
        levers = {name: value for member in members for name, value in MECHANISMS[member].items()}
        return unmediated(
            {
                "alliance.shadow_weight": 2.5 if "deterrence" in members else 0.0,
                **(placebo(**levers) if levers else {}),
                **(hotline if "direct talks" in members else {}),
            },
            horizon=CALM_HORIZON,
        )

    return coalition_arms(tuple(MECHANISMS), together)


def channel_alone() -> Arm:
    """A mediator without any lever."""
    return unmediated({"alliance.shadow_weight": 0.0, **placebo()}, horizon=CALM_HORIZON)


def arms() -> list[Arm]:
    """Everything this needs."""
    return [*mechanism_arms().values(), channel_alone()]


def section(store: ArmStore) -> Section:
    """What each mechanism brings."""
    worth = cells_of(store, mechanism_arms(), "calm")
    every, nothing = frozenset(MECHANISMS), worth[frozenset()]
    whole, shares = worth[every] - nothing, shapley(tuple(MECHANISMS), worth)
    shown = {name: estimate(cells) for name, cells in shares.items()}
    best = max(shown, key=lambda name: shown[name].mean)
    channel = estimate(store.values(channel_alone(), "calm") - nothing)
    return Section(
        f"{best} brings the largest part, {ratio(shares[best], whole)} of the whole",
        titled(
            "Which mechanism",
            f"Change in the chance of calm by day {CALM_BY}: all five together {estimate(whole).with_draws}; a channel "
            f"without any lever {channel.with_draws}. Institution, leverage and monitors share what a channel brings by "
            "itself.",
            ["mechanism", "alone", "last to be added", "Shapley value", "share of the whole"],
            [
                (
                    name,
                    estimate(worth[frozenset((name,))] - nothing).with_draws,
                    estimate(worth[every] - worth[every - {name}]).with_draws,
                    shown[name].with_draws,
                    ratio(shares[name], whole),
                )
                for name in MECHANISMS
            ],
        ),
        {"mechanisms": drawing.intervals(shown, "part of the change in calm", "What each mechanism brings")},
        {"mechanisms": tabulated("mechanism", shown)},
    )
