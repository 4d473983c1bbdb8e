"""One lane is an ordinary Mesa model, for Mesa as it is installed and as it is elsewhere."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import mesa
import numpy as np
import pytest

from sim.agents.government import Government
from sim.agents.public import Public
from sim.crisis import Crisis
from sim.ensemble import Settings, simulate
from tests.support.worlds import DIRECT_TALKS, ONE_MEDIATOR, group, scenario

ROOT = Path(__file__).parents[2]
WORLD = scenario(ONE_MEDIATOR, DIRECT_TALKS, group("alliance.first", present=1))


@pytest.fixture(autouse=True)
def every_warning_is_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def crisis_after(days, **options):
    crisis = Crisis(WORLD, citizens=15, **options)
    for _ in range(days):
        crisis.step()
    return crisis


def test_it_is_a_model_with_agents_and_steps():
    crisis = crisis_after(3)
    assert isinstance(crisis, mesa.Model)
    assert (crisis.steps, crisis.day) == (3, 3)
    assert sorted(type(agent).__name__ for agent in crisis.agents) == [
        "Ally",
        "Government",
        "Government",
        "Mediator",
        "Public",
        "Public",
    ]


def test_agents_can_be_selected_asked_and_told():
    crisis = crisis_after(2)
    governments = crisis.agents.select(lambda agent: isinstance(agent, Government))
    assert governments.get("side") == ["a", "b"]
    assert set(governments.map("plain", "rung")) <= set(range(10))
    crisis.agents_by_type[Public].do("update_public")
    assert all(np.isfinite(public.plain("approval")) for public in crisis.agents_by_type[Public])


def test_the_order_of_its_agents_does_not_matter():
    """Both sides move on yesterday's world, so that asking b before a gives the same crisis."""
    forward, backward = Crisis(WORLD, citizens=15), Crisis(WORLD, citizens=15)
    for kind, agents in list(backward.agents_by_type.items()):
        backward._agents_by_type[kind] = agents.select().sort("unique_id", ascending=False)
    for _ in range(15):
        forward.step()
        backward.step()
    assert all(
        forward.governments[side].plain(name) == backward.governments[side].plain(name)
        for side in "ab"
        for name in Government.REPORTS
    )
    assert all(
        forward.publics[side].plain(name) == backward.publics[side].plain(name)
        for side in "ab"
        for name in Public.REPORTS
    )


def test_the_data_collector_writes_a_row_a_day():
    crisis = crisis_after(4)
    days = crisis.datacollector.get_model_vars_dataframe()
    assert days["day"].tolist() == [0, 1, 2, 3]
    assert days["fought"].between(0, 9).all()
    publics = crisis.datacollector.get_agenttype_vars_dataframe(Public)
    assert list(publics.columns) == list(Public.REPORTS) and len(publics) == 8
    assert publics["approval"].between(0, 1).all()


def test_collecting_can_be_left_out_and_changes_nothing():
    quiet, noted = crisis_after(5, collect=False), crisis_after(5)
    assert len(quiet.datacollector.model_vars["day"]) == 0
    assert quiet.governments["a"].plain("resolve") == noted.governments["a"].plain("resolve")
    assert quiet.governments["b"].plain("rhetoric") == noted.governments["b"].plain("rhetoric")


def test_a_batch_run_varies_scenario_luck_and_size():
    rows = mesa.batch_run(
        Crisis,
        {"scenario": [WORLD, scenario()], "replicate": [0, 1], "citizens": [15]},
        max_steps=4,
        data_collection_period=1,
        display_progress=False,
    )
    runs = {row["RunId"] for row in rows}
    assert len(runs) == 4
    assert {row["fought"] for row in rows} <= set(range(10))


def test_one_lane_is_what_the_ensemble_simulates():
    outcomes = simulate(WORLD, 2, Settings(horizon_days=12, citizens=15)).lanes
    crisis = crisis_after(12, replicate=1)
    for side in "ab":
        assert crisis.governments[side].plain("deaths") == outcomes[f"deaths_{side}"][1]
        assert crisis.governments[side].plain("leader_falls") == outcomes[f"leader_falls_{side}"][1]
    assert crisis.agreement.number.item() == outcomes["agreements"][1]


def test_mesas_own_generator_plays_no_part():
    one, two = crisis_after(6, rng=1), crisis_after(6, rng=2)
    assert one.governments["a"].plain("rhetoric") == two.governments["a"].plain("rhetoric")
    assert crisis_after(6, seed=2).governments["a"].plain("rhetoric") != one.governments["a"].plain("rhetoric")


def test_no_seed_is_the_default_seed():
    """Newer versions of batch_run hand over ``seed=None`` where nothing is said."""
    assert crisis_after(3, seed=None).governments["a"].plain("trust") == crisis_after(3).governments["a"].plain("trust")


# -- elsewhere --------------------------------------------------------------------------------------------------------

SELF_TEST = """
import mesa
from sim import Crisis, Scenario, simulate
from sim.ensemble import Settings
world = Scenario().replaced({"mediation.present": 1, "alliance.first.present": 1, "talks.present": 1})
rows = mesa.batch_run(Crisis, {"scenario": [world], "replicate": [0, 1], "citizens": [15]}, max_steps=3,
                      display_progress=False)
assert {row["fought"] for row in rows} <= set(range(10))
crisis = Crisis(world, citizens=15)
for _ in range(6):
    crisis.step()
assert len(crisis.datacollector.get_model_vars_dataframe()) == 6
lanes = simulate(world, 1, Settings(horizon_days=6, citizens=15)).lanes
assert lanes["deaths_b"][0] == crisis.governments["b"].plain("deaths")
print(mesa.__version__)
"""
OTHERS = [path for path in os.environ.get("OFFRAMP_PYTHONS", "").split(os.pathsep) if path]
OTHERS = OTHERS or [f"python3.{minor}" for minor in (12, 13, 14) if minor != sys.version_info.minor]


@pytest.mark.parametrize("python", OTHERS)
def test_other_versions(python, tmp_path):
    """Interpreters named in OFFRAMP_PYTHONS, or those on the path, run the model with every warning an error."""
    found = shutil.which(python)
    if found is None:
        pytest.skip(f"no {python} here")
    ready = subprocess.run([found, "-c", "import mesa, numba, scipy"], capture_output=True, text=True, cwd=tmp_path)
    if ready.returncode:
        pytest.skip(f"{python} has no mesa, numba and scipy installed")
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run(
        [found, "-W", "error", "-c", SELF_TEST],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3.")
