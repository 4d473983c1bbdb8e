"""Which claims can be taken apart, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiments.claims.arms import Arm, Bench, Effort
from experiments.claims.depth import alliances, calm, flows, mechanisms, threshold, venue
from experiments.claims.depth.telling import TEXT_BASIS, Told
from experiments.config.overrides import nearest_name
from experiments.errors import UserError

FULL = Effort(draws=200, crises=30, citizens=100, horizon=450)
QUICK = Effort(draws=16, crises=16, citizens=50, horizon=120)


@dataclass(frozen=True)
class Study:
    """One claim in depth: the arms it needs and what it makes of them."""

    title: str
    arms: Callable[[], list[Arm]]
    tell: Callable[[Bench], Told]


def _headed(name: str, title: str, *parts: Callable[[Bench], Told]) -> Callable[[Bench], Told]:
    def tell(bench: Bench) -> Told:
        told = [part(bench) for part in parts]
        text = "\n\n".join([f"## {name} in depth: {title}", TEXT_BASIS, *(one.text for one in told)])
        return Told(
            "; ".join(one.headline for one in told if one.headline),
            text,
            {stem: drawing for one in told for stem, drawing in one.drawings.items()},
            {stem: rows for one in told for stem, rows in one.tables.items()},
        )

    return tell


def _study(name: str, title: str, arms: Callable[[], list[Arm]], *parts: Callable[[Bench], Told]) -> Study:
    return Study(title, arms, _headed(name, title, *parts))


def _calm_arms() -> list[Arm]:
    return [*calm.arms(), *flows.flow_arms().values(), *flows.selection_arms().values()]


STUDIES: dict[str, Study] = {
    "P2": _study("P2", "the venue", venue.arms, venue.tell),
    "P15": _study("P15", "calm without mediators", _calm_arms, calm.tell, flows.flows, flows.selection),
    "P23": _study("P23", "the threshold of help", threshold.arms, threshold.tell),
    "P26": _study("P26", "the chain from alignment to war", alliances.arms, alliances.tell),
    "P33": _study("P33", "the mechanisms", mechanisms.arms, mechanisms.tell),
}
"""Claim -> study; P26 stands for the alliances (P16 to P27), P15 for P13 to P15."""


def chosen(names: list[str]) -> list[str]:
    """The studies asked for, or all; UserError for a claim that has none."""
    for name in names:
        if name.upper() not in STUDIES:
            raise UserError(f"{name}: not taken apart{nearest_name(name.upper(), STUDIES)}; {', '.join(STUDIES)}")
    return [name.upper() for name in names] or list(STUDIES)
