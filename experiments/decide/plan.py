"""What a ``search:`` block asks for: levers, objectives, constraints, prices, states of the world, sizes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.config.compose import Composer, Configuration
from experiments.config.overrides import nearest_name, shown
from experiments.decide.levers import Lever, Policy, Value, read_levers
from experiments.errors import UserError
from experiments.statistics.metrics import Metric, metric
from experiments.study.parts import arrow_schema

Direction = Literal["up", "down"]
COST = "cost"
"""The objective that is the declared cost of the levers, known without simulating."""
SAMPLERS = ("nsga2", "tpe", "latin_hypercube", "random")
PARTS = (
    *("title", "levers", "objectives", "constraints", "cost", "second_cost", "alike", "arms", "states"),
    *("sampler", "population", "candidates", "lucks", "contenders", "kept", "fresh"),
)
ARMS: dict[str, dict[str, Any]] = {
    "placebo": {"mediation": "placebo", "talks": "none"},
    "nobody": {"mediation": "none", "talks": "none"},
    "hotline": {"mediation": "none", "talks": "hotline"},
}
"""What policies are judged beside where a block names no arms; the first is the reference of constraints."""
_CONSTRAINT = re.compile(r"\s*(\S+)\s*(<=|>=)\s*(?:(reference)\s*(?:([+-])\s*(\S+))?|(\S+))\s*")
_NEEDS_PRICE = (
    "search: neither a cost nor a constraint is declared, so every lever at its end would win; add one to the block, "
    "e.g. cost: {mediation.leverage: 1} with objectives: {cost: down}, or constraints: ['war <= 0.02']"
)


@dataclass(frozen=True)
class Objective:
    """A quantity to be raised or lowered; differences smaller than ``alike`` (its unit) do not count."""

    name: str
    direction: Direction
    alike: float
    metric: Metric | None

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.direction == "up" else -1.0


@dataclass(frozen=True)
class Constraint:
    """A quantity that must not pass a bound, absolute or as a distance from the reference arm."""

    text: str
    metric: Metric
    direction: Direction
    bound: float
    relative: bool

    def excess(self, value: Any, reference: Any) -> Any:
        """By how much a value breaks the constraint, 0 or less where it meets it."""
        bound = self.bound + (reference if self.relative else 0.0)
        return value - bound if self.direction == "down" else bound - value


@dataclass(frozen=True)
class Size:
    """States of the world and replicates in each."""

    states: int
    lucks: int


@dataclass(frozen=True)
class Plan:
    """A checked ``search:`` block.

    Prices go by lever, a number per unit or per choice; ``second_prices`` only re-read the front. ``arms`` are choices and
    values of the policies that are judged beside, the first the reference. Each of the ``scenarios`` has the same number
    of draws; ``population`` is the size of a generation of ``candidates``. Every candidate meets the ``search`` size, the
    ``contenders`` the ``contest``, and the ``kept`` policies, at most so many, the ``fresh`` one.
    """

    title: str
    levers: tuple[Lever, ...]
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...]
    prices: Mapping[str, Any]
    second_prices: Mapping[str, Any]
    arms: Mapping[str, Policy]
    scenarios: tuple[str, ...]
    sampler: str
    candidates: int
    population: int
    search: Size
    contest: Size
    fresh: Size
    contenders: int
    kept: int

    @property
    def metrics(self) -> dict[str, Metric]:
        """Everything that is measured on crises, by name."""
        parts: list[Objective | Constraint] = [*self.objectives, *self.constraints]
        metrics = (part.metric for part in parts)
        return {metric.name: metric for metric in metrics if metric is not None}

    @property
    def sizes(self) -> list[int]:
        """Candidates in each generation."""
        whole, rest = divmod(self.candidates, self.population)
        return [self.population] * whole + ([rest] if rest else [])

    @property
    def lanes(self) -> int:
        """Crises simulated at most, all stages together; one case."""
        stages = (
            (self.candidates + 1, self.search.states * self.search.lucks),
            (self.contenders, self.contest.states * self.contest.lucks),
            (self.kept + len(self.arms), self.fresh.states * self.fresh.lucks),
        )
        return sum(points * lanes for points, lanes in stages) * max(len(self.scenarios), 1)

    def oriented(
        self, policies: Sequence[Policy], level: NDArray[np.float64], prices: Mapping[str, Any] | None = None
    ) -> NDArray[np.float64]:
        """Objectives of policies with more being better, float (..., policies, objectives).

        Parameters
        ----------
        policies : sequence of mapping
        level : float array, shape (..., policies, metrics)
            In order of ``metrics``.
        prices : mapping, optional
            Others than the plan's.
        """
        names = list(self.metrics)
        columns = [
            level[..., names.index(objective.name)]
            if objective.metric
            else np.broadcast_to([self.cost(policy, prices) for policy in policies], level.shape[:-1])
            for objective in self.objectives
        ]
        return np.stack(
            [objective.sign * column for objective, column in zip(self.objectives, columns, strict=True)], -1
        )

    def cost(self, policy: Policy, prices: Mapping[str, Any] | None = None) -> float:
        """The declared cost of a policy: what each priced lever is away from its cheaper end, times its price."""
        prices = self.prices if prices is None else prices
        return round(sum(_priced(lever, policy[lever.path], prices) for lever in self.levers), 10)


def read_plan(configuration: Configuration, composer: Composer) -> Plan:
    """The plan of a configuration's ``search:`` block.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong.
    """
    spec = configuration.search
    if not spec:
        raise UserError("search: nothing to search; give experiment=NAME of one with a search: block")
    for name in spec:
        if name not in PARTS:
            raise UserError(f"search.{name}: no such part{nearest_name(name, PARTS)}; parts are {', '.join(PARTS)}")
    levers = read_levers(spec.get("levers"), composer.options)
    prices, second = (_prices(part, spec.get(part), levers) for part in ("cost", "second_cost"))
    horizon = configuration.settings.horizon_days
    objectives = _objectives(spec, horizon, bool(prices))
    texts = spec.get("constraints", [])
    if not isinstance(texts, list):
        raise UserError(f"search.constraints={shown(texts)}: a list is needed")
    constraints = tuple(_constraint(text, horizon) for text in texts)
    if not constraints and not any(objective.name == COST for objective in objectives):
        raise UserError(_NEEDS_PRICE)
    if not constraints and all(objective.metric is None for objective in objectives):
        raise UserError("search.objectives: cost alone is known without a crisis; add a metric, e.g. {calm_14: up}")
    sampler = spec.get("sampler", SAMPLERS[0])
    if sampler not in SAMPLERS:
        raise UserError(f"search.sampler={shown(sampler)}: choose one of {', '.join(SAMPLERS)}")
    states, fresh = _mapping(spec, "states", ("draws", "scenarios")), _mapping(spec, "fresh", ("draws", "lucks"))
    draws, lucks = _whole("states.draws", states.get("draws", 25)), _whole("lucks", spec.get("lucks", 2))
    candidates = configuration.budget or _whole("candidates", spec.get("candidates", 400))
    return Plan(
        str(spec.get("title", "")),
        levers,
        objectives,
        constraints,
        prices,
        second,
        _arms(spec.get("arms", ARMS)),
        _cases(states.get("scenarios", []), composer),
        sampler,
        candidates,
        min(_whole("population", spec.get("population", 16), 2), candidates),
        Size(draws, lucks),
        Size(draws, 4 * lucks),
        Size(_whole("fresh.draws", fresh.get("draws", 100)), _whole("fresh.lucks", fresh.get("lucks", 8))),
        _whole("contenders", spec.get("contenders", 40)),
        _whole("kept", spec.get("kept", 16)),
    )


def _objectives(spec: Mapping[str, Any], horizon: int, priced: bool) -> tuple[Objective, ...]:
    directions = spec.get("objectives")
    if not isinstance(directions, Mapping) or not directions:
        raise UserError("search.objectives: a mapping is needed, objectives: {METRIC: up | down}, e.g. {calm_14: up}")
    alike = _mapping(spec, "alike", tuple(directions))
    objectives = []
    for name, direction in directions.items():
        if direction not in ("up", "down"):
            raise UserError(f"search.objectives.{name}={shown(direction)}: choose up or down")
        if name == COST and not priced:
            raise UserError("search.objectives.cost: no prices are declared; add cost: {LEVER: PRICE}")
        measured = None if name == COST else _metric(f"search.objectives.{name}", name, horizon)
        smallest = 0.1 if measured is None else measured.smallest or 0.0
        if measured is not None and measured.kind == "geometric" and smallest > 1:
            smallest = math.log(smallest)  # typical values are averaged on the logarithmic scale
        step = alike.get(name, smallest)
        if not _is_number(step) or step < 0:
            raise UserError(f"search.alike.{name}={shown(step)}: a number of 0 or more is needed")
        objectives.append(Objective(name, direction, float(step), measured))
    return tuple(objectives)


def _metric(where: str, name: str, horizon: int) -> Metric:
    import polars as pl

    measured = metric(name, horizon, pl.DataFrame(arrow_schema("outcomes").empty_table()).schema)
    check_mean(where, measured, horizon)
    return measured


def check_mean(where: str, metric: Metric, horizon: int) -> None:
    """UserError for a quantity that is no mean over crises, or cannot be seen in so many days."""
    if metric.kind == "quantile":
        raise UserError(f"{where}: a quantile is no mean over crises; use e.g. typical_deaths")
    if metric.needs > horizon:
        raise UserError(f"{where}: takes {metric.needs} days to be seen, but {horizon} are simulated")


def _constraint(text: Any, horizon: int) -> Constraint:
    match = _CONSTRAINT.fullmatch(text) if isinstance(text, str) else None
    number = (match[6] or f"{match[4] or ''}{match[5] or '0'}") if match else ""
    try:
        bound = float(number)
    except ValueError:
        bound = math.nan
    if match is None or not math.isfinite(bound):
        raise UserError(
            f"search.constraints: {shown(text)} cannot be read; write e.g. 'war <= 0.02' or 'war <= reference + 0.01'"
        )
    measured = _metric(f"search.constraints: {text}", match[1], horizon)
    if measured.kind == "geometric":
        raise UserError(f"search.constraints: {text}: a typical value has no bound of its own; use a mean or a share")
    return Constraint(text.strip(), measured, "down" if match[2] == "<=" else "up", bound, bool(match[3]))


def _prices(part: str, spec: Any, levers: tuple[Lever, ...]) -> dict[str, Any]:
    if spec is None:
        return {}
    if not isinstance(spec, Mapping) or not spec:
        raise UserError(f"search.{part}={shown(spec)}: a mapping is needed, {part}: {{LEVER: PRICE}}")
    known = {lever.path: lever for lever in levers}
    for path, price in spec.items():
        where = f"search.{part}.{path}"
        if path not in known:
            raise UserError(
                f"{where}: no such lever{nearest_name(path, known)}; only levers have a price: {', '.join(known)}"
            )
        choices = [value for value in known[path].values if isinstance(value, str)]
        by_choice = isinstance(price, Mapping)
        if choices and (not by_choice or set(price) != set(choices)):
            raise UserError(f"{where}={shown(price)}: a price for each of {', '.join(choices)} is needed")
        if not choices and by_choice or not all(map(_is_number, price.values() if by_choice else [price])):
            raise UserError(f"{where}={shown(price)}: a number per unit of the lever is needed")
    return {path: dict(price) if isinstance(price, Mapping) else float(price) for path, price in spec.items()}


def _priced(lever: Lever, value: Value, prices: Mapping[str, Any]) -> float:
    price = prices.get(lever.path, 0.0)
    if isinstance(price, Mapping):
        return float(price[value])
    if price == 0:
        return 0.0
    low, high = (min(lever.values), max(lever.values)) if lever.values else (lever.low, lever.high)
    return price * (float(value) - float(low if price > 0 else high))


def _arms(spec: Any) -> dict[str, Policy]:
    if not isinstance(spec, Mapping) or not spec or not all(isinstance(arm, Mapping) for arm in spec.values()):
        raise UserError("search.arms: a mapping is needed, arms: {NAME: {mediation: NAME, PATH: VALUE}}")
    for name in spec:
        if name.startswith("policy_"):
            raise UserError(f"search.arms.{name}: names that begin with policy_ are those of what is found")
    return {str(name): dict(arm) for name, arm in spec.items()}


def _cases(spec: Any, composer: Composer) -> tuple[str, ...]:
    known, names = composer.options("scenario"), spec if isinstance(spec, list) else [spec]
    for name in names:
        if name not in known:
            raise UserError(f"search.states.scenarios: {shown(name)} is no scenario{nearest_name(str(name), known)}")
    return tuple(names)


def _mapping(spec: Mapping[str, Any], part: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    entries = spec.get(part, {})
    if not isinstance(entries, Mapping) or set(entries) - set(known):
        raise UserError(f"search.{part}={shown(entries)}: a mapping of {', '.join(known)} is needed")
    return entries


def _whole(part: str, value: Any, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 10**6:
        raise UserError(f"search.{part}={shown(value)}: a whole number from {least} to {10**6:,} is needed")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
