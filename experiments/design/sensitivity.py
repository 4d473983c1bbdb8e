"""Global sensitivity: which uncertain parameters move a result, alone and together.

A ``design:`` block may sample by ``morris:`` (screening by elementary effects, Morris 1991) or by ``saltelli:`` (Sobol'
indices, Saltelli et al. 2010); ``factors: uncertain`` stands for everything nobody chooses, the two sides together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.errors import UserError, need
from sim.scenario import Parameter, Scenario, parameters

if TYPE_CHECKING:
    import polars as pl

KINDS = ("morris", "saltelli")
UNCERTAIN = "uncertain"
LEVELS = 4
RESAMPLES = 200
NEEDED = "designs by morris and saltelli need SALib; install the extra, pip install 'offramp[calibrate]'"
LEVERS = (
    *("government.a.rhetoric_discipline", "government.b.rhetoric_discipline", "talks.rate", "talks.secrecy"),
    "dyad.reporting.civilian_claims",
)
"""What somebody chooses, besides all of ``mediation``, or what is an experiment."""


@dataclass(frozen=True)
class Sampling:
    """How a design was sampled: the ``kind``, its ``factors`` in order, and the group of each."""

    kind: str
    factors: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def problem(self) -> dict[str, Any]:
        """The unit cube as SALib describes it."""
        cube = {"num_vars": len(self.factors), "names": list(self.factors), "bounds": [[0.0, 1.0]] * len(self.factors)}
        return cube if self.kind == "morris" else {**cube, "groups": list(self.groups)}

    @property
    def inputs(self) -> tuple[str, ...]:
        """What an index is computed for: factors, or groups of them."""
        return self.factors if self.kind == "morris" else tuple(dict.fromkeys(self.groups))


def expanded(spec: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """A ``design:`` block in which ``factors: uncertain`` has become factors and ties around a scenario's values."""
    design = dict(spec)
    for kind, part in spec.items():
        if isinstance(part, Mapping) and part.get("factors") == UNCERTAIN:
            factors, ties = uncertain(scenario)
            design |= {kind: {**part, "factors": factors}, "tie": {**(design.get("tie") or {}), **ties}}
    return design


def uncertain(scenario: Scenario) -> tuple[dict[str, Any], dict[str, Any]]:
    """Everything that nobody chooses: factors, each with the span to sample, and the ties between the two sides.

    A tied factor runs from 0 to 1 through the span of each side around that side's own value.
    """
    factors: dict[str, Any] = {}
    ties: dict[str, Any] = {}
    for path, parameter in parameters().items():
        top, *rest = path.split(".")
        absent = top == "alliance" and len(rest) > 1 and not scenario.get(f"alliance.{rest[0]}.present")
        if parameter.kind != "float" or top == "mediation" or path in LEVERS or absent:
            continue
        low, high = span(parameter, float(scenario.get(path)))
        if top in ("government", "public"):
            shared = ".".join((top, *rest[1:]))
            factors[shared] = {"from": 0, "to": 1}
            ties.setdefault(shared, []).append({"path": path, "scale": high - low, "shift": low})
        else:
            factors[path] = {"from": low, "to": high}
    return factors, ties


def span(parameter: Parameter, value: float) -> tuple[float, float]:
    """From half to double of a value, of what it lacks to one if that is less, or an eighth of the range about it."""
    eighth = (parameter.high - parameter.low) / 8
    about = (value - eighth, value + eighth)
    if parameter.low < 0 < parameter.high or value == 0:
        ends = about
    elif parameter.high <= 1 and 0.5 < value < 1:
        ends = (1 - 2 * (1 - value), 1 - (1 - value) / 2)
    else:
        ends = (value / 2, value * 2)
    low, high = max(parameter.low, ends[0]), min(parameter.high, ends[1])
    return (low, high) if high > low else (max(parameter.low, about[0]), min(parameter.high, about[1]))


