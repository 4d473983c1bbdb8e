"""Do the 95 % intervals hold what they promise?

Pairs of arms are drawn again and again from a population whose true contrast is known, and the share of intervals that
contain it is counted. Two kinds of population: multinomial pairs of yes-or-no outcomes with a given dependence, and
the lanes of a study, resampled by luck. The promise: coverage of 93-97 % wherever every cell that carries information
(for pairs: each kind of discordant pair) is expected at least ten times, and for means wherever at least twenty units
carry the contrast (`arms.carriers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.arms import Arm, Sample, carriers, shared_keys
from experiments.statistics.contrasts import CARRIERS, paired, unpaired
from experiments.statistics.estimates import point_value
from experiments.statistics.intervals import Floats, difference, ratio, wilson
from experiments.statistics.metrics import Metric

PROMISE = (0.93, 0.97)
EXPECTED = 10
NEEDED = {"probability": EXPECTED, "mean": CARRIERS, "geometric": CARRIERS, "quantile": np.inf}
"""Expected count from which coverage is promised, by kind of metric; quantiles of whole numbers jump too much."""

REPEATS, CHEAP_REPEATS = 1000, 10_000
SLACK = 2.5
"""Standard errors of a simulated coverage by which it may miss the promise: hundreds of rows are judged at once."""

SEED = 7

GRID = tuple(
    (size, base, effect, dependence)
    for size in (200, 500, 1000, 2000)
    for base in (0.05, 0.1, 0.3, 0.5, 0.8, 0.95)
    for effect in (0.0, 0.02, 0.05, 0.1, 0.2)
    for dependence in (0.0, 0.5, 0.8, 0.9, 0.95)
    if base + effect < 1
)
"""Pairs, probability under the baseline, effect, dependence (0 independent, 1 as dependent as the margins allow)."""


def cells(base: float, effect: float, dependence: float) -> Floats:
    """Return the probabilities of (both, arm alone, baseline alone, neither) with given margins and dependence."""
    arm = base + effect
    both = arm * base + dependence * (min(arm, base) - arm * base)
    return np.array([both, arm - both, base - both, 1 - arm - base + both])


def multinomial_coverage(
    grid: Sequence[tuple[int, float, float, float]] = GRID, repeats: int = CHEAP_REPEATS
) -> pl.DataFrame:
    """Return the coverage of the intervals of probabilities, for yes-or-no pairs from each population of a grid.

    A row a population and interval: `method, size, base, effect, dependence, expected` (the smallest expected count that
    matters), `coverage, error, promised, kept`. With 10,000 repeats a coverage is known to within half a point.
    """
    generator, rows = np.random.default_rng(SEED), []
    for size, base, effect, dependence in grid:
        chance = cells(base, effect, dependence)
        counts = generator.multinomial(size, chance / chance.sum(), repeats).astype(float)
        margins = size * min(base, 1 - base, base + effect, 1 - base - effect)
        discordant = size * min(chance[1], chance[2])
        for method, covered in _share_methods(counts, dependence == 0, base, effect):
            expected = min(margins, discordant) if method.startswith("paired") else margins
            population = {"size": size, "base": base, "effect": effect, "dependence": dependence}
            rows.append({"method": method, **population, **_verdict(expected, EXPECTED, covered)})
    return pl.DataFrame(rows)


def _share_methods(
    counts: Floats, independent: bool, base: float, effect: float
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield each interval's name and whether it covered, over simulated studies."""
    size, (both, first, second, neither) = counts.sum(axis=1), counts.T
    p, q = (both + first) / size, (both + second) / size
    scale = np.sqrt((both + first) * (second + neither) * (both + second) * (first + neither))
    phi = np.divide(both * neither - first * second, scale, out=np.zeros_like(scale), where=scale > 0)
    yield "wilson", _inside(wilson(p, size), base + effect)
    for name, linked in (("paired", phi), ("unpaired", 0.0)):
        if name == "unpaired" and not independent:
            continue
        yield f"{name} difference", _inside(difference(p, size, q, size, linked), effect)
        yield f"{name} ratio", _inside(ratio(p, size, q, size, linked)[1:], (base + effect) / base)


def _inside(limits: tuple[Floats, Floats], truth: float) -> NDArray[np.bool_]:
    return (limits[0] <= truth + 1e-12) & (truth - 1e-12 <= limits[1])


