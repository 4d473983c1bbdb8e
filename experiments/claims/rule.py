"""The rule by which a proposition is judged, over draws of what is not known and structures of the model.

Its numbers are declared in ``declared/rule.yaml``; hash and statements are frozen before a calibrated run. First the type:
a record is set beside the record and not judged; a claim whose answer was all but certain before any data is built in; one
that no setting of what it names lets pass the smallest effect of interest is not expressible, which says something of the
model and not of the world. Then chances count: those of the effects above, within and below the smallest effect of
interest, pooled over draws and structures by their weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.config.yaml_files import read_text, read_tree
from experiments.statistics.intervals import Floats
from experiments.study.identity import statements_hash

DECLARED = Path(__file__).with_name("declared") / "rule.yaml"
HOLDS, FAILS, SMALL, DEPENDS, UNDECIDED, NOT_EXPRESSIBLE, BUILT_IN, RECORD = (
    "holds in the model",
    "fails in the model",
    "small though expressible",
    "depends on",
    "undecided",
    "not expressible",
    "built in",
    "record",
)
VERDICTS = (HOLDS, FAILS, SMALL, DEPENDS, UNDECIDED, NOT_EXPRESSIBLE, BUILT_IN, RECORD)
FOR, BETWEEN, AGAINST = 1, 0, -1
"""What a possible effect says of a claim."""
_ANSWERS = {FOR: HOLDS, AGAINST: FAILS, BETWEEN: SMALL}


@cache
def declared() -> dict[str, Any]:
    """The rule's numbers."""
    return read_tree(read_text(DECLARED), DECLARED)


@cache
def rule_hash() -> str:
    """The hash of the rule's numbers and of the statements that apply them."""
    return statements_hash([Path(__file__).read_text(encoding="utf-8")], [repr(declared()).encode()])


@dataclass(frozen=True)
class Reading:
    """What values of an effect say of a claim: below the first of two cuts, between them, above the second."""

    cuts: tuple[float, float]
    says: tuple[int, int, int]

    def of(self, values: Floats) -> np.ndarray:
        """:data:`FOR`, :data:`BETWEEN` or :data:`AGAINST` for each value."""
        return np.array(self.says)[(values > self.cuts[0]).astype(int) + (values > self.cuts[1])]


MORE = Reading((-1.0, 1.0), (AGAINST, BETWEEN, FOR))
"""Of effects in units of the smallest of interest, where the claim expects one above 0."""
NOTHING = Reading((-1.0, 1.0), (AGAINST, FOR, AGAINST))
"""The same where the claim expects none."""


@dataclass(frozen=True)
class Chances:
    """Chances that the effect speaks for a claim, is too small to matter, and speaks against it."""

    above: float
    within: float
    below: float

    @classmethod
    def of(cls, says: np.ndarray, weight: Floats) -> Chances:
        """From what possible effects say (samples, draws) and the weights of draws, in whatever sum."""
        above, within, below = (
            float((says == what).mean(axis=0) @ weight / weight.sum()) for what in (FOR, BETWEEN, AGAINST)
        )
        return cls(above, within, below)

    def share(self, answer: str) -> float:
        """The chance that an answer is right."""
        return {HOLDS: self.above, FAILS: self.below, SMALL: self.within}[answer]

    def answer(self, answers: Sequence[str] = (HOLDS, FAILS, SMALL)) -> str | None:
        """The answer that is certain enough, if one is."""
        return next((answer for answer in answers if self.share(answer) >= declared()["certain"]), None)

    def opposes(self, answer: str) -> bool:
        """Whether the opposite of an answer is likelier than not; of a small effect, one on either side."""
        opposite = {HOLDS: (FAILS,), FAILS: (HOLDS,), SMALL: (HOLDS, FAILS)}[answer]
        return max(self.share(other) for other in opposite) >= declared()["opposite"]


@dataclass(frozen=True)
class Verdict:
    """A verdict and the reason for it."""

    verdict: str
    why: str


@dataclass(frozen=True)
class Evidence:
    """What possible effects say of a claim, shape (samples, draws), with the weight and the structure of each draw.

    ``halves`` tells by moderator and half which draws it holds; ``answers`` are those that the claim admits.
    """

    says: np.ndarray
    weight: Floats
    structure: np.ndarray
    halves: Mapping[str, Mapping[str, np.ndarray]]
    answers: Sequence[str] = (HOLDS, FAILS, SMALL)

    @property
    def pooled(self) -> Chances:
        """Chances over all draws."""
        return Chances.of(self.says, self.weight)

    def among(self, draws: np.ndarray) -> Chances:
        """Chances over some draws."""
        return Chances.of(self.says[:, draws], self.weight[draws])

    @property
    def structures(self) -> dict[str, Chances]:
        """Chances in each structure that is heavy enough to forbid an answer."""
        return {
            str(name): self.among(self.structure == name)
            for name in np.unique(self.structure)
            if self.weight[self.structure == name].sum() / self.weight.sum() >= declared()["admissible"]
        }


def judge(evidence: Evidence) -> Verdict:
    """The verdict on a causal claim that is expressible and was open before the data."""
    pooled, structures = evidence.pooled, evidence.structures
    answer = pooled.answer(evidence.answers)
    opposed = [name for name, chances in structures.items() if answer and chances.opposes(answer)]
    if answer and not opposed:
        return Verdict(answer, f"chance {pooled.share(answer):.2f}, and no structure of weight says the opposite")
    halves = {
        name: {half: evidence.among(draws) for half, draws in pair.items()} for name, pair in evidence.halves.items()
    }
    if len(structures) > 1:
        halves["the structure"] = structures
    for name, parts in halves.items():
        answers = {part: chances.answer(evidence.answers) for part, chances in parts.items()}
        if None not in answers.values() and len(set(answers.values())) > 1:
            return Verdict(f"{DEPENDS} {name}", "; ".join(f"{part}: {says}" for part, says in answers.items()))
    if opposed:
        return Verdict(
            UNDECIDED, f"{answer} with chance {pooled.share(answer or HOLDS):.2f}, but not in {', '.join(opposed)}"
        )
    return Verdict(UNDECIDED, "the effect's sign or size depends on what is not known")


def was_certain(before: Chances) -> bool:
    """Whether a claim's answer was all but certain before any data."""
    return max(before.above, before.below) >= declared()["built_in"]


def rests_on_assumption(contraction: Mapping[str, float]) -> bool:
    """Whether the parameters that drive an answer are hardly narrower after the data than before."""
    return not contraction or min(contraction.values()) < declared()["contraction"]


def answer_of(verdict: str) -> int | None:
    """What a verdict says of a claim; None where it is no answer."""
    return next((says for says, answer in _ANSWERS.items() if answer == verdict), None)
