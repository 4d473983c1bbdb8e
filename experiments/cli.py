"""The command ``offramp``: what it offers, each command loaded only when it is used."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click
import typer
from typer.core import TyperGroup

from experiments.errors import INTERRUPTED, USAGE, UserError, describe_os_error, one_line

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("", "Simulate one scenario."),
    "sweep": ("", "Simulate a whole design in one study."),
    "compare": ("experiments.comparison.command", "Compare studies: figures, paired statistics, a table."),
    "trace": ("experiments.tracing", "Tell one crisis day by day."),
    "report": ("experiments.report", "Write one self-contained HTML page."),
    "propositions": ("experiments.propositions", "Test every claim of the source article."),
    "list": ("experiments.listing", "List what can be chosen and set."),
    "calibrate": ("experiments.calibration", "Fit the population of disputes."),
    "cases": ("experiments.cases", "Run every coded case side by side."),
    "new": ("experiments.templates", "Write a commented template to fill in."),
    "extend": ("experiments.extending", "Add replicates to a finished study."),
    "validate": ("experiments.validation", "Check targets, coverage and faults."),
}
HYDRA = ("run", "sweep")


class _Lazy(TyperGroup):
    """A group that knows its commands' names and one-line helps without loading them."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return _stub(name) if name in COMMANDS else None


app = typer.Typer(cls=_Lazy, no_args_is_help=True, add_completion=False, rich_markup_mode=None,
                  help="Which mediation gives two governments an off-ramp, and how sure can we be?")


@app.callback()
def _root() -> None:
    pass


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0, 1 (something failed), 2 (wrong request)."""
    leave = _Leaving()
    leave.code = run_command(list(sys.argv[1:] if argv is None else argv))
    sys.exit(leave.code)


def run_command(argv: list[str]) -> int:
    """Run one command and return its exit code; errors of the user's are one line on standard error."""
    try:
        if argv and argv[0] in HYDRA:
            from experiments.application import launch

            return launch(argv[0], argv[1:])
        app(args=argv, prog_name="offramp", standalone_mode=True)
        return 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    except UserError as error:
        return _complain(error, error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except OSError as error:
        return _complain(describe_os_error(error, "go on"), 1)
    except ValueError as error:
        from sim.scenario import ParameterError

        if isinstance(error, ParameterError):
            return _complain(error, USAGE)
        raise


class _Leaving:
    """Ends an interrupted process without taking compiled libraries apart, which takes longer than one likes to wait.

    Registered before anything else, it comes last, after everybody has cleaned up.
    """

    def __init__(self) -> None:
        self.code = 0
        atexit.register(self._now)

    def _now(self) -> None:
        if self.code == INTERRUPTED:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code)


def _complain(error: object, code: int) -> int:
    print(f"offramp: {one_line(error)}", file=sys.stderr)
    return code


def _stub(name: str) -> click.Command:
    def forward(**_: Any) -> None:
        context = click.get_current_context()
        _loaded(name)(args=context.args, prog_name=f"offramp {name}")

    return click.Command(name, callback=forward, help=COMMANDS[name][1], add_help_option=False,
                         context_settings={"ignore_unknown_options": True, "allow_extra_args": True})


def _loaded(name: str) -> Any:
    """The command of a module as a typer application."""
    home = COMMANDS[name][0]
    try:
        command = import_module(home).command
    except ModuleNotFoundError as error:
        if error.name and not error.name.startswith(home.split(".")[0]):
            raise UserError(f"{name}: needs {error.name}, which is not installed") from None
        raise UserError(f"{name}: not part of this installation") from None
    if isinstance(command, typer.Typer):
        return command
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, help=COMMANDS[name][1])(command)
    return single
