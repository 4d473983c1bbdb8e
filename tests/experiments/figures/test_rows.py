"""Rows of figures for a page: the very numbers that the figure draws, as plain JSON values."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import polars as pl
import pytest

from experiments.figures.distributions import classes_distribution, days_distribution, deaths_distribution
from experiments.figures.forest import on_axis
from experiments.figures.response import factor_map, response_curves
from experiments.figures.rows import forest_panel, plain, rows_of, table_of
from experiments.statistics.estimates import DAYS, DEATHS, classes_of, death_classes, edges_of_deaths

CURVE = pl.DataFrame({"delay": [0, 5, 9], "value": [0.1, 0.2, 1 / 3], "low": [0.0, 0.1, 0.3], "high": [0.2, 0.3, 0.4]})


def test_curves_hold_the_table_of_each_arm():
    rows = rows_of(partial(response_curves, {"all": CURVE}, "delay", "calm", "probability", "delay (days)"))
    assert rows["kind"] == "curves" and rows["axis"] == "delay (days)"
    assert rows["curves"] == [
        {"arm": "all", "at": [0, 5, 9], "value": [0.1, 0.2, 0.333333], "low": [0.0, 0.1, 0.3], "high": [0.2, 0.3, 0.4]}
    ]


def test_maps_hold_a_cell_a_row():
    table = CURVE.with_columns(cover=pl.Series([0.0, 0.5, 1.0]), value=pl.Series([0.1, None, float("nan")]))
    rows = rows_of(partial(factor_map, table, "delay", "cover", "calm", "probability", "delay", "cover"))
    assert [(cell["x"], cell["y"], cell["value"]) for cell in rows["cells"]] == [
        (0, 0, 0.1),
        (5, 0.5, None),
        (9, 1, None),
    ]
    json.dumps(rows, allow_nan=False)


def test_classes_count_every_crisis_once():
    dead = {"held": np.array([0, 0, 1, 2, 99, 100, 5000]), "moved": np.array([0, 3])}
    rows = rows_of(partial(deaths_distribution, dead))
    for arm in dead:
        assert sum(row["value"] for row in rows["rows"] if row["arm"] == arm) == pytest.approx(1, abs=1e-4)
    edges = edges_of_deaths(list(dead.values()), DEATHS)
    assert classes_of(dead["held"], edges).tolist() == [0, 0, 1, 1, 4, 5, 8]
    assert death_classes(dead["held"], edges)["words"].to_list()[:3] == ["0", "1\N{EN DASH}2", "3\N{EN DASH}9"]
    assert rows["words"][-1] == "3,000 or more"


def test_what_only_matplotlib_draws_has_no_rows():
    assert rows_of(partial(days_distribution, {}, {}, 10, -1)) is None
    assert rows_of(lambda: None) is None


def test_numbers_become_plain_json():
    assert plain({"a": np.float64("nan"), "b": (np.int64(3), 1.23456789)}) == {"a": None, "b": [3, 1.23457]}


HEAVY = {"held": np.array([0, 0, 2, 30]), "moved": np.array([0, 1, 1, 1])}


def test_classes_of_anything_are_drawn_said_and_saved_alike():
    sketch = partial(classes_distribution, HEAVY, "heavy days", DAYS)
    rows, table = rows_of(sketch), table_of(sketch)
    assert rows["title"] == "How many heavy days"
    assert rows["said"][0].startswith("held: 0 50.0 [") and "moved: 0 25.0 [" in rows["said"][1]
    assert table.filter(arm="held")["class"].to_list() == rows["words"]
    assert table["value"].to_list() == [row["value"] for row in rows["rows"]]
    assert sketch().alt.startswith("Distribution of heavy days in a crisis")


def test_a_figures_table_holds_its_numbers_unrounded():
    table = table_of(partial(response_curves, {"all": CURVE, "few": CURVE}, "delay", "calm", "probability"))
    assert table.columns == ["arm", "delay", "value", "low", "high"]
    assert table["value"].to_list() == 2 * CURVE["value"].to_list()
    assert table_of(partial(days_distribution, {}, {}, 10, -1)) is None


def test_contrasts_stand_on_the_axis_of_their_unit():
    ends = {"difference": -0.12, "low": -0.15, "high": None, "ratio": 0.5, "ratio_low": 0.25, "ratio_high": 1.0}
    row = {"label": "calm", "arm": "moved", "smallest_effect": 0.05, "basis": "paired", "carriers": 40, **ends}

    def panel(unit, **others):
        return forest_panel(on_axis(pl.DataFrame([{**row, "unit": unit, **others}]), unit), unit, unit == "deaths")

    points = panel("probability")
    assert points["rows"][0]["value"] == pytest.approx(-12) and points["rows"][0]["words"] == "\N{MINUS SIGN}12.0"
    assert points["smallest"] == [-5, 5] and points["axis"][1:] == [0, pytest.approx(15 * 1.06)]
    ratio = panel("deaths", smallest_effect=1.25)
    assert ratio["rows"][0]["words"] == "0.50 [0.25, 1.00]"
    assert ratio["axis"] == [0.25, 1, 4] and ratio["smallest"] == [0.8, 1.25]
    nothing = panel("deaths", ratio=None)
    assert nothing["rows"][0]["words"] == "not defined"


def test_a_map_runs_from_dark_to_light_and_leaves_gaps():
    table = CURVE.with_columns(cover=pl.Series([0.0, 0.5, 1.0]), value=pl.Series([0.1, None, 0.9]))
    rows = rows_of(partial(factor_map, table, "delay", "cover", "calm", "probability", "delay", "cover"))
    first, gap, last = (cell["colour"] for cell in rows["cells"])
    assert gap is None and int(first[1:], 16) < int(last[1:], 16)
    assert rows["said"][1] == "5, 0.5: none"
