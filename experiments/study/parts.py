"""A study's tables: their columns, the chunks of lanes they are cut into, and files, whole or not there, nothing pickled.

How a study is cut depends on the study alone, not on workers or on what is finished.
"""

from __future__ import annotations

import csv
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from zipfile import BadZipFile, ZipFile

import numpy as np

from experiments.errors import FAILED, UserError, describe_os_error
from experiments.files import atomic_write, is_whole, write_parquet
from sim.outputs.columns import NEVER, OUTCOMES, Column
from sim.scenario import parameters

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

TABLES = {
    "outcomes": "one row per crisis (point and replicate)",
    "records": "one row per crisis, read as coders of conflict data would read it",
    "mie": "one row per militarised event in a crisis",
    "trajectories": "one row per point, day and tracked quantity: its distribution over replicates",
    "paths": "one row per day and tracked quantity of the first 20 replicates of each point",
    "failures": "one row per point whose lanes could not be completed",
}
"""Table -> what a row of it is. ``design`` has columns of its own in every study."""
MOST_LANES = 1024
LEAST_LANES = 16
CITIZENS_AT_ONCE = 512_000
WORTH_SPLITTING = 128
STUDY = b"study"
"""Under which name a part says of which study it is."""

_DAMAGE = (
    *(ValueError, LookupError, ArithmeticError, RuntimeError, TypeError, EOFError),
    *(BadZipFile, struct.error, zlib.error, LZMAError),
)
"""What readers raise for bytes that make no sense; they are given the bytes, so none of it is an error of the disk."""
_NUMPY = {
    "count": np.int32,
    "day": np.int32,
    "deaths": np.int64,
    "luck": np.int64,
    "flag": np.bool_,
    "measure": np.float64,
}


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table in file order; the kinds of coded records are the model's own."""
    if table == "outcomes":
        return OUTCOMES
    from sim.records import EVENT_COLUMNS, RECORD_COLUMNS

    kinds: dict[str, Any] = {**RECORD_COLUMNS, **EVENT_COLUMNS}
    rows = [row for row in read_rows("columns.csv") if row["table"] == table]
    return tuple(Column(row["name"], row["kind"] or kinds[row["name"]], row["meaning"]) for row in rows)


