"""A whole crisis as `offramp trace` prints it, on a narrow terminal and on a wide one."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.figures.crisis import crisis_days, weighing
from experiments.trace.reasons import decision
from experiments.trace.story import agreement_spells, events, tell
from experiments.trace.table import show
from tests.support.golden import check_golden
from tests.support.studies import make_study


def test_a_crisis_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    overrides = ("mediation=manipulation", "scenario=april_2016", "dtype=float64", "horizon_days=30", "replicates=3")
    lapsing = ("dyad.operations.lapse_rate_middle=0.3", "dyad.operations.lapse_rate_8=0.1", "dyad.operations.renewal=0")
    study = make_study(tmp_path / "study", *overrides, *lapsing)
    story = tell(study.directory, 0, 2)
    for columns in ("100", "150"):
        monkeypatch.setenv("COLUMNS", columns)
        show(story, 3, "a reason", every_day=columns == "100")
    decisions = [decision(story.days[3], side, story.rationality[side]) for side in "ab"]
    drawings = [
        crisis_days(story.days, events(story), agreement_spells(story.days), story.sides, "Title", 3),
        weighing(decisions, story.sides, "Title"),
    ]
    words = "\n\n".join(drawing.alt for drawing in drawings)
    check_golden("trace.txt", f"{capsys.readouterr().out}\n{words}\n", tmp_path)
