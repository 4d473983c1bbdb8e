"""What a claim of the source article is, and the contrasts that test it; the claims are declared in ``declared/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.claims.arms import Changes
from experiments.claims.measures import MEASURES, Measure

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


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of a measure over arms that meet the same luck, positive where the claim is right.

    ``arms`` maps a name to the parameters it changes, ``weights`` the same names to the weight of their means.
    """

    arms: Mapping[str, Changes]
    weights: Mapping[str, float]
    measured: str

    def __post_init__(self) -> None:
        if set(self.arms) != set(self.weights):
            raise ValueError(f"arms {sorted(self.arms)} and weights {sorted(self.weights)} differ")

    @property
    def measure(self) -> Measure:
        """What is measured."""
        return MEASURES[self.measured]


@dataclass(frozen=True)
class Part:
    """A contrast shown beside a verdict and not judged: its sign is built in, or it gives what is judged a scale."""

    what: str
    test: Contrast
    built_in: bool = False


@dataclass(frozen=True)
class Proposition:
    """One claim and how it is judged.

    Attributes
    ----------
    name : str
        P1 to P33.
    theme : str
        Heading under which it is shown.
    claim : str
        What the article says, in neutral words.
    kind : {"record", "causal"}
        Record: shown with the record, not judged.
    tests : tuple of Contrast
        The estimand is the smallest of them, draw by draw: the claim holds only where all of them do.
    parts : tuple of Part
        Shown beside the verdict, with fewer crises.
    estimand, contradicted_by : str
        In words.
    scenario, overrides
        What is simulated, as typed on the command line.
    horizon : int
        Days.
    drivers : tuple of str
        Parameters on which the answer rests most.
    moderators : tuple of str
        Two drawn parameters, named before the run (``?`` for both sides), that may divide the answer: it is also given
        for the draws above and below the median of each.
    beside : str
        The record, or a note, shown with the result.
    """

    name: str
    theme: str
    claim: str
    kind: str
    tests: tuple[Contrast, ...]
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
    def measure(self) -> Measure:
        """The measure of the first test, in whose unit the effect is."""
        return self.tests[0].measure


def both_sides(*names: str) -> tuple[str, ...]:
    """The paths of parameters on both sides, for ``government.?.name`` or ``public.?.name``."""
    return tuple(name.replace("?", side) for name in names for side in ("ab" if "?" in name else "a"))


def setting(value: float | str, *paths: str) -> dict[str, float | str]:
    """The same value on several paths, ``?`` for both sides."""
    return dict.fromkeys(both_sides(*paths), value)
