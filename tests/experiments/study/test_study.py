"""Studies run, fail, stop, go on and grow without losing or changing a lane."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from experiments import load
from experiments.cli.app import run_command
from experiments.cli.arguments import Job
from experiments.cli.estimate import Cost, print_estimate
from experiments.cli.run import run_study
from experiments.config.compose import Composer, composer
from experiments.config.settings import BackendRecord
from experiments.design.designs import build_design
from experiments.errors import UserError
from experiments.execution.replication import widest_half_width
from experiments.execution.resuming import prepare_extension, prepare_resumption
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.execution.worker import Engine
from experiments.study.directory import FINISHED, INTERRUPTED, STOPPED, Study
from experiments.study.integrity import find_faults
from experiments.study.location import create_directory, study_lock
from sim.ensemble import Settings, simulate
from tests.support.quick_engine import choosy, interrupting, quick
from tests.support.studies import HOLDING, files_of

SERIAL = BackendRecord(kind="serial")
Make = Callable[..., Study]


@pytest.fixture(scope="module")
def composing() -> Iterator[Composer]:
    with composer() as made:
        yield made


@pytest.fixture
def make(tmp_path: Path, composing: Composer) -> Make:
    """Lay out a study without running it; the quick engine knows nothing of days, so only real ones keep them."""

    def build(name: str, *overrides: str, command: str = "run") -> Study:
        days = "auto" if set(REAL) <= set(overrides) else "false"
        configuration = composing.compose([*overrides, f"trajectories={days}"])
        design = build_design(composing, configuration)
        return Study.create(tmp_path / name, command, configuration, design)

    return build


def go(study: Study, engine: Engine | None = quick, on_error: str = "continue") -> int:
    """Run a study, or what is missing of it, in this process."""
    return run_directory(
        Study.open(study.directory), ExecutionOptions(backend=SERIAL, workers=1, engine=engine, on_error=on_error)
    )


def tables(study: Study) -> dict[str, bytes]:
    """All tables of a study, byte for byte."""
    return {
        str(path.relative_to(study.directory)): path.read_bytes() for path in sorted(study.directory.rglob("*.parquet"))
    }


REAL = ("citizens=20", "horizon_days=30", "records=true", "mediation=facilitation")


def test_study_holds_what_the_model_says(make: Make) -> None:
    study = make("real", *REAL, "replicates=40", "+design.grid={mediation.delay:[0,5]}")
    assert go(study, None) == 0
    results = load(study.directory)
    direct = simulate(study.design.points(), 40, Settings(citizens=20, horizon_days=30, records=True))
    for name, values in direct.lanes.items():
        found = results.outcomes[name].to_list()
        missing = {-1, ""} if name not in ("deaths_a", "deaths_b") else set()
        assert found == [None if value in missing or value != value else value for value in values.tolist()]
    assert results.records.height == 80
    assert results.events["point"].is_in([0, 1]).all()
    assert results.design["mediation.delay"].to_list() == [0, 5]
    assert results.trajectories.group_by("point", "quantity").len()["len"].unique().to_list() == [30]
    assert results.paths["replicate"].unique().sort().to_list() == list(range(20))
    assert results.failures.height == 0
    assert results.manifest["state"] == FINISHED


def test_resumed_study_is_the_undisturbed_one_bit_for_bit(make: Make) -> None:
    whole, cut_short = (make(name, *REAL, "replicates=150", "+design.grid={mediation.delay:[0,5]}") for name in "ab")
    go(whole, None)
    go(cut_short, None)
    lost = sorted(cut_short.directory.glob("outcomes/part-*"))[1:]
    assert lost
    for path in lost:
        number = path.name.removeprefix("part-").removesuffix(".parquet")
        for other in cut_short.directory.rglob(f"*-{number}.*"):
            other.unlink()
    (cut_short.directory / "outcomes" / ".part-000001.parquet.1.tmp").write_bytes(b"half a file")
    cut_short.update(state=INTERRUPTED)
    assert go(cut_short, None) == 0
    assert tables(cut_short) == tables(whole)
    assert not list(cut_short.directory.rglob("*.tmp"))


def test_one_failing_replicate_costs_nothing_else(make: Make) -> None:
    study = make("one", "replicates=400")
    assert go(study, choosy) == 1
    results = load(study.directory)
    assert sorted(set(range(400)) - set(results.outcomes["replicate"])) == [13]
    row = results.failures.row(0, named=True)
    assert (row["point"], row["first_replicate"], row["last_replicate"], row["lanes"]) == (0, 13, 13, 1)
    assert "unlucky" in row["error"]
    assert "Traceback" in row["traceback"]
    assert results.manifest["state"] == FINISHED


def test_failures_are_tried_again_on_resuming(make: Make) -> None:
    study, whole = make("failed", "replicates=400"), make("whole", "replicates=400")
    go(whole)
    assert go(study, choosy) == 1
    assert go(study) == 0
    assert tables(study) == tables(whole)


def test_on_error_stop_stops_at_once(make: Make) -> None:
    study = make("stop", "replicates=2000")
    assert go(study, choosy, on_error="stop") == 1
    assert Study.open(study.directory).manifest["state"] == STOPPED
    assert load(study.directory).outcomes.height < 2000
    assert go(study) == 0
    assert load(study.directory).outcomes.height == 2000


def test_interrupted_study_says_how_to_go_on(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    study = make("broken", "replicates=1000")
    with pytest.raises(SystemExit) as leaving:
        run_study(study, ExecutionOptions(backend=SERIAL, workers=1, engine=interrupting))
    assert leaving.value.code == 130
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == str(study.directory)
    assert f"offramp run resume={study.directory}" in said[-2]
    assert Study.open(study.directory).manifest["state"] == INTERRUPTED
    assert load(study.directory).outcomes.height == 250
    assert go(study) == 0
    assert load(study.directory).outcomes.height == 1000


def test_extending_keeps_what_is_there(make: Make) -> None:
    study, large = make("small", *REAL, "replicates=60"), make("large", *REAL, "replicates=100")
    go(study, None)
    go(large, None)
    before = tables(study)
    prepare_extension(study.directory, 100)
    assert go(study, None) == 0
    assert before.items() <= {**tables(study), **{name: before[name] for name in before if "traj" in name}}.items()
    for table in ("outcomes", "records", "events", "trajectories", "paths"):
        assert getattr(load(study.directory), table).equals(getattr(load(large.directory), table))
    assert Study.open(study.directory).manifest["replicates"] == 100
    with pytest.raises(UserError, match="already"):
        prepare_extension(study.directory, 100)


def test_extended_study_equals_one_run_at_once_when_points_move_together(make: Make) -> None:
    grid = "+design.grid={mediation.delay:[0,1,2,3,4,5,6,7]}"
    study, large = make("eight", *REAL, grid, "replicates=40"), make("at_once", *REAL, grid, "replicates=50")
    go(study, None)
    go(large, None)
    before = len(list(study.directory.glob("trajectories/part-*")))
    prepare_extension(study.directory, 50)
    assert go(study, None) == 0
    assert 1 == len(list(study.directory.glob("trajectories/part-*"))) < before
    for table in ("outcomes", "records", "events", "trajectories", "paths", "design", "failures"):
        assert getattr(load(study.directory), table).equals(getattr(load(large.directory), table))
    assert find_faults(Study.open(study.directory)) == {}


def test_study_at_work_is_not_touched(make: Make, composing: Composer) -> None:
    study = make("at_work", "replicates=400")
    go(study)
    (study.directory / "outcomes" / "part-000001.parquet").write_bytes(b"half a file")
    before = files_of(study)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, study.directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="another process"):
            prepare_resumption(str(study.directory), [], composing, verbose=False)
        with pytest.raises(UserError, match="another process"):
            prepare_extension(study.directory, 500)
        assert files_of(study) == before
        holder.communicate("")


def test_nothing_is_mended_for_a_wrong_request(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    study = make("wrong", "replicates=400")
    go(study)
    (study.directory / "outcomes" / "part-000001.parquet").write_bytes(b"half a file")
    before = files_of(study)
    for wrong in ("backend=nope", "workers=-3", "on_error=perhaps", "seed=2"):
        assert run_command(["run", f"resume={study.directory}", wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert files_of(study) == before


def test_what_another_process_wrote_meanwhile_is_kept(make: Make) -> None:
    study = make("meanwhile", "replicates=400")
    go(study)
    stale = Study.open(study.directory)
    prepare_extension(study.directory, 500)
    assert run_directory(stale, ExecutionOptions(backend=SERIAL, workers=1, engine=quick)) == 0
    assert load(study.directory).outcomes.height == 500
    assert Study.open(study.directory).blocks == [(0, 400), (400, 500)]


def test_commands_to_go_on_with_are_quoted(make: Make) -> None:
    study = make("it is a 'study'", "replicates=10")
    quoted = re.escape(shlex.join(["offramp", "run", f"resume={study.directory}"]))
    with pytest.raises(UserError, match=f"{quoted}$"):
        prepare_extension(study.directory, 20)
    go(study)
    next(study.directory.glob("outcomes/part-*")).write_bytes(b"half a file")
    with pytest.raises(UserError, match=f"{quoted}$"):
        prepare_extension(study.directory, 20)


def test_unfinished_study_is_not_extended(make: Make) -> None:
    with pytest.raises(UserError, match="resume="):
        prepare_extension(make("new", "replicates=10").directory, 20)


def test_automatic_replicates_stop_when_intervals_are_narrow(make: Make) -> None:
    study = make("auto", "replicates=auto", "precision=0.03")
    assert go(study) == 0
    results = load(study.directory)
    done = results.outcomes.height
    assert done == results.manifest["replicates"]
    assert widest_half_width(study) <= 0.03
    assert len(results.manifest["blocks"]) > 1
    for column in ("severity", "termination"):
        for share in results.outcomes[column].value_counts()["count"] / done:
            assert 1.96 * (share * (1 - share) / done) ** 0.5 <= 0.03
    before = results.outcomes.filter(pl.col("replicate") < results.manifest["blocks"][-1][0])
    counts = [before[column].value_counts()["count"] for column in ("severity", "termination")]
    shares = pl.concat(counts) / before.height
    assert max(1.96 * (share * (1 - share) / before.height) ** 0.5 for share in shares) > 0.03
    assert go(study) == 0
    assert load(study.directory).outcomes.height == done


def test_automatic_replicates_are_capped(make: Make) -> None:
    study = make("capped", "replicates=auto", "precision=0.001", "max_replicates=700")
    go(study)
    assert load(study.directory).outcomes.height == 700


def test_automatic_replicates_do_not_try_what_failed_again_and_again(make: Make) -> None:
    study = make("auto_failing", "replicates=auto", "precision=0.03")
    tried = []

    def counting(*arguments: Any, **named: Any) -> Any:
        tried.append(13 in arguments[2])
        return choosy(*arguments, **named)

    assert go(study, counting) == 1
    once = sum(tried)
    assert len(Study.open(study.directory).blocks) > 1
    assert once <= 10
    assert load(study.directory).failures.height == 1


def test_design_is_read_back_as_it_was_made(make: Make) -> None:
    study = make(
        "design",
        "+design.choices={mediation:[none,facilitation]}",
        "+design.grid={mediation.delay:[0.1,5]}",
        "+design.one_at_a_time={dyad.venue:[line_of_contact],dyad.start_rung_a:[1]}",
        command="sweep",
    )
    points, again = study.design.points(), Study.open(study.directory).design.points()
    assert len(points) == len(again) == 12
    assert [points.scenario(number) for number in range(12)] == [again.scenario(number) for number in range(12)]


def test_draws_of_distributions_are_read_back(make: Make) -> None:
    varied = "+varies={government.a.resolve:{dist:lognormal,median:2,sigma:0.1}}"
    study = make("draws", varied, "+design.grid={mediation.delay:[0,5]}", "replicates=30")
    again = Study.open(study.directory).design
    assert again.base.tolist() == study.design.base.tolist() == [0, 0]
    assert again.scenarios[0].varies == study.design.scenarios[0].varies


def test_own_luck_differs_between_points(make: Make) -> None:
    study = make("own", *REAL, "replicates=5", "luck=own", "+design.grid={mediation.delay:[0,5]}")
    assert go(study, None) == 0
    assert load(study.directory).outcomes["luck"].n_unique() == 10


def test_full_disk_is_one_clear_line(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make("full", "replicates=600")

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device", "outcomes/part-000001.parquet")

    monkeypatch.setattr("experiments.execution.worker.write_part", no_space)
    with pytest.raises(UserError, match="no space left on device") as found:
        go(study)
    assert found.value.exit_code == 1
    monkeypatch.undo()
    assert go(study) == 0


def test_newer_format_and_version_are_refused(make: Make) -> None:
    study = make("old", "replicates=10")
    study.update(offramp="0.0.1")
    with pytest.raises(UserError, match="0.0.1"):
        prepare_extension(study.directory, 20)
    study.update(format=99)
    with pytest.raises(UserError, match="99"):
        Study.open(study.directory)


def test_study_of_an_earlier_day_says_what_to_do(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    study = make("early", "replicates=10", "mediation=none")
    manifest = {name: value for name, value in study.manifest.items() if name != "base"}
    (study.directory / "manifest.json").write_text(json.dumps(manifest))
    assert run_command(["run", f"resume={study.directory}"]) == 2
    said = capsys.readouterr().err
    assert "lacks base" in said and "make it again" in said
    assert "offramp run replicates=10 mediation=none" in said


def test_study_at_work_is_left_alone(make: Make) -> None:
    study = make("busy", "replicates=10")
    with study_lock(study.directory), pytest.raises(UserError, match="another process"):
        go(study)
    assert go(study) == 0


def test_directory_is_claimed_once(tmp_path: Path) -> None:
    first = create_directory(tmp_path / "a" / "now", exact=False)
    second = create_directory(tmp_path / "a" / "now", exact=False)
    assert first != second
    (first / "x").touch()
    with pytest.raises(UserError, match="exists already"):
        create_directory(first, exact=True)
    assert create_directory(second, exact=True) == second


def test_several_studies_are_loaded_with_labels(make: Make) -> None:
    first, second = make("x", "replicates=30", "mediation=none"), make("y", "replicates=30", "mediation=facilitation")
    go(first)
    go(second)
    both = load([first.directory, second.directory])
    assert both.labels == ("mediation=none", "mediation=facilitation")
    assert both.outcomes.columns[:3] == ["study", "point", "replicate"]
    own = both.outcomes.filter(pl.col("study") == "mediation=none").drop("study")
    assert own.equals(load(first.directory).outcomes)


def test_directory_without_a_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no study"):
        load(tmp_path)
    with pytest.raises(UserError, match="no such directory"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(("busy", "said"), [(1.2, False), (4.0, True)])
def test_estimate_says_where_a_busy_machine_was_timed(
    busy: float, said: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], composing: Composer
) -> None:
    cost = Cost(fixed=100.0, each=0.0, fixed_size=1.0, each_size=0.0, samples=(1, 1), busy=busy)
    monkeypatch.setattr("experiments.cli.estimate.measure", lambda _: cost)
    made = composing.compose(["replicates=10", "workers=1"])
    print_estimate(Job(made, build_design(composing, made)))
    found = capsys.readouterr().out
    assert "about 2 minutes with 1 worker" in found
    assert ("about 26 seconds with its cores to itself" in found) == said
