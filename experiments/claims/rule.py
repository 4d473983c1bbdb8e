"""The rule by which a proposition is judged. Frozen: its hash stands in every result.

Typed first. A record is set beside the record and not judged. A built-in claim's sign follows from the sign of a
coefficient, or is all but certain before any data are seen; only its size is reported. All others are causal: the
chances that the effect lies above, within or below the smallest effect of interest are worked out over draws of the
uncertain parameters, Monte Carlo noise taken out, in every structure of the model that passed its own predictive
checks after refitting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CERTAIN = 0.90
BUILT_IN_BEFORE = 0.95
LEAST_CONTRACTION = 0.20
LEAST_DRAWS, LEAST_LANES = 200, 200
MOST_NOISE = 0.5
NECESSARY_BELOW, NOT_NECESSARY_ABOVE = 0.10, 0.25

BUILT_IN, HOLDS, FAILS, NEGLIGIBLE, CONDITIONAL, UNDECIDED, RECORD = (
    "built in",
    "holds in the model",
    "fails in the model",
    "negligible",
    "conditional",
    "undecided",
    "record",
)


@dataclass(frozen=True)
class Chances:
    """Chances that an effect is above, within and below the smallest effect of interest."""

    above: float
    within: float
    below: float


@dataclass(frozen=True)
class Verdict:
    """A verdict and the reason for it."""

    verdict: str
    why: str


def judge(
    kind: str,
    before: Chances,
    after: Mapping[str, Chances],
    halves: Mapping[str, Chances] | None = None,
    noise: float = 0.0,
) -> Verdict:
    """The verdict on a proposition.

    Parameters
    ----------
    kind : {"record", "built in", "causal"}
    before : Chances
        Under the prior, in the model's own structure.
    after : mapping
        Admissible structure -> chances under the posterior.
    halves : mapping, optional
        Half of a moderator named beforehand -> chances under the posterior, in the model's own structure.
    noise : float
        Monte Carlo error of the mean effect in units of the smallest effect of interest.
    """
    if kind == RECORD:
        return Verdict(RECORD, "a claim about what happened: set beside the record")
    if kind == BUILT_IN:
        return Verdict(BUILT_IN, "its sign follows from the sign of a coefficient")
    if max(before.above, before.below) >= BUILT_IN_BEFORE:
        return Verdict(BUILT_IN, "its sign was all but certain before any data")
    if noise > MOST_NOISE:
        return Verdict(UNDECIDED, "Monte Carlo: more crises a draw are needed")
    for verdict, share in ((HOLDS, "above"), (FAILS, "below"), (NEGLIGIBLE, "within")):
        if all(getattr(chances, share) >= CERTAIN for chances in after.values()):
            return Verdict(verdict, f"in every admissible structure ({', '.join(after)})")
    if (
        halves
        and (found := [_side(chances) for chances in halves.values()])
        and None not in found
        and len(set(found)) > 1
    ):
        return Verdict(CONDITIONAL, "; ".join(f"{half}: {side}" for half, side in zip(halves, found, strict=True)))
    return Verdict(UNDECIDED, _why_undecided(list(after.values())))


def judge_necessity(share_low: float, share_high: float) -> Verdict:
    """The verdict on necessity, from P(N < .10) and P(N > .25) under the posterior."""
    if share_low >= CERTAIN:
        return Verdict(HOLDS, f"P(N < {NECESSARY_BELOW:g}) = {share_low:.2f}")
    if share_high >= CERTAIN:
        return Verdict(FAILS, f"P(N > {NOT_NECESSARY_ABOVE:g}) = {share_high:.2f}")
    return Verdict(
        UNDECIDED,
        f"parameters: P(N < {NECESSARY_BELOW:g}) = {share_low:.2f}, P(N > {NOT_NECESSARY_ABOVE:g}) = {share_high:.2f}",
    )


def rests_on_assumption(contraction: Mapping[str, float]) -> bool:
    """Whether the parameters that drive an answer are hardly narrower after the data than before."""
    return not contraction or min(contraction.values()) < LEAST_CONTRACTION


def _side(chances: Chances) -> str | None:
    for name, share in ((HOLDS, chances.above), (FAILS, chances.below), (NEGLIGIBLE, chances.within)):
        if share >= CERTAIN:
            return name
    return None


def _why_undecided(after: Sequence[Chances]) -> str:
    sides = {_side(chances) for chances in after}
    if len(after) > 1 and None not in sides:
        return "structure: admissible structures disagree"
    return "parameters: the effect's sign or size depends on what is not known"
