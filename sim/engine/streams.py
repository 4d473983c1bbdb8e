"""Random numbers with a key: who draws what, so that luck can be shared between scenarios.

Every draw is a pure function of (seed, luck, stream, day, slot). Nothing depends on which lanes are simulated
together, on their order or on what a scenario contains, and every draw is made whether or not it is used. Two
policies can therefore meet the same luck (common random numbers), and a lane is the same alone as among a million.

The generator is Philox4x32-10 (Salmon et al. 2011, SC11), a counter-based one: the key is the seed, the counter holds
replicate, point, day and (stream, slot, block). Normals come from uniforms by the inverse distribution function.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import NamedTuple

import numpy as np
from numba import uint32, uint64

from sim.engine.compiling import njit
from sim.engine.elementwise import ndtri

DAYS_BEFORE = 0
"""Counter word of draws made before day 0; day d uses d + 1."""


@unique
class Stream(IntEnum):
    """Who draws. Numbers are part of every result: never reuse or renumber one."""

    CHOICE = 1
    CLOCK = 2
    FOG = 3
    PRIVATE = 4
    MEDIA = 5
    INCIDENT = 6
    SEVERITY = 7
    HURDLE = 8
    ROUNDING = 9
    SALIENCE = 10
    ACCEPTANCE = 11
    FALL = 12
    SUCCESSOR = 13
    ATTEMPT = 14
    LEAK = 15
    ASKING = 16
    ALLY = 17
    ANSWER = 18
    LULL = 19
    RESOLVE = 20
    FORCE_BELIEF = 21
    ALLY_BELIEF = 22
    SPELL = 23
    VARIES = 24
    LAPSE = 25
    ANCHOR = 30
    HONOUR = 31
    SENSITIVITY = 32
    TRUST = 33
    SUSCEPTIBILITY = 34
    EXPOSURE = 35
    RISK = 36


class Draw(NamedTuple):
    """How many uniforms a stream draws a day, and for how many slots (sides, allies, or one)."""

    slots: int
    uniforms: int


DAILY: dict[Stream, Draw] = {
    Stream.CHOICE: Draw(2, 10),
    Stream.CLOCK: Draw(2, 1),
    Stream.FOG: Draw(2, 1),
    Stream.PRIVATE: Draw(2, 1),
    Stream.MEDIA: Draw(2, 1),
    Stream.INCIDENT: Draw(2, 4),
    Stream.SEVERITY: Draw(2, 1),
    Stream.HURDLE: Draw(2, 1),
    Stream.ROUNDING: Draw(2, 2),
    Stream.SALIENCE: Draw(2, 1),
    Stream.ACCEPTANCE: Draw(2, 2),
    Stream.FALL: Draw(2, 1),
    Stream.SUCCESSOR: Draw(2, 1),
    Stream.ATTEMPT: Draw(1, 4),
    Stream.LEAK: Draw(1, 4),
    Stream.ASKING: Draw(1, 4),
    Stream.ALLY: Draw(3, 1),
    Stream.ANSWER: Draw(2, 1),
    Stream.LULL: Draw(1, 1),
    Stream.LAPSE: Draw(2, 1),
}
"""The draws of a day. Adding a stream or a draw at the end of one disturbs no other."""


@njit(nogil=True, inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Four 32-bit words from a counter of four words and a key of two: ten rounds of Philox4x32."""
    for _ in range(10):
        left, right = uint64(c0) * uint64(0xD2511F53), uint64(c2) * uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (
            uint32(right >> uint64(32)) ^ uint32(c1) ^ uint32(k0),
            uint32(right),
            uint32(left >> uint64(32)) ^ uint32(c3) ^ uint32(k1),
            uint32(left),
        )
        k0, k1 = uint32(uint32(k0) + uint32(0x9E3779B9)), uint32(uint32(k1) + uint32(0xBB67AE85))
    return uint32(c0), uint32(c1), uint32(c2), uint32(c3)


@njit(nogil=True)
def _fill_blocks(replicate, point, day, label, low, high, blocks):
    """The block with one label in every lane, into ``blocks`` (4, lanes); no choice between words, so it is vectorised."""
    first, second, third, fourth = blocks[0], blocks[1], blocks[2], blocks[3]
    for lane in range(replicate.size):
        first[lane], second[lane], third[lane], fourth[lane] = philox(
            replicate[lane], point[lane], day, label, low, high
        )


@njit(nogil=True, cache=True)
def _fill_rows(seed, replicate, point, day, label, words, out):
    """Uniforms in (0, 1): row r of ``out`` (rows, lanes) holds word ``words[r]`` of the block labelled ``label[r]``."""
    low, high = uint32(seed & uint64(0xFFFFFFFF)), uint32(seed >> uint64(32))
    rows, lanes = out.shape
    blocks = np.empty((4, lanes), np.uint32)
    for r in range(rows):
        if r == 0 or label[r] != label[r - 1]:
            _fill_blocks(replicate, point, day, label[r], low, high, blocks)
        word, row = blocks[words[r]], out[r]
        for lane in range(lanes):
            row[lane] = (float(word[lane]) + 0.5) * 2.0**-32


