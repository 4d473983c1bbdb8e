"""The last judgement: policies on fresh luck and fresh states, with intervals, and which of them tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.decide.evaluation import cube
from experiments.decide.fronts import Floats, dominates, groups, on_front
from experiments.decide.levers import Policy
from experiments.decide.plan import Constraint, Objective, Plan
from experiments.statistics.intervals import wilson
from experiments.statistics.metrics import Metric

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
        and, with second prices, `on_front_second`. Intervals (95 %) resample states of the world, or luck where
        there is one state, so they hold both kinds of ignorance.
    """
    measures = plan.metrics
    values = cube(lanes, list(measures))
    numbers = lanes["policy"].unique().sort().to_list()
    clusters = values.mean(axis=2) if values.shape[1] > 1 else values[:, 0]
    resamples = _resampled(clusters)
    level, chance = clusters.mean(axis=1), values.shape[1] * values.shape[2]
    place = {number: row for row, number in enumerate(numbers)}
    names = {name: at for at, name in enumerate(measures)}
    reference = place[-1]
    own = _ordered(plan, policies, level, place, names)
    rows = [place[number] for number in own]
    oriented, drawn = (
        _oriented(plan, [policies[n] for n in own], some[..., rows, :], names) for some in (level, resamples)
    )
    meets = {
        item.text: (_excess(item, resamples[..., names[item.metric.name]], rows, reference) <= 0).mean(axis=0)
        for item in plan.constraints
    }
    excess = [_excess(item, level[:, names[item.metric.name]], rows, reference) for item in plan.constraints]
    met = np.all(np.array(excess) <= 0, axis=0) if excess else np.full(len(own), True)
    front: dict[str, list] = {
        "name": [f"policy_{place:02d}" for place in range(1, len(own) + 1)],
        "policy": list(own),
        **{lever.path: [policies[number][lever.path] for number in own] for lever in plan.levers},
    }
    if plan.prices:
        front["cost"] = [plan.cost(policies[number]) for number in own]
    for name, item in measures.items():
        front |= _levels(name, item, level[rows][:, names[name]], resamples[:, rows, names[name]], chance)
    front |= {f"meets {text}": share.tolist() for text, share in meets.items()}
    front["dominated"] = np.mean([dominates(some).any(axis=0) for some in drawn], axis=0).tolist()
    front["group"] = (groups(_apart(plan, drawn)) + 1).tolist()
    front["on_front"] = _front(oriented, met).tolist()
    if plan.second_prices:
        second = _oriented(plan, [policies[n] for n in own], level[rows], names, plan.second_prices)
        front["on_front_second"] = _front(second, met).tolist()
    arms = {"arm": list(plan.arms)}
    arm_rows = [place[-1 - number] for number in range(len(plan.arms))]
    for name, item in measures.items():
        arms |= _levels(name, item, level[arm_rows][:, names[name]], resamples[:, arm_rows, names[name]], chance)
    against = _against(plan, front["name"], rows, arm_rows, level, resamples, names)
    return Judged(pl.DataFrame(front), against, pl.DataFrame(arms))


def _resampled(clusters: np.ndarray) -> Floats:
    """Means over resampled clusters, float (resamples, policies, measures); every policy meets the same ones."""
    units = clusters.shape[1]
    generator = np.random.Generator(np.random.PCG64([SEED, units]))
    picks = generator.integers(units, size=(RESAMPLES, units))
    weights = np.apply_along_axis(np.bincount, 1, picks, minlength=units) / units
    return np.einsum("bu,pum->bpm", weights, clusters)


def _oriented(
    plan: Plan, policies: Sequence[Policy], level: Floats, names: Mapping[str, int], prices: Mapping | None = None
) -> Floats:
    """Objectives with more being better, float (..., policies, objectives)."""
    columns = [
        own.sign
        * (
            np.broadcast_to([plan.cost(policy, prices) for policy in policies], level.shape[:-1])
            if own.metric is None
            else level[..., names[own.name]]
        )
        for own in plan.objectives
    ]
    return np.stack(columns, axis=-1)


def _front(oriented: Floats, met: np.ndarray) -> np.ndarray:
    """Whether each policy meets the constraints and none that does dominates it."""
    return on_front(np.where(met[:, None], oriented, np.nan))


def _ordered(
    plan: Plan, policies: Mapping[int, Policy], level: Floats, place: Mapping[int, int], names: Mapping[str, int]
) -> list[int]:
    """Numbers of policies, the cheapest first, or the best in the first objective where nothing costs."""
    first: Objective = plan.objectives[0]

    def key(number: int) -> tuple[float, int]:
        if plan.prices:
            return plan.cost(policies[number]), number
        return -first.sign * float(level[place[number], names[first.name]]), number

    return sorted(policies, key=key)


def _excess(item: Constraint, level: Floats, rows: Sequence[int], reference: int) -> np.ndarray:
    return item.excess(level[..., rows], level[..., [reference]])


def _levels(name: str, item: Metric, level: Floats, resamples: Floats, lanes: int) -> dict[str, list]:
    """A measure with its interval, on the scale a reader knows; Wilson's where no crisis, or every one, shows it."""
    low, high = np.quantile(resamples, [0.025, 0.975], axis=0)
    if item.kind == "geometric":
        level, low, high = (np.expm1(some) for some in (level, low, high))
    if item.kind == "probability":
        least, most = wilson(level, float(lanes))
        sure = (level <= 0) | (level >= 1)
        low, high = np.where(sure, least, low), np.where(sure, most, high)
    return {name: level.tolist(), f"{name}_low": low.tolist(), f"{name}_high": high.tolist()}


def _apart(plan: Plan, drawn: Floats) -> np.ndarray:
    """Whether the paired interval of a difference leaves zero out in some objective that is measured on crises."""
    measured = [at for at, own in enumerate(plan.objectives) if own.metric is not None]
    gaps = drawn[:, :, None, measured] - drawn[:, None, :, measured]
    low, high = np.quantile(gaps, [0.025, 0.975], axis=0)
    return ((low > 0) | (high < 0)).any(axis=-1)


def _against(
    plan: Plan,
    policy_names: Sequence[str],
    rows: Sequence[int],
    arm_rows: Sequence[int],
    level: Floats,
    resamples: Floats,
    names: Mapping[str, int],
) -> pl.DataFrame:
    made = []
    for name, item in plan.metrics.items():
        at, back = names[name], np.exp if item.kind == "geometric" else np.asarray
        for policy, row in zip(policy_names, rows, strict=True):
            for arm, other in zip(plan.arms, arm_rows, strict=True):
                gap = resamples[:, row, at] - resamples[:, other, at]
                low, high = np.quantile(gap, [0.025, 0.975])
                value = level[row, at] - level[other, at]
                scale = "ratio" if item.kind == "geometric" else "difference"
                made.append((policy, arm, name, scale, float(back(value)), float(back(low)), float(back(high))))
    return pl.DataFrame(made, ["policy", "arm", "measure", "scale", "value", "low", "high"], orient="row")
