"""A study as labelled arrays: an xarray Dataset with the dimensions point and replicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from experiments.errors import UserError

if TYPE_CHECKING:
    import xarray

    from experiments.study.results import Results

STATISTICS = ("mean", "q05", "q25", "q50", "q75", "q95")
_KEYS = ("point", "replicate")


def to_xarray(results: Results) -> xarray.Dataset:
    """Outcomes over point and replicate, daily trajectories over point, quantity, day and statistic.

    The factors of the design are coordinates of ``point``, so that ``dataset.set_index(point=[...])`` makes them
    dimensions. What never happened, and lanes that failed, are NaN (labels: None).

    Raises
    ------
    UserError
        For several studies at once, or where xarray is not installed.
    """
    if len(results.studies) > 1:
        raise UserError("to_xarray: one study at a time")
    try:
        import xarray
    except ImportError:
        raise UserError("to_xarray: needs xarray; install the extra, pip install 'offramp[xarray]'") from None
    design, outcomes = results.design, results.outcomes
    coordinates: dict[str, Any] = {name: ("point", _values(design[name])) for name in design.columns}
    coordinates["point"] = design["point"].to_numpy()
    last: Any = outcomes["replicate"].max()
    coordinates["replicate"] = np.arange((last or 0) + 1)
    shape = (design.height, len(coordinates["replicate"]))
    flat = (outcomes["point"] * shape[1] + outcomes["replicate"].cast(pl.Int64)).to_numpy()
    variables: dict[str, Any] = {
        name: (_KEYS, _spread(outcomes[name], flat, shape)) for name in outcomes.columns if name not in _KEYS
    }
    if not results.trajectories.is_empty():
        variables |= _daily(results.trajectories, design, coordinates)
    return xarray.Dataset(variables, coordinates, {"directory": str(results.directories[0])})


def _values(column: pl.Series) -> np.ndarray:
    return column.to_numpy() if column.dtype.is_numeric() else np.array(column.to_list(), object)


def _spread(column: pl.Series, flat: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A column laid out as an array; whole numbers stay whole where none is missing."""
    if column.dtype == pl.String:
        made = np.full(shape[0] * shape[1], None, object)
        made[flat] = column.to_list()
        return made.reshape(shape)
    whole = column.null_count() == 0 and len(column) == shape[0] * shape[1]
    values = column.to_numpy() if whole else column.cast(pl.Float64).to_numpy()
    made = np.empty(shape[0] * shape[1], values.dtype) if whole else np.full(shape[0] * shape[1], np.nan)
    made[flat] = values
    return made.reshape(shape)


def _daily(table: pl.DataFrame, design: pl.DataFrame, coordinates: dict[str, Any]) -> dict[str, Any]:
    quantities = table["quantity"].unique(maintain_order=True).to_list()
    last: Any = table["day"].max()
    days = (last or 0) + 1
    coordinates |= {"quantity": quantities, "day": np.arange(days), "statistic": list(STATISTICS)}
    made = np.full((design.height, len(quantities), days, len(STATISTICS)), np.nan)
    which = table["quantity"].replace_strict(quantities, range(len(quantities)), return_dtype=pl.Int64).to_numpy()
    made[table["point"].to_numpy(), which, table["day"].to_numpy()] = table.select(STATISTICS).to_numpy()
    return {"trajectory": (("point", "quantity", "day", "statistic"), made)}