@cache
def read_rows(name: str) -> tuple[dict[str, Any], ...]:
    """The rows of a table of texts beside this module."""
    text = (files("experiments.study") / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Chunk:
    """Lanes ``first`` to ``last`` (exclusive) of a block of replicates, points changing slowest.

    ``number`` is unique in the study and names the parts the chunk is written to.
    """

    number: int
    first_replicate: int
    replicates: int
    first: int
    last: int

    @property
    def lanes(self) -> int:
        return self.last - self.first

    @property
    def point(self) -> np.ndarray:
        """Each lane's point, int (lanes,)."""
        return np.arange(self.first, self.last) // self.replicates

    @property
    def replicate(self) -> np.ndarray:
        """Each lane's replicate, int (lanes,)."""
        return self.first_replicate + np.arange(self.first, self.last) % self.replicates

    @property
    def points(self) -> range:
        """The points it touches."""
        return range(self.first // self.replicates, (self.last - 1) // self.replicates + 1)


def cut(blocks: Iterable[tuple[int, int]], points: int, citizens: int) -> list[Chunk]:
    """All chunks of a study, block of replicates (first, last exclusive) by block; more citizens, fewer lanes."""
    chunks: list[Chunk] = []
    for start, end in blocks:
        replicates = end - start
        together, run = pieces(points, replicates, citizens)
        for point in range(0, points, together):
            upto = min(point + together, points)
            for first in range(0, replicates, run):
                last = (upto - 1) * replicates + min(first + run, replicates)
                chunks.append(Chunk(len(chunks), start, replicates, point * replicates + first, last))
    return chunks


def pieces(points: int, replicates: int, citizens: int) -> tuple[int, int]:
    """Points and replicates in a chunk of a block.

    A chunk holds whole points, or some replicates of one point: no point is spread over chunks that hold others, so
    that the trajectories of a point can be put together from few chunks.
    """
    most = min(MOST_LANES, max(LEAST_LANES, CITIZENS_AT_ONCE // citizens))
    lanes = points * replicates
    size = -(-lanes // max(-(-lanes // most), min(4, lanes // WORTH_SPLITTING), 1))
    if replicates <= size:
        return max(size // replicates, 1), replicates
    parts = -(-replicates // size)
    return 1, -(-replicates // parts)


def arrow_schema(table: str) -> pa.Schema:
    """The fixed Arrow schema of a table."""
    import pyarrow as pa

    kinds = {kind: pa.from_numpy_dtype(np.dtype(dtype)) for kind, dtype in _NUMPY.items()} | {"label": pa.string()}
    return pa.schema([pa.field(column.name, kinds[column.kind]) for column in columns_of(table)])


def arrow_table(table: str, columns: Mapping[str, np.ndarray]) -> pa.Table:
    """A table in its fixed schema, of arrays (rows,) by name.

    What never happened becomes null: -1 in counts and days, NaN in measures, empty labels.
    """
    import pyarrow as pa

    arrays = [_arrow_array(column.kind, columns[column.name]) for column in columns_of(table)]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def empty_frame(table: str) -> pl.DataFrame:
    """A table without rows."""
    import polars as pl

    return cast(pl.DataFrame, pl.from_arrow(arrow_schema(table).empty_table()))


def part_path(directory: Path, table: str, number: int) -> Path:
    """Where part ``number`` of a table is kept."""
    return Path(directory) / table / f"part-{number:06d}.parquet"


def write_part(directory: Path, table: str, number: int, columns: Mapping[str, np.ndarray], study: str = "") -> None:
    """Write one part of a table, whole or not at all; ``study`` is the fingerprint of its configuration."""
    metadata = {STUDY: study} if study else None
    write_parquet(part_path(directory, table, number), arrow_table(table, columns).replace_schema_metadata(metadata))


def read_part(path: Path, table: str) -> pa.Table | None:
    """A part of a table in its fixed schema, unchanged since it was written, else None; see :func:`_read_back`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def unpack(content: bytes) -> pa.Table | None:
        whole = is_whole(len(content), content[:4], content[-8:])
        return pq.read_table(pa.BufferReader(content), page_checksum_verification=True) if whole else None

    part = _read_back(path, unpack)
    return part if part is not None and part.schema.equals(arrow_schema(table)) else None


def read_whole_arrays(path: Path, names: Collection[str]) -> dict[str, np.ndarray] | None:
    """Arrays that :func:`write_arrays` wrote, those of the names and no others, else None; see :func:`_read_back`."""
    arrays = _read_back(path, lambda content: _unpacked(BytesIO(content)))
    return arrays if arrays is not None and set(arrays) == set(names) else None


def _read_back(path: Path, unpack: Callable[[bytes], Any]) -> Any:
    """What a file holds, read once, as a whole; None where there is no such file or its bytes make no sense.

    Raises
    ------
    UserError
        Where the file is there, but cannot be read or is too large for the memory: it may well be whole.
    """
    import pyarrow as pa

    try:
        content = path.read_bytes()
        try:
            return unpack(content)
        except (*_DAMAGE, OSError, pa.ArrowException) as error:
            if isinstance(error, MemoryError):  # as Arrow's own is
                raise
            return None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(describe_os_error(error, "read"), FAILED) from None
    except MemoryError:
        raise UserError(f"cannot read {path}: not enough memory", FAILED) from None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write plain arrays (npz, no pickle), whole or not at all."""
    atomic_write(path, lambda stream: np.savez_compressed(stream, allow_pickle=False, **arrays))


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Arrays written by :func:`write_arrays`."""
    with open(path, "rb") as stream:
        return _unpacked(stream)


def _unpacked(stream: IO[bytes]) -> dict[str, np.ndarray]:
    """Arrays of an npz file, whose checksums are compared before anything is made of their headers."""
    with ZipFile(stream) as stored:
        return {
            name.removesuffix(".npy"): np.lib.format.read_array(BytesIO(stored.read(name)), allow_pickle=False)
            for name in stored.namelist()
        }


def design_table(design: Mapping[str, np.ndarray], length: int) -> pa.Table:
    """The table ``design``: a row a point, its number and its factors."""
    import pyarrow as pa

    factors = {name: _factor_array(name, values) for name, values in design.items()}
    return pa.table({"point": pa.array(np.arange(length), pa.int32()), **factors})


def _factor_array(name: str, values: np.ndarray) -> pa.Array:
    import pyarrow as pa

    if values.dtype == object:
        return pa.array(values.tolist(), pa.string())
    if name in parameters() and parameters()[name].kind == "int":
        return pa.array(values.astype(np.int32))
    return pa.array(values.astype(float), mask=np.isnan(values.astype(float)))


def _arrow_array(kind: str, values: np.ndarray) -> pa.Array:
    import pyarrow as pa

    if kind == "label":
        return pa.array([value or None for value in np.asarray(values).tolist()], pa.string())
    plain: np.ndarray = np.ascontiguousarray(values, dtype=_NUMPY[kind])
    missing = plain == NEVER if kind in ("count", "day") else np.isnan(plain) if kind == "measure" else None
    return pa.array(plain, mask=missing)
