"""What is worth finding out first: the expected value of perfect information, in all and on each uncertainty."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from experiments.decide.robustness import Crossed, Floats

PERMUTATIONS = 200
SEED = 20_200_718
FEW_STATES = 30


def perfect_information(of_states: Floats) -> Floats:
    """What choosing in every state gains over choosing once, in the quantity's unit, for means (..., states, arms)."""
    return of_states.max(axis=-1).mean(axis=-1) - of_states.mean(axis=-2).max(axis=-1)


def information(crossed: Crossed, uncertain: Mapping[str, NDArray]) -> pl.DataFrame:
    """`parameter, value, low, high, chance, share`: all that is uncertain first, then each column, most worth first.

    The value of a column is what choosing by its expectation alone would gain: arms' means regressed on 1, z and z² of
    the column's normal scores, on the means of labels (Strong, Oakley & Brennan 2014, Medical Decision Making 34).
    Even a column that says nothing gains something on finitely many states: `chance` is what 95 % of permutations stay
    below. `low` and `high` resample states. Columns, (states,), of numbers or labels, that rank the states alike are one
    parameter.
    """
    total = float(perfect_information(crossed.cleaned))
    low, high = np.quantile(perfect_information(crossed.over_both()), [0.025, 0.975])
    rows = [("everything", total, float(min(low, total)), float(max(high, total)), float("nan"))]
    generator = np.random.default_rng(SEED)
    seen = crossed.seen
    states = seen.shape[0]
    picks = generator.integers(states, size=(PERMUTATIONS, states))
    orders = np.argsort(generator.random((PERMUTATIONS, states)), axis=1)
    for name, alike in distinct(uncertain).items():
        basis = _basis(uncertain[alike[0]])
        value = float(_partial(seen, basis))
        chance = float(np.quantile(_partial(seen, basis[orders]), 0.95))
        low, high = np.quantile(_partial(seen[picks], basis[picks]), [0.025, 0.975])
        rows.append((name, value, float(min(low, value)), float(max(high, value)), chance))
    table = pl.DataFrame(rows, ["parameter", "value", "low", "high", "chance"], orient="row")
    ordered = pl.concat([table.head(1), table.slice(1).sort("value", descending=True)])
    share = pl.col("value") / total if total > 0 else pl.lit(float("nan"))
    return ordered.with_columns(share.alias("share"))


def distinct(columns: Mapping[str, NDArray]) -> dict[str, list[str]]:
    """Columns that vary, those that rank alike (rising or falling) together: what they are called -> their names."""
    made: dict[bytes, list[str]] = {}
    for name, column in columns.items():
        if len(set(column.tolist())) < 2:
            continue
        if _is_label(column):
            key = np.unique(column.astype(str), return_inverse=True)[1].tobytes()
        else:
            ranks = ranks_of(column)
            key = min(ranks.tobytes(), (len(ranks) + 1 - ranks).tobytes())
        made.setdefault(key, []).append(name)
    return {_together(names): names for names in made.values()}


def ranks_of(column: NDArray) -> Floats:
    """Ranks from 1, ties at their mean, float (states,)."""
    _, place, times = np.unique(column, return_inverse=True, return_counts=True)
    return (np.cumsum(times) - (times - 1) / 2)[place]


def _is_label(column: NDArray) -> bool:
    return column.dtype == object or column.dtype.kind in "US"


def _together(names: list[str]) -> str:
    """One name for columns that are one parameter: both sides' where that is all that differs."""
    if len(names) == 1:
        return names[0]
    short = list(dict.fromkeys(name.replace(".a.", ".a|b.").replace(".b.", ".a|b.") for name in names))
    return short[0] if len(short) == 1 else f"{short[0]} and {len(short) - 1} more of the same rank"


def _basis(column: NDArray) -> Floats:
    """What arms' means are regressed on, float (states, terms)."""
    if _is_label(column):
        labels, place = np.unique(column.astype(str), return_inverse=True)
        return np.eye(len(labels))[place]
    z = ndtri((ranks_of(column) - 0.5) / len(column))
    return np.column_stack([np.ones(len(z)), z, z**2])


def _partial(seen: Floats, basis: Floats) -> Floats:
    """What choosing by means fitted to a basis, (..., states, terms), gains over choosing once."""
    fitted = np.zeros(np.broadcast_shapes(seen.shape[:-1], basis.shape[:-1]) + seen.shape[-1:])
    directions: list[Floats] = []
    for term in range(basis.shape[-1]):  # by Gram and Schmidt: too small for a library with threads of its own
        direction = basis[..., term]
        for other in directions:
            direction = direction - (direction * other).sum(axis=-1, keepdims=True) * other
        length = np.sqrt((direction**2).sum(axis=-1, keepdims=True))
        direction = np.divide(direction, length, out=np.zeros_like(direction), where=length > 1e-9)
        directions.append(direction)
        fitted += direction[..., None] * (direction[..., None] * seen).sum(axis=-2, keepdims=True)
    return perfect_information(fitted)
