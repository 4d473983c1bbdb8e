"""The root command: quick help, lazy commands, clear answers."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from experiments.cli.app import COMMANDS, run_command
from experiments.cli.run import help_text
from experiments.errors import UserError, describe_os_error
from experiments.study import progress
from sim import __version__

HEAVY = ("numpy", "numba", "mesa", "polars", "pyarrow", "matplotlib", "hydra", "scipy", "pandas", "joblib")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom experiments.cli.app import run_command\nassert run_command(['--help']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_current_directory_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gone").mkdir()
    os.chdir("gone")
    os.rmdir(tmp_path / "gone")
    assert run_command(["run", "--dry-run"]) == 2
    assert "the current directory no longer exists" in capsys.readouterr().err


def test_no_threads_for_tables_is_not_taken_at_its_word() -> None:
    code = (
        "from experiments.cli import app\napp.run_command = lambda argv: "
        "print(__import__('polars').LazyFrame({'a': [1]}).collect().height)\napp.main(['list'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "POLARS_MAX_THREADS": "0"}
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([option]) == 0
    said = capsys.readouterr().out
    for name, line in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", said, re.MULTILINE)


@pytest.mark.parametrize("argv", [["--version"], ["run", "--version"], ["list", "--version"]])
def test_version_is_offramps(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(argv) == 0
    assert capsys.readouterr().out == f"offramp {__version__}\n"


def test_help_of_run_and_sweep_names_settings_and_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "--help"]) == 0
    said = capsys.readouterr().out
    for expected in ("offramp run", "seed=1 ", "1 to 3650 days", "tovuz_2020", "mediation:", "--dry-run"):
        assert expected in said
    assert "offramp sweep" in help_text("sweep")


def test_configuration_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "--cfg", "job", "mediation=none", "seed=9"]) == 0
    assert "seed: 9\n" in capsys.readouterr().out


def test_shown_configuration_is_checked_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "--cfg", "job", "seed=-9"]) == 2
    assert "seed=-9" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([name, "--help"]) == 0
    assert f"offramp {name}" in capsys.readouterr().out


WRONG = {
    "unknown command": (["simulate"], "offramp: simulate: no such command; see offramp --help"),
    "nearly a command": (["swep"], "offramp: swep: no such command; did you mean sweep?; see offramp --help"),
    "unknown option": (["--loud"], "offramp: --loud: no such option; see offramp --help"),
    "missing argument": (["compare"], "offramp: compare: missing argument"),
    "missing option": (["extend", "A"], "offramp: extend: missing option '--replicates'"),
    "unknown option of a command": (["trace", "A", "--pint", "1"], "offramp: trace: no such option: --pint"),
    "words for a number": (["trace", "A", "--point", "x"], "offramp: trace: invalid value for '--point'"),
    "too much": (["validate", "nope"], "offramp: validate: got unexpected extra argument"),
    "wrong choice": (["new", "village", "x"], "offramp: new village: no such template"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_request_is_one_line(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv, expected = WRONG[case]
    assert run_command(argv) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(expected)


def _command_that(fails: BaseException) -> ModuleType:
    def command() -> None:
        raise fails

    module = ModuleType("experiments.cli.failing")
    module.command = command
    return module


FAILURES = {
    "damaged table": (pl.exceptions.ComputeError("no magic"), 2, "offramp: a table cannot be read, it may be damaged"),
    "full disk": (OSError(28, "No space left on device"), 1, "offramp: cannot go on: no space left on device"),
    "nobody listens": (BrokenPipeError(32, "Broken pipe"), None, ""),
    "interrupted": (KeyboardInterrupt(), 130, "offramp: interrupted"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failure_of_a_command_is_one_line(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error, code, expected = FAILURES[case]
    monkeypatch.setitem(COMMANDS, "failing", "Fail.")
    monkeypatch.setitem(sys.modules, "experiments.cli.failing", _command_that(error))
    found = run_command(["failing"])
    assert found == code or code is None and found
    said = capsys.readouterr().err
    assert said.startswith(expected) and said.count("\n") == (1 if expected else 0)


def test_failure_that_follows_a_signal_is_told_as_an_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "failing", "Fail.")
    monkeypatch.setitem(sys.modules, "experiments.cli.failing", _command_that(UserError("defaults: no such key")))
    monkeypatch.setattr("experiments.errors.SIGNALS", [2])
    assert run_command(["failing"]) == 130
    assert capsys.readouterr().err == "offramp: interrupted\n"


def test_closed_pipe_ends_quietly() -> None:
    code = "import sys; from experiments.cli.app import main; main(['list', 'parameters', '--format', 'csv'])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        assert done.stdout and done.stderr
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode


def test_plain_terminal_shows_what_it_can() -> None:
    code = "from experiments.cli import app; app.help_text = lambda: 'kris\\xe9 \\u25cf'; app.main(['--help'])"
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=plain, check=True)
    assert done.stdout == b"kris? ?\n"


def test_command_whose_packages_are_not_installed_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "experiments.cli.cases", None)
    assert run_command(["cases"]) == 2
    assert capsys.readouterr().err == "offramp: cases: needs experiments.cli.cases, which is not installed\n"


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    run_command([])
    said = capsys.readouterr()
    assert "Usage: offramp" in said.out + said.err


def test_errors_are_one_line() -> None:
    assert str(UserError("first\n  second\n\nthird ")) == "first; second; third"
    line = describe_os_error(OSError(30, "Read-only file system", "/there"), "make the directory")
    assert line == "cannot make the directory /there: read-only file system"


def test_progress_is_silent_away_from_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with progress.progress_bar("work", 10) as advance:
        advance(10)
    assert said.getvalue() == ""


def test_progress_shows_rate_and_time_left_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(said, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress_bar("work", 10) as advance:
        advance(4)
    assert "work" in said.getvalue()
    assert "crises" in said.getvalue()


def test_log_goes_to_the_study_and_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with progress.study_log(tmp_path, verbose=True) as log:
        log.info("a word")
    log.info("nobody hears this")
    assert (tmp_path / "study.log").read_text().endswith("INFO a word\n")
    assert capsys.readouterr().err.endswith("INFO a word\n")
