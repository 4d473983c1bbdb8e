"""What is measured, how large, and what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Measure:
    """One promise about speed.

    ``module.function`` measures it; it is given a ``scale`` in (0, 1] by which its size may be reduced. The value must
    be ``at_least`` or at most the target.
    """

    target: float
    at_least: bool
    meaning: str
    module: str
    function: str

    def value(self, scale: float) -> float:
        """Measure it."""
        measure: Callable[[float], float] = getattr(import_module(f"benchmarks.{self.module}"), self.function)
        return measure(scale)

    def met(self, value: float) -> bool:
        """Whether a value is as good as wanted."""
        return value >= self.target if self.at_least else value <= self.target


MEASURES: dict[str, Measure] = {
    "help_seconds": Measure(0.6, False, "seconds until offramp --help has answered", "startup", "help_seconds"),
    "run_over_loading": Measure(
        1.6,
        False,
        "time of a small offramp run over that of a plain process that loads the model, polars and Hydra",
        "startup",
        "run_over_loading",
    ),
    "against_plain_mesa": Measure(
        400,
        True,
        "citizen-days a second and core, simulate() over the plain Mesa oracle",
        "engine",
        "against_plain_mesa",
    ),
    "against_bare_kernels": Measure(
        1.5, False, "time of simulate() over that of its own compiled loops alone", "engine", "against_bare_kernels"
    ),
    "lane_day_units": Measure(
        6,
        False,
        "a lane-day at default citizens, in 1,000 evaluations by the bare logistic kernel",
        "engine",
        "lane_day_units",
    ),
    "approval_error": Measure(
        0.2, False, "error of mean approval, 128 even citizens over 500 independent ones", "sampling", "approval_error"
    ),
    "step_error": Measure(0.2, False, "the same of its change by one step down", "sampling", "step_error"),
    "protest_error": Measure(1, False, "the same of the share in the street", "sampling", "protest_error"),
    "street_error": Measure(1, False, "the same of what protesters add to a step down", "sampling", "street_error"),
    "twice_the_lanes": Measure(2.1, False, "time of 2,000 lanes over that of 1,000", "engine", "twice_the_lanes"),
    "another_point_ms": Measure(
        1.0, False, "milliseconds a point more costs in a sweep, beyond its simulation", "studies", "another_point_ms"
    ),
    "two_workers": Measure(1.8, True, "time of one warm worker over that of two", "studies", "two_workers"),
    "memory_growth": Measure(
        1.05, False, "peak memory of 200,000 lanes over that of 50,000", "studies", "memory_growth"
    ),
    "page_answer_seconds": Measure(
        2.0,
        False,
        "seconds until the page of offramp view answers with two arms of 300 crises of 120 days, nothing kept",
        "page",
        "answer_seconds",
    ),
}
"""Name -> what it promises, the quick ones first."""
