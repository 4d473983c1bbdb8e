"""The engine against the oracle: the same luck must give the same crisis, day by day.

Every parameter is drawn here, so what the engine reads and `tests/oracle/` does not fails in
`test_any_scenario_gives_the_same_crisis_day_by_day`. It names what differs, not the parameter behind it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.crisis import Crisis
from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk
from sim.outputs.outcomes import COLUMNS, NEVER, OutcomeRecorder
from sim.scenario import Scenario, parameters
from tests.oracle.model import OracleCrisis
from tests.support.strategies import eventful_scenarios, scenarios

DAYS = 42
CLOSE = {"rel": 1e-9, "abs": 1e-11}
KEYS = ("point", "replicate", "luck")
FIGHTING_WEARS_OUT = {"hope_rate": 0.1, "contest_scope": 0.5, "stock_cost": 3.0}
REALS_OF_GOVERNMENT = (
    "commitment",
    "rhetoric",
    "fatigue",
    "stock",
    "hopeless_days",
    "readiness",
    "own_resolve",
    "domestic_weight",
)

# Examples are the same in every run. They are not shrunk: that would take minutes, and the day and the quantity that
# the failure names say more.
SAME_EXAMPLES = settings(derandomize=True, database=None, deadline=None, max_examples=22, phases=[Phase.generate])


def whole_state(crisis: Any) -> dict[str, Any]:
    """What must be the same to the last digit, of the engine (one lane) or of the oracle."""
    state = {"agreements": crisis.agreement.number, "collapses": crisis.agreement.collapses}
    for side, own in crisis.governments.items():
        for name in ("rung", "fought", "step", "deaths", "civilian_deaths", "leader_falls", "operations", "renewals"):
            state[f"{name}_{side}"] = getattr(own, name)
        state[f"incident_{side}"] = crisis.incidents.begun[side]
    for ally in crisis.allies:
        state[f"support_{ally.slot}"] = ally.support
    for mediator in crisis.mediators:
        state[f"attempting_{mediator.slot}"] = mediator.attempting
    return {name: int(np.asarray(value).item()) for name, value in state.items()}


def real_state(crisis: Any) -> dict[str, float]:
    """What must be the same but for rounding."""
    state = {
        "territory": crisis.territory.gain,
        "verification": crisis.talks.verification,
        "cover": crisis.agreement.cover,
    }
    for side, own in crisis.governments.items():
        for name in REALS_OF_GOVERNMENT:
            state[f"{name}_{side}"] = getattr(own, name)
        for name in ("rung", "trust", "answer", "force_error", "force_variance"):
            state[f"believed_{name}_{side}"] = getattr(own.beliefs, name)
    for side, public in crisis.publics.items():
        for name in ("attitude", "approval", "protest", "rally", "blame"):
            state[f"{name}_{side}"] = getattr(public, name)
    for mediator in crisis.mediators:
        state[f"standing_{mediator.slot}"] = mediator.standing
    return {name: np.asarray(value() if callable(value) else value).item() for name, value in state.items()}


def citizens(crisis: Any, name: str) -> list[float]:
    """A trait or state of each citizen of both sides."""
    publics = crisis.publics.values()
    if isinstance(crisis, Crisis):
        return [value for public in publics for value in getattr(public.citizens, name)[0].tolist()]
    return [getattr(citizen, name) for public in publics for citizen in public.citizens]


def assert_same_day(engine: Crisis, oracle: OracleCrisis) -> None:
    """Compare all that a day has left behind."""
    assert whole_state(engine) == whole_state(oracle)
    assert real_state(engine) == pytest.approx(real_state(oracle), **CLOSE)
    for name in ("attitude", "approval"):
        assert citizens(engine, name) == pytest.approx(citizens(oracle, name), **CLOSE)
    for side in "ab":
        if engine.weighs_daily or oracle.governments[side].decides:
            assert_same_options(engine, oracle, side)


def assert_same_options(engine: Crisis, oracle: OracleCrisis, side: str) -> None:
    """Compare what the options were worth to a side."""
    seen, told = engine.governments[side].utility[0], oracle.governments[side].utility
    assert {j: seen[j] for j in told} == pytest.approx(told, **CLOSE)
    assert engine.governments[side].reachable[0].nonzero()[0].tolist() == list(told)
    for name in ("audience_cost", "step_down_penalty"):
        seen, told = (getattr(crisis.publics[side], name) for crisis in (engine, oracle))
        assert np.asarray(seen).item() == pytest.approx(told, **CLOSE), name


def assert_same_outcomes(lanes: dict[str, np.ndarray], told: dict[str, Any]) -> None:
    """Compare every column of the outcomes of one lane with the oracle's own reading of its diary."""
    assert set(told) == set(COLUMNS) - set(KEYS)
    for name, kind in COLUMNS.items():
        if name in KEYS:
            continue
        seen, expected = lanes[name][0], told[name]
        if kind == "measure":
            expected = np.nan if expected is None else expected
            assert seen == pytest.approx(expected, nan_ok=True, **CLOSE), name
        else:
            assert seen == (NEVER if expected is None else expected), name


