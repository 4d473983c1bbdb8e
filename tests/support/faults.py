"""Studies as processes of their own, to be killed. Nothing sleeps: files, lines and ends of processes are awaited."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OFFRAMP = Path(sys.executable).with_name("offramp")
SMALL = ("mediation=facilitation", "citizens=2000", "horizon_days=1", "replicates=1500", "records=true")
"""A study of six chunks, each a fraction of a second long."""
FOREVER = 120_000
"""Milliseconds after which an awaited end counts as missing."""


class Begun:
    """A command at work; ``lines`` are what it has said on the error stream so far."""

    def __init__(self, *words: str | Path) -> None:
        self.process = subprocess.Popen(
            [OFFRAMP, *map(str, words)],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.lines: list[str] = []

    def said(self, word: str, times: int = 1) -> bool:
        """Read on until so many lines hold a word; false where the command ended before."""
        stream = self.process.stderr
        assert stream is not None
        while sum(word in line for line in self.lines) < times:
            line = stream.readline()
            if not line:
                return False
            self.lines.append(line)
        return True

    def workers(self) -> list[int]:
        """Its worker processes."""
        return [child for child in children(self.process.pid) if b"popen_loky" in command_line(child)]

    def ended(self) -> tuple[int, str, str]:
        """Exit code, output and errors of the command, once it has ended."""
        out, err = self.process.communicate(timeout=FOREVER / 1000)
        return self.process.returncode, out, "".join(self.lines) + err


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{parent}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


def command_line(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


class Watched:
    """Processes whose end can be awaited although they are not ours."""

    def __init__(self, processes: Sequence[int]) -> None:
        self.handles = [os.pidfd_open(process) for process in processes]

    def all_ended(self) -> bool:
        """Wait for the end of all of them; false where one lives on."""
        return all(self._ended(handle) for handle in self.handles)

    def _ended(self, handle: int) -> bool:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        try:
            return bool(poll.poll(FOREVER))
        finally:
            os.close(handle)


def kill(process: int) -> None:
    """Kill a process that this test started, if it is still there."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def tables(directory: Path) -> dict[str, bytes]:
    """All tables of a study, byte for byte."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*.parquet"))}
