"""A posterior as data: draws by dotted path in a small Parquet file, and all that is needed to judge them beside it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.design.priors import Table, settings_of, values_at
from experiments.files import json_value, write_json, write_parquet
from sim.scenario import Scenario

FORMAT = 1
LIBRARIES = ("offramp", "numpy", "scipy", "polars", "scikit-learn", "SALib")


def draws_by_path(base: Scenario, table: Table, positions: np.ndarray) -> pl.DataFrame:
    """A row a draw, a column a path."""
    return pl.DataFrame([settings_of(table, row, base) for row in values_at(table, positions)])


def ship(directory: Path, name: str, draws: pl.DataFrame, facts: Mapping[str, Any]) -> None:
    """Write ``<name>.parquet`` and ``<name>.json``."""
    write_parquet(directory / f"{name}.parquet", draws.to_arrow())
    write_json(directory / f"{name}.json", {"format": FORMAT, "name": name, **facts, "versions": versions()})


def versions() -> dict[str, str]:
    """Versions of what a posterior rests on."""
    installed = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            installed[name] = version(name)
    return installed


def plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    """A table as plain rows for JSON: NaN becomes null, numbers keep four significant digits."""
    return json_value(table.to_dicts(), partial(short, digits=4))


def short(value: float, digits: int = 3) -> float:
    """A number rounded to so many significant digits."""
    return float(f"{value:.{digits}g}")
