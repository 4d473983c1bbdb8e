"""Processes of our own: started without waiting for them, deaf to Ctrl-C, and gone as soon as their parent is."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import current_process
from typing import TYPE_CHECKING

from experiments.errors import describe_os_error

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
WORKER_ENVIRONMENT = {**dict.fromkeys(ONE_THREAD, "1"), "PYTHONSAFEPATH": "1"}
"""One thread a worker, and nothing is imported from the directory it is started in."""
SHARED_MEMORY = "/dev/shm"
NO_ROOM = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOSYS, errno.ENOENT)
LEFT_TO_PARENT = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a command, which its worker processes leave to it."""
DIE_WITH_PARENT = 1
"""The request of Linux's `prctl` for a signal when the parent ends."""
POOL_THREAD = "ExecutorManagerThread"
"""What loky calls the thread that hands a pool its tasks."""
PATIENCE = 0.5
"""Seconds between two looks at the parent where the system does not tell of its end."""


class NoProcesses(RuntimeError):
    """No process can be started from here; the message says why."""


def started(processes: int, modules: Sequence[str]) -> ProcessPoolExecutor:
    """Processes that begin at once to load some modules, while their parent goes on with something else.

    Parameters
    ----------
    processes : int
    modules : sequence of str
        What their work will need. The order counts: Mesa loads in half the time when little else is loaded yet.

    Raises
    ------
    NoProcesses
        Where this process may not start any, or the system has no room for what connects them.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    if current_process().daemon:
        raise NoProcesses("a process of multiprocessing.Pool may start no others")
    pool = None
    try:
        with set_environment(WORKER_ENVIRONMENT), deaf_children():
            pool = ProcessPoolExecutor(
                processes, initializer=begin, initargs=(os.getpid(), tuple(modules)), env=WORKER_ENVIRONMENT
            )
            pool.submit(os.getpid)  # processes start with the first task
    except BaseException as error:
        if pool is not None:
            ended(pool)
        if isinstance(error, OSError):
            raise NoProcesses(
                describe_os_error(
                    error,
                    f"use {SHARED_MEMORY}, which processes share" if error.errno in NO_ROOM else "start processes",
                )
            ) from None
        raise
    return pool


@contextmanager
def set_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Environment variables that processes started meanwhile inherit."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def ended(pool: ProcessPoolExecutor) -> None:
    """End the processes, whatever they are doing.

    A task that was on its way to them just then is dropped, but the pool's own thread may still look for it, and dies
    of that with the processes already gone: nothing that anybody has to hear of.
    """
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not (args.exc_type is KeyError and args.thread and args.thread.name == POOL_THREAD):
            before(args)

    threading.excepthook = hook
    try:
        pool.shutdown(wait=True, kill_workers=True)
    finally:
        threading.excepthook = before


def begin(parent: int, modules: Sequence[str]) -> None:
    """What a process does first; a module that cannot be loaded is left for the task that needs it to complain of."""
    stay_with(parent)
    for name in modules:
        try:
            import_module(name)
        except ImportError:
            pass


def stay_with(parent: int) -> None:
    """Leave signals that end a command to the parent and do not outlive it, not even when it is killed."""
    for number in LEFT_TO_PARENT:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, LEFT_TO_PARENT)
    if not _dies_with_parent():
        watch(parent)
    if os.getppid() != parent:
        os._exit(1)


def watch(parent: int) -> None:
    """End this process soon after its parent has ended."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(PATIENCE)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes started meanwhile do not hear what ends a command; this one hears it afterwards, and ends them."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in LEFT_TO_PARENT}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, LEFT_TO_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def _dies_with_parent() -> bool:
    """Ask Linux to kill this process with the thread that started it; False where nobody can be asked."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        return ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0) == 0
    except (OSError, AttributeError, ImportError):
        return False
