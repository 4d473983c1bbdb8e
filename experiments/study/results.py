"""Studies read back as polars frames or labelled arrays (xarray), and those below a directory at a glance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from experiments.errors import UserError, need
from experiments.files import check_table, read_table, scan_table
from experiments.study.directory import FINISHED, RUNNING, Study, read_failures
from experiments.study.identity import zoned
from experiments.study.integrity import companions
from experiments.study.location import is_held, user_path
from experiments.study.parts import empty_frame, part_path
from experiments.study.trajectories import lost_trajectories

if TYPE_CHECKING:
    import xarray

LABEL = "study"
STATISTICS = ("mean", "q05", "q25", "q50", "q75", "q95")
_KEYS = ("point", "replicate")
MOST_LOSSES = 3
"""Lost files that are named one by one."""
OVERVIEW = ("study", "state", "question", "points", "replicates", "crises", "model", "age")
"""Columns of :func:`study_rows`."""


@dataclass(frozen=True)
class Results:
    """The tables of one study, or of several stacked with a column ``study`` in front.

    ``labels`` are the studies' names in the order given. Frames are read on first use.
    """

    studies: tuple[Study, ...]
    labels: tuple[str, ...]

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """One row per crisis, ordered by (study,) point and replicate."""
        return self._sorted("outcomes", *_KEYS)

    @cached_property
    def records(self) -> pl.DataFrame:
        """One row per crisis as coders of conflict data would read it; empty where records were not asked for."""
        return self._sorted("records", *_KEYS)

    @cached_property
    def events(self) -> pl.DataFrame:
        """One row per militarised event; empty where records were not asked for."""
        return self._sorted("mie", *_KEYS)

    @cached_property
    def trajectories(self) -> pl.DataFrame:
        """One row per point, day and tracked quantity; empty where trajectories were not kept."""
        return self._sorted("trajectories", "point", "quantity", "day")

    @cached_property
    def paths(self) -> pl.DataFrame:
        """The full paths of the first replicates of each point."""
        return self._sorted("paths", *_KEYS, "quantity", "day")

    @cached_property
    def design(self) -> pl.DataFrame:
        """One row per point: its number and its factors."""
        return self._whole("design")

    @cached_property
    def failures(self) -> pl.DataFrame:
        """One row per point whose lanes could not be completed."""
        return self._whole("failures")

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration of the first study."""
        return self.studies[0].tree

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the first study."""
        return self.studies[0].manifest

    @property
    def directories(self) -> tuple[Path, ...]:
        return tuple(study.directory for study in self.studies)

    def scan(self, table: str) -> pl.LazyFrame:
        """A table as a lazy frame, for tables larger than memory."""
        return self._labelled([_scan(study, table) for study in self.studies])

    def to_xarray(self) -> xarray.Dataset:
        """Outcomes over point and replicate, daily trajectories over point, quantity, day and statistic.

        The factors of the design are coordinates of ``point``, so that ``dataset.set_index(point=[...])`` makes them
        dimensions. What never happened, and lanes that failed, are NaN (labels: None).

        Raises
        ------
        UserError
            For several studies at once, or where xarray is not installed.
        """
        if len(self.studies) > 1:
            raise UserError("to_xarray: one study at a time")
        need("xarray", "to_xarray: needs xarray; install the extra, pip install 'offramp[xarray]'")
        import xarray

        design, outcomes = self.design, self.outcomes
        coordinates: dict[str, Any] = {name: ("point", _values(design[name])) for name in design.columns}
        coordinates["point"] = design["point"].to_numpy()
        coordinates["replicate"] = np.arange(_length(outcomes["replicate"]))
        shape = (design.height, len(coordinates["replicate"]))
        flat = (outcomes["point"] * shape[1] + outcomes["replicate"].cast(pl.Int64)).to_numpy()
        variables: dict[str, Any] = {
            name: (_KEYS, _spread(outcomes[name], flat, shape)) for name in outcomes.columns if name not in _KEYS
        }
        if not self.trajectories.is_empty():
            variables |= _daily(self.trajectories, design, coordinates)
        return xarray.Dataset(variables, coordinates, {"directory": str(self.directories[0])})

    def _sorted(self, table: str, *keys: str) -> pl.DataFrame:
        by = [*([LABEL] if len(self.studies) > 1 else []), *keys]
        return self.scan(table).collect().sort(by, maintain_order=True)

    def _whole(self, table: str) -> pl.DataFrame:
        return self._labelled([scan_table(study.directory / f"{table}.parquet") for study in self.studies]).collect()

    def _labelled(self, frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
        if len(frames) == 1:
            return frames[0]
        pairs = zip(frames, self.labels, strict=True)
        return pl.concat(
            [frame.select(pl.lit(label).alias(LABEL), pl.all()) for frame, label in pairs], how="diagonal_relaxed"
        )


def load(directories: str | Path | Iterable[str | Path]) -> Results:
    """One study, several, or all jobs of a multirun directory; of several, every frame has a column ``study``.

    Parameters
    ----------
    directories : path or iterable of paths
        Each a study, or a directory whose subdirectories are studies.

    Raises
    ------
    UserError
        If a directory holds no study.
    """
    paths = [directories] if isinstance(directories, (str, Path)) else list(directories)
    places = [place for directory in paths for place in find_studies(Path(directory))]
    studies = tuple(Study.open(place) for place in places)
    return Results(studies, _labels(studies))


def find_studies(directory: Path) -> list[Path]:
    """The study in a directory, or those in its subdirectories, also where a study has lost its manifest."""
    directory = user_path(directory)
    if is_study(directory):
        return [directory]
    inner = [path for path in directory.glob("[!.]*") if is_study(path)] if directory.is_dir() else []
    if not inner:
        raise UserError(f"{directory}: {'no study in it' if directory.is_dir() else 'no such directory'}")
    return sorted(inner, key=lambda path: (len(path.name), path.name) if path.name.isdigit() else (99, path.name))


def is_study(directory: Path) -> bool:
    """Whether a study lies in a directory, sound or damaged."""
    return any((directory / name).is_file() for name in ("manifest.json", "design.parquet"))


def _labels(studies: Sequence[Study]) -> tuple[str, ...]:
    """Short names that tell studies apart: the overrides in which they differ, or else their directories."""
    texts = [study.manifest["overrides"] for study in studies]
    shared = set.intersection(*map(set, texts)) if texts else set()
    differing = [" ".join(text for text in overrides if text not in shared) for overrides in texts]
    for labels in (differing, [study.directory.name for study in studies], [str(study.directory) for study in studies]):
        if all(labels) and len(set(labels)) == len(labels):
            return tuple(labels)
    return tuple(f"{number} {study.directory}" for number, study in enumerate(studies))


def check_part(study: Study, part: Path) -> None:
    """UserError where a part of a table is damaged, saying what to do about it."""
    try:
        check_table(part)
    except UserError as error:
        raise UserError(f"{error}; to simulate that part anew: {study.resumption}") from None


def losses(study: Study) -> list[str]:
    """The files that a finished study lacks, in words; the first few are named."""
    manifest = study.manifest
    if manifest.get("state") != FINISHED or "blocks" not in manifest:
        return []
    failed = set(read_table(study.directory / "failures.parquet", ["chunk"])["chunk"].to_list())
    lost = []
    for chunk in (chunk for chunk in study.chunks if chunk.number not in failed):
        files = {"outcomes": part_path(study.directory, "outcomes", chunk.number), **companions(study, chunk)}
        lost += [f"the {word} of chunk {chunk.number}" for word, path in files.items() if not path.exists()]
    lost += [f"{path.parent.name}/{path.name}" for path in lost_trajectories(study, study.chunks, failed)]
    return [*lost[:MOST_LOSSES], f"{len(lost) - MOST_LOSSES} more"] if len(lost) > MOST_LOSSES else lost


def _scan(study: Study, table: str) -> pl.LazyFrame:
    parts = sorted((study.directory / table).glob("part-*.parquet"))
    for part in parts:
        check_part(study, part)
    return scan_table(*parts) if parts else empty_frame(table).lazy()


def _values(column: pl.Series) -> np.ndarray:
    return column.to_numpy() if column.dtype.is_numeric() else np.array(column.to_list(), object)


def _spread(column: pl.Series, flat: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A column laid out as an array; whole numbers stay whole where none is missing."""
    text = column.dtype == pl.String
    whole = column.null_count() == 0 and len(column) == shape[0] * shape[1]
    values = (column if whole or text else column.cast(pl.Float64)).to_numpy()
    array = np.full(shape[0] * shape[1], None if text else 0 if whole else np.nan, values.dtype)
    array[flat] = values
    return array.reshape(shape)


