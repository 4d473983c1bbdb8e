"""What a figure draws, as plain rows for a page that draws it itself: the same numbers, words and colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from inspect import signature
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from experiments.figures.curves import TITLE, WORDS, cumulative_incidence
from experiments.figures.distributions import TITLES, classes_distribution, deaths_distribution, stacked_shares
from experiments.figures.forest import SCALES, forest, on_axis
from experiments.figures.lazy_figures import Sketch
from experiments.figures.palette import CATEGORY_COLOURS, MAP_RAMP
from experiments.figures.parts import highest
from experiments.figures.response import factor_map, response_curves
from experiments.files import json_value
from experiments.statistics.estimates import DEATHS, death_classes, edges_of_deaths
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import bracketed, known, percentage, signed
from experiments.text import plain as written

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
    return worded(make(SimpleNamespace(**given.arguments)))


def worded(rows: Rows) -> Rows:
    """Rows as JSON can hold them, with their numbers in words, ``said``, for those who cannot see the figure."""
    form = _share if rows.get("unit") == "probability" else _digits
    said: list[str] = []
    match rows["kind"]:
        case "shares" | "classes":
            part = "category" if rows["kind"] == "shares" else "class"
            for arm in rows["arms"]:
                of_arm = (row for row in rows["rows"] if row["arm"] == arm)
                shares = (f"{rows['words'][row[part]]} {percentage(*(row[end] for end in ENDS))} %" for row in of_arm)
                said.append(f"{arm}: {', '.join(shares)}")
        case "incidence":
            for curve in rows["curves"]:
                words, last = rows["words"][curve["event"]], curve["value"][-1]
                said.append(f"{words}, {curve['arm']}: {_share(last)} by day {curve['day'][-1]}")
        case "forest":
            panels = (row for panel in rows["panels"] for row in panel["rows"])
            said += [f"{row['label']}, {row['arm']}: {row['words']}" for row in panels]
        case "curves":
            for curve in rows["curves"]:
                points = zip(curve["at"], curve["value"], strict=True)
                said.append(f"{curve['arm']}: {', '.join(f'{_digits(at)} {form(value)}' for at, value in points)}")
        case "map":
            said += [f"{_digits(cell['x'])}, {_digits(cell['y'])}: {form(cell['value'])}" for cell in rows["cells"]]
    return plain({**rows, "said": said})


def _share(value: float | None) -> str:
    return f"{written(100 * value)} %" if known(value) else "none"


def _digits(value: float | None) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}") if known(value) else "none"


def table_of(sketch: Sketch) -> pl.DataFrame | None:
    """Return the numbers that a figure draws as one table; None for a figure that only matplotlib draws."""
    rows = rows_of(sketch)
    if rows is None or not isinstance(sketch, partial):
        return None
    data = sketch.args[0]
    if rows["kind"] == "classes":
        return pl.DataFrame([{**row, "class": rows["words"][row["class"]]} for row in rows["rows"]])
    if isinstance(data, pl.DataFrame):
        return data
    return pl.concat([table.select(pl.lit(arm).alias("arm"), pl.all()) for arm, table in data.items()])


def plain(value: Any) -> Any:
    """Rows as JSON can hold them: null for what is not a number, others to a few significant digits."""
    return json_value(value, lambda number: float(f"{number:.{DIGITS}g}"))


def _arms(table: pl.DataFrame) -> list[str]:
    return table["arm"].unique(maintain_order=True).to_list()


def _columns(table: pl.DataFrame) -> dict[str, list]:
    return table.select(*ENDS).to_dict(as_series=False)


def _shares(drawn: SimpleNamespace) -> Rows:
    return {
        "kind": "shares",
        "title": TITLES[drawn.column],
        "note": "Choose a part to open its median crisis." if drawn.column == "severity" else "",
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
        "note": "Calm and war compete; bands are 95 % Wilson intervals.",
        "words": WORDS,
        "arms": _arms(drawn.curves),
        "curves": [
            {"event": event, "arm": arm, "day": part["day"].to_list(), **_columns(part)}
            for (event, arm), part in drawn.curves.group_by("event", "arm", maintain_order=True)
        ],
    }


def _forest(drawn: SimpleNamespace) -> Rows:
    arms, baseline = _arms(drawn.contrasts), drawn.contrasts["baseline"][0]
    usual = f"Each arm minus {baseline}; 95 % intervals. Grey: smaller than the smallest effect of interest."
    return {
        "kind": "forest",
        "title": drawn.title,
        "note": drawn.note or usual,
        "arms": list(drawn.order) or [baseline, *arms],
        "panels": [
            forest_panel(table, SCALES[unit], ratio=unit == "deaths")
            for unit in SCALES
            if (table := on_axis(drawn.contrasts, unit)).height
        ],
    }


def forest_panel(drawn: pl.DataFrame, label: str, ratio: bool = False) -> Rows:
    """A panel of contrasts of one unit: how far its axis goes, what is too small to matter, a row a quantity and arm.

    ``drawn`` holds `label, arm, at, low, high, right` on the axis of the panel, as ``forest.on_axis`` gives them. A
    ``ratio`` has a logarithmic axis around one.
    """
    columns = {name: pl.col(column).cast(pl.Float64) for name, column in zip(ENDS, ("at", "low", "high"), strict=True)}
    finite = {name: pl.when(column.is_finite()).then(column) for name, column in columns.items()}
    rows = drawn.select("label", "arm", **finite).to_dicts()
    ends = [end for row in rows for name in ENDS if (end := row[name]) is not None and (end > 0 or not ratio)]
    smallest = highest(drawn["right"])
    if ratio:
        farthest = max([1.25, 1.1 * smallest, *(max(end, 1 / end) for end in ends)])
    else:
        farthest = 1.06 * max([1e-9, 1.3 * smallest, *map(abs, ends)])
    decimals, form = (2, written) if ratio else (1, signed)
    for row in rows:
        numbers = [row[name] for name in ENDS]
        row["words"] = "not defined" if numbers[0] is None else bracketed(*numbers, decimals=decimals, form=form)
    return {
        "label": label,
        "log": ratio,
        "axis": [1 / farthest if ratio else -farthest, 1 if ratio else 0, farthest],
        "smallest": [1 / smallest if ratio else -smallest, smallest] if smallest else None,
        "rows": rows,
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
    colours = _colours(table["value"])
    return {
        "kind": "map",
        "title": drawn.label,
        "label": drawn.label,
        "unit": drawn.unit,
        "across": drawn.across_label or drawn.across,
        "up": drawn.up_label or drawn.up,
        "note": drawn.note,
        "cells": [{**cell, "colour": colour} for cell, colour in zip(table.to_dicts(), colours, strict=True)],
    }


def classes_rows(groups: Mapping[str, np.ndarray], label: str = "military deaths", edges: Any = DEATHS) -> Rows:
    """Rows of how often none, few or many of something: a row an arm and class; see ``classes_distribution``."""
    used = edges_of_deaths(list(groups.values()), edges)
    tables = {arm: death_classes(values, used) for arm, values in groups.items()}
    return {
        "kind": "classes",
        "title": f"How many {label}",
        "note": "",
        "label": label,
        "arms": list(groups),
        "words": next(iter(tables.values()))["words"].to_list(),
        "rows": [
            {"arm": arm, "class": number, **row}
            for arm, table in tables.items()
            for number, row in enumerate(table.select(*ENDS).to_dicts())
        ],
    }


def _colours(values: pl.Series) -> list[str | None]:
    """A colour of the ramp for each value, from dark to light; None where there is no value."""
    numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    seen = np.isfinite(numbers)
    low, high = (numbers[seen].min(), numbers[seen].max()) if seen.any() else (0.0, 0.0)
    stops = np.array([[int(hue[at : at + 2], 16) for at in (1, 3, 5)] for hue in MAP_RAMP], float)
    places = (numbers - low) / ((high - low) or 1) * (len(stops) - 1)
    bands = [np.interp(places, np.arange(len(stops)), band) for band in stops.T]
    return [
        "#" + "".join(f"{int(round(part)):02x}" for part in parts) if is_seen else None
        for is_seen, *parts in zip(seen, *bands, strict=True)
    ]


_MAKERS: dict[Any, Any] = {
    stacked_shares: _shares,
    cumulative_incidence: _incidence,
    forest: _forest,
    deaths_distribution: lambda drawn: classes_rows(drawn.deaths),
    classes_distribution: lambda drawn: classes_rows(drawn.groups, drawn.label, drawn.edges),
    response_curves: _curves,
    factor_map: _map,
}
