"""Offramp's model: an escalation crisis between two governments, their publics, allies and mediators.

The package is a library of its own. It knows no configuration files, no results directories and no
figures. Names are loaded on first use, so that ``import sim`` and ``import sim.scenario`` stay cheap.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "Crisis": "sim.crisis",
    "Outcomes": "sim.outputs.outcomes",
    "Points": "sim.engine.lanes",
    "Scenario": "sim.scenario",
    "simulate": "sim.ensemble",
    "simulate_chunks": "sim.ensemble",
}
__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
