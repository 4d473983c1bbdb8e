"""Finished studies on the page: what ``offramp compare`` draws of them, claims with verdicts, fronts of searches."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, log, log10
from pathlib import Path
from typing import Any

import polars as pl

from experiments.comparison.arms import factors_of
from experiments.comparison.compare import Comparison, compare
from experiments.config.overrides import parse_overrides
from experiments.errors import UserError, one_line
from experiments.figures.rows import forest_panel, plain, rows_of, worded
from experiments.files import read_table
from experiments.study.directory import engine_settings
from experiments.study.results import is_study
from experiments.text import known
from experiments.trace.story import only_study, outcome_of, refuse_difference
from experiments.view.answers import DRAWN, examples, in_words
from sim.engine.lanes import Points
from sim.ensemble import Settings
from sim.scenario import parameters

FRONT = "front.parquet"
CLAIMS = "P*.json"
MOST_LISTED = 200
"""Studies that are offered to be opened."""
MOST_POLICIES = 400
"""Rows of a front that are drawn."""
LISTED = ("calm", "war", "typical_deaths")
"""Quantities of every arm of a study that are listed."""
FARTHEST = 12
"""Smallest effects of interest beyond which an effect of a claim is drawn at the edge."""
ENDS = ("_low", "_high")
AXIS = "effect, in smallest effects of interest"
COST = "cost"
"""The objective that is known without an interval."""
POLICY = ("mediation", "talks")
"""Config groups that a policy may choose from."""


@dataclass(frozen=True)
class StudyCrisis:
    """What it takes to simulate a crisis of a study; ``check`` refuses an outcome that is not the study's own."""

    points: Points
    settings: Settings
    check: Callable[[dict[str, Any]], None]


class Studies:
    """What can be opened, by the directories that were named; nothing else is ever read.

    Parameters
    ----------
    places : list of Path
        Studies, directories of claims or of searches, or directories of any of these.

    Raises
    ------
    UserError
        Where there is nothing to open in one of them.
    """

    def __init__(self, places: list[Path]) -> None:
        self.kinds: dict[str, str] = {}
        for place in places:
            inside = dict(openable(place))
            if not inside:
                what = "no study, claims or search in it" if place.is_dir() else "no such directory"
                raise UserError(f"{place}: {what}")
            self.kinds |= inside
        self._compared = lru_cache(maxsize=16)(self._compare)

    def listed(self) -> list[dict[str, str]]:
        """``place, kind`` of everything that can be opened."""
        return [{"place": place, "kind": kind} for place, kind in self.kinds.items()][:MOST_LISTED]

    def document(self, place: str, where: str = "", by: str = "") -> dict[str, Any]:
        """What the page shows of a place, as plain JSON values.

        Parameters
        ----------
        place : str
            As listed.
        where : str
            Which crises to keep, as ``--where`` has it.
        by : str
            Settings whose values make the arms, separated by commas; by default those the design varies.

        Raises
        ------
        UserError
            One line naming what is wrong.
        """
        kind = self._kind(place)
        if kind in ("claims", "front"):
            read = _claims if kind == "claims" else _front
            return {"kind": kind, "place": place, **read(Path(place))}
        comparison = self.comparison(place, where, by)
        sketches = comparison.drawings.sketches
        order = [*(name for name in DRAWN if name in sketches), *(name for name in sketches if name not in DRAWN)]
        figures = {name: rows_of(sketches[name]) for name in order}
        return {
            "kind": kind,
            "place": place,
            "arms": [
                {"name": arm.name, "crises": arm.lanes.height, "values": _values(comparison.tables.levels, arm.name)}
                for arm in comparison.grouping.arms
            ],
            "figures": {name: rows for name, rows in figures.items() if rows is not None},
            "drawn": [name for name, rows in figures.items() if rows is None],
            "notes": comparison.notes,
            "examples": examples(comparison.grouping.arms),
        }

    def comparison(self, place: str, where: str = "", by: str = "") -> Comparison:
        """A study's comparison, kept while the study does not change."""
        if self._kind(place) != "study":
            raise UserError(f"{place}: no study")
        try:
            return self._compared(place, where, by, (Path(place) / "manifest.json").stat().st_mtime_ns)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise UserError(f"{place}: can no longer be read ({one_line(error)})") from None

    def _compare(self, place: str, where: str, by: str, _: int) -> Comparison:
        return compare(place, by=by or factors_of, where=where)

    def crisis(self, place: str, point: int, replicate: int) -> StudyCrisis:
        """A crisis that a study holds; UserError where it holds no such crisis."""
        if self._kind(place) != "study":
            raise UserError(f"{place}: no study")
        study = only_study(Path(place))
        outcome = outcome_of(study, point, replicate)
        settings = engine_settings(study.settings, study.manifest["points"])
        return StudyCrisis(study.design.points(), settings, lambda again: refuse_difference(study, again, outcome))

    def _kind(self, place: str) -> str:
        if place not in self.kinds:
            raise UserError(f"{place}: not among the studies that offramp view was started with")
        return self.kinds[place]


def kind_of(directory: Path) -> str:
    """What a directory holds: ``front``, ``claims``, ``study``, or nothing that can be opened."""
    if (directory / FRONT).is_file():
        return "front"
    if any(directory.glob(CLAIMS)):
        return "claims"
    return "study" if is_study(directory) else ""


