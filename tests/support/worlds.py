"""Small crises for the tests: written in a line, run side by side under the same luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.agents.ally import Ally
from sim.agents.government import Government
from sim.agents.mediator import Mediator
from sim.agents.public import Public
from sim.crisis import Crisis
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.ensemble import Settings, simulate
from sim.ladder import RUNGS
from sim.outputs.outcomes import COLUMNS, Outcomes
from sim.scenario import Scenario

OPENED: list[Crisis] = []
"""Crises that tests have opened; they are closed when the test is over."""

NO_INCIDENTS = {"dyad.incidents.rate": 0.0, "dyad.incidents.autonomous_risk": 0.0}
"""Nothing happens on the spot: what is fought is policy."""


def both(group: str, **values: Any) -> dict[str, Any]:
    """The same values for both sides: ``both("government", fog=0)``."""
    return {f"{group}.{side}.{name}": value for side in "ab" for name, value in values.items()}


def group(prefix: str, **values: Any) -> dict[str, Any]:
    """Values under one prefix: ``group("dyad.combat", hurdle=0)``."""
    return {f"{prefix}.{name}": value for name, value in values.items()}


FROZEN = {**both("government", clock_crisis=0, clock_calm=0), **NO_INCIDENTS}
"""Nobody ever reconsiders and nothing happens on the spot: both sides stay on their start rungs."""
ONE_MEDIATOR = {"mediation.present": 1, "mediation.delay": 0, "mediation.effort": 1}
"""A mediator who tries every day from the first."""
DIRECT_TALKS = {"talks.present": 1, "talks.rate": 1, **both("government", trust_start=1)}
"""Governments that trust each other and can talk."""
ALL_MECHANISMS = {
    **group("dyad.operations", from_rung=4, lapse_rate_middle=0.4, lapse_rate_8=0.2, lapse_rate_9=0.1, renewal=0.6),
    **both("government", hope_rate=0.1, stock_cost=3, contest_scope=0.5, clock_crisis=0.4),
}
"""Operations culminate, hope fades, stocks run down, and only what force can win is at stake."""


def scenario(*changes: Mapping[str, Any]) -> Scenario:
    """The default scenario with changes by dotted path, later ones over earlier ones."""
    merged: dict[str, Any] = {}
    for change in changes:
        merged |= change
    return Scenario().replaced(merged)


def side_by_side(
    *scenarios: Scenario,
    replicates: int = 1,
    citizens: int = 20,
    seed: int = 1,
    dtype: str = "float64",
    weighs_daily: bool = False,
) -> Crisis:
    """A crisis whose lanes are the scenarios times replicates, scenario by scenario, under shared luck."""
    points = Points.of(scenarios)
    point = np.repeat(np.arange(len(points)), replicates)
    luck = Luck(seed, np.tile(np.arange(replicates), len(points)))
    crisis = Crisis(
        lanes=(lane_values(points, point, luck), luck),
        citizens=citizens,
        dtype=dtype,
        collect=False,
        weighs_daily=weighs_daily,
    )
    OPENED.append(crisis)
    return crisis


def after(days: int, *scenarios: Scenario, **options: Any) -> Crisis:
    """The same crisis after some days."""
    crisis = side_by_side(*scenarios, **options)
    for _ in range(days):
        crisis.step()
    return crisis


def apart(values: np.ndarray, worlds: int) -> np.ndarray:
    """Values of lanes by scenario, shape (scenarios, replicates)."""
    return values.reshape(worlds, -1)


def arms(
    *scenarios: Scenario, replicates: int = 100, days: int = 20, citizens: int = 20, seed: int = 1, **settings: Any
) -> list[dict[str, np.ndarray]]:
    """Outcome columns of each scenario under shared luck."""
    outcomes = simulate(list(scenarios), replicates, Settings(seed, days, citizens, **settings))
    rows = [slice(i * replicates, (i + 1) * replicates) for i in range(len(scenarios))]
    return [{name: values[here] for name, values in outcomes.lanes.items()} for here in rows]


def same(one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray], but: tuple[str, ...] = ()) -> bool:
    """Whether two sets of columns agree bit for bit, apart from the columns named."""
    return not different(one, two, but)


def different(one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray], but: tuple[str, ...] = ()) -> list[str]:
    """Names of the columns in which two sets of columns differ in any bit."""
    assert list(one) == list(two)
    return [name for name in one if name not in but and not _same_bits(one[name], two[name])]


def _same_bits(one: np.ndarray, two: np.ndarray) -> bool:
    return one.dtype == two.dtype and np.array_equal(one, two, equal_nan=one.dtype.kind == "f")


def same_outcomes(one: Outcomes, two: Outcomes) -> bool:
    """Whether two batches agree in every outcome, in every lane's path and in every total."""
    return same(one.lanes, two.lanes) and same_paths(one, two)


