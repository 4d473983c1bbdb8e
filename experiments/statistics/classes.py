"""How often crises had none, few or many of something: shares of classes of deaths and of days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.intervals import share_interval

DEATHS = np.array([1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000])
"""First numbers of the classes of deaths above none."""
DAYS = np.array([1, 3, 7, 14, 28, 56, 112, 224])
"""First numbers of the classes of days above none."""


def edges_of_deaths(groups: Sequence[NDArray], known: NDArray = DEATHS) -> NDArray:
    """Return the first numbers of the classes, int (classes - 1,), as far as the largest value of any group needs them.

    ``groups`` holds the deaths (or days) of each arm, shape (lanes,); ``known`` is :data:`DEATHS` or :data:`DAYS`.
    """
    top = max((int(values.max()) for values in groups if values.size), default=1)
    return known[: max(int(np.searchsorted(known, top, side="right")), 2)]


def classes_of(values: NDArray, edges: NDArray) -> NDArray:
    """Return the number of each value's class, int (lanes,): 0 where there is none of it."""
    return np.searchsorted(edges, values, side="right")


def death_classes(values: NDArray, edges: NDArray) -> pl.DataFrame:
    """Return a row a class: `words, value, low, high`, shares of the values (lanes,) with Wilson intervals.

    ``edges`` are the first numbers of the classes, as :func:`edges_of_deaths` gives them.
    """
    share = np.bincount(classes_of(values, edges), minlength=edges.size + 1) / max(values.size, 1)
    low, high = share_interval(share, values.size)
    ranges = zip(edges[:-1], edges[1:] - 1, strict=True)
    between = [f"{a:,}" if a == b else f"{a:,}\N{EN DASH}{b:,}" for a, b in ranges]
    words = ["0", *between, f"{edges[-1]:,} or more"]
    return pl.DataFrame({"words": words, "value": share, "low": low, "high": high})
