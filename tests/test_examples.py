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
