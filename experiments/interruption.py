"""Signals that ask a command to end: Ctrl-C, the end of a terminal, a batch system."""

from __future__ import annotations

import signal

ASKED: list[int] = []
"""The signals that came so far."""


def listen() -> None:
    """Let every signal that asks this process to end raise KeyboardInterrupt, but those it was started to ignore."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def check() -> None:
    """KeyboardInterrupt where a signal came, but what it raised got lost, as in a callback of the import system."""
    if ASKED:
        raise KeyboardInterrupt


def _interrupt(number: int, frame: object) -> None:
    ASKED.append(number)
    raise KeyboardInterrupt
