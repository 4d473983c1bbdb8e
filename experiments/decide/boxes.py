"""Boxes in which cases of interest are dense, by the patient rule induction method, and a small tree beside them.

Friedman & Fisher 1999 (Statistics and Computing 9): a box loses a thin slice at a time, that which leaves most behind. The
slice is chosen by the lenient objective of Kwakkel & Jaxa-Rozen 2016 (Environmental Modelling & Software 79): gain in
density by share of crises lost, so that a label with many crises is not peeled off before a better slice of a number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from experiments.errors import UserError

PEELED = 0.05
"""Share of the crises in a box that one slice of a number takes away."""
LEAST = 0.05
"""Share of all crises that a box holds at least."""
IDLE = 0.05
"""Quasi-p above which a limit is dropped."""
USED = (1, 2, 3, 4, 6, 10)
"""Numbers of factors that are tried, beside all of them."""

Column = NDArray
"""Numbers, or labels as objects, shape (crises,)."""


@dataclass(frozen=True)
class Interval:
    """Values from `low` to `high`, ends included; an end that was never moved is infinite."""

    low: float = -np.inf
    high: float = np.inf


Limit = Interval | frozenset[str]
"""An interval of a number, or the labels that are left."""
Limits = dict[str, Limit]


@dataclass(frozen=True)
class Box:
    """Limits of some factors, and how many crises and cases of interest they hold in the data they are counted in."""

    limits: Limits
    inside: int
    cases: int
    total: int
    all_cases: int

    @property
    def mass(self) -> float:
        """Share of all crises that lie in the box."""
        return self.inside / self.total

    @property
    def density(self) -> float:
        """Share of the crises in the box that are cases of interest; NaN for an empty one."""
        return self.cases / self.inside if self.inside else float("nan")

    @property
    def coverage(self) -> float:
        """Share of all cases of interest that lie in the box."""
        return self.cases / self.all_cases if self.all_cases else float("nan")

    @property
    def base(self) -> float:
        """Share of all crises that are cases of interest."""
        return self.all_cases / self.total

    def score(self, elsewhere: Box) -> float:
        """Log likelihood, a crisis, of what the same limits hold elsewhere, by this box's rates inside and outside."""
        inner = (self.cases + 0.5) / (self.inside + 1)
        outer = (self.all_cases - self.cases + 0.5) / (self.total - self.inside + 1)
        cases, others = elsewhere.cases, elsewhere.inside - elsewhere.cases
        out_cases = elsewhere.all_cases - cases
        out_others = elsewhere.total - elsewhere.inside - out_cases
        logs = np.log([inner, 1 - inner, outer, 1 - outer])
        return float(np.dot([cases, others, out_cases, out_others], logs)) / elsewhere.total


def inside(columns: Mapping[str, Column], limits: Limits) -> NDArray[np.bool_]:
    """Whether each crisis lies within limits, bool (crises,)."""
    kept = np.full(len(next(iter(columns.values()))), True)
    for name, limit in limits.items():
        column = columns[name]
        if isinstance(limit, Interval):
            kept &= (column >= limit.low) & (column <= limit.high)
        else:
            kept &= np.isin(column, list(limit))
    return kept


def counted(columns: Mapping[str, Column], interest: NDArray[np.bool_], limits: Limits) -> Box:
    """A box with the crises it holds of some data."""
    kept = inside(columns, limits)
    return Box(limits, int(kept.sum()), int(interest[kept].sum()), len(interest), int(interest.sum()))


def peel(
    columns: Mapping[str, Column], interest: NDArray[np.bool_], peeled: float = PEELED, least: float = LEAST
) -> list[Box]:
    """The peeling trajectory: from all crises to the smallest box, each box a slice less than the one before.

    Parameters
    ----------
    columns : mapping of str to array, shape (crises,)
        Factors: numbers or labels.
    interest : bool array, shape (crises,)
    peeled, least : float
        Share of a box that a slice takes, and share of all crises that the last box holds at least.
    """
    left = np.arange(len(interest))
    limits: Limits = {}
    boxes = [counted(columns, interest, limits)]
    while True:
        density = interest[left].mean()
        best: tuple[float, str, Limit | None, NDArray] = (0.0, "", None, left)
        for name, column in columns.items():
            for limit, kept in _slices(column[left], limits.get(name), peeled):
                lost = len(left) - int(kept.sum())
                if not lost or kept.sum() < max(least * len(interest), 1):
                    continue
                gain = (interest[left][kept].mean() - density) / (lost / len(left))
                if gain > best[0]:
                    best = (float(gain), name, limit, left[kept])
        if best[2] is None:
            return boxes
        limits = {**limits, best[1]: best[2]}
        left = best[3]
        boxes.append(Box(limits, len(left), int(interest[left].sum()), len(interest), int(interest.sum())))


def trajectories(
    columns: Mapping[str, Column], interest: NDArray[np.bool_], peeled: float = PEELED, least: float = LEAST
) -> list[list[Box]]:
    """Peeling trajectories over the few factors that say most alone, then over more of them, then over all.

    Among many factors of which few matter, a greedy peeling spends its crises on noise; how many factors are used is
    left to the crises that the box is chosen on.
    """
    alone = {
        name: max(box.score(box) for box in peel({name: column}, interest, peeled, least))
        for name, column in columns.items()
    }
    ordered = sorted(columns, key=lambda name: -alone[name])
    sizes = dict.fromkeys(min(size, len(ordered)) for size in (*USED, len(ordered)))
    return [peel({name: columns[name] for name in ordered[:size]}, interest, peeled, least) for size in sizes]


