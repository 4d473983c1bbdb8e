"""What a figure draws, as plain rows for a page that draws it itself: the same numbers, words and colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from inspect import signature
from math import isfinite
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from experiments.figures.curves import TITLE, WORDS, cumulative_incidence
from experiments.figures.distributions import deaths_distribution
from experiments.figures.forest import SCALES, forest
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
    if not isinstance(sketch, partial) or (make := _MAKERS.get(sketch.func)) is None:
        return None
    given = signature(sketch.func).bind(*sketch.args, **sketch.keywords)
    given.apply_defaults()
    return plain(make(SimpleNamespace(**given.arguments)))


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


def _shares(drawn: SimpleNamespace) -> Rows:
    return {
        "kind": "shares",
        "title": TITLES[drawn.column],
        "column": drawn.column,
        "words": CATEGORIES[drawn.column],
        "colours": CATEGORY_COLOURS[drawn.column],
        "arms": _arms(drawn.shares),
        "rows": drawn.shares.select("arm", "category", *ENDS).to_dicts(),
    }


def _incidence(drawn: SimpleNamespace) -> Rows:
    return {
        "kind": "incidence",
        "title": TITLE,
        "words": WORDS,
        "arms": _arms(drawn.curves),
        "curves": [
            {"event": event, "arm": arm, "day": part["day"].to_list(), **_columns(part)}
            for (event, arm), part in drawn.curves.group_by("event", "arm", maintain_order=True)
        ],
    }


def _forest(drawn: SimpleNamespace) -> Rows:
    return {
        "kind": "forest",
        "title": drawn.title,
        "note": drawn.note,
        "scales": SCALES,
        "arms": list(drawn.order) or [drawn.contrasts["baseline"][0], *_arms(drawn.contrasts)],
        "rows": drawn.contrasts.to_dicts(),
    }


def _curves(drawn: SimpleNamespace) -> Rows:
    axis = drawn.axis_label or drawn.factor
    return {
        "kind": "curves",
        "title": f"{drawn.label} over {axis}",
        "label": drawn.label,
        "unit": drawn.unit,
        "axis": axis,
        "note": drawn.note,
        "arms": list(drawn.curves),
        "curves": [
            {"arm": arm, "at": table[drawn.factor].to_list(), **_columns(table)} for arm, table in drawn.curves.items()
        ],
    }


def _map(drawn: SimpleNamespace) -> Rows:
    table = drawn.table.select(pl.col(drawn.across).alias("x"), pl.col(drawn.up).alias("y"), *ENDS)
    return {
        "kind": "map",
        "title": drawn.label,
        "label": drawn.label,
        "unit": drawn.unit,
        "across": drawn.across_label or drawn.across,
        "up": drawn.up_label or drawn.up,
        "note": drawn.note,
        "ramp": MAP_RAMP,
        "cells": table.to_dicts(),
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


_MAKERS: dict[Any, Any] = {
    stacked_shares: _shares,
    cumulative_incidence: _incidence,
    forest: _forest,
    deaths_distribution: lambda drawn: classes_rows(drawn.deaths),
    response_curves: _curves,
    factor_map: _map,
}
