"""Where a record lies in a predictive distribution, and how good the distribution was as a prediction of it.

The continuous ranked probability score is the mean distance to the record less half the mean distance between two
draws (Gneiting and Raftery 2007); in the unit of the quantity, smaller is better, and for a single number it is the
absolute error. Percentiles of counts, and of records known as a range, are intervals; a histogram of them spreads each
record over its own (Czado, Gneiting and Held 2009).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.statistics.intervals import Floats


def crps(sample: Floats, value: float) -> float:
    """The continuous ranked probability score of a sample, shape (lanes,), given the number that came true."""
    ordered = np.sort(np.asarray(sample, float))
    count = ordered.size
    between = 2 * float(np.sum(ordered * (2 * np.arange(1, count + 1) - count - 1))) / count**2
    return float(np.abs(ordered - value).mean()) - between / 2


def percentile_range(sample: Floats, low: float, high: float) -> tuple[float, float]:
    """Shares of a sample, shape (lanes,), below ``low`` and up to ``high``: between them lies a record so known."""
    values = np.asarray(sample, float)
    return float(np.mean(values < low)), float(np.mean(values <= high))


def rank_histogram(ranges: Sequence[tuple[float, float]], bins: int) -> Floats:
    """Records in equal bins of their percentiles, shape (bins,), each spread evenly over its range, 0 to 1.

    Flat where predictions are right; heaped at the ends where they are too narrow, in the middle where too wide.
    """
    edges = np.linspace(0, 1, bins + 1)
    counts = np.zeros(bins)
    for low, high in ranges:
        if high > low:
            counts += np.diff(np.clip((edges - low) / (high - low), 0, 1))
        else:
            counts[min(int(low * bins), bins - 1)] += 1
    return counts
