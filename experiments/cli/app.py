"""The command ``offramp``: its commands, each imported only when it is used, and its exit codes."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from experiments.errors import (
    FAILED,
    INTERRUPTED,
    SIGNALS,
    USAGE,
    UserError,
    check_interruption,
    describe_os_error,
    listen,
    one_line,
)
from experiments.terminal import open_streams, output_failure

COMMANDS = {
    "run": "Simulate one scenario.",
    "sweep": "Simulate a whole design in one study.",
    "compare": "Compare studies: figures, paired statistics, a table.",
    "search": "Search a mediator's levers for what works whatever is not known.",
    "discover": "Find in which worlds an outcome is frequent: boxes and a tree.",
    "trace": "Show one crisis day by day.",
    "report": "Write one self-contained HTML page.",
    "view": "Explore in the browser.",
    "propositions": "Test the claims of the source article.",
    "list": "List what can be chosen and set, and the studies there are.",
    "calibrate": "Fit uncertain parameters to what is on record.",
    "cases": "Set coded cases, or a record of one's own, beside the model.",
    "protocols": "Ask the publics what survey experiments ask.",
    "objections": "Answer objections to the results with further runs.",
    "new": "Write a commented template to fill in.",
    "extend": "Add replicates to a finished study.",
    "validate": "Check the model against its targets.",
}
"""Name of each command -> its line in ``offramp --help``."""
HYDRA = ("run", "sweep", "search")
"""Those that read their arguments as Hydra does, see :mod:`experiments.cli.run`."""
BROKEN_PIPE = 141
"""Exit code where the reader of the output went away, as shells report it."""

_HOME = re.compile(r"^(--?[\w-]+=|)(~(?:/.*)?)$", re.DOTALL)
"""A path in the home directory that the shell has not expanded, as in ``--output=~/x``."""

_USAGE = """\
Usage: offramp COMMAND [ARGUMENTS]

  Which mediation gives two governments an off-ramp, and how sure can we be?

Options:
  --help, -h  Show this message; offramp COMMAND --help shows a command's own.
  --version   Show the version.

Commands:"""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0, 1 (something failed), 2 (wrong request), or 128 + N after signal N."""
    interrupted: list[int] = []
    atexit.register(_end_quickly, interrupted)  # registered before anything else, it is called last
    listen()
    open_streams()
    gc.set_threshold(100_000, 20, 20)  # loading makes many objects, and all of them stay
    os.environ["PYTHONSAFEPATH"] = "1"  # no process started from here imports from the working directory
    os.environ["MPLBACKEND"] = "Agg"  # figures need no screen, and none that the environment names
    if not os.environ.get("POLARS_MAX_THREADS", "1").strip("+0"):
        del os.environ["POLARS_MAX_THREADS"]  # polars cannot work with 0 threads
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in ("run", "sweep", "compare"):
        from experiments.execution.processes import hide, postpone

        postpone()
        if words[0] != "compare":
            hide()
    code = run_command(words)
    if code == INTERRUPTED and SIGNALS:
        code = 128 + SIGNALS[-1]
        interrupted.append(code)
    elif code == 0 and (failure := output_failure()):
        closed = failure.errno == errno.EPIPE
        code = BROKEN_PIPE if closed else _complain(describe_os_error(failure, "print everything"), FAILED)
    sys.exit(code)


def _end_quickly(interrupted: list[int]) -> None:
    """End an interrupted process without unloading compiled libraries, which would take seconds."""
    if interrupted:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(interrupted[0])


def run_command(argv: list[str]) -> int:
    """Run one command and return its exit code; a user's error is one line on standard error."""
    try:
        try:
            return _run(argv)
        except Exception:
            check_interruption()  # Hydra goes on after a signal in the midst of composing, and then finds what is not there
            raise
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0 if error.code is None else FAILED
    except UserError as error:
        return _complain(error, error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return BROKEN_PIPE
    except OSError as error:
        return _complain(describe_os_error(error, "go on"), FAILED)
    except Exception as error:  # told apart by name: neither typer nor polars need be imported
        names = {kind.__name__ for kind in type(error).__mro__}
        if "ParameterError" in names:
            return _complain(error, USAGE)
        if "ClickException" in names:
            return _complain(_usage_error(error), USAGE)
        if "Abort" in names and type(error).__module__.startswith(("typer", "click")):
            return _complain("aborted", USAGE)
        if "PolarsError" in names:
            return _complain(f"a table cannot be read, it may be damaged: {error}", USAGE)
        raise


def help_text() -> str:
    """The text of ``offramp --help``."""
    return "\n".join([_USAGE, *(f"  {name:13} {line}" for name, line in COMMANDS.items())])


def _run(argv: list[str]) -> int:
    if not argv or argv[0] in ("--help", "-h"):
        print(help_text())
        return 0 if argv else USAGE
    if "--version" in argv:
        from sim import __version__

        print(f"offramp {__version__}")
        return 0
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UserError("the current directory no longer exists; change to another") from None
    if argv[0] in HYDRA:
        from experiments.cli.run import launch

        return launch(argv[0], argv[1:])
    return _run_ordinary(*(_HOME.sub(lambda match: match[1] + os.path.expanduser(match[2]), word) for word in argv))


def _run_ordinary(name: str, *arguments: str) -> int:
    """Run a command, whose module is imported now; UserError where a package it needs is missing."""
    if name not in COMMANDS:
        from experiments.config.overrides import nearest_name

        kind = "option" if name.startswith("-") else "command"
        raise UserError(f"{name}: no such {kind}{nearest_name(name, COMMANDS)}; see offramp --help")
    import typer
    from typer.main import get_command

    try:
        function = import_module(f"experiments.cli.{name}").command
    except ModuleNotFoundError as error:
        raise UserError(f"{name}: needs {error.name}, which is not installed") from None
    application = typer.Typer(add_completion=False, rich_markup_mode=None)
    application.command(name, context_settings={"help_option_names": ["--help", "-h"]})(function)
    code = get_command(application)(args=arguments, prog_name=f"offramp {name}", standalone_mode=False)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _usage_error(error: Any) -> str:
    """What is wrong with a command's arguments, in one sentence that names the help to read."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "offramp"
    return f"{command.removeprefix('offramp ')}: {message[:1].lower()}{message[1:]}; see {command} --help"


def _complain(error: object, code: int) -> int:
    print(f"offramp: {one_line(error)}", file=sys.stderr)
    return code
