"""Errors that end a command with one line and an exit code."""

from __future__ import annotations

from importlib import import_module

USAGE = 2
FAILED = 1
INTERRUPTED = 130


class UserError(ValueError):
    """Something the user asked for cannot be done; the message is one line and says what would do.

    Parameters
    ----------
    message : str
        One line that names the key or file, its value and what is allowed.
    exit_code : int
        2 for a wrong request (nothing was made), 1 for work that could not be completed.
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
