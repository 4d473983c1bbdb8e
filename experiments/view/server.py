"""The page's server: its files, what can be chosen and set, downloads, studies, and a connection a tab."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from experiments.comparison.analysis import summary
from experiments.comparison.compare import Comparison
from experiments.errors import UserError
from experiments.figures.rows import table_of
from experiments.figures.style import save
from experiments.text import printable
from experiments.view.answers import Answer
from experiments.view.desk import SOON, Desk
from experiments.view.guard import Guard
from experiments.view.request import MOST, name_of, read
from experiments.view.scenarios import GROUPS, Scenarios, sliders
from experiments.view.studies import Studies
from experiments.view.tab import Simulations, Tab
from sim import __version__
from sim.scenario import ParameterError

SHARED = ("draw.js", "draw.css")
"""What draws, which reports share."""
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png"}
DOWNLOADS = ("svg", "png", "csv")
_ONE_AT_A_TIME = threading.Lock()
"""The styles of matplotlib hold for a whole process."""
ALL_NUMBERS = "comparison"
"""The table of levels and contrasts; every other table has the name of its figure."""


@cache
def page_file(name: str) -> bytes:
    """A file of the page."""
    package, *inner = ("experiments.figures",) if name in SHARED else ("experiments.view", "page")
    return files(package).joinpath(*inner, name).read_bytes()


class Server:
    """The application and what stands behind it.

    Parameters
    ----------
    desk : Desk
        Made by the main thread.
    port : int
        Port it will be served on.
    places : list of Path
        Studies, or directories of them, that can be opened.
    config_dir : str, optional
        A directory of configurations of one's own.
    """

    def __init__(self, desk: Desk, port: int, places: list[Path], config_dir: str | None = None) -> None:
        self.desk, self.scenarios, self.studies = desk, Scenarios(config_dir), Studies(places)
        self.simulations = Simulations(desk, self.scenarios)
        routes = [
            Route("/", self._page),
            Route("/page/{name}", self._page),
            Route("/about", self._about),
            Route("/base", self._base),
            Route("/figure/{name}.{kind}", self._download),
            Route("/study", self._study),
            Route("/study/{name}.{kind}", self._study_figure),
            WebSocketRoute("/tab", self._tab),
        ]
        inner = Starlette(routes=routes, lifespan=self._lifespan)
        inner.add_exception_handler(UserError, _complain)
        inner.add_exception_handler(ParameterError, _complain)
        self.app = Guard(inner, port)

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        await self.desk.open()
        try:
            yield
        finally:
            await self.desk.close()

    async def _page(self, request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        kind = name.rpartition(".")[2]
        known = {*SHARED, *(place.name for place in (files("experiments.view") / "page").iterdir())}
        if name not in known or kind not in TYPES:
            return PlainTextResponse("no such page\n", 404)
        return Response(page_file(name), media_type=TYPES[kind])

    async def _about(self, _: Request) -> Response:
        """Everything the page needs once: choices, sliders, the studies that were named."""
        options, moved = await asyncio.to_thread(lambda: (self.scenarios.options(), sliders()))
        studies = self.studies.listed()
        return JSONResponse({"version": __version__, "options": options, "sliders": moved, "studies": studies})

    async def _base(self, request: Request) -> Response:
        given = {group: request.query_params.get(group, "") for group in GROUPS}
        names = [name and name_of(group, name) for group, name in given.items()]
        return JSONResponse(await asyncio.to_thread(self.scenarios.base, *names))

    async def _tab(self, socket: WebSocket) -> None:
        await Tab(socket, self.simulations, self.studies).serve()

    async def _download(self, request: Request) -> Response:
        """A figure of an answer as ``offramp compare`` draws it, or its table."""
        try:
            data, replicates = json.loads(request.query_params["asked"]), int(request.query_params["replicates"])
        except (KeyError, ValueError, RecursionError):
            raise UserError("asked and replicates are needed") from None
        if not 1 <= replicates <= MOST:
            raise UserError(f"replicates={replicates}: 1 to {MOST} are needed")
        slot = self.desk.take_slot()
        try:
            number = self.desk.generations[slot]
            answer = await self.simulations.answer(read(data), replicates, SOON, slot, number)
        finally:
            self.desk.give_back(slot)
        assert answer is not None
        return await asyncio.to_thread(_file, answer, **request.path_params)

    async def _study(self, request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(self.studies.document, *_study_of(request)))

    async def _study_figure(self, request: Request) -> Response:
        comparison = await asyncio.to_thread(self.studies.comparison, *_study_of(request))
        return await asyncio.to_thread(_file, comparison, **request.path_params)


def _study_of(request: Request) -> list[str]:
    return [request.query_params.get(name, "") for name in ("place", "where", "by")]


def _file(drawn: Answer | Comparison, name: str, kind: str) -> Response:
    """A figure (``svg`` or ``png``) or table (``csv``) of an answer or a comparison, to be saved under its name."""
    if kind not in DOWNLOADS:
        raise UserError(f"{kind}: one of {', '.join(DOWNLOADS)} is needed")
    if kind == "csv":
        sketch = drawn.drawings.sketches.get(name)
        table = summary(drawn.tables) if name == ALL_NUMBERS else table_of(sketch) if sketch else None
        if table is None:
            raise UserError(f"{name}: no such table; there are {ALL_NUMBERS} and those of the figures")
        return Response(table.write_csv().encode(), media_type="text/csv", headers=_saved_as(name, kind))
    if name not in drawn.drawings:
        raise UserError(f"{name}: no such figure; there are {', '.join(drawn.drawings)}")
    with _ONE_AT_A_TIME, TemporaryDirectory(prefix="offramp-") as directory:
        (path,) = save(drawn.drawings[name], Path(directory), name, [kind])
        return Response(path.read_bytes(), media_type=TYPES[kind], headers=_saved_as(name, kind))


def _saved_as(name: str, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'offramp_{name}.{kind}')}"}


async def _complain(_: Request, error: Exception) -> Response:
    line = printable(str(error)).encode("utf-8", "replace")  # a page can send half a letter
    return PlainTextResponse(line + b"\n", 400)
