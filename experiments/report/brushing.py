"""The crises of a report packed into the page, and the script that brushes them; nothing is loaded from outside."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl
from markupsafe import Markup
from numpy.typing import NDArray

from experiments.comparison.arms import ARM
from experiments.comparison.compare import Comparison
from experiments.comparison.sources import STUDY
from experiments.figures.distributions import TITLES
from experiments.figures.palette import CATEGORY_COLOURS
from experiments.statistics.estimates import DAYS, DEATHS, classes_of, death_classes, edges_of_deaths
from experiments.statistics.metrics import deaths
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import texts_apart

MOST = 40_000
"""Crises that a page holds: with more, those of the first replicates."""
MOST_ARMS, MOST_LEVELS, MOST_FACTORS = 7, 12, 4
"""Arms that are told apart, levels of a factor that can be chosen, and factors that are offered."""
NEVER = "none seen"


def text_of(package: str, name: str) -> str:
    """The text of a file that comes with a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def brushing(comparison: Comparison) -> dict[str, Any]:
    """``data``, ``script``, ``style``, ``words`` about them, and ``policy``, which lets this script run by its hash."""
    lanes = comparison.grouping.lanes
    shown = kept(lanes)
    data = json.dumps(payload(comparison, shown), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    script = _script("experiments.figures", "draw.js") + _script("experiments.report", "brush.js")
    style = text_of("experiments.figures", "draw.css") + text_of("experiments.report", "brush.css")
    few = f" Of {lanes.height:,} crises the page holds those of the first replicates."
    return {
        "data": Markup(data),
        "script": Markup(script),
        "style": Markup(style),
        "policy": Markup(f"; script-src 'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"),
        "words": "Choose parts of figures, arms or levels: all other figures then show the crises that are kept."
        + (few if shown.height < lanes.height else ""),
    }


def payload(comparison: Comparison, lanes: pl.DataFrame) -> dict[str, Any]:
    """What the script draws of some crises, as plain JSON values: columns of small whole numbers, and words for them."""
    names = [arm.name for arm in comparison.grouping.arms]
    few = len(names) <= MOST_ARMS
    dead = lanes.select(deaths()).to_series().to_numpy()
    columns: dict[str, NDArray] = {
        "arm": _numbers(lanes[ARM], names) if few else np.zeros(lanes.height, int),
        "study": _numbers(lanes[STUDY], [source.name for source in comparison.grouping.sources]),
        "point": lanes["point"].to_numpy(),
        "replicate": lanes["replicate"].to_numpy(),
        "deaths_all": dead,
    }
    panels: list[dict[str, Any]] = []
    for column, words in CATEGORIES.items():
        columns[column] = _numbers(lanes[column], list(words))
        panel = {"name": column, "title": TITLES[column], "keys": list(words), "parts": list(words.values())}
        panels.append({**panel, "colours": list(CATEGORY_COLOURS[column].values())})
    for name, title, values, known in (
        ("dead", "military deaths", dead, DEATHS),
        ("heavy", "heavy days", lanes["days_heavy"].to_numpy(), DAYS),
        ("hot", "days with shots", lanes["days_hot"].to_numpy(), DAYS),
    ):
        columns[name], parts = _classes(values, known)
        panels.append({"name": name, "title": title, "parts": parts})
    calm = lanes["days_to_calm"]
    columns["calm"], parts = _classes(calm.fill_null(0).to_numpy(), DAYS)
    columns["calm"] = np.where(calm.is_null().to_numpy(), len(parts), columns["calm"])
    panels.append({"name": "calm", "title": "days until calm", "parts": [*parts, NEVER]})
    chips = [{"name": "arm", "title": "arm", "parts": names}] if few and len(names) > 1 else []
    for at, (name, numbers, levels) in enumerate(_factors(comparison, lanes)):
        columns[f"factor{at}"] = numbers
        chips.append({"name": f"factor{at}", "title": name, "parts": levels})
    return {
        "arms": names if few else ["all arms"],
        "studies": [str(source.study.directory) for source in comparison.grouping.sources],
        "panels": panels,
        "chips": chips,
        "columns": {name: packed(values) for name, values in columns.items()},
    }


def packed(values: NDArray) -> dict[str, Any]:
    """Whole numbers of at least 0, (lanes,), in as few bytes each as they need, little-endian, deflated, as base64."""
    size = np.min_scalar_type(int(values.max(initial=0))).itemsize
    return {"bytes": size, "text": b64encode(zlib.compress(values.astype(f"<u{size}").tobytes(), 9)).decode()}


def kept(lanes: pl.DataFrame) -> pl.DataFrame:
    """All crises, or those of so many first replicates as fit."""
    if lanes.height <= MOST:
        return lanes
    counts = lanes.group_by("replicate").len().sort("replicate")
    fit = counts.filter(pl.col("len").cum_sum() <= MOST)["replicate"]
    return lanes.filter(pl.col("replicate").is_in(fit.implode())) if len(fit) else lanes.head(MOST)


def _numbers(column: pl.Series, known: Sequence[str]) -> NDArray:
    return column.cast(pl.String).replace_strict(list(known), range(len(known)), return_dtype=pl.Int64).to_numpy()


def _classes(values: NDArray, known: NDArray) -> tuple[NDArray, list[str]]:
    edges = edges_of_deaths([values], known)
    return classes_of(values, edges), death_classes(values, edges)["words"].to_list()


def _factors(comparison: Comparison, lanes: pl.DataFrame) -> list[tuple[str, NDArray, list[str]]]:
    """Factors whose levels can be chosen: name, number of each crisis's level, words for the levels."""
    factors = []
    keys = list(zip(lanes[STUDY].to_list(), lanes["point"].to_list(), strict=True))
    for name in dict.fromkeys(name for source in comparison.grouping.sources for name in source.factors):
        values: dict[tuple[str, int], Any] = {
            (source.name, point): value
            for source in comparison.grouping.sources
            if name in source.known
            for point, value in enumerate(source.setting(name))
        }
        levels = sorted(set(values.values()) - {None}, key=lambda value: (isinstance(value, str), value))
        of_crises = [values.get(key) for key in keys]
        if 1 < len(levels) <= MOST_LEVELS and None not in of_crises:
            words: Mapping[Any, str] = texts_apart(levels)
            numbers = np.array([levels.index(value) for value in of_crises])
            factors.append((name, numbers, [words[level] for level in levels]))
    return factors[:MOST_FACTORS]


def _script(package: str, name: str) -> str:
    """A module's text as part of a script of its own."""
    return re.sub(r"^export ", "", text_of(package, name), flags=re.MULTILINE)
