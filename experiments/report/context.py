"""The studies of a report, the factors they vary, and their comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from experiments.comparison.arms import MEDIATORS, MOST_UNNAMED
from experiments.comparison.compare import Comparison, compare
from experiments.comparison.sources import STUDY, Source, open_sources
from experiments.statistics.contrasts import LEVELS
from experiments.study.directory import Study

_LABELS = ("arm", "varied", "draw", "structure", "title")
_FEWEST_LEVELS = 3


@dataclass(frozen=True)
class ReportContext:
    """Some studies to be reported together.

    ``by`` names the settings whose values make the arms; empty where each study, or point, is an arm of its own;
    ``left_out`` says what is wrong with studies that cannot be read.
    """

    sources: tuple[Source, ...]
    by: tuple[str, ...]
    comparison: Comparison
    left_out: tuple[str, ...] = ()

    @property
    def studies(self) -> list[Study]:
        """The studies as they lie on disk."""
        return [study for source in self.sources for study in source.results.studies]

    @property
    def crises(self) -> int:
        """Crises simulated in all."""
        return sum(source.outcomes.height for source in self.sources)

    def name(self, source: Source) -> str:
        """The name of a study: that of its arm where it is one, else that of its directory."""
        members = self.comparison.grouping.members
        own = [arm for arm, points in members.items() if set(points[STUDY]) == {source.name}]
        return own[0] if len(own) == 1 and len(self.sources) > 1 else source.name


def gather(directories: Iterable[str | Path], figures: bool = True) -> ReportContext:
    """Open studies, or directories of studies, and compare them the way their design asks for, drawn or not.

    Raises
    ------
    UserError
        Where there is no study, or nothing was simulated yet.
    """
    places = list(directories)
    sources, left_out = open_sources(places)
    by = arms_by(sources)
    return ReportContext(tuple(sources), by, compare(places, by=by, figures=figures), tuple(left_out))


def factors_of(source: Source) -> list[str]:
    """Names of what a study's design varies; a factor that sets several parameters stands for them."""
    tied = ties_of(source)
    targets = {path for paths in tied.values() for path in paths}
    varied = [name for name in source.design.columns[1:] if source.design[name].n_unique() > 1]
    return [name for name in varied if name not in _LABELS and name not in targets]


def ties_of(source: Source) -> dict[str, list[str]]:
    """Factors that set several parameters at once -> the paths of these."""
    spec: Mapping[str, Any] = source.results.config.get("design") or {}
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


def without_mediator(source: Source) -> pl.DataFrame:
    """``point, talks`` of the points of a study at which no mediator exists."""
    table = pl.DataFrame({"point": source.design["point"], "talks": source.setting("talks.present")})
    present = [any(row) for row in zip(*(source.setting(name) for name in MEDIATORS), strict=True)]
    return table.filter(~pl.Series(present, dtype=pl.Boolean))


def all_bare(context: ReportContext) -> bool:
    """Whether no mediator exists anywhere in these studies."""
    return all(without_mediator(source).height == source.design.height for source in context.sources)


def text_of(package: str, name: str) -> str:
    """The text of a file that comes with a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")
