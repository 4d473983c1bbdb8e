"""The document on calibration: what the shipped posteriors say, with the figures that stand beside it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from experiments.calibration.document import FIGURES, figure_of, reasons, renew, show, text

ROOT = Path(__file__).parents[3]
SHIPPED = files("conf") / "posterior"
NAME = "dispute_population"


def test_the_document_is_what_the_shipped_posteriors_say(tmp_path: Path) -> None:
    kept = ROOT / "docs" / "calibration.md"
    (tmp_path / "figures").symlink_to(ROOT / "docs" / "figures")
    renew(tmp_path / "calibration.md", Path(str(SHIPPED)))
    assert (tmp_path / "calibration.md").read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


def test_what_was_not_run_or_not_finished_is_said() -> None:
    facts = json.loads((SHIPPED / f"{NAME}.json").read_text(encoding="utf-8"))
    assert "provisional" not in text([facts])
    part = text([{**facts, "populations": 400, "neural": None, "screening": []}])
    assert "100,000 simulated crises of the 1,000,000" in part and "**provisional**" in part
    assert "Neural posterior estimation was not run beside it." in part
    assert "### Screening" not in part and "### Neural" not in part


def test_the_document_shows_the_figures_that_stand_beside_it(tmp_path: Path) -> None:
    facts = json.loads((SHIPPED / f"{NAME}.json").read_text(encoding="utf-8"))
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    for name in FIGURES:
        (drawn / f"{NAME}_{name}{figure_of(NAME, name).suffix}").write_bytes(name.encode())
    assert "![" not in text([facts], tmp_path)
    show(drawn, NAME, tmp_path / "made.md")
    shown = text([facts], tmp_path)
    for name in FIGURES:
        assert f"]({figure_of(NAME, name)})" in shown
        assert (tmp_path / figure_of(NAME, name)).read_text() == name


def test_no_number_of_a_result_is_typed_by_hand() -> None:
    for target, reason in reasons().items():
        for name in reasons():
            reason = reason.replace(name, "")
        assert not any(letter.isdigit() for letter in reason), target
