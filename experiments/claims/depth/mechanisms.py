"""P33: which international mechanism brings calm. Five of them, alone, left out, and their Shapley values."""

from __future__ import annotations

from functools import cache

from experiments.claims.arms import Arm, Bench
from experiments.claims.depth import drawing
from experiments.claims.depth.common import chosen, placebo, unmediated
from experiments.claims.depth.shapley import Coalition, coalitions, shares
from experiments.claims.depth.telling import Told, known, ratio, table, values
from experiments.claims.measures import CALM, CALM_BY, CALM_HORIZON

MECHANISMS: dict[str, dict[str, float]] = {
    "institution": {"facilitation": 0.8, "formulation": 0.8, "cover": 0.4},
    "leverage": {"manipulation": 0.8, "leverage": 1.0},
    "monitors": {"verification": 0.8, "enforcement": 0.8},
    "deterrence": {},
    "direct talks": {},
}
"""What a mediator that is otherwise a placebo brings; the last two need no mediator."""
BY_MEDIATOR = ("institution", "leverage", "monitors")


@cache
def arms_by_coalition() -> dict[Coalition, Arm]:
    """Every coalition of mechanisms."""
    hotline = chosen("talks=hotline")
    made = {}
    for some in coalitions(tuple(MECHANISMS)):
        levers = {name: value for one in some for name, value in MECHANISMS[one].items()}
        changes: dict[str, float | str] = {"alliance.shadow_weight": 2.5 if "deterrence" in some else 0.0}
        changes |= placebo(0.5, **levers) if some & set(BY_MEDIATOR) else {}
        changes |= hotline if "direct talks" in some else {}
        made[some] = unmediated(changes, horizon=CALM_HORIZON)
    return made


def bare() -> Arm:
    """The channel alone: a mediator without any lever."""
    return unmediated({"alliance.shadow_weight": 0.0, **placebo()}, horizon=CALM_HORIZON)


def arms() -> list[Arm]:
    """Everything this needs."""
    return [*arms_by_coalition().values(), bare()]


def tell(bench: Bench) -> Told:
    """What each mechanism brings."""
    worth = {some: values(bench, one, CALM) for some, one in arms_by_coalition().items()}
    every, nothing = frozenset(MECHANISMS), frozenset[str]()
    whole, found = worth[every] - worth[nothing], shares(tuple(MECHANISMS), worth)
    rows = [
        (
            name,
            known(worth[frozenset((name,))] - worth[nothing]).whole,
            known(worth[every] - worth[every - {name}]).whole,
            known(found[name]).whole,
            ratio(found[name], whole),
        )
        for name in MECHANISMS
    ]
    channel = known(values(bench, bare(), CALM) - worth[nothing])
    text = "\n".join(
        [
            "### Which mechanism",
            "",
            f"Change in the chance of calm by day {CALM_BY}: all five together {known(whole).whole}; a channel without any "
            f"lever {channel.whole}.",
            "",
            table(["mechanism", "alone", "last to be added", "Shapley value", "share of the whole"], rows),
            "Institution, leverage and monitors each need a mediator's channel, and share what it brings by itself.",
        ]
    )
    shown = {name: known(cells) for name, cells in found.items()}
    best = max(shown, key=lambda name: shown[name].mean)
    return Told(
        f"{best} brings the largest part, {ratio(found[best], whole)} of the whole",
        text,
        {"mechanisms": drawing.intervals(shown, "part of the change in calm", "What each mechanism brings")},
        {"mechanisms": [{"mechanism": name, **one.columns()} for name, one in shown.items()]},
    )
