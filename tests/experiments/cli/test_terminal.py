"""Output: what cannot be printed is not printed, and a table loses nothing, however narrow its window."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from experiments import terminal
from experiments.cli.app import run_command
from tests.support.faults import OFFRAMP

CELLS = ["-0.01234567", "12.3 % [9.5, 37.3]", "−111.3 [−122.0, −105.3]", "a text of some length, such as a source"]


def _table() -> Table:
    table = Table()
    for name in ("error", "value [95 %]", "change [95 %]", "meaning"):
        table.add_column(name)
    table.add_row(*CELLS)
    table.add_row(*CELLS)
    return table


@pytest.mark.parametrize("width", [40, 50, 60, 70, 80, 100, 10_000])
def test_nothing_is_cut_at_any_width(width: int) -> None:
    shown = io.StringIO()
    Console(file=shown, width=width).print(terminal.fitted(_table(), width, prose=(3,)))
    lines = shown.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in shown.getvalue()
    for word in {word for cell in CELLS for word in cell.split()}:
        assert len(re.findall(rf"(?<!\S){re.escape(word)}(?!\S)", shown.getvalue())) >= 2, word


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        ("0", terminal.WIDEST),
        ("-5", terminal.WIDEST),
        ("abc", terminal.WIDEST),
        ("", terminal.WIDEST),
        ("1", 40),
        ("80", 80),
        ("99999999999", terminal.WIDEST),
    ],
)
def test_width_is_one_that_can_be_read(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.width_of(io.StringIO()) == terminal.screen(io.StringIO()).width == width


def test_terminal_without_a_size_is_of_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True)
    assert terminal.width_of(shown) == terminal.USUAL


def test_list_prints_its_names_whatever_columns_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for columns in ("0", "1", "x"):
        monkeypatch.setenv("COLUMNS", columns)
        assert run_command(["list", "scenarios"]) == 0
        assert "tovuz_2020" in capsys.readouterr().out


@pytest.mark.parametrize(("redirection", "code"), [("<&- >&- 2>&-", 0), (">/dev/full", 1)])
def test_study_is_completed_whatever_becomes_of_its_output(redirection: str, code: int, tmp_path: Path) -> None:
    words = f'"{OFFRAMP}" run replicates=5 citizens=10 horizon_days=16 backend=serial hydra.run.dir=study {redirection}'
    done = subprocess.run(["sh", "-c", words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code
    assert len(list((tmp_path / "study" / "outcomes").iterdir())) == 1
    assert done.stderr == ("offramp: cannot print everything: no space left on device\n" if code else "")


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    """Neither by this process, nor by workers, nor by what loky starts to look after them."""
    for name in ("random", "json", "numpy", "sim", "conf", "experiments"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    words = [
        "run",
        "citizens=20",
        "horizon_days=2",
        "replicates=4096",
        "mediation=none",
        "trajectories=false",
        "workers=2",
        "hydra.run.dir=study",
    ]
    done = subprocess.run([OFFRAMP, *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()
    assert len(list((tmp_path / "study" / "outcomes").iterdir())) > 1


def test_home_directory_is_understood_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    study = ["run", "replicates=5", "citizens=10", "horizon_days=16", "backend=serial"]
    for place in ("hydra.run.dir=~/x", "resume=~/x", "hydra.run.dir='~/y'", "resume='~/y'"):
        assert run_command([*(study if "dir" in place else ["run"]), place]) == 0
    assert run_command(["compare", "~/x", "~/y", "--no-figures", "--output=~/z"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"x", "y", "z"}
    capsys.readouterr()
    assert run_command([*study, "hydra.run.dir=~nobody-here/x"]) == 2
    assert "no such user" in capsys.readouterr().err


def test_comparison_that_cannot_be_written_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "study"
    assert (
        run_command(
            ["run", "replicates=5", "citizens=10", "horizon_days=16", "backend=serial", f"hydra.run.dir={place}"]
        )
        == 0
    )
    capsys.readouterr()
    access = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode, **named: access(path, mode, **named) and not (Path(path) == place and mode & os.W_OK),
    )
    assert run_command(["compare", str(place), "--no-figures"]) == 1
    said = capsys.readouterr()
    assert "days with shots" in said.out
    assert said.err.count("\n") == 1 and "cannot be written" in said.err and "--output DIR" in said.err
    assert run_command(["report", str(place)]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "--output FILE.html" in said.err
    assert not (place / "figures").exists()


def test_figures_need_no_backend(tmp_path: Path) -> None:
    code = (
        "import sys; from experiments.cli import app; "
        "app.run_command = lambda argv: __import__('matplotlib') and 0; app.main([])"
    )
    for backend in ("module://matplotlib_inline.backend_inline", "nonsense"):
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "MPLBACKEND": backend}, check=True)
