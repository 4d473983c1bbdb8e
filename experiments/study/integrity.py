"""Checks of a study's files: complete, undamaged, of the right lanes, and none too many."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from experiments.study.directory import FINISHED, Study, read_failures
from experiments.study.parts import STUDY, Chunk, part_path, read_part, read_whole_arrays
from experiments.study.progress import progress_bar
from experiments.study.trajectories import lost_trajectories, slabs, tally_names, tally_path

DAMAGED, MISSING, LEFT_OVER = "damaged", "missing", "left over"
A_ROW_A_LANE = ("outcomes", "records")
_FEWER_ROWS = ("mie", "paths")


def find_faults(study: Study) -> dict[Path, str]:
    """Files of a study that are damaged, lost, or left over, each with the word for it.

    Every file is read through, once: a part that is cut short, changed, or holds other lanes than its chunk is
    damaged; one that belongs to no chunk is left over. A chunk whose outcomes are there has all its other files, too.
    Of chunks with failures, which are tried again anyway, what is there must be theirs. Trajectories are no chunk's
    own; they are merged anew whenever a study is resumed.
    """
    failed = {row["chunk"] for row in read_failures(study)}
    chunks = study.chunks
    groups = slabs(chunks) if study.has_trajectories else []
    whole = study.manifest["state"] == FINISHED
    owners = {
        part_path(study.directory, table, chunk.number): chunk
        for table in (*A_ROW_A_LANE, *_FEWER_ROWS)
        for chunk in chunks
    }
    owners |= {tally_path(study.directory, chunk.number): chunk for chunk in chunks}
    reaches = {
        part_path(study.directory, "trajectories", number): {point for chunk in group for point in chunk.points}
        for number, group in enumerate(groups)
    }
    patterns = [f"{table}/part-*.parquet" for table in (*A_ROW_A_LANE, *_FEWER_ROWS, "trajectories")]
    files = sorted(path for name in (*patterns, "trajectories/tally-*.npz") for path in study.directory.glob(name))
    faults: dict[Path, str] = {}
    with progress_bar(f"{study.directory}: checking", len(files), "files") as advance:
        for path in files:
            advance(1)
            if path in owners:
                sound = _is_of(path, owners[path], owners[path].number not in failed, study)
            elif path in reaches:
                table = read_part(path, "trajectories")
                sound = table is not None and (not whole or set(table["point"].unique().to_pylist()) <= reaches[path])
            else:
                faults[path] = LEFT_OVER
                continue
            if not sound:
                faults[path] = DAMAGED
    faults |= dict.fromkeys(lost_trajectories(study, chunks, failed), MISSING)
    for chunk in chunks:
        outcomes = part_path(study.directory, "outcomes", chunk.number)
        if chunk.number not in failed and outcomes not in faults and outcomes.exists():
            faults |= {path: MISSING for path in companions(study, chunk).values() if not path.exists()}
    return faults


def companions(study: Study, chunk: Chunk) -> dict[str, Path]:
    """The files that a whole chunk has beside its outcomes, by what they hold."""
    files: dict[str, Path] = {}
    if study.settings.records:
        files["records"] = part_path(study.directory, "records", chunk.number)
        files["events"] = part_path(study.directory, "mie", chunk.number)
    if study.has_trajectories:
        from sim.outputs.columns import PATHS_KEPT

        files["daily tally"] = tally_path(study.directory, chunk.number)
        if chunk.replicate.min() < PATHS_KEPT:
            files["paths"] = part_path(study.directory, "paths", chunk.number)
    return files


def _is_of(path: Path, chunk: Chunk, whole: bool, study: Study) -> bool:
    """Whether a file can be read and holds the lanes of its chunk; some of them where lanes of it failed.

    A part that names another study is none of its; parts of before do not name theirs.
    """
    if path.suffix == ".npz":
        arrays = read_whole_arrays(path, tally_names())
        return arrays is not None and _is_tally_of(arrays, chunk)
    name = path.parent.name
    table = read_part(path, name)
    hashed = study.manifest.get("config_hash", "").encode()
    if table is None or (table.schema.metadata or {}).get(STUDY, hashed) != hashed:
        return False
    if table["point"].null_count or table["replicate"].null_count:
        return False
    lanes = _numbered(table["point"].to_numpy(), table["replicate"].to_numpy())
    expected = _numbered(chunk.point, chunk.replicate)
    if whole and name in A_ROW_A_LANE:
        return np.array_equal(lanes, expected)
    return bool(np.isin(lanes, expected).all() and (name in _FEWER_ROWS or (np.diff(lanes) > 0).all()))


def _is_tally_of(arrays: Mapping[str, np.ndarray], chunk: Chunk) -> bool:
    points = arrays["points"].ravel().tolist()
    rows = [values.shape[:1] for name, values in arrays.items() if name != "days"]
    return bool(points) and set(points) <= set(chunk.points) and set(rows) == {(len(points),)}


def _numbered(point: np.ndarray, replicate: np.ndarray) -> np.ndarray:
    """Points and replicates, int (lanes,) each, as one number a lane, int64 (lanes,), in their order."""
    return (point.astype(np.int64) << 32) + replicate
