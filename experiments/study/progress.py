"""One progress bar with rate and time left on a terminal, nothing elsewhere; a log file per study."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from experiments.terminal import on_terminal, screen

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID

LOG = logging.getLogger("offramp")


class Meter(Protocol):
    """Counts work done."""

    def advance(self, done: int) -> None: ...


class _Silent:
    def advance(self, done: int) -> None:
        """Show nothing."""


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, done: int) -> None:
        """Move the bar."""
        self._progress.advance(self._task, done)


@contextmanager
def progress_bar(title: str, total: int, unit: str = "crises", done: int = 0) -> Iterator[Meter]:
    """A bar on a terminal, or a meter that shows nothing elsewhere.

    Parameters
    ----------
    title, unit : str
        What is being done, and what is counted.
    total, done : int
        How much there is to do, and how much was done before.
    """
    if not on_terminal(sys.stderr):
        yield _Silent()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        _rate_column(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen(err=True), transient=True) as progress:
        yield _Bar(progress, progress.add_task(title, total=total, completed=done))


class _LogFile(logging.FileHandler):
    """A log that falls silent where nothing more can be written: whoever writes the results says so."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass

    def close(self) -> None:
        with suppress(OSError):
            super().close()


@contextmanager
def study_log(directory: Path, verbose: bool = False) -> Iterator[logging.Logger]:
    """Log to ``study.log`` in a directory, and to the terminal as well when ``verbose``."""
    handlers: list[logging.Handler] = [_LogFile(directory / "study.log", encoding="utf-8")]
    if verbose:
        handlers.append(logging.StreamHandler(sys.stderr))
    level = LOG.level
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
        LOG.addHandler(handler)
    LOG.setLevel(logging.DEBUG if verbose else logging.INFO)
    LOG.propagate = False
    try:
        yield LOG
    finally:
        LOG.setLevel(level)
        for handler in handlers:
            LOG.removeHandler(handler)
            handler.close()


def _rate_column() -> ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        """Work per second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    return Rate()
