"""How long the page of ``offramp view`` waits for the answer to a lever that was moved."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import psutil

from experiments.view.desk import SOON, Desk
from experiments.view.request import FIRST, read
from experiments.view.scenarios import Scenarios
from experiments.view.tab import Simulations

TRIALS = 5
WORKERS = 2


def answer_seconds(scale: float) -> float:
    """Seconds from a request for two arms of which nothing is kept to the rows the page draws, on two free cores.

    They are seconds of processors, so that whatever else the machine does counts little: half of what both worker
    processes use, which work side by side, and all of what the server uses.
    """
    with TemporaryDirectory() as scratch:
        desk = Desk(Path(scratch), WORKERS)
        try:
            return asyncio.run(_answered(Simulations(desk, Scenarios()), max(int(FIRST * scale), 30)))
        finally:
            desk.end()


async def _answered(simulations: Simulations, crises: int) -> float:
    desk = simulations.desk
    await desk.open()
    slot, seconds = desk.take_slot(), []
    for seed in range(TRIALS + 1):  # the first one loads and compiles
        arms = {"held": {"mediation": "none", "talks": "none"}, "moved": {"mediation": "russia_2020", "talks": "none"}}
        request = read({"scenario": "tovuz_2020", "seed": seed, **arms})
        began = _used(desk)
        answer = await simulations.answer(request, crises, SOON, slot, 0)
        assert answer is not None
        answer.document()
        seconds.append(_used(desk) - began)
    await desk.close()
    return median(seconds[1:])


def _used(desk: Desk) -> float:
    workers = [psutil.Process(number).cpu_times() for number in desk.pool._processes]
    return process_time() + sum(times.user + times.system for times in workers) / WORKERS