def _slices(values: Column, limit: Limit | None, peeled: float) -> list[tuple[Limit, NDArray[np.bool_]]]:
    """What one factor can lose next: the limit that is left, and whether each crisis stays."""
    if values.dtype == object:
        labels = sorted(set(values))
        return [(frozenset(labels) - {label}, values != label) for label in labels] if len(labels) > 1 else []
    ends = limit if isinstance(limit, Interval) else Interval()
    slices: list[tuple[Limit, NDArray[np.bool_]]] = []
    low, high = np.quantile(values, [peeled, 1 - peeled])
    above, below = values > low, values < high
    if above.all() or not above.any():
        above = values > values.min()  # many crises share the lowest value
    if below.all() or not below.any():
        below = values < values.max()
    if above.any() and not above.all():
        slices.append((Interval(float((values[~above].max() + values[above].min()) / 2), ends.high), above))
    if below.any() and not below.all():
        slices.append((Interval(ends.low, float((values[below].max() + values[~below].min()) / 2)), below))
    return slices


def chosen(boxes: Sequence[Box], columns: Mapping[str, Column], interest: NDArray[np.bool_]) -> Limits:
    """The limits among those of boxes that foretell best which crises are cases, on others than they were peeled on.

    Each box foretells one rate inside and one outside, as it had them when it was peeled; the log likelihood of the
    crises given here chooses, and idle limits are dropped. By F1, crises whose luck outweighs their factors would get
    the empty box; weighted relative accuracy hardly falls where a box is too wide.
    """
    best = max(boxes, key=lambda box: (box.score(counted(columns, interest, box.limits)), -len(box.limits)))
    limits = dict(best.limits)
    while limits:
        wider: list[Limits] = []  # without one end of an interval, or without one factor
        for name, limit in limits.items():
            rest = {key: other for key, other in limits.items() if key != name}
            if isinstance(limit, Interval) and np.isfinite([limit.low, limit.high]).all():
                wider += [{**rest, name: Interval(high=limit.high)}, {**rest, name: Interval(low=limit.low)}]
            else:
                wider.append(rest)
        chances = [_chance(columns, interest, limits, other) for other in wider]
        worst = int(np.argmax(chances))
        if chances[worst] <= IDLE:
            break
        limits = wider[worst]
    return limits


def quasi_p(columns: Mapping[str, Column], interest: NDArray[np.bool_], limits: Limits, name: str) -> float:
    """How often chance alone would give as many cases in a box if one factor's limit did nothing.

    Binomial, with the density of the box without that limit (Bryant & Lempert 2010, Technological Forecasting & Social
    Change 77). Crises of one draw are alike, so it is a yardstick and no test.
    """
    return _chance(columns, interest, limits, {key: limit for key, limit in limits.items() if key != name})


def _chance(columns: Mapping[str, Column], interest: NDArray[np.bool_], limits: Limits, wider: Limits) -> float:
    box, without = counted(columns, interest, limits), counted(columns, interest, wider)
    if box.inside == without.inside or not box.cases:
        return 1.0
    return float(betainc(box.cases, box.inside - box.cases + 1, without.density))


LEAST_IN_LEAF = 0.05
"""Share of crises that a leaf of the tree holds at least."""
DEPTH = 3
RELATIONS: dict[str, Callable[..., Any]] = {"<=": operator.le, ">": operator.gt, "=": operator.eq, "!=": operator.ne}


@dataclass(frozen=True)
class Leaf:
    """A part of the factors' space: conditions from the root of a tree, as (factor, relation, value)."""

    conditions: tuple[tuple[str, str, float | str], ...]

    def holds(self, columns: Mapping[str, Column]) -> NDArray[np.bool_]:
        """Whether each crisis ends in the leaf, bool (crises,)."""
        within = np.full(len(next(iter(columns.values()))), True)
        for name, relation, value in self.conditions:
            within &= RELATIONS[relation](columns[name], value)
        return within


def leaves(columns: Mapping[str, Column], interest: NDArray[np.bool_]) -> list[Leaf]:
    """The leaves of a small classification tree (CART, Breiman and others 1984), grown on some crises.

    Raises
    ------
    UserError
        Where scikit-learn is not installed.
    """
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        raise UserError(
            "discover: the tree needs scikit-learn, which is not installed; pip install 'offramp[decide]'"
        ) from None
    features = [
        (name, label)
        for name, column in columns.items()
        for label in (sorted(set(column)) if column.dtype == object else [None])
    ]
    table = [columns[name].astype(float) if label is None else columns[name] == label for name, label in features]
    fitted = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=LEAST_IN_LEAF, random_state=1)
    tree = fitted.fit(np.column_stack(table).astype(float), interest).tree_

    def below(node: int, conditions: tuple[tuple[str, str, float | str], ...]) -> list[Leaf]:
        if tree.children_left[node] < 0:
            return [Leaf(conditions)]
        name, label = features[tree.feature[node]]
        left, right, value = ("<=", ">", float(tree.threshold[node])) if label is None else ("!=", "=", label)
        return [
            *below(tree.children_left[node], (*conditions, (name, left, value))),
            *below(tree.children_right[node], (*conditions, (name, right, value))),
        ]

    return below(0, ())
