"""Shapley values: how an effect is shared out among what brings it about, exactly, over all coalitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np

Coalition = frozenset[str]


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """All subsets of the players, the empty one first."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def shares(players: Sequence[str], worth: Mapping[Coalition, np.ndarray]) -> dict[str, np.ndarray]:
    """What each player adds to a coalition, on average over all orders in which it can be put together.

    Parameters
    ----------
    players : sequence of str
    worth : mapping
        Coalition -> what it brings about, all arrays of one shape (a lane each, say); all 2 ** players are needed.

    Returns
    -------
    dict
        Player -> its share; the shares add up to worth of all minus worth of none, element by element.
    """
    count = len(players)
    found = {}
    for player in players:
        others = [name for name in players if name != player]
        found[player] = sum(
            factorial(len(some))
            * factorial(count - len(some) - 1)
            / factorial(count)
            * (worth[some | {player}] - worth[some])
            for some in coalitions(others)
        )
    return found
