"""Effects shared out among what brings them about: the venue's parts (P2), a mediator's flows (P15), mechanisms (P33)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from experiments.claims.arms import Arm
from experiments.claims.depth import drawing
from experiments.claims.depth.baseline import chosen, middling, placebo, pressed, unmediated
from experiments.claims.depth.estimates import Coalition, cells_of, coalitions, estimate, ratio, shapley
from experiments.claims.depth.section import Section, tabulated, titled
from experiments.claims.measures import CALM_BY, CALM_HORIZON, MEASURES
from experiments.claims.store import ArmStore


@dataclass(frozen=True)
class Shares:
    """An effect that is shared out among players by Shapley values, exactly, over all coalitions of them.

    ``arm`` makes the arm of a coalition; ``stem`` names figure and table, ``player`` the table's first column;
    ``reference`` holds further arms, whose changes are shown with the whole.
    """

    stem: str
    player: str
    title: str
    setting: str
    players: tuple[str, ...]
    arm: Callable[[Coalition], Arm]
    measured: str
    figure: str
    reference: Mapping[str, Arm] = field(default_factory=dict)

    def arms(self) -> dict[Coalition, Arm]:
        """The arm of each coalition."""
        return {members: self.arm(members) for members in coalitions(self.players)}

    def needed(self) -> list[Arm]:
        """Every arm this takes."""
        return [*self.arms().values(), *self.reference.values()]

    def section(self, store: ArmStore) -> Section:
        """The whole effect, and each player's part of it: alone, added last, and on average over all orders."""
        worth = cells_of(store, self.arms(), self.measured)
        every, nothing = frozenset(self.players), worth[frozenset()]
        whole, shares = worth[every] - nothing, shapley(self.players, worth)
        shown = {name: estimate(cells) for name, cells in shares.items()}
        largest = max(shown, key=lambda name: abs(shown[name].mean))
        rows = [
            (
                name,
                estimate(worth[frozenset((name,))] - nothing).with_draws,
                estimate(worth[every] - worth[every - {name}]).with_draws,
                share.with_draws,
                ratio(shares[name], whole),
            )
            for name, share in shown.items()
        ]
        label = MEASURES[self.measured].label
        others = "".join(
            f" {name}: {estimate(store.values(arm, self.measured) - nothing).with_draws}."
            for name, arm in self.reference.items()
        )
        text = (
            f"{self.setting} Change in {label}: {estimate(whole).with_draws}, from {estimate(nothing)}. Shapley values "
            f"over all {len(worth)} coalitions.{others}"
        )
        return Section(
            f"of {estimate(whole)}, {largest} brings {shown[largest]}",
            titled(self.title, text, [self.player, "alone", "last to be added", "Shapley value", "share"], rows),
            {self.stem: drawing.intervals(shown, f"part of the change in {label}", self.figure)},
            {self.stem: tabulated(self.player, shown)},
        )


PLACES = {
    "stakes": "stakes_at",
    "treaty coverage": "coverage_at",
    "fear of the ally": "fear_at",
    "terrain": "terrain_at",
    "civilians exposed": "civilians_at",
    "surprise": "surprise_at",
}


def _moved(members: Coalition) -> Arm:
    """Some parts of the venue moved to the line of contact, the others as at the border."""
    return pressed(
        {f"dyad.{path}": "line_of_contact" if part in members else "border" for part, path in PLACES.items()}
    )


VENUE = Shares(
    "venue",
    "part",
    "The parts of the venue",
    "Parts of the venue moved from the border to the line of contact, under high pressure.",
    tuple(PLACES),
    _moved,
    "limited_war",
    "The parts of the venue",
)

MECHANISM_LEVERS: dict[str, dict[str, float]] = {
    "institution": {"facilitation": 0.8, "formulation": 0.8, "cover": 0.4},
    "leverage": {"manipulation": 0.8, "leverage": 1.0},
    "monitors": {"verification": 0.8, "enforcement": 0.8},
    "deterrence": {},
    "direct talks": {},
}
"""What a mediator that is otherwise a placebo brings; the last two need no mediator."""


def _together(members: Coalition) -> Arm:
    """Some mechanisms at once."""
    levers = {name: value for member in members for name, value in MECHANISM_LEVERS[member].items()}
    changes: dict[str, float | str] = {"alliance.shadow_weight": 2.5 if "deterrence" in members else 0.0}
    changes |= placebo(**levers) if levers else {}
    changes |= chosen("talks=hotline") if "direct talks" in members else {}
    return unmediated(changes, horizon=CALM_HORIZON)


MECHANISMS = Shares(
    "mechanisms",
    "mechanism",
    "Which mechanism",
    "Institution, leverage and monitors share what a mediator's channel brings by itself.",
    tuple(MECHANISM_LEVERS),
    _together,
    "calm",
    "What each mechanism brings",
    {"A channel without any lever": unmediated({"alliance.shadow_weight": 0.0, **placebo()}, horizon=CALM_HORIZON)},
)

CHANNEL = "mere channel"
SWITCHES: dict[str, tuple[str, ...]] = {
    "cover, drafting, secrecy": ("mediation.cover", "mediation.formulation", "mediation.secrecy"),
    "leverage, guarantees": ("mediation.leverage", "mediation.manipulation", "mediation.enforcement"),
    "information": ("talks.fog_relief", "mediation.verification"),
    "trust": ("talks.messages", "talks.trust_relief"),
}
"""What is switched off where a flow is; the channel is the mediator's presence, without which none of them flows."""


def _flowing(members: Coalition) -> Arm:
    """A middling mediator with some flows open; without the channel, nobody."""
    off = {path: 0.0 for name, paths in SWITCHES.items() if name not in members for path in paths}
    return unmediated({**middling(), **off} if CHANNEL in members else {}, horizon=CALM_HORIZON)


FLOWS = Shares(
    "flows",
    "flow",
    "Through what a mediator's effect flows",
    f"A mediator with every lever at its default, there from the first day; calm by day {CALM_BY}. Without the channel "
    "nothing flows, so it takes part of what each lever brings.",
    (CHANNEL, *SWITCHES),
    _flowing,
    "calm",
    "What a mediator's effect consists of",
)
