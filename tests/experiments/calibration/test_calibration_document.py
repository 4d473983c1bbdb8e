"""The document on calibration: what the shipped posteriors say, with the figures that stand beside it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from experiments.calibration.document import WEIGHTS, figure_of, reasons, renew, show, text
from experiments.design.priors import CALIBRATED

ROOT = Path(__file__).parents[3]
SHIPPED = files("conf") / "posterior"
NAME = "dispute_population"


def test_the_document_is_what_the_shipped_posteriors_say(tmp_path: Path) -> None:
    kept = ROOT / "docs" / "calibration.md"
    (tmp_path / "figures").symlink_to(ROOT / "docs" / "figures")
    renew(tmp_path / "calibration.md", Path(str(SHIPPED)))
    assert (tmp_path / "calibration.md").read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    return {name: json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8")) for name in CALIBRATED}


def test_what_was_not_run_or_not_finished_is_said(facts: dict[str, Any]) -> None:
    fits = facts[NAME]["fits"]
    few = {name: {**fit, "populations": 400, "neural": None} for name, fit in fits.items()}
    part = text({**facts, NAME: {**facts[NAME], "fits": few, "screening": []}})
    assert "| 400 | 40,000 |" in part and "**Provisional.**" in part
    assert "The cross-check by neural networks was not run beside: none" in part
    assert "## Screening" not in part and "With neural networks" not in part
    fresh = {key: value for key, value in facts[NAME].items() if key != "fitted_under"}
    first, *others = fresh["targets"]
    nothing = {**fresh, "targets": [{**first, "value": None, "low": None, "high": None, "inside": False}, *others]}
    assert "| none (none to none) |" in text({**facts, NAME: nothing}) and "simulated again with model" not in text(
        {**facts, NAME: fresh}
    )
    many = {name: {**fit, "populations": 4000} for name, fit in fits.items()}
    assert "Provisional" not in text({**facts, NAME: {**facts[NAME], "fits": many}})


def test_the_document_shows_the_figures_that_stand_beside_it(tmp_path: Path, facts: dict[str, Any]) -> None:
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    for stem in (WEIGHTS, "none_predictive", "line_of_contact_predictive"):
        (drawn / f"{stem}{figure_of(stem).suffix}").write_bytes(stem.encode())
    assert "![" not in text(facts, tmp_path)
    show(drawn, tmp_path / "made.md")
    shown = text(facts, tmp_path)
    for stem in (WEIGHTS, "none_predictive", "line_of_contact_predictive"):
        assert f"]({figure_of(stem)})" in shown
        assert (tmp_path / figure_of(stem)).read_text() == stem


def test_no_number_of_a_result_is_typed_by_hand() -> None:
    for target, reason in reasons().items():
        for name in reasons():
            reason = reason.replace(name, "")
        assert not any(letter.isdigit() for letter in reason), target
