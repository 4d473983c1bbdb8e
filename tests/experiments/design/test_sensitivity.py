"""Designs for indices of sensitivity: what is uncertain, over which span, and indices that are known."""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
import pytest

from experiments.comparison.drawing import influence_notes
from experiments.design.sensitivity import (
    LEVERS,
    Sampling,
    expanded,
    indices,
    sampling,
    span,
    uncertain,
    unit_sample,
    why_none,
)
from experiments.errors import UserError
from experiments.figures.forest import index_words
from experiments.statistics.metrics import metric
from sim.scenario import Scenario, parameters
from tests.support.synthetic_outcomes import outcomes

pytest.importorskip("SALib")


def test_spans_lie_within_the_range_and_are_not_empty() -> None:
    values = Scenario().values()
    for path, parameter in parameters().items():
        if parameter.kind == "float":
            low, high = span(parameter, values[path])
            assert parameter.low <= low < high <= parameter.high, path


def test_uncertain_is_everything_but_what_somebody_chooses() -> None:
    factors, ties = uncertain(Scenario())
    assert {"government.step_up", "government.step_down", "public.hawkishness", "government.rationality"} <= set(ties)
    assert {target["path"] for target in ties["government.step_up"]} == {"government.a.step_up", "government.b.step_up"}
    assert not [name for name in factors if name.startswith("mediation") or name in LEVERS]
    assert not [name for name in factors if name.startswith("alliance.first")]  # absent


def test_a_library_that_is_not_installed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(UserError, match="install the extra"):
        unit_sample(Sampling("morris", ("a",), ("a",)), 2, 1)


def test_other_designs_are_left_alone() -> None:
    spec = {"grid": {"mediation.delay": [0, 1]}, "morris": {"samples": 2, "factors": {"talks.slope": "full"}}}
    assert expanded(spec, Scenario()) == spec


@pytest.mark.parametrize("kind", ["morris", "saltelli"])
def test_what_matters_comes_first(kind: str) -> None:
    made = Sampling(kind, ("strong", "weak", "idle"), ("strong", "weak", "idle"))
    where = unit_sample(made, 64, 1)
    points = pl.DataFrame(where, schema=list(made.factors), orient="row")
    table = indices(made, points, 4 * where[:, 0] + where[:, 1])
    assert table["factor"].to_list() == ["strong", "weak", "idle"]
    assert table["index"][2] == pytest.approx(0, abs=1e-6)
    shares = [16 / 17, 1 / 17] if kind == "saltelli" else [4, 1]
    assert np.allclose(table["index"][:2], shares, rtol=0.25)
    assert (table["low"] <= table["index"]).all()
    assert (table["index"] <= table["high"]).all()
    assert kind == "morris" or (table["high"] <= np.maximum(table["index"].to_numpy(), 1)).all()


def test_what_moves_a_quantity_most_is_said_in_a_line() -> None:
    calm = metric("calm", 120, outcomes(10).schema)
    table = pl.DataFrame(
        {
            "metric": ["calm"] * 7,
            "factor": [f"input {k}" for k in range(7)],
            "index": [0.5] * 7,
            "low": [0.25] * 7,
            "high": [0.75] * 7,
            "first": [0.1] * 7,
        }
    )
    (note,) = influence_notes(table, [calm])
    assert "total share of its variance in per cent: input 0 50.0 [25.0, 75.0], input 1" in note
    assert "input 5" not in note
    (note,) = influence_notes(table.rename({"first": "spread"}), [calm])
    assert "elementary effect in percentage points: input 0 50.0" in note


def test_groups_act_together() -> None:
    spec = {"factors": {"public.honour": {}, "public.weakness": {}, "talks.slope": {}}, "groups": {"all": ["public"]}}
    assert sampling("saltelli", spec).inputs == ("all", "talks.slope")
    with pytest.raises(UserError, match="no factor"):
        sampling("saltelli", {**spec, "groups": {"none": ["dyad"]}})


@pytest.mark.parametrize("kind", ["morris", "saltelli"])
def test_what_did_not_vary_or_is_missing_somewhere_has_no_index(kind: str) -> None:
    made = Sampling(kind, ("strong", "idle"), ("strong", "idle"))
    where = unit_sample(made, 8, 1)
    points = pl.DataFrame(where, schema=list(made.factors), orient="row")
    holes = np.where(np.arange(len(where)) < 3, np.nan, where[:, 0])
    for values, reason in ((where[:, 0] * 0, "did not vary over"), (holes, f"missing at 3 of {len(where)} points")):
        table = indices(made, points, values)
        assert table.drop("factor").null_count().row(0) == (2, 2, 2, 2)
        assert reason in why_none(values)
        assert influence_notes(table.with_columns(metric=pl.lit("calm")), [metric("calm", 120, {})]) == []
    table = indices(made, points, where[:, 0])
    assert table.columns == indices(made, points, holes).columns
    assert [index_words(row, 100, 1) == "no effect" for row in table.iter_rows(named=True)] == [False, True]


@pytest.mark.parametrize("kind", ["morris", "saltelli"])
def test_a_handful_of_samples_has_no_interval(kind: str) -> None:
    made = Sampling(kind, ("strong", "weak"), ("strong", "weak"))
    where = unit_sample(made, 4, 1)
    points = pl.DataFrame(where, schema=list(made.factors), orient="row")
    table = indices(made, points, 2 * where[:, 0] + where[:, 1])
    assert table["index"].null_count() == 0
    assert table["low"].null_count() == table["high"].null_count() == 2
