"""Trajectories of a study: chunks leave exact tallies, which are merged point by point into the table."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.errors import FAILED, UserError
from experiments.study.parts import Chunk, arrow_table, part_path, read_arrays, write_part

if TYPE_CHECKING:
    from experiments.study.directory import Study
    from sim.outputs.trajectories import TrajectoryTally


def merge_trajectories(study: Study) -> None:
    """Write ``trajectories/part-*.parquet`` from all tallies of a study, one slab of points at a time."""
    if not study.has_trajectories:
        return
    written = set()
    for number, slab in enumerate(slabs(study.chunks)):
        merged = _merged(study, slab)
        if merged is not None:
            write_part(study.directory, "trajectories", number, merged.rows())
            written.add(part_path(study.directory, "trajectories", number))
    for path in (study.directory / "trajectories").glob("part-*.parquet"):
        if path not in written:  # of an earlier round, when the points lay in other slabs
            path.unlink()


def load_merging() -> None:
    """Load what merging needs, compiled functions included, by making the rows of a tally of one day."""
    from sim.outputs.trajectories import TRACKED, TrajectoryTally

    histograms = [np.ones((1, tracked.bins), np.int32) for tracked in TRACKED.values()]
    rows = TrajectoryTally(1, {0: 1}, {0: np.zeros((1, len(TRACKED)), np.int64)}, {0: histograms}).rows()
    arrow_table("trajectories", rows)


def tally_path(directory: Path | str, number: int) -> Path:
    """Where a chunk's share of the trajectories is kept."""
    return Path(directory) / "trajectories" / f"tally-{number:06d}.npz"


def slabs(chunks: list[Chunk]) -> list[list[Chunk]]:
    """Chunks grouped so that no point is spread over two groups, in order of their points."""
    groups: list[list[Chunk]] = []
    reach = 0
    for chunk in sorted(chunks, key=lambda chunk: (chunk.points.start, chunk.points.stop)):
        if not groups or chunk.points.start >= reach:
            groups.append([])
        groups[-1].append(chunk)
        reach = max(reach, chunk.points.stop)
    return groups


def lost_trajectories(study: Study, chunks: list[Chunk], failed: Container[int]) -> list[Path]:
    """Parts of the merged table that a finished study should have, and has not."""
    if not study.has_trajectories or study.manifest["state"] != "finished":
        return []
    whole = [number for number, slab in enumerate(slabs(chunks)) if not all(chunk.number in failed for chunk in slab)]
    paths = [part_path(study.directory, "trajectories", number) for number in whole]
    return [path for path in paths if not path.exists()]


def tally_arrays(tally: TrajectoryTally) -> dict[str, np.ndarray]:
    """A tally as plain arrays whose first axis is the point; kept paths have a table of their own."""
    points = tally.points
    histograms = zip(*(tally.histograms[point] for point in points), strict=True)
    return {
        "points": np.array(points),
        "days": np.array(tally.days),
        "counts": np.array([tally.counts[point] for point in points]),
        "sums": np.stack([tally.sums[point] for point in points]),
        **{f"histogram_{number}": np.stack(counts) for number, counts in enumerate(histograms)},
    }


def tally_names() -> list[str]:
    """Names of the arrays that :func:`tally_arrays` makes."""
    from sim.outputs.trajectories import TRACKED

    return ["points", "days", "counts", "sums", *(f"histogram_{number}" for number in range(len(TRACKED)))]


def tally_of(arrays: dict[str, np.ndarray]) -> TrajectoryTally:
    """The tally that :func:`tally_arrays` was given, bit for bit, without its kept paths."""
    from sim.outputs.trajectories import TrajectoryTally

    tally = TrajectoryTally(int(arrays["days"]))
    histograms = [arrays[f"histogram_{number}"] for number in range(len(arrays) - 4)]
    for row, point in enumerate(arrays["points"].tolist()):
        tally.counts[point], tally.sums[point] = int(arrays["counts"][row]), arrays["sums"][row]
        tally.histograms[point] = [histogram[row] for histogram in histograms]
    return tally


def _merged(study: Study, slab: list[Chunk]) -> TrajectoryTally | None:
    whole: TrajectoryTally | None = None
    for chunk in slab:
        path = tally_path(study.directory, chunk.number)
        if path.exists():
            part = tally_of(read_arrays(path))
            if whole is None:
                whole = part
            else:
                whole.merge(part)
        elif part_path(study.directory, "outcomes", chunk.number).exists():  # a chunk that failed whole has neither
            raise UserError(f"{path}: missing; to make it again: {study.resumption}", FAILED)
    return whole
