"""Tasks that fill the parts of a directory: in order, on workers, and gone on with."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from experiments.execution.tasks import run_tasks
from experiments.study.parts import part_path


def squares(first: int, last: int) -> pl.DataFrame:
    return pl.DataFrame({"number": range(first, last), "square": [number**2 for number in range(first, last)]})


TASKS = [(0, 3), (3, 5), (5, 9)]


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_come_in_the_order_of_the_tasks(tmp_path: Path, workers: int) -> None:
    rows: list[int] = []
    assert run_tasks(tmp_path, "parts", squares, TASKS, workers, rows.append).equals(squares(0, 9))
    assert sorted(rows) == [2, 3, 4]


def test_only_missing_parts_are_made(tmp_path: Path) -> None:
    whole = run_tasks(tmp_path, "parts", squares, TASKS)
    part_path(tmp_path, "parts", 1).unlink()
    kept = part_path(tmp_path, "parts", 0).stat().st_mtime_ns
    rows: list[int] = []
    assert run_tasks(tmp_path, "parts", squares, TASKS, advance=rows.append).equals(whole)
    assert rows == [2]
    assert part_path(tmp_path, "parts", 0).stat().st_mtime_ns == kept


def test_what_was_finished_before_a_task_failed_is_kept(tmp_path: Path) -> None:
    def fails_later(first: int, last: int) -> pl.DataFrame:
        if first == 5:
            raise ValueError("no")
        return squares(first, last)

    with pytest.raises(ValueError, match="no"):
        run_tasks(tmp_path, "parts", fails_later, TASKS)
    rows: list[int] = []
    assert run_tasks(tmp_path, "parts", squares, TASKS, advance=rows.append).equals(squares(0, 9))
    assert rows == [4]
