"""The baseline as studies in depth use it: arms by what they change, and a mediator taken apart into levers."""

from __future__ import annotations

from typing import Any

from experiments.claims.arms import Arm, Changes, arm, laid_by
from experiments.claims.claim import PRESSED, UNMEDIATED
from sim.scenario import parameters

BASELINE = "tovuz_2020"
LEVERS = ("facilitation", "formulation", "manipulation", "leverage", "cover", "secrecy", "verification", "enforcement")
NO_FEAR = {"alliance.shadow_weight": 0}
"""Nobody fears the enemy's allies, as in the article."""


def unmediated(changes: Changes | None = None, **others: Any) -> Arm:
    """The baseline without mediators or direct talks, and some changes."""
    return arm(BASELINE, UNMEDIATED, changes or {}, **others)


def pressed(changes: Changes | None = None, **others: Any) -> Arm:
    """The same under high pressure."""
    return arm(BASELINE, PRESSED, changes or {}, **others)


def chosen(*overrides: str) -> dict[str, float | str]:
    """What choosing a mediation or a form of talks changes in the baseline without any."""
    return laid_by(BASELINE, UNMEDIATED, overrides)


def middling(effort: float = 0.5, **levers: float) -> dict[str, float]:
    """A mediator on the spot from the first day with every lever at its default, the middle of its range or near it."""
    known = parameters()
    defaults: dict[str, Any] = {name: known[f"mediation.{name}"].default for name in LEVERS}
    return placebo(effort, **{**defaults, **levers})


def placebo(effort: float = 0.5, **levers: float) -> dict[str, float]:
    """The same with every lever at zero: the channel alone."""
    return {
        "mediation.present": 1,
        "mediation.delay": 1,
        "mediation.severity_trigger": 0,
        "mediation.effort": effort,
        **{f"mediation.{name}": levers.get(name, 0.0) for name in LEVERS},
    }
