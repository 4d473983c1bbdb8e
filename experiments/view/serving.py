"""Serving the page on this machine until Ctrl-C."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from experiments.errors import UserError
from experiments.view.desk import Desk
from experiments.view.guard import HOST
from experiments.view.server import Server

PORTS = range(8350, 8370)
"""Ports that are tried where none is named; the first is usual, so that a link opens again."""
PATIENCE = 1
"""Seconds that connections get to end."""
MOST = 65_536
"""Bytes of a message of a page."""


def serve(
    places: list[Path],
    port: int | None,
    browse: bool,
    say: Callable[[str], None],
    config_dir: str | None = None,
    workers: int = 0,
) -> None:
    """Serve the page until the process is interrupted.

    Parameters
    ----------
    places : list of Path
        Studies, or directories of them, that can be opened.
    port : int, optional
        Port to serve; 0 takes any that is free. By default the first free one of a few.
    browse : bool
        Whether to open the browser.
    say : callable
        Is given the address as soon as it answers.
    config_dir : str, optional
        A directory of configurations of one's own.
    workers : int
        Processes; 0 for one a core.

    Raises
    ------
    UserError
        Where the port is taken, or a study cannot be opened.
    """
    listening = listen(port)
    number = listening.getsockname()[1]
    address = f"http://{HOST}:{number}/"

    def ready() -> None:
        say(address)
        if browse:
            webbrowser.open(address)

    with TemporaryDirectory(prefix="offramp-view-") as scratch, listening:
        desk = Desk(Path(scratch), workers)
        try:
            server = Server(desk, number, places, config_dir)
            config = uvicorn.Config(
                server.app,
                log_level="error",
                access_log=False,
                ws="websockets-sansio",
                ws_max_size=MOST,
                timeout_graceful_shutdown=PATIENCE,
                server_header=False,
            )
            _Serving(config, ready).run([listening])
        except KeyboardInterrupt:
            pass  # the usual end
        finally:
            desk.end()


class _Serving(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()


def listen(port: int | None) -> socket.socket:
    """A socket bound to a port of this machine; UserError where it is taken."""
    for number in PORTS if port is None else [port]:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, number))
            return made
        except OSError:
            made.close()
    tried = f"port {port}" if port is not None else f"ports {PORTS[0]} to {PORTS[-1]}"
    raise UserError(f"{tried} of {HOST}: taken already; give another with --port N")
