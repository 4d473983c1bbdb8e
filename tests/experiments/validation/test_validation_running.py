"""The command: what it prints and writes, and when it fails."""

from __future__ import annotations

import polars as pl
import pytest

from experiments.statistics.arms import Arm
from experiments.targets.targets import POPULATIONS, Comparison, targets, targets_of
from experiments.validation import running
from experiments.validation.effects import MEASURES
from experiments.validation.running import ARMS
from tests.support.made_up_checks import checks
from tests.support.synthetic_outcomes import outcomes


def fake_tasks(quick: bool, seed: int) -> dict:
    mechanisms = pl.DataFrame(
        [
            {
                "mechanism": "x",
                "meaning": "",
                "idle": False,
                "changed": 0.5,
                **{f"{name}{end}": 0.1 for name in MEASURES for end in ("", "_low", "_high")},
            }
        ]
    )
    inertia = pl.DataFrame(
        {
            "arm": ["alone"],
            "step_up": [0.1],
            "step_down": [0.2],
            "value": [0.5],
            "low": [0.4],
            "high": [0.6],
            "lanes": [10],
        }
    )
    made = {
        f"population {item.scenario}": [
            Comparison(target, 1.0, 0.9, 1.1, False, True, 9, 9) for target in targets_of(item.scenario)
        ]
        for item in POPULATIONS
    }
    made |= {
        "switching off: baseline": mechanisms,
        "inertia": inertia,
        "arms": [Arm(name, outcomes(60, effect=number * 0.1)) for number, name in enumerate(ARMS)],
        **checks(),
    }
    return {name: (lambda result=result: result) for name, result in made.items()}


@pytest.fixture
def quick_checks(monkeypatch):
    """Made-up results, with intervals that keep their promise unless told otherwise."""

    def setup(kept: bool = True) -> None:
        coverage = pl.DataFrame(
            {"method": ["wilson"], "coverage": [0.95 if kept else 0.8], "promised": [True], "kept": [kept]}
        )
        monkeypatch.setattr(running, "tasks", fake_tasks)
        monkeypatch.setattr(running, "_coverage", lambda arms, quick: {"pairs": coverage})

    return setup


def test_missed_targets_are_shown_and_are_no_failure(quick_checks, tmp_path, capsys):
    quick_checks()
    written = tmp_path / "validation.md"
    assert running.validate(workers=1, write=written) == 0
    for text in (capsys.readouterr().out, written.read_text(encoding="utf-8")):
        assert f"0 of {len(targets())} targets are met" in " ".join(text.split())
        assert "placebo" in text
    assert "How the records are read" in written.read_text(encoding="utf-8")


def test_a_broken_promise_is_a_failure(quick_checks):
    quick_checks(kept=False)
    assert running.validate(workers=1) == 1


def test_the_first_number_is_calm_without_a_mediator(quick_checks, capsys):
    quick_checks()
    running.validate(workers=1)
    printed = capsys.readouterr().out
    assert printed.index("Calm by day 60") < printed.index("targets are met")
    assert printed.index("no mediator") < printed.index("placebo")


def test_every_population_every_base_the_arms_and_the_map_are_tasks():
    names = list(running.tasks(quick=True, seed=1))
    assert {f"population {item.scenario}" for item in POPULATIONS} <= set(names)
    assert {"arms", "inertia", "switching off: baseline", "switching off: everything on"} <= set(names)