@SAME_EXAMPLES
@given(scenarios(), st.integers(0, 2**20), st.integers(12, 18))
def test_any_scenario_gives_the_same_crisis_day_by_day(scenario: Scenario, replicate: int, number: int) -> None:
    assert_same_crisis(scenario, replicate, number)


def test_operations_end_the_same_way_day_by_day() -> None:
    used: Counter[str] = Counter()

    @SAME_EXAMPLES
    @given(eventful_scenarios(), st.integers(0, 2**20), st.integers(12, 18))
    def live(scenario: Scenario, replicate: int, number: int) -> None:
        used.update(assert_same_crisis(scenario, replicate, number))

    live()
    assert set(used) == set(SIGNS)
    assert min(used["lapsed"], used["renewed"]) >= 5, used


def assert_same_crisis(scenario: Scenario, replicate: int, number: int) -> set[str]:
    """Compare each day of a scenario in the engine and in the oracle, and what became of it; return what was used."""
    daily = bool(replicate % 2)
    engine = Crisis(
        scenario, seed=7, replicate=replicate, citizens=number, dtype="float64", collect=False, weighs_daily=daily
    )
    oracle = OracleCrisis(scenario, seed=7, replicate=replicate, citizens=number)
    tally, used = OutcomeRecorder(engine), set()
    for _ in range(DAYS):
        engine.step()
        tally.record_day()
        oracle.step()
        assert_same_day(engine, oracle)
        used |= {sign for own in oracle.governments.values() for sign in signs_of_use(own)}
    nobody = np.zeros(1, int)
    assert_same_outcomes(tally.lanes(nobody, nobody, nobody), oracle.diary.outcomes())
    return used


def test_many_crises_with_all_kinds_of_agents_end_the_same() -> None:
    crowded = {
        f"{path}.present": 1 for path in ("alliance.first", "alliance.second", "mediation", "mediation.second", "talks")
    }
    scenario = Scenario().replaced(
        crowded
        | {
            "alliance.second.protege": "b",
            "alliance.first.treaty": "border",
            "alliance.second.deed_pace": 0.5,
            "talks.settlement_cover": 0.5,
            "mediation.delay": 5.0,
            "dyad.combat.lethality": 3.0,
            "mediation.bias": 0.5,
            "dyad.operations.lapse_rate_middle": 0.3,
            "dyad.operations.lapse_rate_8": 0.1,
            "dyad.operations.renewal": 0.5,
        }
        | {f"government.{side}.{name}": value for side in "ab" for name, value in FIGHTING_WEARS_OUT.items()}
    )
    wanted = Settings(seed=7, horizon_days=DAYS, citizens=15, dtype="float64")
    together = run_chunk(Points.of(scenario), np.zeros(8, int), np.arange(8), wanted).lanes
    for replicate in range(8):
        oracle = OracleCrisis(scenario, seed=7, replicate=replicate, citizens=15)
        for _ in range(DAYS):
            oracle.step()
        assert_same_outcomes({name: values[replicate:] for name, values in together.items()}, oracle.diary.outcomes())


def test_the_oracle_runs_as_an_ordinary_mesa_model() -> None:
    rows = mesa.batch_run(
        OracleCrisis,
        {"replicate": [0, 1], "citizens": 12},
        max_steps=9,
        data_collection_period=1,
        display_progress=False,
    )
    days = [sum(row["replicate"] == replicate for row in rows) for replicate in (0, 1)]
    assert days[0] == days[1] >= 9, "older versions of Mesa take one step more than they are asked for"
    assert all(0 <= row["rung_a"] <= 9 for row in rows)


def test_strategies_reach_every_parameter() -> None:
    touched: set[str] = set()
    defaults = {path: parameter.default for path, parameter in parameters().items() if parameter.kind != "text"}

    @settings(SAME_EXAMPLES, max_examples=40)
    @given(scenarios())
    def draw(scenario: Scenario) -> None:
        values = scenario.values()
        touched.update(path for path, default in defaults.items() if values[path] != default)

    draw()
    assert not set(defaults) - touched


SIGNS = (
    "lapsed",
    "renewed",
    "began again",
    "lost hope",
    "gained ground",
    "used up stocks",
    "reached the cap",
    "marched",
)


def signs_of_use(own: Any) -> set[str]:
    """Which of the mechanisms that end fighting show in the oracle's day of one side."""
    signs = (
        own.lapses,
        own.lapses and own.in_operation(),
        own.operations > 1,
        own.hope() < 0.9,
        own.crisis.territory.gained_today(own.side),
        own.values.stock_cost * own.stock > 0.1,
        any(citizen.burden * 4 > own.public.values.burden_cap for citizen in own.public.citizens),
        own.public.protest > own.values.protest_reference,
    )
    return {name for name, shows in zip(SIGNS, signs, strict=True) if shows}