@njit(nogil=True, cache=True)
def _fill_many(seed, replicate, point, day, label, out):
    """Uniforms in (0, 1) for ``out`` (lanes, draws), from as many blocks as are needed."""
    low, high = uint32(seed & uint64(0xFFFFFFFF)), uint32(seed >> uint64(32))
    lanes, draws = out.shape
    for lane in range(lanes):
        for first in range(0, draws, 4):
            block = philox(replicate[lane], point[lane], day, uint32(label[lane] + uint32(first // 4)), low, high)
            for word in range(min(4, draws - first)):
                out[lane, first + word] = (float(block[word]) + 0.5) * 2.0**-32


def _label(stream: int, slot: int = 0, block: int = 0) -> int:
    return (stream << 24) | (slot << 22) | block


def _layout() -> tuple[np.ndarray, np.ndarray, dict[tuple[Stream, int], slice]]:
    labels: list[int] = []
    words: list[int] = []
    places: dict[tuple[Stream, int], slice] = {}
    for stream, draw in DAILY.items():
        for slot in range(draw.slots):
            places[stream, slot] = slice(len(labels), len(labels) + draw.uniforms)
            labels += [_label(stream, slot, i // 4) for i in range(draw.uniforms)]
            words += [i % 4 for i in range(draw.uniforms)]
    return np.array(labels, np.uint32), np.array(words, np.int64), places


_LABELS, _WORDS, _PLACES = _layout()


def common_slot(slots: np.ndarray) -> int | np.ndarray:
    """One number where all lanes name the same slot of luck, which is quicker to read; else the array (lanes,)."""
    return int(slots[0]) if np.all(slots == slots[0]) else slots


class DailyDraws:
    """The luck of one day in every lane."""

    def __init__(self, uniforms: np.ndarray) -> None:
        self._uniforms = uniforms

    def uniform(self, stream: Stream, slot: int | np.ndarray = 0) -> np.ndarray:
        """Uniforms in (0, 1), shape (draws, lanes); ``slot`` may be an array that names a slot per lane."""
        if isinstance(slot, np.ndarray):
            first, second = (self._uniforms[_PLACES[stream, number]] for number in (0, 1))
            return np.where(slot == 0, first, second)
        return self._uniforms[_PLACES[stream, slot]]

    def first(self, stream: Stream, slot: int | np.ndarray = 0) -> np.ndarray:
        """The first uniform of a stream, shape (lanes,)."""
        return self.uniform(stream, slot)[0]

    def normal(self, stream: Stream, slot: int | np.ndarray = 0) -> np.ndarray:
        """A standard normal, shape (lanes,)."""
        return ndtri(self.first(stream, slot))


class Luck:
    """The random numbers of a batch of lanes.

    Parameters
    ----------
    seed : int
        0 to 2**64 - 1.
    replicate : int array (lanes,)
        Replicate of each lane.
    point : int array (lanes,) or None
        Given, luck is a lane's own, keyed by (point, replicate); None, it is shared by all points.
    """

    def __init__(self, seed: int, replicate: np.ndarray, point: np.ndarray | None = None) -> None:
        self.lanes = len(replicate)
        self._seed = np.uint64(seed)
        self._replicate = np.asarray(replicate, np.uint32)
        self._point = np.zeros(self.lanes, np.uint32) if point is None else np.asarray(point, np.uint32) + np.uint32(1)

    def day(self, day: int) -> DailyDraws:
        """All draws of one day."""
        out = np.empty((len(_LABELS), self.lanes))
        _fill_rows(self._seed, self._replicate, self._point, np.uint32(day + 1), _LABELS, _WORDS, out)
        return DailyDraws(out)

    def before(self, stream: Stream, slot: np.ndarray | int, draws: int, tag: int = DAYS_BEFORE) -> np.ndarray:
        """Uniforms drawn before day 0, shape (lanes, draws); ``tag`` tells apart what one stream draws for."""
        slots = np.broadcast_to(np.asarray(slot, np.uint32), (self.lanes,))
        label = (np.uint32(int(stream) << 24) | (slots << np.uint32(22))).astype(np.uint32)
        out = np.empty((self.lanes, draws))
        _fill_many(self._seed, self._replicate, self._point, np.uint32(tag), label, out)
        return out

    def normal_before(self, stream: Stream, slot: np.ndarray | int, tag: int = DAYS_BEFORE) -> np.ndarray:
        """One standard normal a lane, drawn before day 0, shape (lanes,)."""
        return ndtri(self.before(stream, slot, 1, tag)[:, 0])
