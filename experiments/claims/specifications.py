"""In which ways each claim is looked at, and the arms that takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.claims.arms import Arm, Changes, arm, drawn_for
from experiments.claims.claim import CAUSAL, Contrast, Proposition, both_sides
from experiments.claims.store import ArmStore
from experiments.claims.structures import AS_IT_IS, STRUCTURES, admissible
from experiments.claims.uncertainty import POSTERIOR, PRIOR


@dataclass(frozen=True)
class Specification:
    """One way of looking at an effect: whence the draws, in which structure of the model.

    ``for_parts`` says that it is for what is shown beside a verdict; ``refined`` asks for as many crises a draw as the
    model as it is gets.
    """

    source: str
    structure: str = AS_IT_IS
    for_parts: bool = False
    refined: bool = False

    @property
    def secondary(self) -> bool:
        """Whether fewer crises a draw will do: before calibration, in variants of the model, and for parts."""
        return not self.refined and (self.source == PRIOR or self.structure != AS_IT_IS or self.for_parts)


MAIN = Specification(POSTERIOR)
"""The model as it is, after calibration."""
PARTS = Specification(POSTERIOR, for_parts=True)


def specifications(
    proposition: Proposition, structures: bool = True, refined: bool = False
) -> dict[str, Specification]:
    """Name -> specification: before calibration, and after it in each structure that may judge."""
    after = admissible(proposition.scenario) if structures and proposition.kind == CAUSAL else [AS_IT_IS]
    return {
        PRIOR: Specification(PRIOR, refined=refined),
        **{name: Specification(POSTERIOR, name, refined=refined) for name in after},
    }


def arm_of(proposition: Proposition, test: Contrast, changes: Changes, how: Specification) -> Arm:
    """One arm of a contrast under a specification."""
    return arm(
        proposition.scenario,
        proposition.overrides,
        {**STRUCTURES.get(how.structure, {}), **changes},
        source=how.source,
        structure="" if how.structure == AS_IT_IS else how.structure,
        horizon=min(test.measure.horizon, proposition.horizon),
        watch=test.measured if test.measure.watches else "",
        # Only a causal claim gets a verdict that asks for a number of crises.
        secondary=how.secondary or proposition.kind != CAUSAL,
    )


def plan(propositions: list[Proposition], store: ArmStore, structures: bool = True) -> None:
    """Ask for every arm of a first look at the propositions."""
    for proposition in propositions:
        _want(proposition, store, specifications(proposition, structures))
        for part in proposition.parts:
            store.want(arm_of(proposition, part.test, changes, PARTS) for changes in part.test.arms.values())


def plan_refinement(propositions: list[Proposition], store: ArmStore, structures: bool = True) -> None:
    """Ask for as many crises in every specification as in the main one, for causal claims among these."""
    for proposition in propositions:
        if proposition.kind == CAUSAL:
            _want(proposition, store, specifications(proposition, structures, refined=True))


def _want(proposition: Proposition, store: ArmStore, how: Mapping[str, Specification]) -> None:
    for specification in how.values():
        for test in proposition.tests:
            store.want(arm_of(proposition, test, changes, specification) for changes in test.arms.values())


def halves(proposition: Proposition, draws: int) -> Iterator[tuple[str, str, np.ndarray]]:
    """Moderator, name of a half, and which draws it holds: those above and those below the median.

    Nothing where there are too few draws for two halves that have a spread, nor for a moderator that calibration held
    fixed: no draw differs in it from another.
    """
    if draws < 4:
        return
    drawn = drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, "", draws)
    for moderator in proposition.moderators:
        values = [drawn.of(path) for path in both_sides(moderator)]
        if any(column is None for column in values):
            continue
        rank = np.argsort(np.argsort(np.mean(np.array(values, float), axis=0)))
        name = moderator.rpartition(".")[2].replace("_", " ")
        yield moderator, f"{name} high", rank >= draws / 2
        yield moderator, f"{name} low", rank < draws / 2


def contrast(
    proposition: Proposition, test: Contrast, store: ArmStore, how: Specification
) -> tuple[np.ndarray, np.ndarray]:
    """Draw and value of each lane of a contrast."""
    total: np.ndarray | float = 0.0
    for name, changes in test.arms.items():
        total = total + test.weights[name] * store.values(arm_of(proposition, test, changes, how), test.measured)
    draws, crises = np.shape(total)
    return np.repeat(np.arange(draws), crises), np.ravel(total)
