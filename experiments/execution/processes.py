"""Worker processes: started without waiting for them; they ignore SIGINT and end with their parent."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from multiprocessing import current_process
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from experiments.errors import END_SIGNALS, describe_os_error

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
UNUSED = ("networkx", "pandas")
"""What Mesa and Arrow load where it is installed, for graphs and tables that a simulation never asks for: over half of
the time that a worker takes to start."""
POSTPONED = (
    *("joblib", "mesa.experimental", "numpy.char", "numpy.f2py", "numpy.ma", "numpy.testing"),
    *("scipy.linalg", "scipy.special"),
)
"""What Mesa, SciPy, Numba and a pool of loky's own load and seldom use, and what is used by some of its names alone."""
PLAIN = {"scipy.special": ("_ufuncs", ("betaincinv", "ndtr", "ndtri"))}
"""Names that a package only passes on, and the part of it where they are: asked for them, it need not be loaded."""
LOADING_THEM = ("mesa", "pyarrow", "polars", "experiments", "sim")
"""Who loads them without need; compiled parts of Arrow do so in the name of whoever calls them."""
SHARED_MEMORY = "/dev/shm"
NO_ROOM = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOSYS, errno.ENOENT)
POOL_THREAD = "ExecutorManagerThread"
"""The name loky gives to a pool's thread."""
PATIENCE = 0.5
"""Seconds between two checks of the parent where the system does not signal its end."""


class NoProcesses(RuntimeError):
    """No process can be started from here; the message says why."""


def start_processes(processes: int, modules: Sequence[str], hidden: Sequence[str] = ()) -> ProcessPoolExecutor:
    """A pool of processes that start at once and load some modules, without being waited for.

    Parameters
    ----------
    processes : int
    modules : sequence of str
        What their tasks need. The order counts: Mesa loads in half the time when little else is loaded yet.
    hidden : sequence of str
        Packages that those modules load only if they are installed; in these processes they seem not to be.

    Raises
    ------
    NoProcesses
        Where this process may not start any, or the system has no shared memory left for them.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    if current_process().daemon:
        raise NoProcesses("a process of multiprocessing.Pool may start no others")
    pool = None
    try:
        with set_environment(WORKER_ENVIRONMENT), ignore_sigint():
            pool = ProcessPoolExecutor(
                processes, initializer=initialise, initargs=(os.getpid(), modules, hidden), env=WORKER_ENVIRONMENT
            )
            pool.submit(os.getpid)  # processes start with the first task
    except BaseException as error:
        if pool is not None:
            end_processes(pool)
        if isinstance(error, OSError):
            shared = error.errno in NO_ROOM
            doing = f"use {SHARED_MEMORY}, which processes share" if shared else "start processes"
            raise NoProcesses(describe_os_error(error, doing)) from None
        raise
    return pool


@contextmanager
def set_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the processes started meanwhile; restore the old ones afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in before.items() if value is not None})


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread where that can be set: many small problems are slower with more."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        yield
        return
    with threadpool_limits(1):
        yield


def end_processes(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool, whatever they are doing.

    The pool's own thread may still look for a task that was dropped and die of a KeyError; that is not printed.
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


def initialise(parent: int, modules: Sequence[str], hidden: Sequence[str] = ()) -> None:
    """Prepare a worker process; a module that cannot be loaded is left to the task that needs it."""
    follow_parent(parent)
    gc.set_threshold(100_000, 20, 20)  # as in the command itself: loading makes many objects, and all of them stay
    hide(hidden)
    postpone()
    for name in modules:
        with suppress(ImportError):
            import_module(name)


def hide(names: Sequence[str] = UNUSED) -> None:
    """Let packages seem not to be installed to :data:`LOADING_THEM`; whoever else imports them gets them."""
    sys.meta_path.insert(0, Hidden(names))


class Hidden(MetaPathFinder):
    """Finds nothing, and refuses the packages it is given to those that load them without need."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Nothing, so that the import goes on elsewhere; ModuleNotFoundError for what is hidden."""
        if fullname in self.names:
            frame: FrameType | None = sys._getframe(1)
            while frame and frame.f_globals.get("__name__", "").startswith("importlib"):
                frame = frame.f_back
            if frame and frame.f_globals.get("__name__", "").partition(".")[0] in LOADING_THEM:
                raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def postpone() -> None:
    """Let packages be loaded when something in them is first asked for, not when they are imported."""
    sys.meta_path.insert(0, Postponed())


class Postponed(MetaPathFinder):
    """Finds the packages of :data:`POSTPONED`, and leaves them empty at first."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The package with a loader that waits; None for all others."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname in POSTPONED else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Waiting(spec.loader)
        return spec


class _Waiting(Loader):
    """Loads a module when it is asked for a name that it does not have yet; unlike the standard library's lazy loader,
    not already when somebody looks where its file is, as Mesa does with all modules."""

    def __init__(self, loader: Loader) -> None:
        self.loader, self.lock, self.begun = loader, threading.RLock(), False

    def exec_module(self, module: ModuleType) -> None:
        def load(name: str) -> Any:
            if not name.startswith("__") or name == "__all__":
                part, names = PLAIN.get(module.__name__, ("", ()))
                if name in names:
                    with suppress(ImportError, AttributeError):  # another version may have it elsewhere
                        return getattr(import_module(f"{module.__name__}.{part}"), name)
                with self.lock:  # another thread waits until all names are there
                    if not self.begun:
                        self.begun = True
                        self.loader.exec_module(module)
                        if vars(module).get("__getattr__") is load:
                            del vars(module)["__getattr__"]
                if name in vars(module) or vars(module).get("__getattr__") not in (None, load):
                    return getattr(module, name)
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        module.__getattr__ = load  # type: ignore[method-assign]


def follow_parent(parent: int) -> None:
    """Ignore signals that end a command, and end with the parent, even where that is killed."""
    for number in END_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)
    if not _ask_to_die_with_parent():
        watch_parent(parent)
    if os.getppid() != parent:
        os._exit(1)


@cache
def watch_parent(parent: int) -> None:
    """End this process soon after its parent has ended; asked again, the one watch goes on."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PATIENCE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def ignore_sigint() -> Iterator[None]:
    """Let processes started meanwhile ignore SIGINT and its kin; this process receives them afterwards."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    received: list[int] = []
    before = {number: signal.signal(number, lambda number, _: received.append(number)) for number in END_SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in received:
            signal.raise_signal(number)


def _ask_to_die_with_parent() -> bool:
    """Ask Linux to kill this process with the thread that started it; False where that is not possible."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        return ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0) == 0  # PR_SET_PDEATHSIG
    except (OSError, AttributeError, ImportError):
        return False
