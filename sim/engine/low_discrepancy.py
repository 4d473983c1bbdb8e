"""A set of points that fills the space of citizens' traits more evenly than independent draws do.

A lattice sequence of rank 1 (generators of Cools, Kuo and Nuyens 2006, SIAM J. Sci. Comput. 28). Each lane shifts it modulo
1 by a word of its own in every dimension, which makes every point uniform, and folds it (Hickernell 2002), so that what
the shift adds on one side of a smooth function it takes on the other.
"""

from __future__ import annotations

from functools import cache

import numpy as np

TRAITS = 6
"""Dimensions handed out; one more splits citizens over segments."""
_GENERATORS = (182667, 498753, 110745, 469891, 446561, 1, 250185)
"""The first seven generators, in the order that errs least where approval is steep: of segments, then of each trait."""


@cache
def citizen_points(number: int) -> np.ndarray:
    """The first points of the set, uint32 (number, 6) in units of 2^-32, in the order of citizens.

    Rows are sorted by a seventh dimension, so that any block of neighbours (a segment) is itself spread evenly over the
    other six.

    Parameters
    ----------
    number : int
        Citizens, 1 or more; a power of two is spread most evenly.
    """
    index = np.arange(number, dtype=np.uint32)
    mirrored = sum((index >> bit & 1) << (31 - bit) for bit in range(32))
    points = np.asarray(mirrored, np.uint32)[:, None] * np.array(_GENERATORS, np.uint32)
    return points[np.argsort(points[:, 0], kind="stable"), 1:]


def shifted(points: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Uniforms in (0, 1), float64: points (citizens,) shifted modulo 1 by uniforms ``shift`` (lanes, 1), then folded."""
    turned = ((points + np.floor(shift * 2.0**32).astype(np.uint32)) + 0.5) * 2.0**-32
    return 1 - np.abs(2 * turned - 1)
