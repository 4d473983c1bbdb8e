"""Optional libraries, and an error in one line where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from experiments.errors import UserError

EXTRAS = {"sklearn": "calibrate", "SALib": "calibrate"}


def need(module: str, package: str | None = None) -> None:
    """Raise UserError in one line unless a module can be imported."""
    try:
        import_module(module)
    except ImportError:
        raise UserError(
            f"calibrate: needs {package or module}, which is not installed; it comes with the extra `{EXTRAS[module]}`"
        ) from None


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: many small problems are slower, and less repeatable, with more."""
    need("sklearn", "scikit-learn")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
