"""One progress bar with rate and time left on a terminal, nothing elsewhere; a log file per study."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from experiments.terminal import on_terminal, screen

LOG = logging.getLogger("offramp")

Advance = Callable[[int], None]
"""To be called with how much more was done."""


@contextmanager
def progress_bar(title: str, total: int, unit: str = "crises", done: int = 0) -> Iterator[Advance]:
    """A function that moves a bar on a terminal, and shows nothing elsewhere; ``done`` is how much was done before."""
    if not on_terminal(sys.stderr):
        yield lambda done: None
        return
    from rich import progress as bars
    from rich.text import Text

    class Rate(bars.ProgressColumn):
        def render(self, task: bars.Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    counted = (bars.MofNCompleteColumn(), bars.TextColumn(unit), Rate(), bars.TimeRemainingColumn())
    columns = (bars.TextColumn("{task.description}"), bars.BarColumn(), *counted)
    with bars.Progress(*columns, console=screen(err=True), transient=True) as progress:
        yield partial(progress.advance, progress.add_task(title, total=total, completed=done))


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
