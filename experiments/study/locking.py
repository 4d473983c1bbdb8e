"""Locks, so that one process at a time works on a study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.errors import UserError

try:
    import fcntl
except ImportError:  # no such locks outside Unix, where creating a fresh directory has to do
    fcntl = None  # type: ignore[assignment]


@contextmanager
def study_lock(directory: Path) -> Iterator[None]:
    """Lock a study; UserError if another process has locked it. The lock of a killed process is released."""
    with open(directory / "study.log", "a", encoding="utf-8") as held:
        if fcntl is not None:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"{directory}: another process is working on this study") from None
            except OSError:  # file systems without locks
                pass
        yield


def is_held(directory: Path) -> bool:
    """Whether a process works on a study; false where there are no locks to tell."""
    if fcntl is None:
        return False
    try:
        with open(directory / "study.log", "rb") as log:
            fcntl.flock(log, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    return False
