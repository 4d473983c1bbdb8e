"""A new scenario or mediation is a commented file that composes to the model's defaults as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from experiments.cli import new as templates
from experiments.config.compose import composer
from experiments.errors import UserError
from sim.scenario import Scenario, parameters


def test_a_new_scenario_composes_to_the_defaults(tmp_path: Path) -> None:
    templates.write_template("scenario", "my_crisis", str(tmp_path))
    with composer(str(tmp_path)) as own:
        made = own.compose(["scenario=my_crisis"]).scenario
    defaults = Scenario().values()
    changed = {path for path, value in made.values().items() if defaults[path] != value}
    assert changed == {"name", "title"}
    assert made.name == "my_crisis"


def test_a_scenario_template_names_every_parameter_with_range_and_meaning() -> None:
    lines = [line.strip() for line in templates.template("scenario", "my_crisis").splitlines()]
    for path, parameter in parameters().items():
        last = path.rsplit(".", 1)[-1]
        if path.startswith(("mediation.", "talks.")) or last in ("luck_slot", "name", "title"):
            continue
        said = [line for line in lines if line.startswith(f"{last}: ") and parameter.meaning in line]
        assert said, path
        assert parameter.kind == "text" or any(parameter.range_text in line for line in said), path


def test_every_line_of_values_is_commented() -> None:
    body = templates.template("scenario", "my_crisis").split("title: My crisis\n")[1]
    for line in body.splitlines():
        assert not line.strip() or line.rstrip().endswith(":") or "  # " in line or line.startswith("#"), line


def test_the_example_of_varying_values_works_when_uncommented(tmp_path: Path) -> None:
    path = templates.write_template("scenario", "varied", str(tmp_path))
    text = path.read_text()
    head, tail = text.split("# varies:")
    path.write_text(head + "varies:" + tail.replace("\n#", "\n"))
    with composer(str(tmp_path)) as own:
        assert len(own.compose(["scenario=varied"]).scenario.varies) == 3


def test_a_new_mediation_composes_and_is_present(tmp_path: Path) -> None:
    templates.write_template("mediation", "my_envoy", str(tmp_path))
    with composer(str(tmp_path)) as own:
        made = own.compose(["mediation=my_envoy"]).scenario
    assert made.mediation.present == 1
    assert made.mediation.label == "My envoy"
    assert made.mediation.leverage == Scenario().mediation.leverage


def test_a_template_is_plain_yaml() -> None:
    assert yaml.safe_load(templates.template("mediation", "my_envoy"))["second"]["present"] == 0


def test_the_path_is_printed_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    templates.command("scenario", "my_crisis", config_dir=str(tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert Path(lines[-1]) == tmp_path / "scenario" / "my_crisis.yaml"
    assert f"--config-dir {tmp_path} scenario=my_crisis" in lines[0]


def test_a_directory_with_blanks_is_told_as_a_shell_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    templates.command("scenario", "mine", config_dir=str(tmp_path / "my conf"))
    assert f"--config-dir '{tmp_path}/my conf' scenario=mine\n" in capsys.readouterr().out
    assert f"--config-dir '{tmp_path}/my conf' scenario=mine\n" in (tmp_path / "my conf/scenario/mine.yaml").read_text()


@pytest.mark.parametrize("directory", ["", "two\nlines"])
def test_a_directory_is_one_line(directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="one line"):
        templates.write_template("scenario", "mine", directory)
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    path = templates.write_template("scenario", "mine", str(tmp_path))
    path.write_text("kept")
    with pytest.raises(UserError, match="there already"):
        templates.write_template("scenario", "mine", str(tmp_path))
    assert path.read_text() == "kept"


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("scenario", "tovuz_2020", "brings along"),
        ("scenario", "My Crisis", "small letters"),
        ("scenario", "../up", "small letters"),
        ("scenaro", "mine", "did you mean scenario"),
        *[("scenario", name, "means something else") for name in ("null", "true", "no", "nan", "inf")],
    ],
)
def test_unusable_requests_are_refused_without_writing(tmp_path: Path, kind: str, name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        templates.write_template(kind, name, str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "scenario").write_text("a file where a folder is needed")
    with pytest.raises(UserError, match="cannot write"):
        templates.write_template("scenario", "mine", str(tmp_path))
