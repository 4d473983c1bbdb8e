"""Which claims can be taken apart, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiments.claims.arms import Arm, SampleSize
from experiments.claims.depth import alliances, calm, selection, threshold
from experiments.claims.depth.section import Section
from experiments.claims.depth.shares import FLOWS, MECHANISMS, VENUE, Shares
from experiments.claims.store import ArmStore
from experiments.config.overrides import nearest_name
from experiments.errors import UserError

FULL = SampleSize(draws=200, crises=30, citizens=100, horizon=450)
QUICK = SampleSize(draws=16, crises=16, citizens=50, horizon=120)
TEXT_BASIS = (
    "Brackets: 95 % intervals by resampling luck, which says how well the number is known for these draws; "
    "braces: 95 % of draws of what is not known, Monte Carlo noise taken out."
)


@dataclass(frozen=True)
class Study:
    """One claim in depth: the arms it needs and the sections that are made of them."""

    name: str
    title: str
    arms: Callable[[], list[Arm]]
    parts: tuple[Callable[[ArmStore], Section], ...]

    def section(self, store: ArmStore) -> Section:
        """All of it."""
        text = f"## {self.name} in depth: {self.title}\n\n{TEXT_BASIS}"
        return Section.joined(text, [part(store) for part in self.parts])


def _shared_out(name: str, title: str, shares: Shares) -> Study:
    return Study(name, title, shares.needed, (shares.section,))


def _calm_arms() -> list[Arm]:
    return [*calm.arms(), *FLOWS.arms().values(), *selection.selection_arms().values()]


_CHAIN = (alliances.worlds, alliances.chain, alliances.paths, alliances.interventions, alliances.forces)
STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        _shared_out("P2", "the venue", VENUE),
        Study("P15", "calm without mediators", _calm_arms, (*calm.PARTS, FLOWS.section, selection.section)),
        Study("P23", "the threshold of help", threshold.arms, (threshold.section,)),
        Study("P26", "the chain from alignment to war", alliances.arms, _CHAIN),
        _shared_out("P33", "the mechanisms", MECHANISMS),
    )
}
"""Claim -> study; P26 stands for the alliances (P16 to P27), P15 for P13 to P15."""


def chosen(names: list[str]) -> list[str]:
    """The studies asked for, or all; UserError for a claim that has none."""
    for name in names:
        if name.upper() not in STUDIES:
            raise UserError(f"{name}: not taken apart{nearest_name(name.upper(), STUDIES)}; {', '.join(STUDIES)}")
    return [name.upper() for name in names] or list(STUDIES)
