"""A rival to the agents: durations of disputes from four numbers and nothing else.

A split-population survival model (Schmidt and Witte 1989; mixtures of survival times since Boag 1949): a share of
disputes ends soon, at a constant rate, the rest follows a log-logistic distribution, whose tail is heavy. Fitted to the
rows that speak of how long disputes last, it says the same of all disputes, whoever fought and whoever died in them.
Of anything but a length it says nothing: answers, deaths, rungs, war, gaps, joiners, mediators are out of its reach.

Rows are scored as those of the agents are: Student's t about the prediction, with the record's error, the discrepancy
between any model and the world, and what the fit itself leaves open. For the rival each row is left out in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, isfinite, isnan, log, nan, sqrt
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.optimize import brentq, least_squares
from scipy.special import expit
from scipy.stats import t as student

from experiments.calibration.emulator import is_count, learned, unlearned
from experiments.calibration.inference import DISCREPANCY, FREEDOM, Observation, observed
from experiments.targets.targets import Target
from experiments.text import known, render

ROWS: dict[str, tuple[str, float]] = {
    "T6a": ("quantile", 0.25),
    "T6b": ("quantile", 0.5),
    "T6c": ("quantile", 0.75),
    "T6d": ("within", 7),
    "T6e": ("beyond", 180),
    "T8a": ("within", 7),
    "T8b": ("within", 30),
    "T8c": ("quantile", 0.5),
    "T11b": ("within", 7),
    "T11c": ("quantile", 0.5),
    "T11d": ("beyond", 180),
    "T11e": ("within", 7),
    "T11f": ("quantile", 0.5),
}
"""Rows that four numbers can speak of -> what they ask of a distribution of days."""
STARTS = ((0.3, 2.0, 100.0, 1.0), (0.5, 4.0, 200.0, 1.5), (0.2, 1.0, 50.0, 0.7), (0.6, 15.0, 300.0, 2.0))
WIDTH = 2.0
"""Width of a weak prior about the first start, in logarithms: it holds a number that no row left speaks of; assumed."""
SHORTEST, LONGEST = 1e-6, 1e7
"""Days between which quantiles are looked for."""
ROUNDS = 3
"""Fits, each with the errors of rows without an interval taken from the one before."""


@dataclass(frozen=True)
class Durations:
    """A share of short spells with a mean in days, and the rest with a median in days and the exponent of its tail."""

    short: float
    mean: float
    median: float
    tail: float

    @classmethod
    def at(cls, point: np.ndarray) -> Durations:
        """From a point on the whole line, shape (4,)."""
        return cls(float(expit(point[0])), *(float(exp(number)) for number in point[1:]))

    @property
    def point(self) -> np.ndarray:
        """The inverse of :meth:`at`, shape (4,)."""
        return np.array([log(self.short / (1 - self.short)), log(self.mean), log(self.median), log(self.tail)])

    def ended(self, days: float) -> float:
        """Share of disputes that end within so many days."""
        rest = float(expit(self.tail * (log(days) - log(self.median))))
        return self.short * (1 - exp(-days / self.mean)) + (1 - self.short) * rest

    def quantile(self, level: float) -> float:
        """Days within which a share ends."""
        if self.ended(SHORTEST) >= level:
            return SHORTEST
        if self.ended(LONGEST) <= level:
            return LONGEST
        return float(exp(brentq(lambda at: self.ended(exp(at)) - level, log(SHORTEST), log(LONGEST))))

    def density(self, days: float) -> float:
        """Share of disputes that end a day, about a number of days."""
        step = 0.01 * days
        return (self.ended(days + step) - self.ended(days - step)) / (2 * step)

    def row(self, name: str) -> float:
        """What a row of the record would show."""
        kind, number = ROWS[name]
        if kind == "quantile":
            return self.quantile(number)
        return self.ended(number) if kind == "within" else 1 - self.ended(number)


class Fitted(NamedTuple):
    """The four numbers that fit best, and the rows' uncertainty that the fit leaves, on the learned scale, ``(rows,)``."""

    durations: Durations
    left_open: np.ndarray


