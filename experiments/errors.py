"""What ends a command: errors, with one line and an exit code, and signals."""

from __future__ import annotations

import signal
from importlib import import_module

USAGE = 2
FAILED = 1
INTERRUPTED = 130
END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a command: Ctrl-C, a batch system, a closed terminal. Its worker processes ignore them."""
SIGNALS: list[int] = []
"""Those received so far."""


class UserError(ValueError):
    """Something the user asked for cannot be done.

    The message is one line that names the key or file, its value and what is allowed; the exit code is 2 for a wrong
    request (nothing was made), 1 for work that could not be completed.
    """

    def __init__(self, message: str, exit_code: int = USAGE) -> None:
        super().__init__(one_line(message))
        self.exit_code = exit_code


def need(module: str, message: str) -> None:
    """UserError with a message where a module cannot be imported."""
    try:
        import_module(module)
    except ImportError:
        raise UserError(message) from None


def one_line(message: object) -> str:
    """A message without line breaks, its parts joined by semicolons."""
    parts = [" ".join(part.split()) for part in str(message).splitlines()]
    return "; ".join(part for part in parts if part)


def describe_os_error(error: OSError, doing: str) -> str:
    """One clear line for a full disk, a read-only directory and the like.

    ``doing`` completes the sentence "cannot ...".
    """
    reason = error.strerror or type(error).__name__
    where = f" {error.filename}" if error.filename else ""
    return f"cannot {doing}{where}: {reason.lower()}"


def listen() -> None:
    """Let signals that end a command raise KeyboardInterrupt, but those this process was started to ignore."""
    for number in END_SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def check_interruption() -> None:
    """Raise KeyboardInterrupt if a signal has come whose exception was swallowed, as in the import system."""
    if SIGNALS:
        raise KeyboardInterrupt


def _interrupt(number: int, frame: object) -> None:
    SIGNALS.append(number)
    raise KeyboardInterrupt
