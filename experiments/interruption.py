"""Signals that end a command: Ctrl-C, a closed terminal, a batch system."""

from __future__ import annotations

import signal

ASKED: list[int] = []
"""The signals received so far."""


def listen() -> None:
    """Let SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt, but those this process was started to ignore."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def check() -> None:
    """Raise KeyboardInterrupt if a signal has come whose exception was swallowed, as in the import system."""
    if ASKED:
        raise KeyboardInterrupt


def _interrupt(number: int, frame: object) -> None:
    ASKED.append(number)
    raise KeyboardInterrupt
