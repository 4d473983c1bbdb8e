"""Figures are drawn when they are asked for, and come out alike whoever draws them."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from experiments.execution.processes import start_processes
from experiments.figures.distributions import stacked_shares
from experiments.figures.lazy_figures import Drawings


def shares(name: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "arm": [name] * 2,
            "category": ["clash", "war"],
            "value": [0.8, 0.2],
            "low": [0.7, 0.1],
            "high": [0.9, 0.3],
            "lanes": [100, 100],
        }
    )


@pytest.fixture
def sketches() -> dict[str, Any]:
    return {name: partial(stacked_shares, shares(name), "severity") for name in ("one", "two", "three", "four")}


class Immediate:
    """A helper without a process of its own; with ``alive`` false one that dies over every task."""

    _max_workers = 1

    def __init__(self, alive: bool = True) -> None:
        self.alive = alive
        self.asked = 0

    def submit(self, call: Any, *arguments: Any) -> Future[Any]:
        self.asked += 1
        future: Future[Any] = Future()
        if self.alive:
            future.set_result(call(*arguments))
        else:
            future.set_exception(BrokenProcessPool("gone"))
        return future


def test_nothing_is_drawn_before_it_is_asked_for() -> None:
    def never() -> Any:
        raise AssertionError

    found = Drawings({"fans": never})
    assert "fans" in found
    assert list(found) == ["fans"]
    assert len(found) == 1
    with pytest.raises(AssertionError):
        found["fans"]


def files(paths: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.parametrize("alive", [True, False])
def test_helpers_change_nothing_even_when_they_die(sketches: dict[str, Any], tmp_path: Path, alive: bool) -> None:
    alone, helped, helper = Drawings(sketches), Drawings(sketches), Immediate(alive)
    first, second = alone.save(tmp_path / "a"), helped.save(tmp_path / "b", helper)
    assert [path.name for path in first] == [f"{name}.{kind}" for name in sketches for kind in ("svg", "png")]
    assert files(first) == files(second)
    assert alone.words() == helped.words()
    assert helper.asked


def test_a_process_draws_the_same(sketches: dict[str, Any], tmp_path: Path) -> None:
    pool = start_processes(1, ("experiments.figures.distributions",))
    try:
        helped = Drawings(sketches).save(tmp_path / "a", pool)
    finally:
        pool.shutdown(kill_workers=True)
    assert files(helped) == files(Drawings(sketches).save(tmp_path / "b"))
