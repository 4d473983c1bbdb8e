"""Publics asked, a draw a sample: what they reply, and which draws reply as experiments find.

:func:`passing` is what a calibration may reject draws of its prior by, before it simulates a single crisis. The ranges come
from ``conf/evidence/experiments_on_publics.csv``: ``reply`` (one of six), ``item`` (a number of it), ``low`` and ``high``,
``bounds`` (``both``, ends included, or ``above``, the lower end left out: a sign), ``design`` and ``source``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache

import numpy as np

from experiments.design.priors import VARIES, Table, argument_of
from experiments.files import shipped_rows
from experiments.protocols.respondents import Answer, Respondents, answers, answers_on_war
from sim.engine import distributions
from sim.engine.lanes import Points
from sim.scenario import Scenario, parameters

LANES = 400
"""Draws asked together: enough to spread the cost of a question, few enough to stay in fast memory."""
QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
DIFFERING = ("public.a.hawkishness", "public.b.hawkishness")
OF_PUBLICS = ("public", "government", "mediation", "talks")
"""Records that a public's answers depend on."""
TOLD_APART = {"talks.leak": 0.0, "public.a.media_noise": 0.0, "public.b.media_noise": 0.0}
"""What is luck of a day in a crisis and has no place in an experiment: a leak of secret talks, noise of the media."""


@dataclass(frozen=True)
class Item:
    """One number of a reply, and the range in which experiments find it."""

    reply: str
    item: str
    low: float
    high: float
    bounds: str
    design: str
    source: str

    @property
    def is_sign(self) -> bool:
        """Whether the sign alone is judged."""
        return self.bounds == "above"

    @property
    def range(self) -> str:
        """The range in words."""
        return "above 0" if self.is_sign else f"{self.low:g} to {self.high:g}"

    def inside(self, values: np.ndarray) -> np.ndarray:
        """Whether values lie in the range, in the shape of ``values``; NaN does not."""
        return (values > self.low if self.is_sign else values >= self.low) & (values <= self.high)


@cache
def items() -> tuple[Item, ...]:
    """All items in the file's order."""
    rows = shipped_rows("evidence/experiments_on_publics.csv")
    return tuple(Item(**{**row, "low": float(row["low"]), "high": float(row["high"])}) for row in rows)


def reply_names() -> tuple[str, ...]:
    """The six replies in order."""
    return tuple(dict.fromkeys(item.reply for item in items()))


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
        return self.all_of(*self.inside)

    def all_of(self, *names: str) -> np.ndarray:
        """Whether some of the replies are inside, bool (draws,)."""
        return np.logical_and.reduce([self.inside[name] for name in names])

    @property
    def shares(self) -> dict[str, float]:
        """Share of draws inside, reply by reply, and ``all`` together."""
        return {name: float(inside.mean()) for name, inside in {**self.inside, "all": self.joint}.items()}


def passing(base: Scenario, table: Table, rows: np.ndarray, citizens: int = 64, seed: int = 1) -> Passing:
    """Which draws of a prior, rows (draws, numbers of the table), have publics that reply as experiments find.

    Numbers of the table that no public's answers depend on are allowed, and change nothing.
    """
    return ask(base, settings_of_rows(table, np.asarray(rows, float)), len(rows), citizens, seed)


def settings_of_rows(table: Table, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Path -> values (draws,) that rows of numbers, (draws, numbers of the table), set."""
    columns = zip(table, rows.T, strict=True)
    return {path: values for item, values in columns if item.shape == "value" for path in item.paths}


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


def asked_points(base: Scenario, settings: Mapping[str, np.ndarray], count: int) -> tuple[Points, int]:
    """The publics to ask, and how many of them there are a draw; those of one draw follow each other.

    What a scenario lets vary stands at its median, given the draw, but hawkishness, in which publics differ most: samples
    are taken at :data:`QUANTILES` of it. ``settings`` are values (count,) by path, or by ``varies.`` and the path of an
    argument; paths that no public's answers depend on are left out. ParameterError where a value is out of its range.
    """
    drawn = [path for path in base.varies if _matters(path) and path not in settings]
    publics = len(QUANTILES) if any(path in DIFFERING for path in drawn) else 1
    lanes = {path: np.repeat(values, publics) for path, values in settings.items() if _matters(path)}
    columns = {path: values for path, values in lanes.items() if not path.startswith(VARIES)}
    for path in drawn:
        quantile = np.tile(QUANTILES, count) if path in DIFFERING else np.full(count * publics, 0.5)
        # A list of weights stays as it is; other arguments are replaced by arrays over draws.
        given = {argument_of(name): values for name, values in lanes.items() if name.startswith(f"{VARIES}{path}.")}
        own = {argument: values for (_, argument, place), values in given.items() if place is None}
        columns[path] = distributions.draw(parameters()[path], {**base.varies[path], **own}, quantile)
    columns |= {path: np.full(count * publics, value) for path, value in TOLD_APART.items()}
    return Points.cross(base, np.zeros(count * publics, np.int64), columns), publics


def _matters(path: str) -> bool:
    return path.removeprefix(VARIES).split(".")[0] in OF_PUBLICS


def _of_samples(
    question: Callable[[Respondents], dict[str, Answer]], points: Points, publics: int, citizens: int, seed: int
) -> dict[str, np.ndarray]:
    with closing(Respondents(points, citizens, seed)) as asked:
        return {name: answer.of_samples(publics) for name, answer in question(asked).items()}


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
