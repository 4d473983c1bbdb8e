"""The one door in: settings that are checked, chunks that are bounded, memory that is let go."""

import gc
import weakref
from types import GeneratorType

import numpy as np
import pytest

from sim.crisis import Crisis
from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk, simulate, simulate_chunks
from sim.scenario import ParameterError, Scenario
from tests.support.worlds import ONE_MEDIATOR, both, different, group, same, scenario

HOW = Settings(horizon_days=5, citizens=11)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("seed", -1),
        ("seed", 2**64),
        ("seed", 1.0),
        ("seed", True),
        ("horizon_days", 0),
        ("horizon_days", 3651),
        ("horizon_days", "9"),
        ("citizens", 4),
        ("citizens", 100_001),
        ("citizens", None),
        ("luck", "bad"),
        ("dtype", "float16"),
    ],
)
def test_settings_out_of_range_are_refused_in_one_line(setting, value):
    with pytest.raises(ParameterError) as error:
        Settings(**{setting: value})
    assert str(error.value).startswith(f"{setting}={value!r}: ") and "\n" not in str(error.value)


def test_settings_at_their_bounds_work():
    lanes = simulate(Scenario(), 1, Settings(seed=2**64 - 1, horizon_days=1, citizens=5)).lanes
    assert lanes["days_hot"].tolist() == [1] and lanes["days_to_calm"].tolist() == [-1]
    assert Settings(seed=np.int64(3)).seed == 3


@pytest.mark.parametrize(("scenarios", "replicates"), [([], 1), (Scenario(), 0), (Scenario(), -1)])
def test_nothing_to_do_is_refused(scenarios, replicates):
    with pytest.raises(ParameterError, match="at least one|from 1 to"):
        list(simulate_chunks(scenarios, replicates, HOW))


def test_lanes_come_by_point_then_replicate():
    lanes = simulate([Scenario()] * 3, 2, HOW).lanes
    assert lanes["point"].tolist() == [0, 0, 1, 1, 2, 2] and lanes["replicate"].tolist() == [0, 1] * 3


def test_one_scenario_many_or_a_design_are_all_welcome():
    world = scenario(ONE_MEDIATOR)
    assert same(simulate(world, 2, HOW).lanes, simulate([world], 2, HOW).lanes)
    assert same(simulate(world, 2, HOW).lanes, simulate(Points.of(world), 2, HOW).lanes)


def test_chunks_come_one_at_a_time():
    chunks = simulate_chunks([Scenario()] * 2, 5, HOW, chunk_lanes=4)
    assert isinstance(chunks, GeneratorType)
    assert [len(chunk) for chunk in chunks] == [4, 4, 2]


def test_own_luck_is_labelled_uniquely():
    lanes = simulate([Scenario()] * 3, 4, Settings(horizon_days=1, citizens=5, luck="own")).lanes
    assert len(set(lanes["luck"].tolist())) == 12
    shifted = run_chunk(
        Points.of([Scenario()] * 3),
        np.array([2]),
        np.array([1]),
        Settings(horizon_days=1, citizens=5, luck="own"),
        point_offset=10,
    ).lanes
    assert shifted["point"].tolist() == [12] and shifted["luck"][0] not in lanes["luck"]


def test_records_and_paths_are_made_only_where_asked_for():
    bare, full = (
        simulate(Scenario(), 2, Settings(horizon_days=5, citizens=11, records=asked, trajectories=asked))
        for asked in (False, True)
    )
    assert bare.records is bare.events is bare.trajectories is None
    assert same(bare.lanes, full.lanes)
    assert full.records["replicate"].tolist() == [0, 1] and full.trajectories.counts == {0: 2}


def test_records_agree_with_outcomes():
    how = Settings(horizon_days=40, citizens=11, records=True)
    outcomes = simulate(scenario(ONE_MEDIATOR, {"dyad.start_rung_a": 6}), 40, how)
    deaths = outcomes.lanes["deaths_a"] + outcomes.lanes["deaths_b"]
    assert (outcomes.records["mid_deaths"] <= deaths).all()
    assert (outcomes.records["icb_mediated"] <= outcomes.lanes["mediated"]).all()
    np.testing.assert_array_equal(outcomes.records["mid_hostility"] >= 4, outcomes.lanes["days_hot"] > 0)
    assert set(outcomes.events["replicate"]) <= set(range(40))


