"""The examples run and print what they promise."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_one_crisis_is_told_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "one_crisis.py"))["main"](days=5)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("side a: rung ")
    assert lines[1].startswith("side b: rung ")


def test_arms_are_compared_in_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "mediators_under_the_same_luck.py"))["main"](replicates=10)
    assert "paired difference" in capsys.readouterr().out


def test_the_delay_of_a_mediator_is_studied_from_start_to_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main = runpy.run_path(str(EXAMPLES / "mediation_delay.py"))["main"]
    main(tmp_path, replicates=30, horizon_days=20, citizens=10, backend="serial")
    lines = capsys.readouterr().out.splitlines()
    assert sum(" days to calm" in line for line in lines) == 8
    assert sum("days to calm, " in line for line in lines) == 7  # every delay against no mediator
    assert Path(lines[-1].split("figure in ")[1]).is_file()
