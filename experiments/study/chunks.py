"""Chunks of lanes. How a study is cut depends on the study alone, not on workers or on what is finished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

MOST_LANES = 1024
LEAST_LANES = 16
CITIZENS_AT_ONCE = 512_000
WORTH_SPLITTING = 128


@dataclass(frozen=True)
class Chunk:
    """Lanes ``first`` to ``last`` (exclusive) of a block of replicates, points changing slowest.

    ``number`` is unique in the study and names the parts the chunk is written to.
    """

    number: int
    first_replicate: int
    replicates: int
    first: int
    last: int

    @property
    def lanes(self) -> int:
        return self.last - self.first

    @property
    def point(self) -> np.ndarray:
        """Each lane's point, int (lanes,)."""
        return np.arange(self.first, self.last) // self.replicates

    @property
    def replicate(self) -> np.ndarray:
        """Each lane's replicate, int (lanes,)."""
        return self.first_replicate + np.arange(self.first, self.last) % self.replicates

    @property
    def points(self) -> range:
        """The points it touches."""
        return range(self.first // self.replicates, (self.last - 1) // self.replicates + 1)


def cut(blocks: Iterable[tuple[int, int]], points: int, citizens: int) -> list[Chunk]:
    """All chunks of a study, block of replicates (first, last exclusive) by block; more citizens, fewer lanes."""
    chunks: list[Chunk] = []
    for start, end in blocks:
        replicates = end - start
        together, run = pieces(points, replicates, citizens)
        for point in range(0, points, together):
            upto = min(point + together, points)
            for first in range(0, replicates, run):
                last = (upto - 1) * replicates + min(first + run, replicates)
                chunks.append(Chunk(len(chunks), start, replicates, point * replicates + first, last))
    return chunks


def pieces(points: int, replicates: int, citizens: int) -> tuple[int, int]:
    """Points and replicates in a chunk of a block.

    A chunk holds whole points, or some replicates of one point: no point is spread over chunks that hold others, so
    that the trajectories of a point can be put together from few chunks.
    """
    most = min(MOST_LANES, max(LEAST_LANES, CITIZENS_AT_ONCE // citizens))
    lanes = points * replicates
    size = -(-lanes // max(-(-lanes // most), min(4, lanes // WORTH_SPLITTING), 1))
    if replicates <= size:
        return max(size // replicates, 1), replicates
    parts = -(-replicates // size)
    return 1, -(-replicates // parts)
