"""Work handed to processes: what waits in front goes first, what is stale is dropped, a killed process is replaced."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from experiments.view.desk import LATER, SOON, Desk
from experiments.view.worker import Generations


def test_generations_are_shared_through_their_file(tmp_path: Path) -> None:
    made = Generations.create(tmp_path / "numbers")
    made[5] = 2**50 + 1
    assert Generations(made.path)[5] == 2**50 + 1 and Generations(made.path)[4] == 0


@pytest.mark.slow
def test_the_desk(tmp_path: Path) -> None:
    desk = Desk(tmp_path, workers=1)
    try:
        asyncio.run(_use(desk))
    finally:
        desk.end()


async def _use(desk: Desk) -> None:
    await desk.open()
    order: list[str] = []

    async def noted(name: str, priority: int) -> None:
        await desk.do(priority, abs, 1)
        order.append(name)

    await asyncio.gather(noted("refinement", LATER), noted("another", LATER), noted("answer", SOON))
    assert order.index("answer") < order.index("another")
    assert await desk.do(SOON, str.upper, "kept", key="word") == "KEPT"
    assert await desk.do(SOON, str.lower, "kept", key="word") == "KEPT"  # not worked out twice
    with pytest.raises(ZeroDivisionError):
        await desk.do(SOON, divmod, 1, 0)
    slot = desk.take_slot()
    before = desk.generations[slot]
    desk.give_back(slot)
    assert desk.generations[slot] != before
    number = await desk.do(SOON, os.getpid)
    os.kill(number, signal.SIGKILL)
    assert await desk.do(SOON, os.getpid) != number
    await desk.rest()
    await desk.close()
