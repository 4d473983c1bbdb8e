"""Processes of our own: started without waiting for them, deaf to Ctrl-C, and gone as soon as their parent is."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS",
              "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS", "POLARS_MAX_THREADS")
DIE_WITH_PARENT = 1
"""The request of Linux's `prctl` for a signal when the parent ends."""
POOL_THREAD = "ExecutorManagerThread"
"""What loky calls the thread that hands a pool its tasks."""
PATIENCE = 0.5
"""Seconds between two looks at the parent where the system does not tell of its end."""


def started(processes: int, modules: Sequence[str]) -> ProcessPoolExecutor:
    """Processes that begin at once to load some modules, while their parent goes on with something else.

    Parameters
    ----------
    processes : int
    modules : sequence of str
        What their work will need. The order counts: Mesa loads in half the time when little else is loaded yet.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    pool = ProcessPoolExecutor(processes, initializer=begin, initargs=(os.getpid(), tuple(modules)),
                               env=dict.fromkeys(ONE_THREAD, "1"))
    with deaf_children():
        pool.submit(os.getpid)  # processes start with the first task
    return pool


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
    """Leave Ctrl-C to the parent and do not outlive it, not even when it is killed and there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
    """Processes started meanwhile do not hear Ctrl-C; it is for this process to end them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _dies_with_parent() -> bool:
    """Ask Linux to kill this process with the thread that started it; False where nobody can be asked."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        return ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0) == 0
    except (OSError, AttributeError, ImportError):
        return False
