"""A set of points that fills the space of citizens' traits more evenly than independent draws do.

Sobol' points (Sobol' 1967; direction numbers after Joe and Kuo 2008, SIAM J. Sci. Comput. 30), scrambled once and for
all after Owen (1995). Each lane shifts them by a word of its own in every dimension (bitwise exclusive or), which keeps
their evenness and makes every point uniform.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import uint32

from sim.engine.compiling import njit
from sim.engine.streams import philox

BITS = 32
TRAITS = 6
"""Dimensions handed out; one more splits citizens over segments."""
_PRIMITIVE = (
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
)
"""Degree, coefficients and first direction numbers of a primitive polynomial for each dimension but the first."""
_SCRAMBLE = (0x4F66, 0x6672)
"""The key of the scrambling; fixed, so that the set is part of the model."""
_ORDER = (1, 2, 4, 3, 5, 0, 6)
"""Which dimension splits citizens over segments, and which each trait has, as errs little where approval is steep."""


@cache
def citizen_points(number: int) -> np.ndarray:
    """The first points of the set, uint32 (number, 6), in the order of citizens.

    Rows are sorted by a seventh dimension, so that any block of neighbours (a segment) is itself spread evenly over the
    other six.

    Parameters
    ----------
    number : int
        Citizens, 1 or more; a power of two is spread most evenly.
    """
    directions = np.array([_directions(dimension) for dimension in range(TRAITS + 1)], np.uint32)
    points = np.empty((number, TRAITS + 1), np.uint32)
    _fill(directions, np.array(_SCRAMBLE, np.uint32), points)
    points = points[:, _ORDER]
    return points[np.argsort(points[:, 0], kind="stable"), 1:]


def _directions(dimension: int) -> list[int]:
    """The direction numbers of one dimension, one for each bit of a point's index, as 32-bit fractions."""
    if dimension == 0:
        return [1 << (BITS - 1 - bit) for bit in range(BITS)]
    degree, coefficients, first = _PRIMITIVE[dimension - 1]
    numbers = [m << (BITS - 1 - bit) for bit, m in enumerate(first)]
    for bit in range(degree, BITS):
        number = numbers[bit - degree] ^ (numbers[bit - degree] >> degree)
        for k in range(1, degree):
            if coefficients >> (degree - 1 - k) & 1:
                number ^= numbers[bit - k]
        numbers.append(number)
    return numbers


@njit(nogil=True, cache=True)
def _fill(directions, key, points):
    """Scrambled points (number, dimensions): each bit is flipped or not by a draw keyed by all bits above it."""
    number, dimensions = points.shape
    for i in range(number):
        for dimension in range(dimensions):
            plain = uint32(0)
            for bit in range(BITS):
                if (i >> bit) & 1:
                    plain ^= directions[dimension, bit]
            point = plain
            for bit in range(BITS):
                above = uint32(0) if bit == 0 else uint32(plain >> uint32(BITS - bit))
                drawn = philox(above, uint32(bit), uint32(dimension), uint32(0), key[0], key[1])[0]
                point ^= uint32((drawn & uint32(1)) << uint32(BITS - 1 - bit))
            points[i, dimension] = point
