"""The directory a comparison is written to: files are moved into it once all of them are made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.errors import FAILED, USAGE, UserError, describe_os_error
from experiments.study.parts import TABLES

_DOING = "write the comparison"
_PREFIX = ".compare-"


def check_place(directory: Path) -> None:
    """UserError for a directory that is a study or one of its tables, or that cannot be made or written; makes nothing."""
    if (directory / "manifest.json").exists():
        raise UserError(f"{directory}: holds a study; choose another directory, such as {directory / 'figures'}")
    if directory.name in TABLES and (directory.parent / "manifest.json").exists():
        raise UserError(f"{directory}: holds a table of a study; choose another directory")
    there = next(place for place in (directory, *directory.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise UserError(f"cannot {_DOING} {directory}: {there} is not a directory")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"cannot {_DOING} {directory}: {there} cannot be written")


@contextmanager
def filled(directory: Path) -> Iterator[Path]:
    """Give a place to write files to, and put them into a directory once all are there.

    Files are moved one by one: each is whole, but a process killed in the midst of moving leaves some of them beside
    those of an earlier comparison. What such a process left of its own place to write to is removed first.

    Raises
    ------
    UserError
        With exit code 2 where the directory cannot be made, 1 where it cannot hold the files; what could not be made
        is left as it was found.
    """
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    code = USAGE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for left in directory.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=_PREFIX, dir=directory, ignore_cleanup_errors=True) as place:
            code = FAILED
            yield Path(place)
            for path in sorted(Path(place).iterdir()):
                os.replace(path, directory / path.name)
    except OSError as error:
        raise UserError(describe_os_error(error, _DOING), code) from None
    finally:
        for made in missing:
            with suppress(OSError):
                made.rmdir()
