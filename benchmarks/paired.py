"""Timing two things against each other on a machine that others use, too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

Clock = Callable[[], float]
CPU: Clock = time.process_time
WALL: Clock = time.perf_counter


def seconds(task: Callable[[], Any], clock: Clock) -> float:
    """What a task takes, once."""
    start = clock()
    task()
    return clock() - start


def alternating(
    first: Callable[[], Any], second: Callable[[], Any], rounds: int, clock: Clock
) -> tuple[list[float], list[float]]:
    """Seconds of two tasks, run in turn: first second, second first, and so on, so that a drift hits both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        order = ((0, first), (1, second)) if number % 2 == 0 else ((1, second), (0, first))
        for place, task in order:
            times[place].append(seconds(task, clock))
    return times


def typical_ratio(first: list[float], second: list[float]) -> float:
    """Median of the paired ratios first / second: noise that lasts hits both of a pair."""
    return statistics.median(one / other for one, other in zip(first, second, strict=True))


def best_ratio(first: list[float], second: list[float]) -> float:
    """Ratio of the least times: noise only ever adds."""
    return min(first) / min(second)
