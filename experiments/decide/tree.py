"""A small tree beside the boxes: parts of the factors' space and the risk in each (CART)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.decide.boxes import Column
from experiments.errors import UserError

DEPTH = 3
RELATIONS: dict[str, Callable[..., Any]] = {"<=": operator.le, ">": operator.gt, "=": operator.eq, "!=": operator.ne}
LEAST = 0.05
"""Share of crises a leaf holds at least."""


@dataclass(frozen=True)
class Leaf:
    """Conditions from the root, as (factor, is, value), and which crises of some data end in it."""

    conditions: tuple[tuple[str, str, float | str], ...]

    def holds(self, columns: Mapping[str, Column]) -> NDArray[np.bool_]:
        """Whether each crisis ends in the leaf, bool (crises,)."""
        kept = np.full(len(next(iter(columns.values()))), True)
        for name, relation, value in self.conditions:
            kept &= RELATIONS[relation](columns[name], value)
        return kept


def leaves(columns: Mapping[str, Column], interest: NDArray[np.bool_]) -> list[Leaf]:
    """The leaves of a classification tree (Breiman and others 1984), grown on some crises.

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
    names: list[tuple[str, str | None]] = []
    parts = []
    for name, column in columns.items():
        for label in sorted(set(column)) if column.dtype == object else [None]:
            names.append((name, label))
            parts.append(column.astype(float) if label is None else (column == label).astype(float))
    fitted = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=LEAST, random_state=1)
    tree = fitted.fit(np.column_stack(parts), interest).tree_
    made: list[Leaf] = []

    def follow(node: int, conditions: tuple[tuple[str, str, float | str], ...]) -> None:
        if tree.children_left[node] < 0:
            made.append(Leaf(conditions))
            return
        name, label = names[tree.feature[node]]
        cut = float(tree.threshold[node])
        below, above, value = ("<=", ">", cut) if label is None else ("!=", "=", label)
        follow(tree.children_left[node], (*conditions, (name, below, value)))
        follow(tree.children_right[node], (*conditions, (name, above, value)))

    follow(0, ())
    return made
