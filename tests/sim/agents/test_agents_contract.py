"""One contract that every kind of agent keeps."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import mesa
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import sim.agents
from sim.agents.ally import Ally
from sim.agents.base import LaneAgent
from sim.agents.government import Government
from sim.agents.mediator import Mediator
from sim.agents.public import Public
from sim.crisis import Crisis
from tests.support.scenarios import scenarios
from tests.support.worlds import ALL_MECHANISMS, after, arrays, group, lane_state, scenario, side_by_side

LANES = 7
DAYS = 6
WORLD = scenario(
    group("mediation", present=1, bias=0.5),
    group("mediation.third", present=1, delay=4),
    group("alliance.first", present=1, treaty="border", word_pace=1),
    group("alliance.second", present=1, protege="b", start_support=1),
    {"talks.present": 1},
)
OTHER = WORLD.replaced(
    ALL_MECHANISMS
    | {
        "government.a.resolve": 12,
        "public.b.hawkishness": 0.6,
        "alliance.second.start_support": 3,
        "mediation.delay": 3,
        "alliance.shadow": "threshold_only",
    }
)
LINE = WORLD.replaced({"dyad.venue": "line_of_contact", "government.a.contest_form": "ratio"})
LEAPING = WORLD.replaced(ALL_MECHANISMS | {"government.a.action_set": "any", "dyad.combat.loss_exponent": 0.5})
"""Its neighbours weigh all rungs with it, and must not notice."""


SAME_IN_EVERY_LANE = {"_threatened"}
"""Constants by view, not state."""
COMPANIES = (2, 3, 5, 8, 17)


def without_lanes(state: dict[str, np.ndarray]) -> list[str]:
    """Where arrays lie that have no lane axis, those apart that no day changes."""
    return [
        place
        for place, array in state.items()
        if array.shape[:1] != (LANES,) and place.rpartition(".")[2] not in SAME_IN_EVERY_LANE
    ]


def kinds() -> list[type[LaneAgent]]:
    """Every agent class in the package, found by looking."""
    modules = [import_module(f"sim.agents.{file.stem}") for file in Path(sim.agents.__file__).parent.glob("*.py")]
    found = {kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)}
    return sorted(
        (kind for kind in found if issubclass(kind, LaneAgent) and kind is not LaneAgent),
        key=lambda kind: kind.__name__,
    )


def test_every_kind_is_held_to_the_contract():
    assert kinds() == [Ally, Government, Mediator, Public]


def partner(agent: LaneAgent, crisis: Crisis) -> LaneAgent:
    """The agent in a crisis with exchanged sides that plays the same part."""
    if hasattr(agent, "side"):
        return next(other for other in crisis.agents_by_type[type(agent)] if other.side != agent.side)
    return next(other for other in crisis.agents_by_type[type(agent)] if other.slot == agent.slot)


@pytest.fixture(scope="module")
def crisis():
    return after(DAYS, WORLD, replicates=LANES)


@pytest.mark.parametrize("kind", kinds())
class TestContract:
    def test_it_is_a_mesa_agent_registered_with_its_model(self, kind, crisis):
        agents = crisis.agents_by_type[kind]
        assert issubclass(kind, mesa.Agent) and len(agents) == 2
        assert all(agent in crisis.agents and agent.model is crisis for agent in agents)
        assert len({agent.unique_id for agent in crisis.agents}) == len(crisis.agents)

    def test_its_state_has_a_leading_lane_axis(self, kind, crisis):
        for agent in crisis.agents_by_type[kind]:
            state = arrays(agent)
            assert state
            assert without_lanes(state) == []

    def test_its_reports_are_arrays_over_lanes(self, kind, crisis):
        for agent in crisis.agents_by_type[kind]:
            for name in set(kind.REPORTS) - {"side", "slot"}:
                assert np.shape(agent.plain(name)) == (LANES,), name

    def test_its_reports_are_plain_numbers_in_one_lane(self, kind):
        alone = Crisis(WORLD, citizens=10)
        alone.step()
        for agent in alone.agents_by_type[kind]:
            reports = {name: report(agent) for name, report in kind.reporters().items()}
            assert list(reports) == list(kind.REPORTS)
            assert all(type(value) in (int, float, bool, str) for value in reports.values()), reports
            json.dumps(reports, allow_nan=False)

    def test_it_reports_the_same_when_the_sides_are_exchanged(self, kind, crisis):
        mirror = after(DAYS, WORLD.swapped(), replicates=LANES)
        for agent in crisis.agents_by_type[kind]:
            other = partner(agent, mirror)
            for name in set(kind.REPORTS) - {"side"}:
                np.testing.assert_array_equal(agent.plain(name), other.plain(name), err_msg=name)

    def test_it_says_what_it_is(self, kind, crisis):
        assert kind.__doc__ and all(
            method.__doc__
            for name, method in vars(kind).items()
            if inspect.isfunction(method) and not name.startswith("_")
        )


def assert_lane_is_the_same(alone: Crisis, together: Crisis, lane: int) -> None:
    """Hold all state of a crisis of one lane, to the last bit, against that of one lane among others."""
    apart, state = lane_state(alone), lane_state(together)
    assert set(apart) <= set(state)
    by_lane = [name for name in apart if apart[name].shape[:1] == (1,)]
    assert len(by_lane) > 300
    assert [
        name
        for name in by_lane
        if not np.array_equal(state[name][lane], apart[name][0], equal_nan=apart[name].dtype.kind == "f")
    ] == []


@given(
    st.lists(scenarios(), min_size=2, max_size=4),
    st.integers(0, 16),
    st.integers(1, 12),
    st.integers(0, 2**32),
    st.sampled_from(["float32", "float64"]),
)
@example([WORLD, OTHER, LINE, LEAPING], 0, DAYS, 1, "float32")
@example([OTHER, WORLD, LEAPING, LINE], 1, DAYS, 1, "float64")
@example([LINE, LEAPING, OTHER], 2, DAYS, 1, "float32")
@settings(max_examples=15)
def test_lanes_do_not_touch(worlds, place, days, seed, dtype):
    """All state of all agents and mechanisms of a lane is the same alone as in company, of whatever size."""
    how = {"seed": seed, "dtype": dtype, "citizens": 19}
    alone = after(days, worlds[0], **how)
    for size in COMPANIES:
        lane = place % size
        around = [worlds[1 + number % (len(worlds) - 1)] for number in range(size - 1)]
        assert_lane_is_the_same(alone, after(days, *around[:lane], worlds[0], *around[lane:], **how), lane)


def test_all_state_has_a_leading_lane_axis(crisis):
    assert without_lanes(lane_state(crisis)) == []


@pytest.mark.parametrize(
    ("kind", "who", "reports"),
    [
        (Mediator, "mediation", {"active": False, "attempting": False}),
        (Ally, "alliance.second", {"support": 0, "reliability": 0.0}),
    ],
)
def test_where_it_is_absent_it_reports_nothing(kind, who, reports):
    """An agent lives in every lane of a batch in which any lane has it; elsewhere it is silent."""
    crisis = after(DAYS, WORLD, WORLD.replaced({f"{who}.present": 0}))
    agent = {"mediation": lambda: crisis.mediators[0], "alliance.second": lambda: crisis.allies[1]}[who]()
    assert {name: agent.plain(name)[1].item() for name in reports} == reports
    assert {name: agent.plain(name)[0].item() for name in reports} != reports


def test_an_agent_that_no_lane_has_does_not_exist():
    crisis = side_by_side(scenario(), replicates=2)
    assert {kind.__name__ for kind in crisis.agent_types} == {"Government", "Public"}
