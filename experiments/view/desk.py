"""Where work is handed to processes: first answers before refinements, finished lanes kept, stale work dropped."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib

from experiments.errors import UserError
from experiments.execution.processes import end_processes, start_processes
from experiments.view.worker import MODULES, Generations, warm_up

SOON, LATER = 0, 1
"""Priorities: what somebody waits for, and what only refines it."""
MOST_WORKERS = 8
KEPT = 400
"""Chunks of outcomes that are kept, some tens of kilobytes each."""


@dataclass(order=True)
class _Task:
    priority: int
    number: int
    work: Callable[..., Any] = field(compare=False)
    arguments: tuple[Any, ...] = field(compare=False)
    result: asyncio.Future[Any] = field(compare=False)


class Desk:
    """Processes and the queue before them.

    Processes are started by the thread that makes a desk, which has to be the main one: they end with their thread.

    Parameters
    ----------
    directory : Path
        A directory of this process alone.
    workers : int, optional
        Processes; one a core by default.
    """

    def __init__(self, directory: Path, workers: int = 0) -> None:
        self.workers = workers or min(joblib.cpu_count(), MOST_WORKERS)
        self.generations = Generations.create(directory / "generations")
        self.pool = start_processes(self.workers, MODULES)
        self.warm = False
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._numbers = itertools.count()
        self._free = list(reversed(range(Generations.SLOTS)))
        self._queue: asyncio.PriorityQueue[_Task]
        self._consumers: list[asyncio.Task[None]] = []
        self._warming: asyncio.Task[None]

    async def open(self) -> None:
        """Begin to hand out work, in the loop that runs now."""
        self._queue = asyncio.PriorityQueue()
        self._consumers = [asyncio.create_task(self._consume()) for _ in range(self.workers)]
        self._warming = asyncio.create_task(self._warm_up())

    async def _warm_up(self) -> None:
        await asyncio.gather(*(self.do(SOON, warm_up, self.generations.path) for _ in range(self.workers)))
        self.warm = True

    async def close(self) -> None:
        """Hand out nothing more."""
        ending = [self._warming, *self._consumers]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def end(self) -> None:
        """End the processes, whatever they are doing."""
        end_processes(self.pool)
        self.generations.close()

    def take_slot(self) -> int:
        """A slot of the generations that nobody else uses; UserError where all are taken."""
        if not self._free:
            raise UserError(f"{Generations.SLOTS} pages are open; close some")
        return self._free.pop()

    def give_back(self, slot: int) -> None:
        """Let others use a slot; what still runs for it is left off."""
        self.generations[slot] = self.generations[slot] + 1
        self._free.insert(0, slot)

    async def do(self, priority: int, work: Callable[..., Any], *arguments: Any, key: Any = None) -> Any:
        """What a function returns in a process; with a key it is kept, unless it is None, and not worked out twice."""
        if key is not None and key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Task(priority, next(self._numbers), work, arguments, result))
        value = await result
        if key is not None and value is not None:
            self._kept[key] = value
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return value

    async def rest(self) -> None:
        """Wait until nothing is in hand and nothing waits."""
        await self._queue.join()

    async def _consume(self) -> None:
        while True:
            task = await self._queue.get()
            try:
                if task.result.done():
                    continue
                value = await self._done(task)
                if not task.result.done():
                    task.result.set_result(value)
            except Exception as error:  # whatever it was, it is told to whoever waits for it
                if not task.result.done():
                    task.result.set_exception(error)
            finally:
                self._queue.task_done()

    async def _done(self, task: _Task) -> Any:
        """The result of a task, tried once more where a process was killed from outside."""
        pool = self.pool
        try:
            return await asyncio.wrap_future(pool.submit(task.work, *task.arguments))
        except BrokenExecutor:
            if pool is self.pool:
                end_processes(pool)
                self.pool = start_processes(self.workers, MODULES)
            return await asyncio.wrap_future(self.pool.submit(task.work, *task.arguments))
