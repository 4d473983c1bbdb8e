"""Completing a study from what it holds itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.cli.app import run_command


@pytest.mark.parametrize(
    "lost", [shutil.rmtree, lambda own: (own / "scenario" / "x.yaml").write_text("")], ids=["gone", "damaged"]
)
def test_resume_needs_no_configuration_but_the_studys_own(
    lost: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "mine" / "mediation" / "own.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("label: mine\npresent: 1\ndelay: 3\n")
    (tmp_path / "mine" / "scenario").mkdir()
    words = ["citizens=10", "horizon_days=16", "backend=serial", "replicates=30", "mediation=own"]
    assert run_command(["run", "--config-dir", "mine", *words, "hydra.run.dir=R"]) == 0
    part = tmp_path / "R" / "outcomes" / "part-000000.parquet"
    before = part.read_bytes()
    part.unlink()
    lost(tmp_path / "mine")
    capsys.readouterr()
    assert run_command(["run", "resume=R", "mediation=none"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "--config-dir" in said and "mediation=none" in said
    assert run_command(["run", "resume=R", "workers=1", *words]) == 0
    assert part.read_bytes() == before
