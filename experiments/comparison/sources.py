"""Studies as lanes with everything that was set beside them, so that any setting can tell arms apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from experiments.design.posterior import NOTHING
from experiments.errors import UserError
from experiments.study.directory import Study
from experiments.study.parts import TABLES
from experiments.study.results import Results, check_part, find_studies
from experiments.text import printable

MACHINERY = ("experiment", "backend")
"""Choices that say how a study was made, not what was simulated."""

NAMES = ("point", "arm", "name", "title", "draw", "structure", "varied")
"""Columns of a design that name its points, and set nothing."""

SETTINGS = ("seed", "horizon_days", "citizens", "luck", "uncertainty")
STUDY = "study"
NEAR = 0.7
"""How alike a name must be to one that is known to be suggested for it, 0 to 1; as `nope` is not to `name`."""

FIRST = ("scenario", "mediation", "talks", "alliance")
"""Choices named first in the label of an arm."""


class Source(Results):
    """The tables of one study, labelled with the short name of its directory that is unique among the studies compared."""

    @property
    def study(self) -> Study:
        """The study as it lies on disk."""
        return self.studies[0]

    @property
    def name(self) -> str:
        """Its short name."""
        return self.labels[0]

    @cached_property
    def bases(self) -> list[dict[str, Any]]:
        """Everything set in each of the base scenarios: choices, parameter values, settings of the study."""
        study = {key: value for key, value in (self.manifest.get("choices") or {}).items() if key not in MACHINERY}
        study |= {name: self.config.get(name) for name in SETTINGS}
        bases = ({**study, **entry.get("values", {}), **entry.get("choices", {})} for entry in self._entries)
        # Hydra prints a choice with its group where it is moved, as in `public@public.b`.
        return [{key.rsplit("@", 1)[-1]: value for key, value in base.items()} for base in bases]

    @property
    def _entries(self) -> list[dict[str, Any]]:
        return self.manifest.get("scenarios") or [{}]

    @cached_property
    def base_of_point(self) -> list[int]:
        """Number of the base scenario of each point."""
        if len(self._entries) == 1:
            return [0] * self.design.height
        groups = [name for name in self._entries[0]["choices"] if name in self.design.columns]
        numbers = {tuple(entry["choices"][name] for name in groups): at for at, entry in enumerate(self._entries)}
        return [numbers[row] for row in self.design.select(groups).iter_rows()]

    @cached_property
    def known(self) -> dict[str, None]:
        """Names of everything that can tell arms apart, in order."""
        first = [name for name in FIRST if name in self.bases[0]]
        return dict.fromkeys([*first, *self.design.columns[1:], *self.bases[0], STUDY])

    @property
    def ties(self) -> dict[str, list[str]]:
        """Factors that set several parameters at once -> the paths of these."""
        ties: Mapping[str, Any] = (self.config.get("design") or {}).get("tie") or {}
        return {
            factor: [target if isinstance(target, str) else target["path"] for target in targets]
            for factor, targets in ties.items()
        }

    @property
    def factors(self) -> list[str]:
        """Names of what the design varies; a factor that sets several parameters stands for them."""
        tied = {path for paths in self.ties.values() for path in paths}
        varied = [name for name in self.design.columns[1:] if self.design[name].n_unique() > 1]
        return [name for name in varied if name not in (*NAMES, *tied)]

    def setting(self, name: str) -> list[Any]:
        """Return the value of a setting at each point; UserError for a name that is none."""
        if name == STUDY:
            return [self.name] * self.design.height
        self.require([name])
        fallback = [self.bases[at].get(name) for at in self.base_of_point]
        if name not in self.design.columns:
            return fallback
        values = self.design[name].to_list()
        return [base if value is None else value for value, base in zip(values, fallback, strict=True)]

    def require(self, names: Iterable[str], option: str = "", outcomes: bool = False) -> None:
        """UserError for a name that is no setting, nor an outcome where those are allowed, with one really near it."""
        known = [*self.known, *(self.outcomes.columns if outcomes else ())]
        for name in names:
            if name in known:
                continue
            ends = [path for path in known if path.endswith(f".{name}")]
            near = [*ends, *get_close_matches(name, known, 1, NEAR)]
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UserError(f"{option} {name}: not a factor or setting of {self.name}{hint}".lstrip())

    def settings(self, names: Sequence[str]) -> pl.DataFrame:
        """Return `point` and the named settings, a row a point; numbers without the noise of their last digit."""
        values = {name: [without_noise(value) for value in self.setting(name)] for name in names}
        return pl.DataFrame({"point": self.design["point"], **values}, strict=False)

    @property
    def draws(self) -> pl.Series | None:
        """Number of the draw of uncertain parameters at each point, Int64 (points,); None where nothing was drawn."""
        drawn = str(self.config.get("uncertainty", NOTHING[0])).partition(":")[0] not in NOTHING
        return self.design["draw"].cast(pl.Int64) if drawn and "draw" in self.design.columns else None

    @property
    def horizon(self) -> int:
        """Days simulated."""
        return int(self.config["horizon_days"])

    @property
    def luck(self) -> str:
        """Seed and luck setting, which key random numbers besides a lane's luck: studies that agree in both share luck."""
        return f"{self.config.get('seed')}/{self.config.get('luck')}"


def open_sources(directories: Iterable[str | Path]) -> tuple[list[Source], list[str]]:
    """Open every study in some directories, in the order given; what is wrong with those left out is said beside.

    UserError where a directory holds no study, or no study can be read.
    """
    places = [place for directory in directories for place in find_studies(Path(directory))]
    if not places:
        raise UserError("no directory given")
    sources, left_out = [], []
    for name, place in zip(_names(places), places, strict=True):
        try:
            sources.append(_opened(name, place))
        except UserError as error:
            left_out.append(error)
    if not sources:
        more = f" (and {len(left_out) - 1} more studies cannot be read)" if len(left_out) > 1 else ""
        raise UserError(f"{left_out[0]}{more}", left_out[0].exit_code)
    return sources, [f"Left out: {error}." for error in left_out]


def _opened(name: str, place: Path) -> Source:
    """A study all of whose tables can be opened and whose outcomes can be read."""
    study = Study.open(place)
    source = Source((study,), (name,))
    if "horizon_days" not in study.tree:
        raise UserError(f"{place}: config.yaml is damaged (it lacks horizon_days)")
    for table in TABLES:
        for part in sorted((place / table).glob("part-*.parquet")):
            check_part(study, part)
    try:
        empty = source.outcomes.is_empty() or source.design.is_empty()
        source.failures  # noqa: B018  (read on its first use)
    except pl.exceptions.PolarsError as error:
        raise UserError(
            f"{place}: a table cannot be read, it may be damaged ({error}); to make it anew: {study.resumption}"
        ) from None
    if empty:
        raise UserError(f"{source.name}: holds no outcomes yet (state {study.manifest.get('state')})")
    return source


def _names(places: Sequence[Path]) -> list[str]:
    """Shortest endings of the paths that tell the studies apart; the same study given twice is numbered."""
    resolved = [place.resolve() for place in places]
    for depth in range(1, 6):
        names = [printable("/".join(path.parts[-depth:])) for path in resolved]
        if len(set(names)) == len(names):
            return names
    return [f"{printable(path.name)} ({number})" for number, path in enumerate(resolved, 1)]


def without_noise(value: Any) -> Any:
    """A number rounded to 15 significant digits, as it is read and shown: .3 for .30000000000000004."""
    return float(f"{value:.15g}") if isinstance(value, float) else value