def _verdict(expected: float, needed: float, covered: NDArray[Any]) -> dict:
    """Return the last columns of a row: what was expected, what came out, and whether a promise was made and kept."""
    coverage = float(np.mean(covered))
    error = float(np.sqrt(coverage * (1 - coverage) / len(covered)))
    # A coverage is itself an estimate: it breaks the promise when it is outside by more than its own noise.
    kept = PROMISE[0] - SLACK * error <= coverage <= PROMISE[1] + SLACK * error
    promised = bool(expected >= needed - 1e-9)
    return {"expected": float(expected), "coverage": coverage, "error": error, "promised": promised, "kept": kept}


def lane_coverage(
    first: Arm, second: Arm, metrics: Sequence[Metric], size: int = 500, repeats: int = REPEATS
) -> pl.DataFrame:
    """Return the coverage of contrasts when the lanes of two arms that share luck are the population.

    Studies of `size` units are drawn with replacement from those shared, which must be several times as many. Three
    contrasts are tried on each: `paired` (the effect is the one in the whole table), `paired null` (which arm a unit's
    lanes are filed under is tossed up, so that the dependence stays and the effect is exactly zero) and `unpaired`
    (each arm drawn apart). Columns are `metric, kind, method, size, truth, expected, coverage, error, promised, kept`;
    `expected` is the smallest count a probability rests on, or the number of units that carry a mean or quantile.
    """
    keys = shared_keys(first, second)
    if keys is None or keys.size < 2 * size:
        raise ValueError(f"coverage needs two arms that share at least {2 * size} units of luck")
    generator, rows = np.random.default_rng(SEED), []
    for metric in metrics:
        whole = (first.sample(metric, keys), second.sample(metric, keys))
        effect = point_value(whole[0], metric) - point_value(whole[1], metric)
        for method, judge in (("paired", paired), ("paired null", paired), ("unpaired", unpaired)):
            truth = 0.0 if method == "paired null" else effect
            covered = np.empty(repeats)
            for index in range(repeats):
                result = judge(*_drawn(whole, method, size, generator), metric)
                covered[index] = result.low - 1e-12 <= truth <= result.high + 1e-12
            expected = _expected(whole, metric, method, size)
            names = {"metric": metric.name, "kind": metric.kind, "method": method, "size": size, "truth": truth}
            rows.append({**names, **_verdict(expected, NEEDED[metric.kind], covered)})
    return pl.DataFrame(rows)


def _drawn(
    whole: tuple[Sample, Sample], method: str, size: int, generator: np.random.Generator
) -> tuple[Sample, Sample]:
    """Return a study of so many units, drawn with replacement."""
    chosen = generator.integers(0, whole[0].count, size)
    apart = generator.integers(0, whole[1].count, size) if method == "unpaired" else chosen
    left, right = _taken(whole[0], chosen), _taken(whole[1], apart)
    if method != "paired null":
        return left, right
    swapped = generator.random(size) < 0.5
    return _mixed(left, right, swapped), _mixed(right, left, swapped)


def _taken(sample: Sample, chosen: np.ndarray) -> Sample:
    """Return the sample made of the chosen units, a unit drawn twice counting as two."""
    starts = np.concatenate([[0], np.cumsum(sample.sizes)]).astype(int)
    lengths = sample.sizes[chosen].astype(int)
    units = np.repeat(np.arange(chosen.size), lengths)
    within = np.arange(units.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Sample(sample.values[np.repeat(starts[chosen], lengths) + within], units, chosen.size)


def _mixed(sample: Sample, other: Sample, swapped: np.ndarray) -> Sample:
    kept, taken = ~swapped[sample.units], swapped[other.units]
    values = np.concatenate([sample.values[kept], other.values[taken]])
    return Sample.of(values, np.concatenate([sample.units[kept], other.units[taken]]), sample.count)


def _expected(whole: tuple[Sample, Sample], metric: Metric, method: str, size: int) -> float:
    """Return the smallest count expected of those that carry information; of means, the units that carry the contrast."""
    if metric.kind != "probability":
        left, right = (sample.influence for sample in whole)
        influences = (left, right) if method == "unpaired" else (left - right,)
        return carriers(*influences) * size / whole[0].count
    if method == "unpaired":
        return size * min(min(sample.mean, 1 - sample.mean) for sample in whole)
    shares = [np.divide(s.sums, s.sizes, out=np.zeros(s.count), where=s.sizes > 0) for s in whole]
    gains = [float(np.mean(np.maximum(a - b, 0))) for a, b in (shares, shares[::-1])]
    return size * (sum(gains) / 2 if method == "paired null" else min(gains))
