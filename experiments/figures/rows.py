"""What a figure draws, as plain rows for a page that draws it itself: the same numbers, words and colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from experiments.figures.deaths import deaths_distribution
from experiments.figures.forest import SCALES, forest
from experiments.figures.incidence import WORDS, cumulative_incidence
from experiments.figures.lazy_figures import Sketch
from experiments.figures.palette import CATEGORY_COLOURS, MAP_RAMP
from experiments.figures.response import factor_map, response_curves
from experiments.figures.shares import TITLES, stacked_shares
from experiments.statistics.classes import DEATHS, death_classes, edges_of_deaths
from experiments.statistics.vocabulary import CATEGORIES

Rows = dict[str, Any]
DIGITS = 6
"""Significant digits of a number that is drawn."""
ENDS = ("value", "low", "high")


def rows_of(sketch: Sketch) -> Rows | None:
    """Return the rows of a sketch with ``kind`` and ``title``; None for a figure that only matplotlib draws."""
    make = _MAKERS.get(sketch.func) if isinstance(sketch, partial) else None
    return make and plain(make(*sketch.args, **sketch.keywords))


def plain(value: Any) -> Any:
    """Rows as JSON can hold them: null for what is not a number, others to a few significant digits."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
    return value


def _arms(table: pl.DataFrame) -> list[str]:
    return table["arm"].unique(maintain_order=True).to_list()


def _columns(table: pl.DataFrame) -> dict[str, list]:
    return table.select(*ENDS).to_dict(as_series=False)


def _shares(shares: pl.DataFrame, column: str) -> Rows:
    return {
        "kind": "shares",
        "title": TITLES[column],
        "column": column,
        "words": CATEGORIES[column],
        "colours": CATEGORY_COLOURS[column],
        "arms": _arms(shares),
        "rows": shares.select("arm", "category", *ENDS).to_dicts(),
    }


def _incidence(curves: pl.DataFrame) -> Rows:
    return {
        "kind": "incidence",
        "title": "Calm, agreement and war by day",
        "words": WORDS,
        "arms": _arms(curves),
        "curves": [
            {"event": event, "arm": arm, "day": part["day"].to_list(), **_columns(part)}
            for (event, arm), part in curves.group_by("event", "arm", maintain_order=True)
        ],
    }


def _forest(contrasts: pl.DataFrame, order: Any = (), title: str = "What each arm changes", note: str = "") -> Rows:
    return {
        "kind": "forest",
        "title": title,
        "note": note,
        "scales": SCALES,
        "arms": list(order) or [contrasts["baseline"][0], *_arms(contrasts)],
        "rows": contrasts.to_dicts(),
    }


def classes_rows(groups: Mapping[str, np.ndarray], label: str = "military deaths", edges: Any = DEATHS) -> Rows:
    """Rows of how often none, few or many of something: a row an arm and class.

    Parameters
    ----------
    groups : mapping of str to int array, shape (lanes,)
        Values by arm.
    label : str
        Words for what is counted.
    edges : int array
        First numbers that classes may begin with.
    """
    used = edges_of_deaths(list(groups.values()), edges)
    tables = {arm: death_classes(values, used) for arm, values in groups.items()}
    return {
        "kind": "classes",
        "title": f"How many {label}",
        "label": label,
        "arms": list(groups),
        "words": next(iter(tables.values()))["words"].to_list(),
        "rows": [
            {"arm": arm, "class": number, **row}
            for arm, table in tables.items()
            for number, row in enumerate(table.select(*ENDS).to_dicts())
        ],
    }


def _curves(
    curves: Mapping[str, pl.DataFrame], factor: str, label: str, unit: str, axis_label: str = "", note: str = ""
) -> Rows:
    return {
        "kind": "curves",
        "title": f"{label} over {axis_label or factor}",
        "label": label,
        "unit": unit,
        "axis": axis_label or factor,
        "note": note,
        "arms": list(curves),
        "curves": [{"arm": arm, "at": table[factor].to_list(), **_columns(table)} for arm, table in curves.items()],
    }


def _map(
    table: pl.DataFrame,
    across: str,
    up: str,
    label: str,
    unit: str,
    across_label: str = "",
    up_label: str = "",
    note: str = "",
) -> Rows:
    return {
        "kind": "map",
        "title": label,
        "label": label,
        "unit": unit,
        "across": across_label or across,
        "up": up_label or up,
        "note": note,
        "ramp": MAP_RAMP,
        "cells": [{"x": row[across], "y": row[up], **{name: row[name] for name in ENDS}} for row in table.to_dicts()],
    }


_MAKERS: dict[Any, Any] = {
    stacked_shares: _shares,
    cumulative_incidence: _incidence,
    forest: _forest,
    deaths_distribution: classes_rows,
    response_curves: _curves,
    factor_map: _map,
}