def sampling(kind: str, spec: Mapping[str, Any]) -> Sampling:
    """How a part of a ``design:`` block samples; UserError if a group names no factor, or a factor is in two groups."""
    factors = tuple(spec["factors"])
    group = dict.fromkeys(factors, "")
    for name, members in (spec.get("groups") or {}).items():
        for member in members:
            matching = [factor for factor in factors if factor == member or factor.startswith(f"{member}.")]
            if not matching:
                raise UserError(f"design.{kind}.groups.{name}: {member} is no factor of this design")
            for factor in matching:
                if group[factor] and len(member) == len(factor):
                    raise UserError(f"design.{kind}.groups.{name}: {factor} is in {group[factor]} already")
                group[factor] = group[factor] or name
    return Sampling(kind, factors, tuple(group[factor] or factor for factor in factors))


def unit_sample(design: Sampling, samples: int, seed: int) -> np.ndarray:
    """Points in the unit cube, (points, factors): ``samples`` trajectories, or base samples; UserError without SALib."""
    need("SALib", NEEDED)
    if design.kind == "morris":
        from SALib.sample import morris

        return morris.sample(design.problem, samples, num_levels=LEVELS, seed=seed)
    from SALib.sample import sobol

    return sobol.sample(design.problem, samples, calc_second_order=False, seed=seed)


def sampling_of(design: Mapping[str, Any], scenario: Scenario) -> Sampling:
    """How a study's ``design:`` block, which holds one of :data:`KINDS`, was sampled."""
    kind = next(kind for kind in KINDS if kind in design)
    return sampling(kind, expanded(design, scenario)[kind])


def indices(design: Sampling, points: pl.DataFrame, values: np.ndarray) -> pl.DataFrame:
    """Sensitivity of a value over the points of a design: ``points`` its factors, a row a point, ``values`` (points,).

    A row an input, the largest first: ``factor, index, low, high``. For ``morris`` the mean absolute elementary effect and
    ``spread``, the standard deviation of effects; for ``saltelli`` the total Sobol' index and ``first``, the first-order
    one. Intervals are 95 % by bootstrap, null where too few trajectories or base samples were drawn. All numbers are null
    where :func:`why_none` gives a reason.
    """
    need("SALib", NEEDED)
    import polars as pl
    from SALib.analyze import morris, sobol

    from experiments.statistics.estimates import too_few

    if why_none(values):
        names = ("index", "low", "high", "spread" if design.kind == "morris" else "first")
        return pl.DataFrame({"factor": list(design.inputs)}).with_columns(
            pl.lit(None, pl.Float64).alias(n) for n in names
        )
    if design.kind == "morris":
        raw = points.select(design.factors).to_numpy().astype(float)
        low, high = raw.min(axis=0), raw.max(axis=0)
        unit = (raw - low) / np.where(high > low, high - low, 1)
        result = morris.analyze(design.problem, unit, values, num_levels=LEVELS, num_resamples=RESAMPLES, seed=1)
        keys, runs = {"index": "mu_star", "half": "mu_star_conf", "spread": "sigma"}, len(design.inputs) + 1
    else:
        result = sobol.analyze(design.problem, values, calc_second_order=False, num_resamples=RESAMPLES, seed=1)
        keys, runs = {"index": "ST", "half": "ST_conf", "first": "S1"}, len(design.inputs) + 2
    numbers = {name: np.asarray(result[key], float) for name, key in keys.items()}
    index, half = numbers.pop("index"), numbers.pop("half")
    most = np.inf if design.kind == "morris" else np.maximum(index, 1.0)  # a share cannot be more than the whole
    low, high = np.maximum(index - half, 0), np.minimum(index + half, most)
    if too_few(values.size // runs):
        low = high = np.full(len(index), np.nan)
    columns = {"factor": list(design.inputs), "index": index, "low": low, "high": high, **numbers}
    return pl.DataFrame(columns, nan_to_null=True).sort("index", descending=True, nulls_last=True)


def why_none(values: np.ndarray) -> str:
    """Return in words why a value over the points of a design has no indices; empty where it has."""
    lost = int(np.isnan(values).sum())
    if lost:
        return f"missing at {lost:,} of {values.size:,} points"
    return "" if np.ptp(values) else f"did not vary over {values.size:,} points"
