"""What the designs of studies vary, and the arms that a report makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.comparison.arms import MOST_UNNAMED
from experiments.comparison.compare import Comparison
from experiments.comparison.sources import STUDY, Source
from experiments.statistics.response import LEVELS

_LABELS = ("arm", "varied", "draw", "structure", "title")
_FEWEST_LEVELS = 3


def name_of(source: Source, comparison: Comparison) -> str:
    """The name of a study: that of its arm where it is one, else that of its directory."""
    members = comparison.grouping.members
    arms = [arm for arm, points in members.items() if set(points[STUDY]) == {source.name}]
    return arms[0] if len(arms) == 1 and len(comparison.grouping.sources) > 1 else source.name


def factors_of(source: Source) -> list[str]:
    """Names of what a study's design varies; a factor that sets several parameters stands for them."""
    targets = {path for paths in ties_of(source).values() for path in paths}
    varied = [name for name in source.design.columns[1:] if source.design[name].n_unique() > 1]
    return [name for name in varied if name not in _LABELS and name not in targets]


def ties_of(source: Source) -> dict[str, list[str]]:
    """Factors that set several parameters at once -> the paths of these."""
    spec: Mapping[str, Any] = source.config.get("design") or {}
    return {
        name: [target if isinstance(target, str) else target["path"] for target in targets]
        for name, targets in (spec.get("tie") or {}).items()
    }


def arms_by(sources: Sequence[Source]) -> tuple[str, ...]:
    """The factors over which results are shown as curves or maps; none where the points themselves are the arms."""
    factors = factors_of(sources[0])
    if any(factors_of(source) != factors for source in sources[1:]) or "arm" in sources[0].design.columns:
        return ()
    levels = {name: max(source.design[name].n_unique() for source in sources) for name in factors}
    numeric = [name for name in factors if sources[0].design[name].dtype.is_numeric()]
    curves = any(levels[name] >= _FEWEST_LEVELS for name in numeric)
    few = sum(source.design.height for source in sources) <= MOST_UNNAMED
    if not factors or len(factors) > 2 or max(levels.values()) > LEVELS or (few and not curves):
        return ()
    together = (*factors, STUDY) if len(sources) > 1 else tuple(factors)
    return together if len(together) <= 2 else ()