def _length(numbers: pl.Series) -> int:
    highest: Any = numbers.max()
    return int(highest or 0) + 1


def _daily(table: pl.DataFrame, design: pl.DataFrame, coordinates: dict[str, Any]) -> dict[str, Any]:
    quantities = table["quantity"].unique(maintain_order=True).to_list()
    days = _length(table["day"])
    coordinates |= {"quantity": quantities, "day": np.arange(days), "statistic": list(STATISTICS)}
    array = np.full((design.height, len(quantities), days, len(STATISTICS)), np.nan)
    which = table["quantity"].replace_strict(quantities, range(len(quantities)), return_dtype=pl.Int64).to_numpy()
    array[table["point"].to_numpy(), which, table["day"].to_numpy()] = table.select(STATISTICS).to_numpy()
    return {"trajectory": (("point", "quantity", "day", "statistic"), array)}


def study_rows(directory: Path) -> Iterator[tuple[str, ...]]:
    """A row of texts, one per column, for every study below a directory; one that cannot be read says why.

    Raises
    ------
    UserError
        Where there is no such directory.
    """
    if not directory.is_dir():
        raise UserError(f"list studies {directory}: no such directory")
    for place, inner, _ in os.walk(directory):
        if is_study(Path(place)):
            inner.clear()
            yield _row_about(Path(place))
        else:
            inner[:] = sorted(name for name in inner if not name.startswith("."))


