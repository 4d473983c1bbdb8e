"""Which figures a search leaves, with the data each draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from experiments.decide.levers import Policy
from experiments.decide.plan import COST

if TYPE_CHECKING:
    from experiments.decide.search import Result
    from experiments.figures.lazy_figures import Sketch


def sketches(result: Result, policies: Sequence[Policy], tables: Mapping[str, pl.DataFrame]) -> dict[str, Sketch]:
    """Figure by name: the front, levers in parallel, hypervolume by generation, levers against objectives."""
    from experiments.figures.search import front, levers_against, parallel, progress

    plan = result.plan
    made: dict[str, Sketch] = {}
    words = {name: (item.label, item.kind) for name, item in plan.metrics.items()}
    levers = [lever.path for lever in plan.levers]
    positions = {lever.path: [lever.scaled(policy[lever.path]) for policy in policies] for lever in plan.levers}
    if result.judged is not None:
        made["front"] = partial(front, result.judged.front, result.judged.arms, words)
        ends: dict[str, tuple[Any, Any]] = {
            lever.path: (lever.values[0], lever.values[-1]) if lever.values else (lever.low, lever.high)
            for lever in plan.levers
        }
        shown = result.judged.front
        places = [[positions[path][number] for path in levers] for number in shown["policy"]]
        made["levers"] = partial(parallel, shown, places, ends, next(iter(words.items())))
    if tables["progress"].height:
        made["progress"] = partial(progress, tables["progress"])
    numeric = [lever.path for lever in plan.levers if not any(isinstance(value, str) for value in lever.values)]
    seen = [f"{own.name}_seen" for own in plan.objectives if own.name != COST]
    if numeric and seen:
        made["levers_against_objectives"] = partial(levers_against, tables["candidates"], numeric, seen, words)
    return made
