"""What one does with the model: command line, designs, execution, store, statistics, figures, report."""

from importlib import import_module
from typing import Any

_HOME = {
    "simulate": "experiments.api",
    "sweep": "experiments.api",
    "search": "experiments.api",
    "robustness": "experiments.decide.robust",
    "discover": "experiments.decide.discover",
    "load": "experiments.study.results",
    "compare": "experiments.comparison.compare",
    "Results": "experiments.study.results",
    "Study": "experiments.study.directory",
    "UserError": "experiments.errors",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name not in _HOME:
        raise AttributeError(f"module 'experiments' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), "robust" if name == "robustness" else name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