def _row_about(place: Path) -> tuple[str, ...]:
    import pyarrow as pa

    try:
        study = Study.open(place)
        crises = _crises(study)
        manifest = study.manifest
        state = "cut short" if manifest["state"] == RUNNING and not is_held(place) else manifest["state"]
        last = study.blocks[-1][1] if study.blocks else study.settings.replicates
        size, model = (str(manifest["points"]), str(last), crises), manifest.get("model", "not named")
        return (str(place), state, _question(manifest), *size, model, _age(manifest["started"]))
    except (UserError, OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        why = str(error).removeprefix(f"{place}: ") if isinstance(error, UserError) else type(error).__name__
        return (str(place), "damaged", why, "", "", "", "", "")


def _question(manifest: dict[str, Any]) -> str:
    """The experiment, or what was chosen where there was none."""
    choices = manifest["choices"]
    return choices.get("experiment") or ", ".join(
        f"{group} {choices[group]}" for group in ("scenario", "mediation", "talks") if choices.get(group)
    )


def _crises(study: Study) -> str:
    """The number of crises done, of how many where some are missing, and the number that failed."""
    import pyarrow.parquet as pq

    done = sum(pq.read_metadata(part).num_rows for part in (study.directory / "outcomes").glob("part-*.parquet"))
    failed = sum(row["lanes"] for row in read_failures(study))
    blocks = study.blocks or ([(0, study.settings.replicates)] if study.settings.replicates != "auto" else [])
    planned = sum(last - first for first, last in blocks) * study.manifest["points"]
    text = str(done) if done == planned else f"{done} of {planned or 'as many as needed'}"
    return f"{text}, {failed} failed" if failed else text


def _age(started: str) -> str:
    """The time since a study was begun, in its largest unit."""
    seconds = (datetime.now().astimezone() - datetime.fromisoformat(zoned(started))).total_seconds()
    units = {"days": 86_400, "h": 3_600, "min": 60}
    return next((f"{seconds // length:.0f} {unit}" for unit, length in units.items() if seconds >= length), "now")