def rival(targets: Sequence[Target]) -> pl.DataFrame:
    """A row a target that the rival speaks of, those in :data:`ROWS`.

    Columns ``id``, ``statistic``, ``record``, ``record_low``, ``record_high``, ``value`` (all rows fitted), ``inside``,
    ``log_density`` (its own row left out), ``log_density_fitted`` (all rows fitted).
    """
    observation, fitted = settled(targets)
    rows = []
    for number, target in enumerate(target for target in targets if target.id in ROWS):
        without = fit(observation.without([target.id]), fitted.durations.point)
        value = fitted.durations.row(target.id)
        if isnan(target.low):  # the interval that its number of cases leaves
            middle, reach = float(learned(target.id, np.array(target.value))), 1.96 * observation.error[number]
            low, high = (float(unlearned(target.id, np.array(end))) for end in (middle - reach, middle + reach))
        else:
            low, high = target.low, target.high
        row = {**target.columns, "value": value, "inside": low <= value <= high}
        row["log_density"] = _log_density(without, observation, number)
        row["log_density_fitted"] = _log_density(fitted, observation, number)
        rows.append(row)
    return pl.DataFrame(rows)


def settled(targets: Sequence[Target]) -> tuple[Observation, Fitted]:
    """The record's rows that the rival speaks of, and the fit to them; where no interval is, errors are the rival's own."""
    chosen = [target for target in targets if target.id in ROWS]
    plain = observed(chosen, {})
    lacking = np.isnan(plain.error)
    record = replace(plain, error=np.where(lacking, np.inf, plain.error))
    fitted = fit(record)
    for _ in range(ROUNDS if lacking.any() else 0):
        errors = [_error(fitted.durations, target) for target in chosen]
        record = replace(plain, error=np.where(lacking, errors, plain.error))
        fitted = fit(record, fitted.durations.point)
    return record, fitted


def _error(durations: Durations, target: Target) -> float:
    """The standard error on the learned scale that a row's number of cases leaves under the rival itself."""
    kind, level = ROWS[target.id]
    if kind != "quantile":
        share = durations.row(target.id)
        return sqrt(share * (1 - share) / target.n)
    days = durations.quantile(level)
    return sqrt(level * (1 - level) / target.n) / durations.density(days) / (1 + days)


def fit(observation: Observation, start: np.ndarray | None = None) -> Fitted:
    """The four numbers of the largest likelihood, under a weak prior, of the rows whose error is finite.

    The search begins at ``start`` ``(4,)``, or at several places.
    """
    spread = sqrt(1 + DISCREPANCY**2) * observation.error
    used = np.isfinite(spread)

    def gaps(point: np.ndarray) -> np.ndarray:
        misses = (_expected(Durations.at(point), observation.names)[used] - observation.value[used]) / spread[used]
        return np.concatenate([misses, (point - centre) / WIDTH])

    centre = Durations(*STARTS[0]).point
    starts = [start] if start is not None else [Durations(*numbers).point for numbers in STARTS]
    fits = [least_squares(gaps, point, loss=_of_student, x_scale=0.5, bounds=(-12, 12)) for point in starts]
    best = min(fits, key=lambda result: float(result.cost)).x
    slope = np.stack([_slope(best, axis, observation.names) for axis in range(len(best))], axis=1)
    weighed = slope[used] / spread[used, None]
    covariance = np.linalg.inv(weighed.T @ weighed + np.eye(len(best)) / WIDTH**2)
    return Fitted(Durations.at(best), np.sqrt(np.einsum("ri,ij,rj->r", slope, covariance, slope)))


def _of_student(squared: np.ndarray) -> np.ndarray:
    """What squared gaps cost, -2 log density of Student's t up to a constant, with two derivatives, ``(3, rows)``."""
    inner = FREEDOM + squared
    return np.array([(FREEDOM + 1) * np.log(inner / FREEDOM), (FREEDOM + 1) / inner, -(FREEDOM + 1) / inner**2])


