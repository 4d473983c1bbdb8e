"""What a proposition is: a claim of the source article in neutral words, and the experiment that tests it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.claims.arms import Changes
from experiments.claims.measures import Measure
from sim.engine.lanes import Points
from sim.ensemble import Settings

RECORD, CAUSAL = "record", "causal"

UNMEDIATED = ("mediation=none", "talks=none")
PRESSED = (
    *UNMEDIATED,
    "dyad.start_rung_a=7",
    "dyad.start_rung_b=7",
    "public.a.propaganda=1",
    "public.b.propaganda=1",
)
"""High pressure: a ground assault on the first day and heavy propaganda. Below it no ally could matter."""

THRESHOLD_ONLY = {"alliance.shadow": "threshold_only"}
"""The article's own world: help to come weighs nowhere but at the rung at which it would come at once."""

Own = Callable[[Points, np.ndarray, np.ndarray, Settings], np.ndarray]
"""A measure that outcomes do not hold: (points, point, replicate, settings) -> one value a lane."""


@dataclass(frozen=True)
class Test:
    """One contrast: the weighted sum of a measure over arms that meet the same luck, positive where the claim is right.

    ``arms`` maps a name to the parameters it changes; ``weights`` the same names to the weight of its mean. ``own``
    replaces the measure where outcomes do not hold what is asked for.
    """

    arms: Mapping[str, Changes]
    weights: Mapping[str, float]
    measure: Measure
    own: Own | None = None

    def __post_init__(self) -> None:
        if set(self.arms) != set(self.weights):
            raise ValueError(f"arms {sorted(self.arms)} and weights {sorted(self.weights)} differ")


@dataclass(frozen=True)
class Part:
    """What is told beside a verdict and not judged: its sign is built in, or it sets what is judged in context."""

    what: str
    test: Test
    built_in: bool = False


@dataclass(frozen=True)
class Proposition:
    """One claim and how it is judged.

    Attributes
    ----------
    number : int
    theme : str
        Heading under which it is shown.
    claim : str
        What the article says, in neutral words.
    kind : {"record", "causal"}
        Record: set beside the record, not judged. What is built in is a part, or found out by the rule.
    tests : tuple of Test
        The estimand is the smallest of their contrasts, draw by draw: the claim holds only where all of them do.
    parts : tuple of Part
        Told beside the verdict, with fewer crises.
    estimand, contradicted_by : str
        In words.
    scenario, overrides
        What is simulated, as typed on the command line.
    horizon : int
        Days.
    drivers : tuple of str
        Parameters on which the answer rests most.
    moderators : tuple of str
        Two, named before the run: drawn parameters (``?`` for both sides) that may divide the answer. The draws above
        and below the median of each are its halves.
    beside : str
        The record, or a note, set beside the result.
    """

    number: int
    theme: str
    claim: str
    kind: str
    tests: tuple[Test, ...]
    estimand: str
    contradicted_by: str
    scenario: str = "tovuz_2020"
    overrides: tuple[str, ...] = UNMEDIATED
    horizon: int = 120
    drivers: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()
    beside: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """P1 to P33."""
        return f"P{self.number}"

    @property
    def smallest(self) -> float:
        """Smallest effect of interest, in units of the measure."""
        return self.tests[0].measure.smallest


def both(*names: str) -> tuple[str, ...]:
    """The paths of a parameter on both sides, for ``government.?.name`` and ``public.?.name``."""
    return tuple(name.replace("?", side) for name in names for side in "ab")


def setting(value: float | str, *paths: str) -> dict[str, float | str]:
    """The same value on several paths."""
    return dict.fromkeys(both(*paths), value)


def difference(
    measure: Measure, with_: Changes, without: Changes | None = None, sign: int = 1, own: Own | None = None
) -> Test:
    """The plain contrast: with the changes minus without, times the sign that the claim expects."""
    return Test({"with": with_, "without": without or {}}, {"with": sign, "without": -sign}, measure, own)
