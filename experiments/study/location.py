"""Directories of results: paths as users write them, directories that appear whole or not at all, and locks on them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from experiments.errors import FAILED, UserError, describe_os_error
from experiments.files import PARTIAL, sync_folder

MANIFEST = "manifest.json"
"""The file that makes a directory a study."""
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


def user_path(text: str | os.PathLike[str]) -> Path:
    """A path as the user wrote it, ``~`` being the home directory there as in a shell."""
    written = os.fspath(text)
    place = os.path.expanduser(written)
    if written.startswith("~") and place == written:
        raise UserError(f"{written}: no such user, or no home directory; ./{written} is a directory of that name")
    return Path(place)


def shortest(directory: Path) -> Path:
    """The directory as a user would type it."""
    try:
        return directory.relative_to(Path.cwd())
    except (ValueError, OSError):
        return directory


def default_directory(label: str) -> Path:
    """The directory of results where the user names none: ``outputs/LABEL/TIME``."""
    return Path("outputs") / label / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")


def candidates(directory: Path, exact: bool) -> Iterator[Path]:
    """A directory alone where the user named it, else free names next to it as well; UserError after the last."""
    for number in range(1, 2 if exact else 10_000):
        place = directory if number == 1 else directory.with_name(f"{directory.name}_{number}")
        if not os.path.lexists(place) or exact and is_free(place):
            yield place
    if exact:
        raise taken(directory)
    raise UserError(f"{directory}: no free name left")


def taken(place: Path) -> UserError:
    """The error for a directory that holds something."""
    study = f", or resume={place} to complete the study in it" if (place / MANIFEST).exists() else ""
    return UserError(f"{place}: exists already; choose another directory{study}")


def is_free(place: Path) -> bool:
    """Whether a directory exists and is empty, or holds only what a killed process had not finished."""
    try:
        return place.is_dir() and all(name.startswith(".") and name.endswith(PARTIAL) for name in os.listdir(place))
    except OSError as error:
        raise UserError(describe_os_error(error, "read")) from None


def create_directory(directory: Path, exact: bool) -> Path:
    """Create a directory that must not hold anything yet, or one of those in :func:`candidates`, and return it."""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        for place in candidates(directory, exact):
            with suppress(FileExistsError):
                place.mkdir()
                return place
            if exact:
                return place
    except OSError as error:
        raise UserError(describe_os_error(error, "make the directory")) from None
    raise taken(directory)


def create_whole(directory: Path, exact: bool, what: str, fill: Callable[[Path, Path], object]) -> Path:
    """The directory, or one of those in :func:`candidates`, that appeared with all its files, or not at all.

    ``fill(partial, place)`` writes into a hidden directory what will stand in ``place``; ``what`` is the word for it.
    """
    for place in candidates(directory, exact):
        try:
            with appearing_whole(place) as partial:
                fill(partial, place)
            return place
        except FileExistsError:
            continue
        except OSError as error:
            plain = OSError(error.errno, error.strerror, str(place))
            raise UserError(describe_os_error(plain, f"write the {what}"), FAILED) from None
    raise taken(directory)


@contextmanager
def appearing_whole(place: Path) -> Iterator[Path]:
    """A hidden directory to fill, which becomes ``place`` in one step; after an error nothing is left of it.

    An empty directory that is there already is filled and kept, since it may be a mounted disk, a link or the
    directory that the user is in: files are then moved into it one by one, the manifest last.

    Raises
    ------
    FileExistsError
        Where there is something already.
    """
    existing = is_free(place)
    if os.path.lexists(place) and not existing:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    missing = [] if existing else [parent for parent in place.parents if not parent.exists()]
    partial = (place if existing else place.parent) / f".{uuid4().hex}{PARTIAL}"
    try:
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.mkdir()
        except OSError as error:
            where = place if error.filename in (None, str(partial)) else error.filename
            plain = OSError(error.errno, error.strerror, str(where))
            raise UserError(describe_os_error(plain, "make the directory")) from None
        yield partial
        if existing:
            _move(partial, place)
        else:
            os.rename(partial, place)
        sync_folder(place.parent)
    except BaseException as error:
        _remove(partial, missing)
        if isinstance(error, OSError) and error.errno in _TAKEN and os.path.lexists(place):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place)) from None
        raise
    if existing:
        _remove(partial, [])


def _move(partial: Path, place: Path) -> None:
    """Move files into a directory, the manifest last; FileExistsError where another process was first."""
    names = sorted(os.listdir(partial), key=lambda name: (name == MANIFEST, name))
    try:
        (place / names[0]).touch(exist_ok=False)
        for name in names:
            os.replace(partial / name, place / name)
    except FileExistsError:
        raise
    except BaseException:
        for name in names:
            (place / name).unlink(missing_ok=True)
        raise


def _remove(partial: Path, missing: list[Path]) -> None:
    shutil.rmtree(partial, ignore_errors=True)
    for parent in missing:
        with suppress(OSError):
            parent.rmdir()


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
