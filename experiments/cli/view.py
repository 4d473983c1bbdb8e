"""``offramp view``: explore in the browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from experiments.errors import UserError

NEEDED = ("starlette", "uvicorn", "websockets")
OUTPUTS = Path("outputs")


def command(
    studies: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[STUDY...]", help="Studies to open, or directories of them (default: outputs)."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port on this machine; 0 for any (default: 8350).", min=0, max=65535)
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    config_dir: Annotated[str | None, typer.Option(help="A directory of configurations of one's own.")] = None,
) -> None:
    """Explore in the browser: levers, distributions, one crisis day by day. Ends with Ctrl-C."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UserError(
            f"view: needs {', '.join(missing)}; install the extra `view`, as in pip install 'offramp[view]'"
        )
    from experiments.view.serving import serve
    from experiments.view.studies import openable

    def say(address: str) -> None:
        typer.echo(address)
        typer.echo("The page answers from this machine alone. Ctrl-C ends it.", err=True)

    usual = [OUTPUTS] if OUTPUTS.is_dir() and next(openable(OUTPUTS), None) is not None else []
    serve(list(studies or usual), port, browser, say, config_dir)
