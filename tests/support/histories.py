"""Hand-made crises for the tests of the readings."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from sim.records import History, read_records


def rungs(*spells: tuple[int, int]) -> list[int]:
    """A path of rungs from spells (rung, days): ``rungs((5, 2), (1, 3))`` is 5 5 1 1 1."""
    return [rung for rung, days in spells for _ in range(days)]


def crisis(
    a: list[int],
    b: list[int] | None = None,
    *,
    policy_a: list[int] | None = None,
    policy_b: list[int] | None = None,
    deaths: dict[int, int] | None = None,
) -> History:
    """One lane whose sides fight the given rungs, by policy unless told otherwise; deaths by day fall on side b."""
    days = len(a)
    other = [1] * days if b is None else b
    history = History.empty(days, 1)
    history.fought[:, 0, 0], history.fought[:, 1, 0] = a, other
    history.policy[:, 0, 0] = a if policy_a is None else policy_a
    history.policy[:, 1, 0] = other if policy_b is None else policy_b
    for day, number in (deaths or {}).items():
        history.deaths[day, 1, 0] = number
    return history


def record(history: History, opening=None) -> dict:
    """The row of the only lane, as plain values."""
    records, _ = read_records(history, opening)
    return {name: values[0].item() if hasattr(values[0], "item") else values[0] for name, values in records.items()}


def events(history: History, reading: str) -> list[dict]:
    """The events or runs of the only lane, as plain values."""
    _, table = read_records(history)
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    return [row for row in rows if row["reading"] == reading]


@st.composite
def histories(draw, most_days: int = 260, most_lanes: int = 4) -> History:
    """Any history: quiet or busy, with deaths, talks and allies, up to several lanes."""
    days = draw(st.integers(1, most_days))
    lanes = draw(st.integers(1, most_lanes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    history = History.empty(days, lanes)
    busy = rng.random(lanes) ** 3
    history.policy[:] = rng.integers(0, 4, history.policy.shape)
    history.incident[:] = (rng.random(history.incident.shape) < busy) * rng.integers(3, 10, history.incident.shape)
    history.fought[:] = np.maximum(history.policy, history.incident)
    history.policy[rng.random(history.policy.shape[0]) < 0.5] = 1
    history.deaths[:] = (history.fought >= 4) * rng.poisson(10 ** rng.uniform(-2, 2, lanes), history.deaths.shape)
    history.civilians[:] = rng.binomial(history.deaths, 0.1)
    history.attempt[:] = rng.random(history.attempt.shape) < 0.05
    history.support[:] = rng.integers(0, 4, history.support.shape)
    history.agreement[:] = np.repeat(rng.integers(0, 4, (days // 20 + 1, lanes)), 20, axis=0)[:days]
    history.territory[:] = rng.normal(0, 0.3, history.territory.shape)
    return history
