"""Reasons why a government did not step down on a day, and the choice of a day to show in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from experiments.config.yaml_files import read_text, read_tree
from sim.ladder import DEPLOYED

Day = dict[str, Any]
CLOSE = 1e-9

FIELDS = read_tree(read_text(Path(__file__).with_name("fields.yaml")), Path("fields.yaml"))
TERMS: Mapping[str, str] = FIELDS["terms"]
"""Term of a government's utility -> words for a reader, in the order in which they are shown."""


@dataclass(frozen=True)
class Decision:
    """One government's options on one day, and its choice.

    ``held`` is the rung it stood at, ``down`` the best lower one within reach (None on the lowest), ``chosen`` the one
    it preferred, ``after`` the one it stood at in the end. ``against`` is what each term says against stepping down:
    its value at ``held`` minus its value at ``down``; ``margin`` their sum, positive where holding was worth more.
    ``chances`` are those of choosing each rung on a day of decision; ``reconsidered`` and ``lapsed`` say what made it
    one, if it was: the clock, or an operation that culminated and had to be ``renewed`` or left.
    """

    day: int
    side: str
    held: int
    chosen: int
    after: int
    down: int | None
    alternative: int
    reconsidered: bool
    lapsed: bool
    renewed: bool
    against: Mapping[str, float]
    margin: float | None
    utility: Mapping[int, float]
    terms: Mapping[int, Mapping[str, float]]
    chances: Mapping[int, float]

    @property
    def decided(self) -> bool:
        """Whether the government decided on its policy that day."""
        return self.reconsidered or self.lapsed

    @property
    def stepped_down(self) -> bool:
        """Whether its policy is lower after the day than before."""
        return self.after < self.held

    @property
    def chance_down(self) -> float:
        """Chance of choosing any lower rung, had the day been one of decision."""
        return sum(chance for rung, chance in self.chances.items() if rung < self.held)


def decision(day: Day, side: str, rationality: float) -> Decision:
    """The decision of a side on a day of a story; ``rationality`` is that of its choice among rungs (1/utility)."""
    actor = day[side]
    held, down, utility = actor["rung_before"], actor["step_down"], actor["weighed"]
    margin = None if down is None else utility[held] - utility[down]
    alike = {name: actor[name] for name in ("chosen", "alternative", "reconsidered", "lapsed", "renewed", "terms")}
    derived = {
        "held": held,
        "after": actor["rung"],
        "down": down,
        "against": actor["why_no_step_down"],
        "margin": margin,
    }
    chances = _chances(utility, rationality)
    return Decision(day=day["day"], side=side, utility=utility, chances=chances, **derived, **alike)


def _chances(utility: Mapping[int, float], rationality: float) -> dict[int, float]:
    """Chance of each rung under quantal response: utility plus a Gumbel draw, the largest wins."""
    best = max(utility.values())
    weights = {rung: exp(rationality * (value - best)) for rung, value in utility.items()}
    total = sum(weights.values())
    return {rung: weight / total for rung, weight in weights.items()}


def why(choice: Decision) -> str:
    """One line that says why policy did not come down that day, or that it did; a lapse is told first."""
    outcome = _outcome(choice)
    if not choice.lapsed:
        return outcome
    return f"operation lapsed and {'was renewed' if choice.renewed else 'ended'}; {outcome}"


def _outcome(choice: Decision) -> str:
    if choice.stepped_down:
        by_choice = choice.chosen < choice.held
        return f"stepped down to {choice.after}" if by_choice else f"brought down to {choice.after} by an agreement"
    if choice.down is None:
        return "nothing lower to step to"
    if not choice.decided:
        return "did not reconsider"
    went = "held" if choice.after == choice.held else f"climbed to {choice.after}"
    if choice.margin is not None and choice.margin <= 0:
        return f"{went} by chance: {choice.down} was worth {-choice.margin:.2f} more"
    return (
        f"{went}: {choice.held} was worth {choice.margin:.2f} more than {choice.down}, for {_reasons(choice.against)}"
    )


def _reasons(against: Mapping[str, float]) -> str:
    largest = sorted((name for name, value in against.items() if value > CLOSE), key=lambda name: -against[name])[:2]
    return " and ".join(f"{words(name)} ({against[name]:.2f})" for name in largest) or "no single reason"


def words(term: str) -> str:
    """Words for a term of utility."""
    return TERMS.get(term, term)


def telling_day(days: Sequence[Day], rationality: Mapping[str, float], sides: str = "ab") -> tuple[int, str]:
    """The day that tells most about why nobody stepped down, and why it was picked.

    It is the day on which a government under arms (rung 3 or above) that decided came nearest to preferring a lower
    rung without taking it; failing that the first day of decision, failing that the first day of all.
    """
    considered = [
        choice for day in days for side in sides if (choice := decision(day, side, rationality[side])).decided
    ]
    held = [
        choice
        for choice in considered
        if choice.held >= DEPLOYED and not choice.stepped_down and choice.margin is not None and choice.margin >= 0
    ]
    if held:
        nearest = min(held, key=lambda choice: (choice.margin, choice.day, choice.side))
        return nearest.day, f"side {nearest.side} came nearest to preferring a lower rung that it did not take"
    if considered:
        return considered[0].day, f"side {considered[0].side} decided on its policy for the first time"
    return 0, "no government decided on its policy on any day"
