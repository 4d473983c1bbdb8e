"""The examples run and print what they promise."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def test_mesas_own_view_shows_sliders_of_the_schema_without_a_screen() -> None:
    solara = pytest.importorskip("solara")
    page = runpy.run_path(str(EXAMPLES / "solaraviz.py"))
    made = page["Seen"](**{"mediation.delay": 3})
    made.step()
    assert len(made.datacollector.get_model_vars_dataframe()) == 1
    assert _days(page["Seen"](), 20) == _days(
        page["Seen"](**{k: slider.value for k, slider in page["sliders"]().items()}), 20
    )
    assert _days(page["Seen"](), 20) != _days(page["Seen"](**{"mediation.present": 0}), 20)
    box, context = solara.render(solara.AppLayout(children=[page["Page"]()]), handle_error=False)
    try:
        labels = {getattr(widget, "label", "") for widget in _widgets(box)}
        assert {slider.label for slider in page["sliders"]().values()} <= labels
    finally:
        context.close()


def _days(crisis: Any, days: int) -> list[float]:
    """What the view draws of some days of a crisis."""
    for _ in range(days):
        crisis.step()
    return crisis.datacollector.get_model_vars_dataframe().to_numpy().ravel().tolist()


def _widgets(widget: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """A widget and all inside it, slots included."""
    seen = set() if seen is None else seen
    if id(widget) in seen or not hasattr(widget, "comm"):
        return
    seen.add(id(widget))
    yield widget
    slots = [slot.get("children") for slot in getattr(widget, "v_slots", []) or []]
    for inner in [*(getattr(widget, "children", []) or []), *slots]:
        for part in inner if isinstance(inner, (list, tuple)) else [inner]:
            yield from _widgets(part, seen)
