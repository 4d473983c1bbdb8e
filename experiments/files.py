"""Files that are whole or not there, and tables opened by their literal path."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import UserError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

TEMPORARY = ".tmp"
"""Ending of a file that is being written."""
PARTIAL = ".partial"
"""Ending of a hidden directory that is being filled; nothing in it counts."""
_MAGIC = b"PAR1"


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write an Arrow table, whole or not at all, with checksums by which later damage is found."""
    import pyarrow.parquet as pq

    atomic_write(path, lambda stream: pq.write_table(table, stream, compression="zstd", write_page_checksum=True))


def scan_table(*paths: Path | str) -> pl.LazyFrame:
    """Return the rows of Parquet files as a lazy frame.

    Paths are taken letter by letter: a folder may be called `proj [2026]`, `~` or `draw=3`, of which polars would make
    a pattern, a home directory or a column.
    """
    import polars as pl

    return pl.scan_parquet([os.path.abspath(path) for path in paths], glob=False, hive_partitioning=False)


def read_table(path: Path | str, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return a Parquet file as a frame, some columns of it or all; the path is taken letter by letter."""
    frame = scan_table(path)
    return (frame if columns is None else frame.select(columns)).collect()


def shipped_rows(place: str) -> list[dict[str, Any]]:
    """Return the rows of a CSV file below ``conf``, its cells as text."""
    return list(csv.DictReader(files("conf").joinpath(place).read_text(encoding="utf-8").splitlines()))


def write_csv(path: Path, table: pl.DataFrame) -> None:
    """Write a frame as CSV, whole or not at all."""
    atomic_write(path, table.write_csv)


def check_table(path: Path) -> None:
    """UserError naming a Parquet file that does not begin and end like one: cut short, or something else."""
    with open(path, "rb") as stream:
        begins = stream.read(4)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(size - 8, 0))
        end = stream.read(8)
    if not is_whole(size, begins, end):
        raise UserError(f"{path}: not a whole Parquet file; the study is damaged")


def is_whole(size: int, begins: bytes, end: bytes) -> bool:
    """Whether a file of so many bytes, with these first 4 and last 8, begins and ends like Parquet."""
    return size >= 12 and begins == end[4:] == _MAGIC and int.from_bytes(end[:4], "little") <= size - 12


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    atomic_write(path, lambda stream: stream.write(text.encode("utf-8")))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def json_value(value: Any, number: Callable[[float], float] = float) -> Any:
    """A value as JSON can hold it: text keys, lists, numbers as ``number`` makes them, null for what is not finite."""
    if isinstance(value, Mapping):
        return {str(name): json_value(inner, number) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(inner, number) for inner in value]
    if hasattr(value, "tolist"):  # arrays and numbers of NumPy
        return json_value(value.tolist(), number)
    if isinstance(value, float):
        return number(value) if isfinite(value) else None
    return value


def atomic_write(path: Path, fill: Callable[[Any], Any]) -> None:
    """Fill a temporary file next to ``path``, make it durable and put it in place in one step.

    A reader, or a study resumed after a crash, sees the old file or the new one, never a part of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with open(temporary, "wb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(directory: Path) -> None:
    """Delete temporary files and directories that a killed process left behind."""
    for path in Path(directory).glob(f".*{PARTIAL}"):
        shutil.rmtree(path, ignore_errors=True)
    for path in Path(directory).rglob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename durable; file systems that cannot do this for folders are left to their own devices."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def copy_figures(drawn: Sequence[Path], document: Path, name: str = "") -> None:
    """Copy figures (the vector ones) into the folder beside a document that its links name, under a name where given."""
    for path in drawn:
        if path.suffix == ".svg":
            folder = document.parent / "figures"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / (name or path.name))