def test_single_and_double_precision_tell_nearly_the_same_story():
    single, double = (
        simulate(Scenario(), 60, Settings(horizon_days=20, citizens=101, dtype=dtype)).lanes
        for dtype in ("float32", "float64")
    )
    differing = (single["tension"] != double["tension"]).mean()
    assert differing < 0.05
    alike = single["tension"] == double["tension"]
    np.testing.assert_allclose(single["min_approval_a"][alike], double["min_approval_a"][alike], atol=2e-3)
    assert "min_approval_a" in different(single, double)


def test_more_citizens_estimate_the_same_public():
    few, many = (
        simulate(scenario(both("public", hawkishness_sd=0.5)), 100, Settings(horizon_days=6, citizens=number)).lanes[
            "min_approval_a"
        ]
        for number in (100, 400)
    )
    assert few.mean() == pytest.approx(many.mean(), abs=0.02)


def test_nothing_is_kept_alive_when_a_chunk_is_done():
    """Neither Mesa's book of models nor a cycle of references holds on to the citizens of past chunks."""
    created = []
    original = Crisis.__init__

    def noted(self, *arguments, **options):
        original(self, *arguments, **options)
        created.append(weakref.ref(self))

    world = scenario(ONE_MEDIATOR, group("alliance.first", present=1))
    gc.collect()
    gc.disable()
    try:
        Crisis.__init__ = noted
        simulate(world, 6, Settings(horizon_days=3, citizens=5, records=True, trajectories=True), chunk_lanes=2)
        assert len(created) == 3 and [crisis() for crisis in created] == [None] * 3
    finally:
        Crisis.__init__ = original
        gc.enable()


def test_a_chunk_that_fails_lets_go_too(monkeypatch):
    def broken(self):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(Crisis, "step", broken)
    before = sum(type(thing) is Crisis for thing in gc.get_objects())
    with pytest.raises(RuntimeError, match="on purpose"):
        simulate(Scenario(), 2, HOW)
    gc.collect()
    assert sum(type(thing) is Crisis for thing in gc.get_objects()) <= before


WRONG_CALLS = {
    "replicates=2.5": lambda: simulate(Scenario(), 2.5),
    "replicates=True": lambda: simulate(Scenario(), True),
    "chunk_lanes=0.5": lambda: simulate(Scenario(), 2, chunk_lanes=0.5),
    "scenarios='x'": lambda: simulate("x", 2),
    "replicate=-1": lambda: run_chunk(Points.of(Scenario()), [0], [-1], Settings()),
    "replicate=4294967296": lambda: run_chunk(Points.of(Scenario()), [0], [2**32], Settings()),
    "point=-1": lambda: run_chunk(Points.of(Scenario()), [-1], [0], Settings()),
    "replicate: a sequence of whole numbers": lambda: run_chunk(Points.of(Scenario()), [0], [0.5], Settings()),
    "2 points, 1 replicates": lambda: run_chunk(Points.of(Scenario()), [0, 0], [0], Settings()),
    "choice of scenario: a sequence of whole numbers": lambda: Points.cross(Scenario(), [0.7], {}),
    "choice of scenario=-1": lambda: Points.cross(Scenario(), [-1], {}),
    "masked": lambda: Points.cross(Scenario(), [0], {"government.a.resolve": np.ma.array([5.0], mask=[True])}),
    "1975": lambda: Points.cross(Scenario(), [0], {"government.a.resolve": np.array(["1975"], "datetime64[Y]")}),
    "(5+0j): not a number": lambda: Points.cross(Scenario(), [0], {"government.a.resolve": [5 + 0j]}),
    "'5': not a number": lambda: Points.cross(Scenario(), [0], {"government.a.resolve": ["5"]}),
    "citizens=0": lambda: Crisis(citizens=0),
    "dtype='int8'": lambda: Crisis(dtype="int8"),
    "seed=18446744073709551616": lambda: Crisis(seed=2**64),
    "replicate=1.5": lambda: Crisis(replicate=1.5),
    "scenarios='tovuz_2020'": lambda: Crisis("tovuz_2020"),
}


@pytest.mark.parametrize("said", WRONG_CALLS)
def test_what_would_be_cut_or_wrapped_in_silence_is_refused_by_name(said):
    with pytest.raises(ParameterError) as error:
        WRONG_CALLS[said]()
    assert said in str(error.value)
