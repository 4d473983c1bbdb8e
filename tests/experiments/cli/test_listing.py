"""``offramp list`` says what there is, where it comes from and what may be set."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from experiments.cli import list as listing
from experiments.cli.app import run_command
from experiments.config.yaml_files import describe
from experiments.errors import UserError
from experiments.study.location import study_lock
from experiments.text import as_typed
from sim.scenario import parameters


@pytest.mark.parametrize("kind", listing.KINDS)
def test_every_kind_can_be_listed(kind: str) -> None:
    found = listing.listing(kind)
    assert all(len(row) == len(found.columns) for row in found.rows)


def test_every_parameter_is_listed_with_range_and_source() -> None:
    found = listing.listing("parameters")
    assert [row[0] for row in found.rows] == list(parameters())
    rows = {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.rows}
    assert rows["mediation.delay"]["range and unit"] == "0 to 450 days"
    assert all(row["source"] and row["meaning"] for row in rows.values())


def test_priors_are_listed_with_bounds_unit_and_source() -> None:
    kept = listing.listing("priors").matching("line_of_contact artillery").rows
    assert kept == (
        (
            "line_artillery_share",
            "line_of_contact",
            "",
            "0.005 to 0.3, uniform in the logarithm",
            "share",
            "dyad.incidents.artillery_share",
            "share of shooting incidents at rung 5",
            "wide, around a coarse search on an earlier edition of the model",
        ),
    )


def test_settings_hold_root_keys_and_the_backend() -> None:
    names = {row[0] for row in listing.listing("settings").rows}
    assert {"seed", "replicates", "horizon_days", "backend.kind"} <= names


def test_scenarios_are_listed_with_their_description() -> None:
    rows = {row[0]: row[1] for row in listing.listing("scenarios").rows}
    assert "border" in rows["tovuz_2020"]


def test_search_keeps_rows_with_all_words_in_any_case() -> None:
    found = listing.listing("parameters")
    kept = found.matching("TRUST facilitation").rows
    assert kept
    assert all("trust" in " ".join(row).lower() and "facilitation" in " ".join(row).lower() for row in kept)
    assert len(kept) < len(found.matching("trust").rows)


def test_own_configurations_are_listed_beside_those_brought_along(tmp_path: Path) -> None:
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("# @package _global_\n# My own crisis.\nname: mine\n")
    rows = listing.listing("scenarios", str(tmp_path)).rows
    assert ("mine", "My own crisis", str(tmp_path)) in rows
    assert "tovuz_2020" in {row[0] for row in rows}


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean parameters"):
        listing.listing("paramters")


def test_a_missing_directory_is_named() -> None:
    with pytest.raises(UserError, match="no such directory"):
        listing.listing("scenarios", "/no/such/place")


def test_json_and_csv_hold_the_same_rows(capsys: pytest.CaptureFixture[str]) -> None:
    listing.command("talks", form="json")
    as_json = json.loads(capsys.readouterr().out)
    listing.command("talks", form="csv")
    as_csv = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert as_json == as_csv
    assert {row["name"] for row in as_json} >= {"none", "hotline"}


def test_markdown_escapes_bars_inside_cells(capsys: pytest.CaptureFixture[str]) -> None:
    listing.command("mediations", search="none", form="md")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].count("|") == 4
    assert "P(calm \\| no mediator)" in "\n".join(lines)


def test_the_table_shows_names_whole(capsys: pytest.CaptureFixture[str]) -> None:
    listing.command("parameters", search="leverage_half_life")
    assert "mediation.second.leverage_half_life" in capsys.readouterr().out


def test_an_empty_result_says_so_apart_from_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    listing.command("parameters", search="zeppelin")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "zeppelin" in shown.err


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UserError, match="json"):
        listing.command("talks", form="jsn")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3e-4, "0.0003"),
        (1.0, "1"),
        (1.2345678912, "1.2345678912"),
        (None, "null"),
        (True, "true"),
        ("a", "a"),
        (7, "7"),
    ],
)
def test_values_are_written_as_one_would_type_them(value: object, text: str) -> None:
    assert as_typed(value) == text


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("# One line.\na: 1\n", "One line"),
        ("# @package _global_\n#\n# After the directive.\n", "After the directive"),
        ("a: 1\n# Not a head comment.\n", ""),
        ("", ""),
    ],
)
def test_a_description_is_the_first_comment_that_is_no_directive(text: str, about: str) -> None:
    assert describe(text) == about


@pytest.mark.parametrize("width", [60, 200])
def test_piped_table_is_as_wide_as_columns_says(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert run_command(["list", "settings"]) == 0
    widest = max(map(len, capsys.readouterr().out.splitlines()))
    assert width * 0.75 <= widest <= width


def test_studies_are_listed_a_damaged_one_among_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ["citizens=10", "horizon_days=10", "backend=serial", "trajectories=false", "mediation=none"]
    assert run_command(["run", *tiny, "replicates=30", f"hydra.run.dir={tmp_path / 'run' / 'A'}"]) == 0
    sound = tmp_path / "run" / "A"
    manifest = json.loads((sound / "manifest.json").read_text())
    changes = {
        "killed": {"state": "running", "blocks": [[0, 50]]},
        "early": {"started": "2026-01-01T00:00:00"},
        "old": {"format": 99},
        "named": {"choices": {**manifest["choices"], "experiment": "mediation_onset"}},
    }
    for name, change in changes.items():
        shutil.copytree(sound, tmp_path / name)
        (tmp_path / name / "manifest.json").write_text(json.dumps({**manifest, **change}))
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "manifest.json").write_text("")
    found = listing.listing("studies", directory=tmp_path)
    rows = {Path(row[0]).name: dict(zip(found.columns, row, strict=True)) for row in found.rows}
    assert rows["A"] | {"age": ""} == {
        "study": str(sound),
        "state": "finished",
        "question": "scenario tovuz_2020, mediation none, talks none",
        "points": "1",
        "replicates": "30",
        "crises": "30",
        "model": manifest["model"],
        "age": "",
    }
    assert (rows["killed"]["state"], rows["killed"]["crises"]) == ("cut short", "30 of 50")
    assert rows["early"]["age"].endswith(" days") and rows["named"]["question"] == "mediation_onset"
    assert rows["old"]["state"] == rows["empty"]["state"] == "damaged" and "99" in rows["old"]["question"]
    with study_lock(tmp_path / "killed"):
        assert listing.listing("studies", directory=tmp_path / "killed").rows[0][1] == "running"
    capsys.readouterr()
    assert run_command(["list", "studies", str(tmp_path), "--search", "cut short", "--format", "csv"]) == 0
    assert [row["study"] for row in csv.DictReader(capsys.readouterr().out.splitlines())] == [str(tmp_path / "killed")]
    for words in (["studies", str(tmp_path / "nowhere")], ["scenarios", str(tmp_path)]):
        assert run_command(["list", *words]) == 2
        assert capsys.readouterr().err.count("\n") == 1
