"""A posterior as data: draws by dotted path in a small Parquet file, and all that is needed to judge them beside it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.design.priors import Table, settings_of, values_at
from experiments.files import write_json, write_parquet
from sim.scenario import Scenario

FORMAT = 1
LIBRARIES = ("offramp", "numpy", "scipy", "polars", "scikit-learn", "SALib")


def draws_by_path(base: Scenario, table: Table, positions: np.ndarray) -> pl.DataFrame:
    """A row a draw, a column a path."""
    return pl.DataFrame([settings_of(table, row, base) for row in values_at(table, positions)])


def ship(directory: Path, name: str, draws: pl.DataFrame, facts: Mapping[str, Any]) -> list[Path]:
    """Write ``<name>.parquet`` and ``<name>.json``; return both paths."""
    paths = [directory / f"{name}.parquet", directory / f"{name}.json"]
    write_parquet(paths[0], draws.to_arrow())
    write_json(paths[1], {"format": FORMAT, "name": name, **facts, "versions": versions()})
    return paths


def versions() -> dict[str, str]:
    """Versions of what a posterior rests on."""
    installed = {}
    for name in LIBRARIES:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed


def plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    """A table as plain rows for JSON: NaN becomes null, numbers keep four significant digits."""
    return [{name: _plain(value) for name, value in row.items()} for row in table.iter_rows(named=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if np.isnan(value) else float(f"{value:.4g}")
    return value