def openable(place: Path) -> Iterator[tuple[str, str]]:
    """Directory and kind of everything below a place that can be opened."""
    for directory, inner, _ in os.walk(place):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        if kind := kind_of(Path(directory)):
            inner.clear()
            yield directory, kind


def _values(levels: pl.DataFrame, arm: str) -> list[str]:
    """The levels of an arm that are listed, in words; "none" for one that was not estimated."""
    rows = {row["metric"]: row for row in levels.filter(pl.col("arm") == arm).iter_rows(named=True)}
    return [in_words(rows[name]["unit"], rows[name]["value"]) if name in rows else "none" for name in LISTED]


def _claims(directory: Path) -> dict[str, Any]:
    """The claims that a run of ``offramp propositions`` judged, in order."""
    names = ("name", "claim", "unit", "smallest", "effect", "low", "high", "verdict", "why", "assumption")
    rows = []
    for path in sorted(directory.glob(CLAIMS), key=lambda path: (len(path.stem), path.stem)):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            rows.append({name: content[name] for name in names})
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{path}: cannot be read as the finding of a claim") from None
    if not rows:
        raise UserError(f"{directory}: holds no claims any more")
    cells = [
        [
            row["name"],
            row["claim"],
            f"{row['verdict']}{'*' if row['assumption'] else ''}",
            f"{in_words('', row['effect'], row['low'], row['high'])} {row['unit']}",
            in_words("", row["smallest"]),
            row["why"],
        ]
        for row in rows
    ]
    return {"cells": cells, "figure": worded(_claims_figure(rows))}


def _claims_figure(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Effects as the forest plot has contrasts, each in units of its own smallest effect of interest."""

    def held(row: dict[str, Any], name: str) -> float | None:
        value, smallest = row[name], row["smallest"]
        if "ratio" in row["unit"]:  # as far from one, by factors, as the smallest effect of interest
            value, smallest = (log(each) if each and each > 0 else None for each in (value, smallest))
        if not known(value) or not known(smallest) or not smallest:
            return None
        return max(-FARTHEST, min(FARTHEST, value / smallest))

    drawn = [
        {
            "arm": "effect",
            "label": f"{row['name']} {row['verdict']}{'*' if row['assumption'] else ''}",
            **{end: held(row, name) for end, name in (("at", "effect"), ("low", "low"), ("high", "high"))},
            "right": 1,
        }
        for row in rows
    ]
    return {
        "kind": "forest",
        "title": "Claims and their verdicts",
        "note": f"A star: the verdict rests on assumption. What lies beyond {FARTHEST} is drawn and written as {FARTHEST}.",
        "arms": ["effect"],
        "panels": [forest_panel(pl.DataFrame(drawn, infer_schema_length=None), AXIS)],
    }


def _front(directory: Path) -> dict[str, Any]:
    """The policies of a search that none of the others beats: levers, objectives with their intervals."""
    try:
        table = read_table(directory / FRONT)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{directory / FRONT}: cannot be read ({error})") from None
    settings = parameters()
    numbers = [name for name in table.columns if table[name].dtype.is_numeric()]
    levers = [name for name in numbers if name in settings]
    goals = [name for name in numbers if name == COST or all(f"{name}{end}" in numbers for end in ENDS)]
    if not levers or not goals:
        raise UserError(f"{directory / FRONT}: levers, and objectives with their intervals, are needed")
    beside = [f"{name}{end}" for name in goals for end in ENDS if f"{name}{end}" in numbers]
    choices = [name for name in table.columns if name in POLICY or name in settings and settings[name].kind == "choice"]
    names = [name for name in ("name",) if name in table.columns]
    shown = table.select(*names, *choices, *levers, *goals, *beside).head(MOST_POLICIES)
    scenario, chosen = _chosen(directory)
    columns: list[dict[str, Any]] = []
    for name in (*goals, *choices, *levers):
        unit = settings[name].unit if name in settings else "1"
        label = name.removeprefix("mediation.").replace("_", " ") + ("" if unit in ("1", "share") else f" ({unit})")
        columns.append({"name": name, "label": label, "goal": name in goals})
    drawn = sorted((column for column in columns if column["name"] not in choices), key=lambda column: column["goal"])
    return {
        "axes": [{**column, **_ends(shown[column["name"]])} for column in drawn],
        "columns": columns,
        "scenario": scenario,
        "chosen": chosen,
        "rows": plain(shown.to_dicts()),
        "of": table.height,
    }


def _ends(values: pl.Series) -> dict[str, float]:
    """Ends of an axis: numbers of few digits that no value lies beyond."""
    ends: list[Any] = [values.min(), values.max()]
    low, high = (float(end or 0) for end in ends)
    unit = 10.0 ** (floor(log10(high - low)) - 2 if high > low else 0)
    return {"low": plain(floor(low / unit + 1e-9) * unit), "high": plain(ceil(high / unit - 1e-9) * unit)}


def _chosen(directory: Path) -> tuple[str, dict[str, Any]]:
    """The scenario, and the mediation, talks and values typed that a search lays its levers over; empty if unknown."""
    try:
        record = json.loads((directory / "search.json").read_text(encoding="utf-8"))
        choices, typed = record["choices"], parse_overrides(record.get("overrides", []))
        values = {override.key: override.values[0] for override in typed if override.key in parameters()}
        return choices["scenario"], {**{group: choices[group] for group in POLICY}, "values": values}
    except (OSError, ValueError, KeyError, TypeError, UserError):
        return "", {}
