"""The random numbers of one crisis, as plain floats."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from sim.engine.streams import DailyDraws, Luck, Stream


class CrisisLuck:
    """The luck of one replicate under one seed."""

    def __init__(self, seed: int, replicate: int) -> None:
        self._luck = Luck(seed, np.array([replicate]))

    def day(self, day: int) -> DayLuck:
        """The draws of one day."""
        return DayLuck(self._luck.day(day))

    def uniforms_before(self, stream: Stream, slot: int = 0, count: int = 1, tag: int = 0) -> list[float]:
        """Uniforms drawn before day 0."""
        return self._luck.before(stream, slot, count, tag)[0].tolist()

    def normals_before(self, stream: Stream, slot: int = 0, count: int = 1, tag: int = 0) -> list[float]:
        """Standard normals drawn before day 0."""
        return [float(ndtri(uniform)) for uniform in self.uniforms_before(stream, slot, count, tag)]


class DayLuck:
    """The draws of one day; a side draws from its own slot."""

    def __init__(self, today: DailyDraws) -> None:
        self._today = today

    def uniforms(self, stream: Stream, slot: int = 0) -> list[float]:
        """All uniforms of a stream."""
        return self._today.uniform(stream, slot)[:, 0].tolist()

    def uniform(self, stream: Stream, slot: int = 0) -> float:
        """The first uniform of a stream."""
        return self.uniforms(stream, slot)[0]

    def normal(self, stream: Stream, slot: int = 0) -> float:
        """A standard normal."""
        return float(ndtri(self.uniform(stream, slot)))

    def gumbels(self, stream: Stream, slot: int = 0) -> list[float]:
        """Standard Gumbel draws."""
        return [-math.log(-math.log(uniform)) for uniform in self.uniforms(stream, slot)]
