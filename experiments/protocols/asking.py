"""Publics asked, a draw a sample: what they reply, and which draws reply as experiments find.

:func:`passing` is what a calibration may reject draws of its prior by, before it simulates a single crisis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.design.hyperparameters import Table
from experiments.protocols.ranges import items, reply_names
from experiments.protocols.replies import Answer, answers, answers_on_war
from experiments.protocols.respondents import Respondents
from experiments.protocols.samples import asked_points, settings_of_rows
from sim.engine.lanes import Points
from sim.scenario import Scenario

LANES = 400
"""Draws asked together: enough to spread the cost of a question, few enough to stay in fast memory."""
PRIOR = "prior"
SAMPLES = 20
"""Draws of citizens behind the interval where nothing else is drawn."""


@dataclass(frozen=True)
class Asked:
    """What was asked for: a scenario, where its uncertain values come from, how many citizens, whose luck."""

    name: str
    scenario: Scenario
    uncertainty: str
    citizens: int
    seed: int
    settings: dict[str, np.ndarray]
    draws: int

    @property
    def source(self) -> str:
        """Where the values come from, in words."""
        if not self.settings:
            return f"values of the scenario; intervals over {SAMPLES} samples of citizens"
        kind, _, _ = self.uncertainty.partition(":")
        return f"{self.draws:,} draws of the {'prior' if kind == PRIOR else f'posterior ({self.uncertainty})'}"


@dataclass(frozen=True)
class Passing:
    """Which draws reply as experiments find.

    ``values`` are (draws, 2) by item, side a first; ``inside`` says, (draws,) by reply, whether all its items are in range
    on both sides.
    """

    values: dict[str, np.ndarray]
    inside: dict[str, np.ndarray]

    @property
    def joint(self) -> np.ndarray:
        """Whether all six replies are inside, bool (draws,)."""
        return np.logical_and.reduce(list(self.inside.values()))

    def all_of(self, *names: str) -> np.ndarray:
        """Whether some of the replies are inside, bool (draws,)."""
        return np.logical_and.reduce([self.inside[name] for name in names])

    @property
    def shares(self) -> dict[str, float]:
        """Share of draws inside, reply by reply, and ``all`` together."""
        return {**{name: float(inside.mean()) for name, inside in self.inside.items()}, "all": float(self.joint.mean())}


def passing(base: Scenario, table: Table, rows: np.ndarray, citizens: int = 64, seed: int = 1) -> Passing:
    """Which draws of a prior have publics that reply as experiments find.

    Parameters
    ----------
    base : Scenario
        What the numbers are laid over, as in :func:`experiments.design.hyperparameters.lay_over`.
    table : sequence of Hyperparameter
        Rows that no public's answers depend on are allowed, and change nothing.
    rows : array (draws, numbers of the table)
    citizens : int
        Citizens asked in each public.
    seed : int
        Luck of the draw of citizens, the same for all draws.
    """
    rows = np.asarray(rows, float)
    return ask(base, settings_of_rows(table, rows), len(rows), citizens, seed)


def ask(base: Scenario, settings: Mapping[str, np.ndarray], count: int, citizens: int = 128, seed: int = 1) -> Passing:
    """The replies of ``count`` samples of a scenario's publics, with values (count,) by path laid over it."""
    parts = []
    for first in range(0, count, LANES):
        some = {path: np.asarray(values)[first : first + LANES] for path, values in settings.items()}
        points, publics = asked_points(base, some, min(LANES, count - first))
        middle = points.take(np.arange(publics // 2, len(points), publics))
        parts.append(_of_samples(answers, points, publics, citizens, seed))
        parts[-1] |= _of_samples(answers_on_war, middle, 1, citizens, seed)
    return judged({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _of_samples(
    question: Callable[[Respondents], dict[str, Answer]], points: Points, publics: int, citizens: int, seed: int
) -> dict[str, np.ndarray]:
    asked = Respondents(points, citizens, seed)
    try:
        return {name: answer.of_samples(publics) for name, answer in question(asked).items()}
    finally:
        asked.close()


def judged(values: dict[str, np.ndarray]) -> Passing:
    """Values by item, (draws, 2) each, held against the ranges."""
    inside = {
        name: np.logical_and.reduce(
            [item.inside(values[item.item]).all(axis=1) for item in items() if item.reply == name]
        )
        for name in reply_names()
    }
    return Passing(values, inside)


def joined(many: Sequence[Passing]) -> Passing:
    """Several answers as one, the draws one after another."""
    return judged({name: np.concatenate([replied.values[name] for replied in many]) for name in many[0].values})
