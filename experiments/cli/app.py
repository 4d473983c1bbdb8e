"""The command ``offramp``: what it offers, each command loaded only when it is used."""

from __future__ import annotations

import atexit
import errno
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from experiments.errors import FAILED, INTERRUPTED, USAGE, UserError, describe_os_error, one_line
from experiments.interruption import ASKED, listen
from experiments.terminal import open_streams, output_failure

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("", "Simulate one scenario."),
    "sweep": ("", "Simulate a whole design in one study."),
    "compare": ("experiments.cli.compare", "Compare studies: figures, paired statistics, a table."),
    "trace": ("experiments.cli.trace", "Tell one crisis day by day."),
    "report": ("experiments.cli.report", "Write one self-contained HTML page."),
    "propositions": ("experiments.cli.propositions", "Test every claim of the source article."),
    "list": ("experiments.cli.list", "List what can be chosen and set, and the studies there are."),
    "calibrate": ("experiments.cli.calibrate", "Fit the population of disputes."),
    "cases": ("experiments.cli.cases", "Run every coded case side by side."),
    "objections": ("experiments.cli.objections", "Answer what may be held against the results, by runs."),
    "new": ("experiments.cli.new", "Write a commented template to fill in."),
    "extend": ("experiments.cli.extend", "Add replicates to a finished study."),
    "validate": ("experiments.cli.validate", "Check targets and coverage."),
}
HYDRA = ("run", "sweep")
NOBODY_LISTENS = 141
"""Exit code where the reader of the output went away, as shells report it."""

_AT_HOME = re.compile(r"^(--?[\w-]+=|)(~(?:/.*)?)$", re.DOTALL)
"""A path in the home directory that the shell has left as it was written, as in ``--output=~/x``."""

_USAGE = """\
Usage: offramp COMMAND [ARGUMENTS]

  Which mediation gives two governments an off-ramp, and how sure can we be?

Options:
  --help, -h  Show this message; offramp COMMAND --help shows a command's own.
  --version   Show the version.

Commands:"""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0, 1 (something failed), 2 (wrong request).

    Asked to end by a signal, it leaves with 128 and the signal's number, as shells have it.
    """
    leave = _Leaving()
    listen()
    open_streams()
    os.environ["PYTHONSAFEPATH"] = "1"  # no process started from here imports from the working directory
    os.environ["MPLBACKEND"] = "Agg"  # figures need no screen, and none that the environment names
    if not os.environ.get("POLARS_MAX_THREADS", "1").strip("+0"):
        del os.environ["POLARS_MAX_THREADS"]  # none at all would be no way to work
    leave.code = run_command(list(sys.argv[1:] if argv is None else argv))
    if leave.code == INTERRUPTED and ASKED:
        leave.code = 128 + ASKED[-1]
    elif leave.code == 0 and (failure := output_failure()):
        nobody = failure.errno == errno.EPIPE
        leave.code = NOBODY_LISTENS if nobody else _complain(describe_os_error(failure, "print everything"), FAILED)
    sys.exit(leave.code)


def run_command(argv: list[str]) -> int:
    """Run one command and return its exit code; errors of the user's are one line on standard error."""
    try:
        return _run(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else FAILED
    except UserError as error:
        return _complain(error, error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return NOBODY_LISTENS
    except OSError as error:
        return _complain(describe_os_error(error, "go on"), FAILED)
    except Exception as error:
        words = _in_one_line(error)
        if words is None:
            raise
        return _complain(words, USAGE)


def help_text() -> str:
    """What ``offramp --help`` says."""
    return "\n".join([_USAGE, *(f"  {name:13} {COMMANDS[name][1]}" for name in _offered())])


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
        raise UserError("the current directory is not there any more; change to another") from None
    name, rest = argv[0], argv[1:]
    if name not in COMMANDS:
        raise UserError(_unknown(name))
    if name in HYDRA:
        from experiments.cli.run import launch

        return launch(name, rest)
    return _run_typer(name, rest)


def _unknown(name: str) -> str:
    from experiments.config.overrides import nearest_name

    kind = "option" if name.startswith("-") else "command"
    return f"{name}: no such {kind}{nearest_name(name, _offered())}; see offramp --help"


def _run_typer(name: str, arguments: list[str]) -> int:
    """Run an ordinary command; what is wrong with its arguments is the caller's to say."""
    names = ["--help", "-h"]
    arguments = [_AT_HOME.sub(lambda found: found[1] + os.path.expanduser(found[2]), word) for word in arguments]
    code = _loaded(name)(args=arguments, prog_name=f"offramp {name}", standalone_mode=False, help_option_names=names)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _offered() -> Iterator[str]:
    """The commands that are part of this installation."""
    for name, (home, _) in COMMANDS.items():
        place = Path(__file__).parents[1].joinpath(*home.split(".")[1:])
        if name in HYDRA or place.with_suffix(".py").is_file() or (place / "__init__.py").is_file():
            yield name


def _in_one_line(error: Exception) -> str | None:
    """What to say of an error that is the user's to mend, or None for one of ours."""
    from sim.scenario import ParameterError

    kinds = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, ParameterError):
        return str(error)
    if "ClickException" in kinds:
        return _usage_error(error)
    if "Abort" in kinds and type(error).__module__.startswith(("typer", "click")):
        return "aborted"
    if "PolarsError" in kinds:
        return f"a table cannot be read, it may be damaged: {error}"
    return None


def _usage_error(error: Any) -> str:
    """What typer finds wrong with a command's arguments, as one sentence with the place to look."""
    said = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "offramp"
    return f"{command.removeprefix('offramp ')}: {said[:1].lower()}{said[1:]}; see {command} --help"


class _Leaving:
    """Ends an interrupted process without taking compiled libraries apart, which takes longer than one likes to wait.

    Registered before anything else, it comes last, after everybody has cleaned up.
    """

    def __init__(self) -> None:
        self.code = 0
        atexit.register(self._now)

    def _now(self) -> None:
        if ASKED and self.code == 128 + ASKED[-1]:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code)


def _complain(error: object, code: int) -> int:
    print(f"offramp: {one_line(error)}", file=sys.stderr)
    return code


def _loaded(name: str) -> Any:
    """The command of a module as a typer application."""
    import typer

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
