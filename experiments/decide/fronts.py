"""Fronts: which policies no other beats in everything, how much they cover, and which of them tell apart.

Values are given so that more is better in every column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def dominates(values: Floats) -> NDArray[np.bool_]:
    """Whether each row is at least as good as each other one everywhere and better somewhere, bool (..., rows, rows).

    ``values`` have shape (..., rows, objectives); rows with a NaN neither dominate nor are dominated.
    """
    first, second = values[..., :, None, :], values[..., None, :, :]
    return np.asarray(np.all(first >= second, axis=-1) & np.any(first > second, axis=-1))


def on_front(values: Floats) -> NDArray[np.bool_]:
    """Whether no row dominates a row, bool (..., rows); never for rows with a NaN."""
    return np.asarray(~dominates(values).any(axis=-2) & ~np.isnan(values).any(axis=-1))


def layers(values: Floats) -> NDArray[np.int64]:
    """Which front a row is on once the fronts before it are taken away, from 0; last for rows with a NaN."""
    rank = np.full(len(values), len(values), np.int64)
    left = np.flatnonzero(~np.isnan(values).any(axis=1))
    number = 0
    while left.size:
        best = on_front(values[left])
        rank[left[best]] = number
        left, number = left[~best], number + 1
    return rank


def hypervolume(values: Floats, reference: Floats) -> float:
    """Volume that rows dominate above a reference point, in the product of the objectives' units.

    Sliced along the last objective (While and others 2006, IEEE Transactions on Evolutionary Computation 10). Values
    have shape (rows, objectives), the reference (objectives,).
    """
    above = values[np.all(values > reference, axis=1)] if len(values) else values
    if not len(above):
        return 0.0
    if above.shape[1] == 1:
        return float((above - reference).max())
    front = above[on_front(above)]
    front = front[np.argsort(-front[:, -1], kind="stable")]
    heights = np.append(front[:, -1], reference[-1])
    return sum(
        (heights[k] - heights[k + 1]) * hypervolume(front[: k + 1, :-1], reference[:-1])
        for k in range(len(front))
        if heights[k] > heights[k + 1]
    )


def spread(values: Floats, most: int) -> NDArray[np.int64]:
    """Numbers of at most so many rows of (rows, objectives) that lie furthest apart, the ends of objectives first."""
    if len(values) <= most:
        return np.arange(len(values))
    width = np.ptp(values, axis=0)
    scaled = (values - values.min(axis=0)) / np.where(width > 0, width, 1.0)
    chosen = list(dict.fromkeys(int(row) for row in scaled.argmax(axis=0)))[:most]
    apart = np.min([np.linalg.norm(scaled - scaled[row], axis=1) for row in chosen], axis=0)
    while len(chosen) < most:
        apart[chosen] = -1.0  # rows may be equal, and none is chosen twice
        furthest = int(apart.argmax())
        chosen.append(furthest)
        apart = np.minimum(apart, np.linalg.norm(scaled - scaled[furthest], axis=1))
    return np.sort(chosen)


def thinned(values: Floats, steps: Floats) -> NDArray[np.int64]:
    """Numbers of the rows of a front that remain where each box holds one and no box dominates another.

    Laumanns and others 2002, Evolutionary Computation 10: without boxes an exact cost keeps every cheaper policy on
    the front, however little it differs. Values have shape (rows, objectives); steps, (objectives,), are the sizes of a
    box, of which 0 leaves an objective as it is.
    """
    scale = np.where(steps > 0, steps, 1.0)
    box = np.where(steps > 0, np.floor(values / scale + 1e-9), values)
    kept: list[int] = []
    for corner in np.unique(box[on_front(box)], axis=0):
        members = np.flatnonzero((box == corner).all(axis=1))
        kept.append(int(members[np.argmax(((values[members] - corner * scale) / scale).sum(axis=1))]))
    return np.sort(kept)


def groups(apart: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A number for each row, from 0 in order of rows, such that no two of a group are ``apart``, bool (rows, rows)."""
    members: list[list[int]] = []
    number = np.empty(len(apart), np.int64)
    for row in range(len(apart)):
        home = next((k for k, own in enumerate(members) if not apart[row, own].any()), len(members))
        if home == len(members):
            members.append([])
        members[home].append(row)
        number[row] = home
    return number
