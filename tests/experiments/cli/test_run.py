"""The commands run, sweep and extend, from what is typed to what is printed."""

from __future__ import annotations

import json
import multiprocessing
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from experiments import load
from experiments.cli.app import run_command
from experiments.cli.arguments import prepare
from experiments.cli.estimate import Cost
from experiments.config.compose import Composer
from experiments.study.parts import cut


def tiny(*overrides: str) -> list[str]:
    return ["citizens=10", "horizon_days=16", "backend=serial", "replicates=30", *overrides]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_prints_its_directory_last(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", *tiny("mediation=none")]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("outputs/run/")
    assert {path.name for path in (here / last).iterdir()} == {
        "config.yaml",
        "design.parquet",
        "failures.parquet",
        "manifest.json",
        "outcomes",
        "paths",
        "README.md",
        "ro-crate-metadata.json",
        "study.log",
        "trajectories",
    }
    manifest = json.loads((here / last / "manifest.json").read_text())
    assert manifest["overrides"] == tiny("mediation=none")
    assert manifest["replicates"] == 30


def test_sweep_turns_lists_into_one_study(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["sweep", *tiny("mediation=none,facilitation", "mediation.delay=0,5", "hydra.run.dir=S")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "S"
    results = load(here / "S")
    assert results.outcomes.height == 120
    assert results.design.select("mediation", "mediation.delay").rows() == [
        ("none", 0),
        ("none", 5),
        ("facilitation", 0),
        ("facilitation", 5),
    ]


def test_multirun_makes_a_study_for_each_job(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "-m", *tiny("mediation=none,facilitation", "hydra.sweep.dir=M")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "M"
    results = load(here / "M")
    assert results.labels == ("mediation=none", "mediation=facilitation")
    assert results.outcomes.group_by("study").len().sort("study")["len"].to_list() == [30, 30]
    assert results.design["mediation"].to_list() == ["none", "facilitation"]


@pytest.mark.parametrize("text", ["label: mine\npresent: 1\ndelay: 4\n", "delay: ["])
def test_what_was_checked_is_run_whatever_becomes_of_the_files(
    text: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = here / "mine" / "mediation" / "mine.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("label: mine\npresent: 1\ndelay: 3\n")

    def edited_while_it_runs(*arguments: Any) -> Any:
        made = prepare(*arguments)
        mine.write_text(text)
        return made

    monkeypatch.setattr("experiments.cli.run.prepare", edited_while_it_runs)
    argv = ["run", "-m", "--config-dir", "mine", *tiny("mediation=none,mine", "hydra.sweep.dir=M")]
    assert run_command(argv) == 0
    results = load(here / "M")
    assert results.outcomes.height == 60
    assert [study.tree["mediation"]["delay"] for study in results.studies][1] == 3
    assert sorted(path.name for path in (here / "M").iterdir()) == ["0", "1"]


def test_multirun_over_settings_without_numbers(here: Path) -> None:
    argv = ["run", "-m", *tiny("backend.queue=null,'null'", "records=true,false", "records=false", "hydra.sweep.dir=M")]
    assert run_command(argv) == 0
    assert [study.tree["backend"]["queue"] for study in load(here / "M").studies] == [None, "null"]


@pytest.mark.parametrize("place", ["it's", "a b", "x/../y", "{a}", "$HOME"])
def test_directory_is_taken_as_it_is_typed(place: str, here: Path) -> None:
    text = place.replace("'", "\\'")
    assert run_command(["run", *tiny(f"hydra.run.dir='{text}'")]) == 0
    assert [path.name for path in here.iterdir()] == [Path(place).name]


def test_resume_completes_and_refuses_differences(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_command(["sweep", *tiny("mediation.delay=0,5", "hydra.run.dir=R")])
    before = (here / "R" / "outcomes" / "part-000000.parquet").read_bytes()
    (here / "R" / "outcomes" / "part-000000.parquet").unlink()
    capsys.readouterr()
    assert run_command(["sweep", "resume=R", "workers=1", "hydra.run.dir=elsewhere"]) == 0
    assert (here / "R" / "outcomes" / "part-000000.parquet").read_bytes() == before
    assert not (here / "elsewhere").exists()
    assert run_command(["sweep", "resume=R", *tiny("mediation.delay=0,5")]) == 0
    capsys.readouterr()
    for argv, expected in [
        (["mediation=none"], "mediation is"),
        (["seed=2"], "seed is 1 in the study, but 2"),
        (["mediation.delay=0,6"], "design.grid.mediation.delay"),
        (["replicates=31"], "replicates"),
    ]:
        assert run_command(["sweep", "resume=R", *argv]) == 2
        assert expected in capsys.readouterr().err


def test_dry_run_estimates_and_makes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["sweep", "--dry-run", *tiny("mediation.delay=0,5,10")]) == 0
    said = capsys.readouterr().out
    for expected in ("points      3", "lanes       90", "time", "disk"):
        assert expected in said
    assert list(here.iterdir()) == []


def test_estimate_tells_a_chunk_from_its_lanes() -> None:
    cost = Cost(fixed=2.0, each=0.5, fixed_size=100.0, each_size=1.0, samples=(16, 128))
    chunks = cut([(0, 10)], 1, 100) + cut([(10, 20)], 1, 100) + cut([(20, 30)], 1, 100)
    assert cost.seconds(chunks, 1) == 3 * (2 + 0.5 * 10)
    assert cost.seconds(chunks, 2) == 2 * (2 + 0.5 * 10)
    assert cost.size(chunks) == 330


def test_extend_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_command(["run", *tiny("hydra.run.dir=E")])
    assert run_command(["extend", "E", "--replicates", "40"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "E"
    assert load(here / "E").outcomes.height == 40


@pytest.mark.parametrize(
    ("arguments", "workers"),
    [
        (("replicates=300",), [2]),
        (("replicates=300", "--dry-run"), []),
        (("replicates=300", "workers=1"), [1]),
        (("replicates=300", "backend=serial"), [0]),
        (("replicates=30",), [1]),
    ],
)
def test_workers_start_before_the_scenarios_of_all_points_are_composed(
    arguments: tuple[str, ...], workers: list[int], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed, started = [], []

    def compose(*given: Any, **options: Any) -> Any:
        composed.append(len(started))
        return plain(*given, **options)

    def worker_pool(number: int) -> Any:
        started.append(number)
        return nullcontext()

    plain = Composer.compose
    monkeypatch.setattr(Composer, "compose", compose)
    monkeypatch.setattr("experiments.cli.run.worker_pool", worker_pool)
    monkeypatch.setattr(
        "experiments.execution.scheduler.worker_count", lambda wanted: 2 if wanted == "auto" else wanted
    )
    monkeypatch.setattr("experiments.cli.run._run_jobs", lambda *_: 0)
    monkeypatch.setattr("experiments.cli.estimate.print_estimate", lambda job: None)
    design = ("design.points=[{mediation: none}, {mediation: placebo}]", "citizens=10", "horizon_days=16")
    run_command(["sweep", *design, *arguments])
    assert started == workers
    assert composed == [0, *[len(workers)] * 2]


def test_scenario_that_cannot_be_composed_ends_the_workers_that_wait_for_it(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    design = "design.points=[{mediation: none}, {mediation.delay: 2, mediation: no_such_mediation}]"
    before = {*multiprocessing.active_children()}  # idle ones of other tests
    assert run_command(["sweep", design, "replicates=300", "workers=2", "citizens=10"]) == 2
    error = capfd.readouterr().err
    assert error.count("\n") == 1 and "no_such_mediation: no such choice" in error
    assert {*multiprocessing.active_children()} <= before
    assert not list(here.iterdir())
