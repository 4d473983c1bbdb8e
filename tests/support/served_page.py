"""The page of ``offramp view`` served inside this process, and a Chromium that reaches nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from experiments.view.desk import Desk
from experiments.view.server import Server
from experiments.view.serving import listen
from tests.support.browser import QUIET, find_browser

ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
LONGEST = 180_000
"""Milliseconds after which a page that does not do what is expected has failed; a busy machine needs some."""
SMALL = "citizens=16&horizon_days=30"
"""Part of an address that makes a crisis small."""


class Served:
    """A server in a thread of its own; its processes belong to this thread."""

    def __init__(self, directory: Path, places: list[Path]) -> None:
        self.desk = Desk(directory, workers=1)
        self._socket = listen(0)
        port = self._socket.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/"
        self.server = Server(self.desk, port, places)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answers = threading.Event()
        config = uvicorn.Config(self.server.app, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._answers.wait(LONGEST / 1000)

    def _serve(self) -> None:
        async def serving() -> None:
            self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self._answers.set)
            await self._uvicorn.serve([self._socket])

        asyncio.run(serving())

    def wait_until_idle(self) -> None:
        """Return once no work is in hand; fail where there still is some much later."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self.desk.rest(), self._loop).result(LONGEST / 1000)

    def end(self) -> None:
        """End the server and its processes."""
        self._uvicorn.should_exit = True
        self._thread.join(LONGEST / 1000)
        self.desk.end()


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser that can reach this machine alone."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=find_browser(), args=[*QUIET, ONLY_HERE])
        try:
            yield opened
        finally:
            opened.close()


class Page:
    """An open page that notes what is wrong with it."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.problems: list[str] = []
        self.sent: list[str] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
        self.context.set_default_timeout(LONGEST)
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.problems.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda r: None if r.url.startswith((address, "data:", "ws:")) else self._note(r.url))
        self.page.on("websocket", lambda socket: socket.on("framesent", lambda payload: self.sent.append(str(payload))))

    def _note(self, url: str) -> None:
        self.problems.append(f"asks for {url}")

    def close(self) -> None:
        """Close it."""
        self.context.close()
