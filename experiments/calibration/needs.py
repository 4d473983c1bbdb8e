"""Optional libraries: one clear line where one is missing."""

from __future__ import annotations

from importlib import import_module

from experiments.errors import UserError

EXTRAS = {"sklearn": "calibrate", "SALib": "calibrate", "torch": "neural", "sbi": "neural"}


def need(module: str, package: str | None = None) -> None:
    """Raise UserError in one line unless a module can be imported."""
    try:
        import_module(module)
    except ImportError:
        raise UserError(f"calibrate: needs {package or module}, which is not installed; it comes with the extra "
                        f"`{EXTRAS[module]}`") from None
