"""One open page: what it asks over its connection, answered in order of asking; what is stale is dropped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from experiments.errors import UserError, one_line
from experiments.view.answers import Answer, lanes_frame
from experiments.view.crisis_document import crisis_document
from experiments.view.desk import LATER, SOON, Desk
from experiments.view.request import ARMS, STEPS, ViewRequest, command, read
from experiments.view.scenarios import Scenarios
from experiments.view.studies import Studies
from experiments.view.worker import crisis_of, lanes_of, without_mediators
from sim.engine.lanes import Points
from sim.ensemble import Settings
from sim.scenario import ParameterError

CHUNK = 150
"""Lanes simulated together: small enough that two cores share one arm."""
PATIENCE = 1.5
"""Seconds after which a page that still has no answer is told what takes so long."""
COMPILING = "The model is being loaded and, at the first start after an installation, compiled: some seconds."


class Simulations:
    """Two arms simulated through a desk.

    Parameters
    ----------
    desk : Desk
    scenarios : Scenarios
    """

    def __init__(self, desk: Desk, scenarios: Scenarios) -> None:
        self.desk, self.scenarios = desk, scenarios

    async def answer(
        self, request: ViewRequest, replicates: int, priority: int, slot: int, number: int
    ) -> Answer | None:
        """Both arms analysed; None where the work was left off.

        Parameters
        ----------
        request : ViewRequest
        replicates : int
            Crises an arm.
        priority : int
            `SOON` or `LATER`.
        slot, number : int
            The work is left off once the slot of the generations holds another number.
        """
        points = await asyncio.to_thread(self.scenarios.points, request)
        edges = [*range(0, STEPS[0], CHUNK), *(step for step in STEPS if step < replicates)]
        edges = sorted({*(edge for edge in edges if edge < replicates), replicates})
        spans = list(zip(edges[:-1], edges[1:], strict=True))
        stop = (self.desk.generations.path, slot, number)

        def simulated(at: int, span: tuple[int, int]) -> Awaitable[Any]:
            key = (self.scenarios.key(request, ARMS[at]), *span)
            return self.desk.do(priority, lanes_of, points, at, *span, request.settings, stop, key=key)

        parts = await asyncio.gather(*(simulated(at, span) for at in range(len(ARMS)) for span in spans))
        if any(part is None for part in parts):
            return None
        lanes = {name: lanes_frame(parts[at * len(spans) : (at + 1) * len(spans)]) for at, name in enumerate(ARMS)}
        return await asyncio.to_thread(Answer, lanes, request.horizon_days)

    async def crisis(
        self, points: Points, point: int, replicate: int, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the page shows of a crisis beside its twin without any mediator, and the outcome of the crisis."""
        bare = without_mediators(points, point)
        crisis, twin = await asyncio.gather(
            self.desk.do(SOON, crisis_of, points, point, replicate, settings),
            self.desk.do(SOON, crisis_of, bare, 0, replicate, settings, point),
        )
        return await asyncio.to_thread(crisis_document, crisis, twin), crisis["outcome"]


class Tab:
    """A connection.

    Parameters
    ----------
    socket : WebSocket
    simulations : Simulations
    studies : Studies
    """

    def __init__(self, socket: WebSocket, simulations: Simulations, studies: Studies) -> None:
        self.socket, self.simulations, self.studies = socket, simulations, studies
        self.desk = simulations.desk
        self.slot = self.desk.take_slot()
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Answer until the page is closed; then its work is dropped."""
        await self.socket.accept()
        try:
            while True:
                await self._heed(json.loads(await self.socket.receive_text()))
        except (WebSocketDisconnect, ValueError, TypeError, KeyError, RecursionError):
            pass  # it was closed, or what came is no message of a page
        finally:
            for task in self.tasks.values():
                task.cancel()
            self.desk.give_back(self.slot)

    async def _heed(self, message: Any) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("serial"), int):
            return
        kind, serial = message.get("do"), message["serial"] % 2**60
        work: dict[str, Callable[[dict, int], Awaitable[None]]] = {"explore": self._explore, "crisis": self._crisis}
        if kind in ("stop", "explore"):
            self.desk.generations[self.slot] = serial
            self._drop("explore")
        if kind in work:
            self._drop(kind)
            self.tasks[kind] = asyncio.create_task(self._guarded(kind, work[kind], message, serial))

    def _drop(self, kind: str) -> None:
        if (task := self.tasks.pop(kind, None)) is not None:
            task.cancel()

    async def _guarded(
        self, kind: str, work: Callable[[dict, int], Awaitable[None]], message: dict, serial: int
    ) -> None:
        late = asyncio.get_running_loop().call_later(PATIENCE, self._say_why, kind, serial)
        try:
            await work(message, serial)
        except (UserError, ParameterError) as error:
            await self._send(kind="wrong", do=kind, serial=serial, line=str(error))
        except Exception as error:
            await self._send(kind="wrong", do=kind, serial=serial, line=f"{type(error).__name__}: {one_line(error)}")
            raise
        finally:
            late.cancel()

    def _say_why(self, kind: str, serial: int) -> None:
        line = "Still at work." if self.desk.warm else COMPILING
        self._saying = asyncio.create_task(self._send(kind="note", do=kind, serial=serial, line=line))

    async def _send(self, **message: Any) -> None:
        try:
            await self.socket.send_text(json.dumps(message, allow_nan=False))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the page went away meanwhile

    async def _explore(self, message: dict, serial: int) -> None:
        request = read(message.get("asked"))
        for number, replicates in enumerate(STEPS):
            answer = await self.simulations.answer(request, replicates, LATER if number else SOON, self.slot, serial)
            if answer is None:
                return
            document = await asyncio.to_thread(answer.document)
            line = command(request, replicates, self.simulations.scenarios.config_dir)
            await self._send(kind="answer", do="explore", serial=serial, of=STEPS[-1], command=line, **document)

    async def _crisis(self, message: dict, serial: int) -> None:
        point, replicate = (_whole(name, message.get(name, 0)) for name in ("point", "replicate"))
        if message.get("study"):
            known = await asyncio.to_thread(self.studies.crisis, str(message["study"]), point, replicate)
            made, outcome = await self.simulations.crisis(known.points, point, replicate, known.settings)
            known.check(outcome)
            which = f"Point {point}, replicate {replicate} of {message['study']}"
        else:
            request, arm = read(message.get("asked")), message.get("arm")
            if arm not in ARMS:
                raise UserError(f"arm={arm}: held or moved")
            points = await asyncio.to_thread(self.simulations.scenarios.points, request)
            made, _ = await self.simulations.crisis(points, ARMS.index(arm), replicate, request.settings)
            which = f"Replicate {replicate} of the arm {arm}"
        await self._send(kind="crisis", do="crisis", serial=serial, which=which, replicate=replicate, **made)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise UserError(f"{name}={value}: a whole number from 0 is needed")
    return value
