"""Studies from Python are the command line's own: same directories, same numbers, same refusals."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import experiments
from experiments import Results, UserError, compare, load, simulate, sweep
from experiments.cli.app import run_command
from sim.scenario import ParameterError

TINY = {"replicates": 30, "horizon_days": 20, "citizens": 10, "backend": "serial"}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Results:
    place = tmp_path_factory.mktemp("api") / "swept"
    return sweep("mediation=facilitation", design={"grid": {"mediation.delay": [0, 3, 6]}}, directory=place, **TINY)


def test_simulate_does_what_run_does(tmp_path: Path) -> None:
    made = simulate("mediation.delay=2", mediation="facilitation", directory=tmp_path / "python", **TINY)
    typed = [f"{key}={value}" for key, value in TINY.items()]
    assert (
        run_command(
            ["run", "mediation=facilitation", "mediation.delay=2", *typed, f"hydra.run.dir={tmp_path / 'typed'}"]
        )
        == 0
    )
    assert made.outcomes.equals(load(tmp_path / "typed").outcomes)
    assert made.manifest["config_hash"] == load(tmp_path / "typed").manifest["config_hash"]


def test_sweep_makes_one_study_of_a_design(swept: Results) -> None:
    assert swept.design["mediation.delay"].to_list() == [0, 3, 6]
    assert swept.outcomes.height == 90
    assert swept.failures.is_empty()


def test_compare_takes_results_paths_and_lists_of_them(swept: Results, tmp_path: Path) -> None:
    place = swept.directories[0]
    options = {"by": ["mediation.delay"], "metrics": ["calm"], "figures": False}
    tables = [compare(given, **options).summary for given in (swept, place, str(place), [swept])]
    assert tables[0].height == 3
    assert all(table.equals(tables[0]) for table in tables)
    assert tmp_path / "comparison.csv" in compare(swept, **options).save(tmp_path)


def test_compare_is_the_function_whatever_was_imported_before() -> None:
    import_module("experiments.cli.compare")
    assert callable(experiments.compare)
    assert set(experiments.__all__) >= {"simulate", "sweep", "load", "compare"}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: simulate(citizen=10), UserError, "citizens"),
        (lambda: simulate("mediation.delay=-1"), ParameterError, "mediation.delay"),
        (lambda: simulate(replicates=[1, 2]), UserError, "design="),
        (lambda: simulate(experiment="mediation_onset"), UserError, "sweep"),
        (lambda: sweep(mediation="none"), UserError, "design="),
        (lambda: sweep(design={"grit": {}}), UserError, "grit"),
        (lambda: sweep(design={"grid": {"_target_": [1]}}), UserError, "_target_"),
        (lambda: simulate(resume="somewhere"), UserError, "resume"),
    ],
)
def test_wrong_requests_are_one_line_and_make_nothing(call, error, words, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words) as found:
        call()
    assert "\n" not in str(found.value)
    assert os.listdir(tmp_path) == []


def test_a_study_as_labelled_arrays(swept: Results) -> None:
    pytest.importorskip("xarray")
    cube = swept.to_xarray()
    assert dict(cube.sizes) | {"point": 3, "replicate": 30} == dict(cube.sizes)
    assert cube["mediation.delay"].values.tolist() == [0, 3, 6]
    row = swept.outcomes.filter((pl.col("point") == 1) & (pl.col("replicate") == 7))
    assert cube["days_hot"].sel(point=1, replicate=7).item() == row["days_hot"].item()
    assert cube["severity"].sel(point=1, replicate=7).item() == row["severity"].item()
    calm = swept.outcomes["days_to_calm"].null_count()
    assert int(np.isnan(cube["days_to_calm"].astype(float)).sum()) == calm
    last = swept.trajectories.filter((pl.col("point") == 2) & (pl.col("quantity") == "rung_a") & (pl.col("day") == 19))
    found = cube["trajectory"].sel(point=2, quantity="rung_a", day=19, statistic="mean").item()
    assert found == pytest.approx(last["mean"].item())


def test_labelled_arrays_are_of_one_study(swept: Results) -> None:
    place = swept.directories[0]
    with pytest.raises(UserError, match="one study"):
        load([place, place]).to_xarray()
