"""Every experiment that comes along asks a question, names a figure that exists, fits its budget and runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import yaml

from experiments.comparison.arms import parse_filter
from experiments.config.compose import Composer, Configuration, composer
from experiments.decide.plan import read_plan
from experiments.design.designs import Design, build_design
from experiments.statistics.metrics import metric
from sim.ensemble import Settings, run_chunk
from sim.outputs.outcomes import COLUMNS
from tests.support.synthetic_outcomes import outcomes

PLACE = Path(str(files("conf"))) / "experiment"
ALL = sorted(path.stem for path in PLACE.glob("*.yaml"))
SEARCHES = [name for name in ALL if "\nsearch:\n" in (PLACE / f"{name}.yaml").read_text(encoding="utf-8")]
NAMES = [name for name in ALL if name not in SEARCHES]
TINY = ("replicates=1", "luck=own", "horizon_days=15", "citizens=10")
DAY_OF_A_HUNDRED = 65e-6  # seconds of one core a lane-day takes with 100 citizens, on a busy machine
MOST_SECONDS = 180


@pytest.fixture(scope="module")
def shipped() -> Iterator[Composer]:
    """Hydra, held open on the configurations that Offramp brings along."""
    with composer() as made:
        yield made


@cache  # composing takes a third of a second
def built(shipped: Composer, name: str) -> tuple[Configuration, Design]:
    configuration = shipped.compose([f"experiment={name}", *TINY])
    return configuration, build_design(shipped, configuration)


def comment(name: str) -> str:
    """The head comment of an experiment as one line of prose."""
    lines = (PLACE / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    head = lines[1 : next(at for at, line in enumerate(lines) if not line.startswith("#"))]
    return " ".join(line.lstrip("# ").strip() for line in head)


def options(name: str) -> list[tuple[str, str]]:
    """Options and values of the compare commands that a head comment gives."""
    words = shlex.split(re.sub(r"(?<=\w)[.,;:)]?(?=\s|$)", "", comment(name).split("Figure:")[1]).replace("'s ", "s "))
    return [(word, words[at + 1].rstrip(",.;)")) for at, word in enumerate(words) if word.startswith("--")]


def test_the_library_is_there() -> None:
    assert {"mediation_onset", "cover_by_pressure", "inertia_map", "naive_and_causal", "mechanisms"} <= set(NAMES)


@pytest.mark.parametrize("name", ALL)
def test_an_experiment_asks_in_one_line_and_names_its_figure(name: str) -> None:
    first = (PLACE / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[1]
    assert first.endswith("?")
    assert "offramp compare DIR" in comment(name) or "offramp discover DIR" in comment(name)


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_that_comes_along_is_sound_and_takes_three_minutes_on_two_cores(shipped: Composer, name: str) -> None:
    configuration = shipped.compose([f"experiment={name}"])
    plan, own = read_plan(configuration, shipped), configuration.settings
    seconds = plan.lanes * own.horizon_days * DAY_OF_A_HUNDRED * (0.4 + 0.6 * own.citizens / 100) / 2
    assert plan.title and seconds < MOST_SECONDS


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_runs(shipped: Composer, name: str) -> None:
    configuration, design = built(shipped, name)
    assert configuration.design["title"]
    settings = Settings(horizon_days=15, citizens=10, luck="own")
    which = np.unique(np.linspace(0, len(design) - 1, 40).astype(int))
    lanes = run_chunk(design.points().take(which), np.arange(len(which)), np.zeros(len(which), int), settings).lanes
    assert len(lanes["severity"]) == len(which)
    assert all(lanes["severity"])


@pytest.mark.parametrize("name", NAMES)
def test_the_command_in_the_comment_names_what_is_there(shipped: Composer, name: str) -> None:
    _, design = built(shipped, name)
    table = outcomes(10)
    for option, value in options(name):
        if option == "--by":
            assert set(value.split(",")) <= {*design.table, "mediation", "talks", "scenario"}, value
        if option == "--metric":
            assert all(metric(one, 120, table.schema) for one in value.split(","))
        if option == "--where":
            wanted = parse_filter(value, "--where")
            assert wanted is not None
            assert set(wanted.meta.root_names()) <= {*design.table, *COLUMNS, "mediation"}


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_takes_three_minutes_on_two_cores(shipped: Composer, name: str) -> None:
    own = yaml.safe_load((PLACE / f"{name}.yaml").read_text(encoding="utf-8"))
    _, design = built(shipped, name)
    lane_days = len(design) * own["replicates"] * own["horizon_days"]
    assert lane_days * DAY_OF_A_HUNDRED * (0.4 + 0.6 * own["citizens"] / 100) / 2 < MOST_SECONDS
    assert own["replicates"] >= 30 or own["luck"] == "own"