def same_paths(one: Outcomes, two: Outcomes) -> bool:
    """Whether trajectories agree bit for bit; true where neither batch has any."""
    if one.trajectories is None or two.trajectories is None:
        return one.trajectories is two.trajectories
    return same(one.trajectories.rows(), two.trajectories.rows()) and same(
        one.trajectories.paths(), two.trajectories.paths()
    )


def rows(outcomes: Outcomes, which: Any) -> dict[str, np.ndarray]:
    """Outcome columns of some lanes."""
    return {name: outcomes.lanes[name][which] for name in COLUMNS}


def on_day(crisis: Crisis, day: int) -> Crisis:
    """Set a crisis to the morning of a day with that day's luck, so that one of its processes can be run apart."""
    crisis.day, crisis.today = day, crisis.luck.day(day)
    return crisis


OTHERS = {"model", "crisis", "own", "enemy", "public", "government", "_friends", "_foes"}
"""Attributes by which agents and mechanisms refer to one another."""
MECHANISMS = ("venue", "incidents", "combat", "territory", "reports", "agreement", "talks", "return_fire", "lulls")


def arrays(thing: Any, name: str = "") -> dict[str, np.ndarray]:
    """Every array that an agent or a mechanism holds, in records and parts of its own, too, by where it lies."""
    if isinstance(thing, np.ndarray):
        return {name: thing}
    if type(thing).__module__.startswith("sim.") and hasattr(thing, "__dict__"):
        thing = vars(thing)
    elif hasattr(thing, "_asdict"):
        thing = thing._asdict()
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list | tuple) else ()
    return {
        place: array
        for key, value in items
        if key not in OTHERS
        for place, array in arrays(value, f"{name}.{key}").items()
    }


def lane_state(crisis: Crisis) -> dict[str, np.ndarray]:
    """All state of all agents and mechanisms, lanes first, by where it lies; allies and mediators by their slot."""
    owners = {
        **{f"government.{side}": own for side, own in crisis.governments.items()},
        **{f"public.{side}": public for side, public in crisis.publics.items()},
        **{f"ally.{ally.slot}": ally for ally in crisis.allies},
        **{f"mediator.{mediator.slot}": mediator for mediator in crisis.mediators},
        **{name: getattr(crisis, name) for name in MECHANISMS},
    }
    return {place: array for name, owner in owners.items() for place, array in arrays(owner, name).items()}


def choosing(days: int, *scenarios: Scenario, every_rung: bool = True, **options: Any) -> Crisis:
    """A crisis after some days, on the next morning, when both governments have just chosen.

    Everything is weighed in every lane; ``every_rung`` puts all rungs within reach, so that a test can look at them.
    """
    crisis = on_day(after(days, *scenarios, **options), days)
    crisis.weighs_daily = True
    for own in crisis.governments.values():
        if every_rung:
            own.reach = np.full(crisis.lanes, RUNGS)
    crisis._each(Mediator, "draw_attempt")
    crisis.talks.open()
    crisis.incidents.draw_incidents()
    crisis._each(Ally, "update_reliability")
    crisis._each(Government, "update_support_received")
    crisis._each(Government, "perceive")
    crisis._each(Government, "draw_decision")
    crisis._each(Public, "evaluate_options")
    crisis._each(Government, "choose")
    return crisis
