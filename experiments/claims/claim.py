"""What a claim of the source article is, and the contrasts that test it; the claims are declared in ``declared/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.claims.arms import Changes
from experiments.claims.measures import MEASURES

RECORD, CAUSAL = "record", "causal"
MORE, NOTHING, NECESSITY = "more", "nothing", "necessity"
"""What a claim expects: effects above 0; none; or that calm hardly ever comes without mediators."""
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
    """A weighted sum, on the scale of its measure, of the means of arms that meet the same luck.

    ``arms`` maps a name to the parameters it changes, ``weights`` the same names to the weight of their logarithms (or
    log-odds), ``measured`` to what is measured on each, all on one scale. ``what`` names it where a claim has several.
    """

    arms: Mapping[str, Changes]
    weights: Mapping[str, float]
    measured: Mapping[str, str]
    what: str = ""

    def __post_init__(self) -> None:
        if not set(self.arms) == set(self.weights) == set(self.measured):
            raise ValueError(f"arms {sorted(self.arms)}, weights {sorted(self.weights)}, {sorted(self.measured)}")

    @property
    def scale(self) -> str:
        """The scale on which its arms are compared."""
        return MEASURES[next(iter(self.measured.values()))].scale

    @property
    def single(self) -> bool:
        """Whether it is the level of one arm instead of a comparison."""
        return len(self.arms) == 1


@dataclass(frozen=True)
class Part:
    """A contrast shown beside a verdict and not judged: its sign is built in, or it gives what is judged a scale."""

    what: str
    test: Contrast
    built_in: bool = False


@dataclass(frozen=True)
class Proposition:
    """One claim, P1 to P33, and how it is judged.

    ``tests`` are judged, and the claim holds where all of them do together; ``parts`` are shown beside the verdict, with
    fewer crises. ``scenario`` and ``overrides`` are as typed on the command line, ``horizon`` is in days.
    """

    name: str
    theme: str
    claim: str
    """What the article says, in neutral words."""
    kind: str
    """:data:`RECORD` is shown with the record and not judged; :data:`CAUSAL`."""
    tests: tuple[Contrast, ...]
    estimand: str
    contradicted_by: str
    expects: str = MORE
    scenario: str = "tovuz_2020"
    overrides: tuple[str, ...] = UNMEDIATED
    horizon: int = 120
    drivers: tuple[str, ...] = ()
    """Parameters that the claim names or rests on: the range of effects is looked for over their declared ranges."""
    over: tuple[str, ...] = ()
    """Further parameters of the same mechanism over whose ranges it is looked for."""
    moderators: tuple[str, ...] = ()
    """Two drawn parameters, named before the run (``?`` for both sides), that may divide the answer."""
    beside: str = ""
    """The record, or a note, shown with the result."""
    mechanism: str = ""
    """What would have to be built before the model could express the claim, and why it was not."""
    parts: tuple[Part, ...] = ()


def both_sides(*names: str) -> list[str]:
    """The paths of parameters, those of both sides for ``government.?.name`` or ``government.both.name``."""
    patterns = [name.replace(".both.", ".?.") for name in names]
    return [name.replace("?", side) for name in patterns for side in ("ab" if "?" in name else "a")]