def _expected(durations: Durations, names: Sequence[str]) -> np.ndarray:
    """What rows would show on the learned scale, ``(rows,)``."""
    return np.array([float(learned(name, np.array(durations.row(name)))) for name in names])


def _slope(point: np.ndarray, axis: int, names: Sequence[str], step: float = 1e-3) -> np.ndarray:
    moved = np.zeros_like(point)
    moved[axis] = step
    above, below = (_expected(Durations.at(point + change), names) for change in (moved, -moved))
    return (above - below) / (2 * step)


def _log_density(fitted: Fitted, observation: Observation, number: int) -> float:
    (expected,) = _expected(fitted.durations, [observation.names[number]])
    return log_density(observation, number, expected, float(fitted.left_open[number]))


def log_density(observation: Observation, number: int, expected: float, left_open: float) -> float:
    """Log density of a row of the record: Student's t about what is expected, on the learned scale."""
    spread = sqrt((1 + DISCREPANCY**2) * observation.error[number] ** 2 + left_open**2)
    return float(student.logpdf(observation.value[number], FREEDOM, expected, spread))


# -- beside the agents -------------------------------------------------------------------------------------------------


def beside_agents(targets: Sequence[Target], predicted: pl.DataFrame, left_out: Mapping[str, float]) -> pl.DataFrame:
    """The rival's rows with the agents' prediction of each.

    Parameters
    ----------
    targets : sequence of Target
    predicted : pl.DataFrame
        As :func:`.diagnostics.predictive_table` gives it: ``id``, ``value``, ``low``, ``high``, ``inside``, all rows
        fitted.
    left_out : mapping
        Row -> the agents' log predictive density of it, fitted without the row's source.

    Returns
    -------
    pl.DataFrame
        The columns of :func:`rival` and ``agents``, ``agents_inside``, ``agents_log_density_fitted`` (null where the
        agents predict nothing), ``agents_log_density`` (null where none is given), and ``better``: ``agents`` or
        ``rival`` by the densities of the fits to all rows, ``even`` within .5.
    """
    observation, _ = settled(targets)
    agents = {row["id"]: row for row in predicted.iter_rows(named=True)}
    rows = []
    for number, row in enumerate(rival(targets).iter_rows(named=True)):
        prediction = agents.get(row["id"], {})
        density = _of_table(observation, number, prediction) if prediction else nan
        gap = density - row["log_density_fitted"]
        row |= {"agents": prediction.get("value"), "agents_inside": prediction.get("inside")}
        row["agents_log_density_fitted"] = density if isfinite(density) else None
        row["agents_log_density"] = left_out.get(row["id"])
        row["better"] = None if not isfinite(gap) else "even" if abs(gap) < 0.5 else ("agents", "rival")[gap < 0]
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _of_table(observation: Observation, number: int, row: Mapping[str, float]) -> float:
    """Log density of a row of the record under a prediction with an interval that holds the record's own noise."""
    name, error = observation.names[number], observation.error[number]
    value, low, high = (float(learned(name, np.array(row[end]))) for end in ("value", "low", "high"))
    if not all(map(isfinite, (value, low, high))):
        return nan
    left_open = sqrt(max(((high - low) / 3.92) ** 2 - error**2, 0.0))
    return log_density(observation, number, value, left_open)


def as_text(targets: Sequence[Target], predicted: pl.DataFrame, left_out: Mapping[str, float]) -> str:
    """The agents beside the rival as Markdown: a table, and what it comes to; arguments as :func:`beside_agents`."""
    return render(
        "experiments.calibration",
        "rival.md.j2",
        fitted=settled(targets)[1].durations,
        rows=beside_agents(targets, predicted, left_out).to_dicts(),
        beyond=[target.id for target in targets if target.id not in ROWS],
        number=_number,
    )


def _number(name: str, value: float | None) -> str:
    if not known(value):
        return ""
    return f"{value:.0f}" if is_count(name) and value >= 10 else f"{value:.3g}"
