"""What `offramp compare` is asked for wrongly, or what cannot be written, is one line and leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.comparison.compare import compare
from experiments.errors import UserError
from tests.support.studies import make_study
from tests.support.synthetic_outcomes import outcomes
from tests.support.synthetic_studies import write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("one") / "study", daily=True)


REFUSED = {
    "code": (["--where", "__import__('os')"], "--where \"__import__('os')\": unsupported function", ""),
    "no column": (["--where", "nope = 1"], "--where nope: not a factor or setting of study", "did you mean"),
    "no factor": (["--by", "nope"], "--by nope: not a factor or setting of study", "did you mean"),
    "near factor": (["--by", "mediaton"], "did you mean mediation?", ""),
    "last part": (["--by", "step_up"], "did you mean government.a.step_up?", ""),
    "near column": (["--where", "days_hto > 1"], "did you mean days_hot?", ""),
    "no condition": (["--given", "severity"], "--given: a condition is needed", ""),
    "other kind": (["--where", "severity = 3"], "--where: cannot compare", ""),
    "of all": (["--where", "sum(days_hot) > 3"], "--where: a condition on each crisis is needed", ""),
    "parts apart": (["--where", "mediation . delay = 5"], "--where: there is no delay", ""),
    "insides": (["--where", "(deaths_a, deaths_b) = (1, 2)"], "cannot be read as a condition on crises", "Ident"),
    "subquery": (["--where", "deaths_a > (select 1)"], "--where: cannot be read as a condition on crises", "Expr"),
    "by zero": (["--where", "deaths_a / 0 > 1"], "150 crises would be kept for a number that is not finite", ""),
    "no severity": (["--where", "severity >= 'warr'"], "severity is one of none, clash", ""),
    "key": (["--metric", "luck"], "metric = 'luck' is unknown", "did you mean 'luck'"),
    "inside": (["--metric", "cell"], "metric = 'cell' is unknown", ""),
    "flag": (["--metric", "q90:relapsed"], "relapsed is yes or no", ""),
    "nothing given": (["--given", "nope = 1"], "--given nope: not a factor", "did you mean"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_names_and_filters_are_one_line(
    case: str, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, said, unsaid = REFUSED[case]
    assert run_command(["compare", str(study), *words, "--no-figures", "--output", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert not unsaid or unsaid not in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def kept_severities(study: Path, where: str) -> set[str]:
    """Severities that a filter keeps."""
    return set(compare(study, where=where, figures=False).grouping.lanes["severity"])


def test_severity_is_ordered_from_mild_to_grave(study: Path) -> None:
    assert kept_severities(study, "severity <= 'clash'") <= {"none", "clash"}
    assert kept_severities(study, "severity >= 'clash'") == kept_severities(study, "severity <> 'none'")
    assert "none" not in kept_severities(study, "severity between 'clash' and 'war'")
    assert kept_severities(study, "severity like 'c%'") == {"clash"}


def test_a_division_may_be_guarded_against_zero(study: Path) -> None:
    guarded = compare(study, where="deaths_b > 0 and deaths_a / deaths_b > 0.5", figures=False)
    assert guarded.grouping.lanes.equals(
        compare(study, where="deaths_a / nullif(deaths_b, 0) > 0.5", figures=False).grouping.lanes
    )


def test_names_given_twice_or_in_one_text_count_once(study: Path) -> None:
    found = compare(study, by="mediation, mediation", metrics="war, deaths,war", figures=False)
    assert found.grouping.factors == ("mediation",)
    assert found.summary["metric"].to_list() == ["war", "deaths"]
    twice = compare(study, by=["mediation", "mediation"], metrics=["war", "deaths", "war"], figures=False)
    assert twice.summary.equals(found.summary)


@pytest.mark.parametrize("place", ["study", "study/outcomes", "file", "file/below"])
def test_places_that_are_taken_are_one_line_and_left_alone(
    place: str, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "study").symlink_to(study)
    before = sorted(study.rglob("*"))
    assert run_command(["compare", str(study), "--metric", "calm", "--output", str(tmp_path / place)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert str(tmp_path / place) in error
    assert sorted(study.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"


def test_place_that_nobody_may_write_is_refused_before_the_work(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.access", lambda _, how: how == os.R_OK)  # root may write anywhere
    monkeypatch.setattr("experiments.comparison.compare.compare", lambda *_, **__: pytest.fail("work was begun"))
    assert run_command(["compare", str(study), "--output", str(tmp_path / "a" / "b")]) == 2
    assert f"{tmp_path} cannot be written" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_disk_that_fills_up_leaves_the_earlier_comparison_whole(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, place = compare(study, metrics=["calm"], figures=False), tmp_path / "a" / "b"

    def no_space(*_: object) -> str:
        raise OSError(28, "No space left on device", "comparison.json")

    with monkeypatch.context() as patched:
        patched.setattr("experiments.comparison.compare.as_json", no_space)
        with pytest.raises(UserError, match="no space left on device") as full:
            found.save(place)
    assert full.value.exit_code == 1
    assert not list(tmp_path.iterdir())
    found.save(place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    with monkeypatch.context() as patched, pytest.raises(UserError):
        patched.setattr("experiments.comparison.compare.as_json", no_space)
        compare(study, metrics=["war"], figures=False).save(place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_crises_whose_days_are_not_known_are_counted(study: Path) -> None:
    some = compare(study, metrics=["calm"], given="severity = 'clash'")
    (note,) = (note for note in some.notes if note.startswith("--given"))
    lanes = some.grouping.lanes.filter(pl.col("severity") == "clash")
    drawn = lanes.filter(pl.col("replicate") < 20).height
    assert f" {drawn:,} of {lanes.height:,} crises" in note
    none = compare(study, metrics=["calm"], given="replicate > 140")
    assert "fans" not in none.drawings
    assert any("none is drawn" in note for note in none.notes)


@pytest.mark.parametrize(
    "lost",
    [
        "trajectories/tally-000000.npz",
        "trajectories/part-000000.parquet",
        "outcomes/part-000000.parquet",
        "records/part-000000.parquet",
        "mie/part-000000.parquet",
        "paths/part-000000.parquet",
    ],
)
def test_what_a_study_has_lost_is_named(lost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = make_study(tmp_path / "study", "replicates=300", "horizon_days=16", "records=true").directory
    (place / lost).unlink()
    words = ["compare", str(place), "--metric", "calm", "--no-figures", "--output", str(tmp_path / "out")]
    assert run_command(words) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "has lost" in line)
    assert f"to simulate that again: offramp run resume={place}" in line


def test_what_a_killed_comparison_left_is_removed(study: Path, tmp_path: Path) -> None:
    left = tmp_path / "out" / ".compare-x1"
    left.mkdir(parents=True)
    (left / "half.json").touch()
    (tmp_path / "out" / "mine.txt").touch()
    compare(study, metrics=["war"], figures=False).save(tmp_path / "out")
    assert not list((tmp_path / "out").glob(".compare-*"))
    assert (tmp_path / "out" / "mine.txt").exists()


def test_factors_that_move_together_are_one_and_what_is_averaged_is_said(tmp_path: Path) -> None:
    levels = [(up, delay) for up in (0.1, 0.2, 0.4, 0.8) for delay in (0.0, 1.0, 2.0, 3.0)]
    design = pl.DataFrame(
        {
            "point": range(16),
            "cost": [up for up, _ in levels],
            "government.a.step_up": [up for up, _ in levels],
            "mediation.delay": [delay for _, delay in levels],
        },
        schema_overrides={"point": pl.Int32},
    )
    place = write_study(tmp_path / "grid", design, [outcomes(30, 0.1 * k, k) for k in range(16)])
    tornado = compare(place, metrics=["days_hot"]).drawings["tornado_days_hot"]
    assert [label.get_text().split("\n")[0] for label in tornado.figure.axes[0].get_yticklabels()].count("cost") == 1
    assert "government.a.step_up" not in tornado.alt
    curve = compare(place, by=["cost"], metrics=["calm"]).drawings["response_calm"]
    assert "Averaged over the levels of mediation.delay." in " ".join(curve.figure.get_supxlabel().split())
    whole = compare(place, by=["cost", "mediation.delay"], metrics=["calm"]).drawings["map_calm"]
    assert "Averaged" not in whole.figure.get_supxlabel()
