"""Rows of figures for a page: the very numbers that the figure draws, as plain JSON values."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import polars as pl
import pytest

from experiments.figures.distributions import days_distribution, deaths_distribution
from experiments.figures.response import factor_map, response_curves
from experiments.figures.rows import plain, rows_of
from experiments.statistics.classes import DEATHS, classes_of, death_classes, edges_of_deaths

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
