"""Independent tasks that each fill one part of a directory; a part that is there already is not made again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.execution.processes import ONE_THREAD, UNUSED, initialise, set_environment
from experiments.files import read_table, write_parquet
from experiments.study.parts import part_path

if TYPE_CHECKING:
    import polars as pl


def run_tasks(
    directory: Path,
    name: str,
    task: Callable[..., pl.DataFrame],
    arguments: Sequence[tuple[Any, ...]],
    workers: int = 1,
    advance: Callable[[int], None] = lambda rows: None,
) -> pl.DataFrame:
    """The rows of all tasks, in the order of their arguments.

    Parameters
    ----------
    directory : Path
        Part k of the folder ``name`` in it holds what ``task(*arguments[k])`` returned. An interrupted run goes on
        with what is missing; that everything else is as it was is the caller's to see to.
    task : callable
        Returns a frame that depends on its arguments alone.
    workers : int
        Processes of one thread each.
    advance : callable
        Told the number of rows of every part that was made.
    """
    import polars as pl

    parts = [part_path(directory, name, number) for number in range(len(arguments))]
    missing = [(part, task, call) for part, call in zip(parts, arguments, strict=True) if not part.exists()]
    for rows in in_parallel(_make_part, missing, workers):
        advance(rows)
    return pl.concat([read_table(part) for part in parts])


def _make_part(part: Path, task: Callable[..., pl.DataFrame], arguments: tuple[Any, ...]) -> int:
    frame = task(*arguments)
    write_parquet(part, frame.to_arrow())
    return frame.height


def in_parallel(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Any]:
    """What a function returns for each tuple of arguments, in whatever order, on workers of one thread each."""
    if workers == 1 or not calls:
        yield from (function(*arguments) for arguments in calls)
        return
    import joblib

    with set_environment(dict.fromkeys(ONE_THREAD, "1")):
        # Workers end with a killed command, and neither sim nor experiments finds pandas or networkx in them.
        start = {"initializer": initialise, "initargs": (os.getpid(), (), UNUSED)}
        pool = joblib.Parallel(workers, return_as="generator_unordered", batch_size=1, max_nbytes=None, **start)
        yield from pool(joblib.delayed(function)(*arguments) for arguments in calls)
