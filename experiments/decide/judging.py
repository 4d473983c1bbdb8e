"""The last judgement: policies on fresh luck and fresh states, with intervals, and which of them tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from experiments.decide.evaluation import cube
from experiments.decide.fronts import Floats, dominates, groups, on_front
from experiments.decide.levers import Policy
from experiments.decide.plan import Plan
from experiments.statistics.intervals import wilson

RESAMPLES = 999
SEED = 20_200_716


@dataclass(frozen=True)
class Judged:
    """Policies on fresh luck and states.

    ``front`` has a row a policy, see :func:`judge`; ``against`` is each policy minus each arm, paired, or their ratio
    for typical values; ``arms`` has `arm` and each measure with `_low` and `_high`.
    """

    front: pl.DataFrame
    against: pl.DataFrame
    arms: pl.DataFrame


def judge(plan: Plan, lanes: pl.DataFrame, policies: Mapping[int, Policy]) -> Judged:
    """Judge policies by crises none of them was chosen by.

    Parameters
    ----------
    plan : Plan
    lanes : pl.DataFrame
        As :func:`experiments.decide.evaluation.evaluate` gives them; arms are numbered -1, -2, ... in the plan's order.
    policies : mapping
        Number -> setting of the levers.

    Returns
    -------
    Judged
        ``front`` has `name`, `policy`, the levers, `cost`, every objective with `_low` and `_high`, every constraint's
        `meets` (share of resamples in which it is met), `dominated` (share of resamples in which another policy
        of the table is at least as good everywhere), `group` (policies whose outcomes cannot be told apart), `on_front`
        and, with second prices, `on_front_second`. The cheapest policy comes first, or the best in the first objective
        where nothing costs. Intervals (95 %) resample states of the world, or luck where there is one state, so they
        hold both kinds of ignorance.
    """
    metrics, count = list(plan.metrics), len(policies)
    values = cube(lanes, metrics)
    numbers = lanes["policy"].unique().sort().to_list()
    clusters = values.mean(axis=2) if values.shape[1] > 1 else values[:, 0]
    level, resamples = clusters.mean(axis=1), _resampled(clusters)

    def rank(number: int) -> tuple[float, int]:
        if plan.prices:
            return plan.cost(policies[number]), number
        first = plan.objectives[0]
        return -first.sign * float(level[numbers.index(number), metrics.index(first.name)]), number

    order = sorted(policies, key=rank)
    rows = [numbers.index(number) for number in (*order, *range(-1, -1 - len(plan.arms), -1))]  # policies, then arms
    level, resamples = level[rows], resamples[:, rows]
    settings = [policies[number] for number in order]
    oriented, drawn = (plan.oriented(settings, means[..., :count, :]) for means in (level, resamples))
    front: dict[str, Any] = {
        "name": [f"policy_{place:02d}" for place in range(1, count + 1)],
        "policy": order,
        **{lever.path: [setting[lever.path] for setting in settings] for lever in plan.levers},
    }
    if plan.prices:
        front["cost"] = [plan.cost(setting) for setting in settings]
    crises = values.shape[1] * values.shape[2]
    front |= _levels(plan, level[:count], resamples[:, :count], crises)
    met = np.full(count, True)
    for constraint in plan.constraints:
        at = metrics.index(constraint.metric.name)
        excess, drawn_excess = (
            constraint.excess(means[..., :count, at], means[..., [count], at]) for means in (level, resamples)
        )
        met &= excess <= 0
        front[f"meets {constraint.text}"] = (drawn_excess <= 0).mean(axis=0)
    front["dominated"] = np.mean([dominates(one_draw).any(axis=0) for one_draw in drawn], axis=0)
    front["group"] = groups(_apart(plan, drawn)) + 1
    front["on_front"] = on_front(np.where(met[:, None], oriented, np.nan))
    if plan.second_prices:
        second = plan.oriented(settings, level[:count], plan.second_prices)
        front["on_front_second"] = on_front(np.where(met[:, None], second, np.nan))
    arms = {"arm": list(plan.arms), **_levels(plan, level[count:], resamples[:, count:], crises)}
    return Judged(pl.DataFrame(front), _against(plan, front["name"], level, resamples), pl.DataFrame(arms))


def _resampled(clusters: np.ndarray) -> Floats:
    """Means over resampled clusters, float (resamples, policies, measures); every policy meets the same ones."""
    units = clusters.shape[1]
    generator = np.random.Generator(np.random.PCG64([SEED, units]))
    picks = generator.integers(units, size=(RESAMPLES, units))
    weights = np.apply_along_axis(np.bincount, 1, picks, minlength=units) / units
    return np.einsum("bu,pum->bpm", weights, clusters)


def _levels(plan: Plan, level: Floats, resamples: Floats, crises: int) -> dict[str, Floats]:
    """Each measure with its interval, on the scale a reader knows; Wilson's where no crisis, or every one, shows it."""
    table: dict[str, Floats] = {}
    for at, (name, metric) in enumerate(plan.metrics.items()):
        value, (low, high) = level[:, at], np.quantile(resamples[..., at], [0.025, 0.975], axis=0)
        if metric.kind == "geometric":
            value, low, high = np.expm1([value, low, high])
        if metric.kind == "probability":
            least, most = wilson(value, float(crises))
            alike = (value <= 0) | (value >= 1)
            low, high = np.where(alike, least, low), np.where(alike, most, high)
        table |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return table


def _apart(plan: Plan, drawn: Floats) -> np.ndarray:
    """Whether the paired interval of a difference leaves zero out in some objective that is measured on crises."""
    measured = [at for at, objective in enumerate(plan.objectives) if objective.metric is not None]
    gaps = drawn[:, :, None, measured] - drawn[:, None, :, measured]
    low, high = np.quantile(gaps, [0.025, 0.975], axis=0)
    return ((low > 0) | (high < 0)).any(axis=-1)


def _against(plan: Plan, names: Sequence[str], level: Floats, resamples: Floats) -> pl.DataFrame:
    """`policy, arm, measure, scale, value, low, high` of each policy minus each arm; rows of arms follow the policies'."""
    pairs = product(enumerate(plan.metrics.items()), enumerate(names), enumerate(plan.arms, len(names)))
    rows = []
    for (at, (name, metric)), (row, policy), (arm_row, arm) in pairs:
        ends = np.quantile(resamples[:, row, at] - resamples[:, arm_row, at], [0.025, 0.975])
        gaps = np.array([level[row, at] - level[arm_row, at], *ends])
        ratio = metric.kind == "geometric"
        rows.append(
            (policy, arm, name, "ratio" if ratio else "difference", *(np.exp(gaps) if ratio else gaps).tolist())
        )
    return pl.DataFrame(rows, ["policy", "arm", "measure", "scale", "value", "low", "high"], orient="row")
