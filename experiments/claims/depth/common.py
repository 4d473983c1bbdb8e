"""The baseline as studies in depth use it: arms by what they change, and a mediator taken apart into levers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.claims.arms import Arm, Changes, arm, laid_by
from experiments.claims.claim import PRESSED, UNMEDIATED
from sim.scenario import parameters

BASELINE = "tovuz_2020"
LEVERS = ("facilitation", "formulation", "manipulation", "leverage", "cover", "secrecy", "verification", "enforcement")


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
    return _mediator(effort, {**defaults, **levers})


def placebo(effort: float = 0.5, **levers: float) -> dict[str, float]:
    """The same with every lever at zero: the channel alone."""
    return _mediator(effort, {**dict.fromkeys(LEVERS, 0.0), **levers})


def _mediator(effort: float, levers: dict[str, float]) -> dict[str, float]:
    return {
        "mediation.present": 1,
        "mediation.delay": 1,
        "mediation.severity_trigger": 0,
        "mediation.effort": effort,
        **{f"mediation.{name}": value for name, value in levers.items()},
    }


def sides(value: float, *names: str) -> dict[str, float]:
    """The same value for both sides, ``government.?.x`` or ``public.?.x``."""
    return {name.replace("?", side): value for name in names for side in "ab"}


def listed(groups: Sequence[dict[Any, Arm]]) -> list[Arm]:
    """All arms of several groups."""
    return [one for group in groups for one in group.values()]
