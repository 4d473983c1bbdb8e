"""`offramp view` on the command line: what is wrong is one line, and it ends at once with Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli.app import run_command

ROOT = Path(__file__).parents[3]
WITHOUT_PAGE = """
import sys
import experiments, experiments.api, experiments.cli.app
print([name for name in sys.modules if name.startswith(("starlette", "uvicorn", "experiments.view"))])
"""


def test_neither_library_nor_commands_load_the_page() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PAGE], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_missing_extra_is_named(monkeypatch, capsys) -> None:
    monkeypatch.setattr("experiments.cli.view.find_spec", lambda name: None)
    assert run_command(["view", "--no-browser"]) == 2
    error = capsys.readouterr().err
    assert "install the extra `view`" in error and error.count("\n") == 1


@pytest.mark.parametrize("place, words", [("nowhere", "no such directory"), (".", "no study, claims or search in it")])
def test_a_wrong_study_is_one_line(place, words, tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("starlette")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiments.view.serving.Desk", _NoDesk)
    assert run_command(["view", place, "--no-browser", "--port", "0"]) == 2
    error = capsys.readouterr().err
    assert words in error and "Traceback" not in error and error.count("\n") == 1


class _NoDesk:
    """A desk without any process."""

    def __init__(self, *_: object) -> None: ...

    def end(self) -> None: ...


def test_a_taken_port_is_one_line(capsys, tmp_path, monkeypatch) -> None:
    pytest.importorskip("uvicorn")
    from experiments.view.serving import listen

    monkeypatch.chdir(tmp_path)
    with listen(0) as taken:
        taken.listen()
        assert run_command(["view", "--no-browser", "--port", str(taken.getsockname()[1])]) == 2
    assert "taken already" in capsys.readouterr().err


@pytest.mark.slow
def test_it_prints_its_address_and_ends_with_ctrl_c(tmp_path) -> None:
    pytest.importorskip("uvicorn")
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a background job ignores it
    program = f"{heeding}; from experiments.cli import main; main()"
    started = subprocess.Popen(
        [sys.executable, "-c", program, "view", "--no-browser", "--port", "0"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        assert started.stdout.readline().startswith("http://127.0.0.1:")
        started.send_signal(signal.SIGINT)
        _, errors = started.communicate(timeout=60)
    finally:
        started.kill()
    assert started.returncode == 0 and "Traceback" not in errors
