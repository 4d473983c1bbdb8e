"""Arms of a comparison: which lanes are set against which, what they are called, and which luck they share.

Filters that people type are read as polars SQL expressions and never evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from experiments.comparison.sources import NAMES, STUDY, Source, without_noise
from experiments.errors import UserError
from experiments.statistics.arms import CELL, DRAW, UNIT, Arm
from experiments.statistics.contrasts import LEVELS
from experiments.statistics.metrics import common_horizon
from experiments.statistics.vocabulary import SEVERITIES
from experiments.text import printable, texts_apart

MOST_UNNAMED = 12
"""Points that become arms of their own when no factor is named."""

FEWEST_LEVELS = 3
"""Levels of a number from which on it is worth a curve."""

LONGEST_LABEL = 4
MEDIATORS = ("mediation.present", "mediation.second.present", "mediation.third.present")
ARM = "_arm"
"""Column of the lanes that names their arm."""
_TOKENS = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|(?<![\w.])\d*\.\d+(?:[eE][-+]?\d+)?(?![\w.])")


@dataclass(frozen=True)
class Grouping:
    """Lanes of the ``sources`` sorted into arms; ``lanes`` holds all of them, with the ``factors`` named.

    ``members`` holds each arm's points, `study, point` among their columns; ``unmediated`` and ``placebo`` name the arms
    in which no mediator exists, and those in which the placebo is the mediator.
    """

    sources: Sequence[Source]
    arms: list[Arm]
    members: dict[str, pl.DataFrame]
    unmediated: list[str]
    placebo: list[str]
    lanes: pl.DataFrame
    factors: tuple[str, ...]

    def name_of(self, source: Source) -> str:
        """The name of a study: that of its arm where it is one, else that of its directory."""
        arms = [arm for arm, points in self.members.items() if set(points[STUDY]) == {source.name}]
        return arms[0] if len(arms) == 1 and len(self.sources) > 1 else source.name


def factors_of(sources: Sequence[Source]) -> tuple[str, ...]:
    """The factors over which results are shown as curves or maps; none where the points themselves are the arms."""
    factors = sources[0].factors
    if any(source.factors != factors for source in sources[1:]) or "arm" in sources[0].design.columns:
        return ()
    levels = {name: max(source.design[name].n_unique() for source in sources) for name in factors}
    curves = any(levels[name] >= FEWEST_LEVELS for name in factors if sources[0].design[name].dtype.is_numeric())
    few = sum(source.design.height for source in sources) <= MOST_UNNAMED
    if not factors or len(factors) > 2 or max(levels.values()) > LEVELS or (few and not curves):
        return ()
    together = (*factors, STUDY) if len(sources) > 1 else tuple(factors)
    return together if len(together) <= 2 else ()


def group(
    sources: Sequence[Source], factors: Sequence[str], where: pl.Expr | None = None, given: pl.Expr | None = None
) -> Grouping:
    """Sort the lanes of some studies into arms, by the settings named as factors.

    With none, every study (and every point, up to 12) is an arm. ``where`` keeps lanes by outcomes and settings;
    ``given`` is a filter that will be used later, whose settings are laid beside the lanes.

    Raises
    ------
    UserError
        For an unknown setting, or where nothing is left.
    """
    filters = {"--where": where, "--given": given}
    named = {option: condition.meta.root_names() for option, condition in filters.items() if condition is not None}
    for source in sources:
        source.require(factors, "--by")
        for option, names in named.items():
            source.require(names, option, outcomes=True)
    points, names = _points(sources, factors)
    used = [name for names in named.values() for name in names]
    lanes = _lanes(sources, points, list(dict.fromkeys(name for name in (*factors, *used) if name != STUDY)))
    if given is not None:
        kept(lanes, given, "--given")
    if where is not None:
        lanes = kept(lanes, where, "--where")
        if lanes.is_empty():
            raise UserError("--where: no crisis is left")
    days = {source.name: source.horizon for source in sources}
    shared = common_horizon(days.values())
    columns = [name for name in (*sources[0].outcomes.columns, UNIT, CELL, DRAW) if name in lanes.columns]
    arms, members = [], {}
    for name in names:
        crises = lanes.filter(pl.col(ARM) == name)
        if crises.height:
            horizon = min(shared, *(days[source] for source in crises[STUDY].unique()))
            arms.append(Arm(name, crises.select(columns), horizon))
            members[name] = points.filter(pl.col(ARM) == name)
    bare, placebo = ([name for name in members if members[name][kind].all()] for kind in ("unmediated", "placebo"))
    return Grouping(sources, arms, members, bare, placebo, lanes, tuple(factors))


def _points(sources: Sequence[Source], factors: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return a row a point, `study, point, unmediated, placebo` with its arm, cell and draw, and the arms in order."""
    total = sum(source.design.height for source in sources)
    few = not factors and total <= MOST_UNNAMED
    naming = list(factors) or (differing(sources) if few else [STUDY] if len(sources) > 1 else [])
    varying = [name for name in differing(sources) if not any(_implied(name, factor) for factor in naming)]
    if STUDY in naming:
        varying = [name for name in varying if any(_varies([source], name) for source in sources)]
    apart = {
        name: texts_apart(_hashable(value) for source in sources for value in source.setting(name))
        for name in naming
        if len(naming) <= LONGEST_LABEL
    }
    frames = []
    for source in sources:
        height = source.design.height
        mediators = zip(*(source.setting(name) for name in MEDIATORS if name in source.known), strict=True)
        mediations = source.setting("mediation") if "mediation" in source.known else [""] * height
        cells = zip(*(source.setting(name) for name in varying), strict=True)
        columns: dict[str, Any] = {
            STUDY: [source.name] * height,
            "point": source.design["point"],
            ARM: [printable(label) for label in _labels(source, factors, naming, apart, few)],
            CELL: [repr(row) for row in cells] or [""] * height,
            "unmediated": [not any(present) for present in mediators] or [False] * height,
            "placebo": [name == "placebo" for name in mediations],
            DRAW: source.draws,
        }
        frames.append(pl.DataFrame(columns, schema_overrides={DRAW: pl.Int64}))
    points = pl.concat(frames).with_columns(pl.col(CELL).rank("dense").cast(pl.Int64))
    if points[DRAW].null_count():
        points = points.drop(DRAW)
    if few:  # a study can be set against itself
        clash = pl.col(STUDY).n_unique().over(ARM) > 1
        points = points.with_columns(pl.when(clash).then(pl.format("{} ({})", ARM, STUDY)).otherwise(ARM).alias(ARM))
    return points, _in_order(points[ARM], sources, factors)


def _labels(
    source: Source, factors: Sequence[str], naming: Sequence[str], apart: dict[str, dict[Hashable, str]], few: bool
) -> list[str]:
    """Return the name of the arm of each point."""
    height, base = source.design.height, source.bases[0]
    if not factors and not few:
        return [source.name if naming else "all points"] * height
    if not factors and "arm" in source.design.columns:
        return source.design["arm"].to_list()
    if not naming:
        choices = (f"{name}={base[name]}" for name in ("scenario", "mediation", "talks") if base.get(name))
        return [" ".join(choices) or source.name] * height
    if len(naming) > LONGEST_LABEL:
        return [f"{source.name} {point}" if height > 1 else source.name for point in source.design["point"]]
    endings = [".".join(name.split(".")[-2:]) for name in naming]  # enough to read it, short enough for a label
    short = endings if len(set(endings)) == len(endings) else naming
    texts = ([apart[name][_hashable(value)] for value in source.setting(name)] for name in naming)
    rows = zip(*texts, strict=True)
    return [" ".join(f"{name}={text}" for name, text in zip(short, row, strict=True)) for row in rows]


def _in_order(labels: pl.Series, sources: Sequence[Source], factors: Sequence[str]) -> list[str]:
    """Return the arms, by their points' labels: numeric factors by value, everything else as it comes."""
    if not factors:
        return labels.unique(maintain_order=True).to_list()
    rows = (row for source in sources for row in zip(*(source.setting(name) for name in factors), strict=True))
    levels: dict[str, tuple] = {}
    for label, row in zip(labels, rows, strict=True):
        levels.setdefault(label, row)
    places = range(len(factors))
    numeric = [at for at in places if all(isinstance(row[at], (int, float)) for row in levels.values())]
    return sorted(levels, key=lambda arm: [levels[arm][at] for at in numeric])


def differing(sources: Sequence[Source]) -> list[str]:
    """Return the settings that are not the same at all points of all studies, the most telling first.

    A choice of a config group stands for the parameters within it; parameters that differ beyond the choices follow.
    """
    every = dict.fromkeys(name for source in sources for name in source.known)
    names = [name for name in every if name not in (STUDY, *NAMES) and not name.endswith(".label")]
    varying = [name for name in names if _varies(sources, name)]
    chosen = {name for source in sources for name in source.manifest.get("choices") or {}}
    designed = {name for source in sources for name in source.design.columns}
    choices = [name for name in varying if name in chosen]
    whole = "scenario" in choices
    return [
        name
        for name in varying
        if name in chosen | designed or not (whole or any(_implied(name, choice) for choice in choices))
    ]


def _varies(sources: Sequence[Source], name: str) -> bool:
    """Whether a setting takes several values; without going through a study's points where they cannot differ."""
    values: set[Hashable] = set()
    for source in sources:
        if name in source.design.columns:
            values |= {_hashable(value) for value in source.setting(name)}
        elif name in source.known:
            values |= {_hashable(base.get(name)) for base in source.bases}
    return len(values) > 1


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _implied(name: str, factor: str) -> bool:
    return name == factor or name.startswith(f"{factor}.")


def _lanes(sources: Sequence[Source], points: pl.DataFrame, extra: Sequence[str]) -> pl.DataFrame:
    frames = []
    for source in sources:
        labels = points.filter(pl.col(STUDY) == source.name).drop("unmediated", "placebo")
        lanes = source.outcomes.join(labels, on="point", how="left", maintain_order="left")
        if beside := [name for name in extra if name not in source.outcomes.columns]:
            lanes = lanes.join(source.settings(beside), on="point", how="left", maintain_order="left")
        frames.append(lanes.with_columns(pl.lit(source.luck).alias("stream")))
    lanes = pl.concat(frames, how="diagonal_relaxed")
    return lanes.with_columns(pl.struct("stream", "luck").rank("dense").cast(pl.Int64).alias(UNIT)).drop("stream")


def choose_baseline(grouping: Grouping, name: str) -> Arm:
    """Return the arm all others are set against: the one named, else the first without a mediator, else the first."""
    names = [arm.name for arm in grouping.arms]
    if not name:
        return next((arm for arm in grouping.arms if arm.name in grouping.unmediated), grouping.arms[0])
    studies = {arm: grouping.members[arm][STUDY].to_list() for arm in names}
    matches = [arm for arm in grouping.arms if arm.name == name]
    matches = matches or [arm for arm in grouping.arms if name.lower() in arm.name.lower() or name in studies[arm.name]]
    if len(matches) != 1:
        fault = "fits several arms" if matches else "is no arm"
        raise UserError(f"--baseline {name}: {fault}; there are {', '.join(names[:12])}")
    return matches[0]


# -- filters of lanes --------------------------------------------------------------------------------------------------


def parse_filter(text: str, option: str) -> pl.Expr | None:
    """Return a filter such as `severity = 'war' and mediation.delay > 3`; dotted names need no quotes.

    Raises
    ------
    UserError
        If it is not one SQL expression over columns; the message names the option it was given with.
    """
    if not text.strip():
        return None
    try:
        expression = pl.sql_expr(_TOKENS.sub(_quoted, text))
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{option} {text!r}: {_said(error)}; write e.g. \"severity = 'war'\"") from None
    if not expression.meta.root_names():
        raise UserError(f"{option} {text!r}: names no column; write e.g. \"severity = 'war'\"")
    return expression


def kept(lanes: pl.DataFrame, condition: pl.Expr, option: str) -> pl.DataFrame:
    """Return the lanes that meet a condition, which must say yes or no of each of them; UserError where it does not.

    Severity is ordered from mild to grave, not by the alphabet. No lane is kept by what a division by zero gives.
    """
    try:
        met = _met(lanes, condition)
        if met.dtype != pl.Boolean:
            raise UserError(f"{option}: a condition is needed, such as \"severity = 'war'\"")
        if lanes.height != 1 and len(met) == 1:
            raise UserError(f"{option}: a condition on each crisis is needed, not on all of them at once")
        for part in _parts(condition):
            value = _met(lanes, part)
            if value.dtype.is_float() and len(value) == len(met) and (wrong := (met & ~value.is_finite()).sum()):
                raise UserError(
                    f"{option}: {wrong} crises would be kept for a number that is not finite, as after a "
                    f"division by zero; write e.g. deaths_a / nullif(deaths_b, 0)"
                )
        return lanes.filter(met)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise UserError(f"{option}: {_said(error)}") from None


def _met(lanes: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    """The value of an expression for each lane; functions of text take severity as text, all others as ordered."""
    met = expression.alias("met")
    if "severity" in lanes.columns:
        try:
            return lanes.with_columns(pl.col("severity").cast(pl.Enum(list(SEVERITIES)))).select(met)["met"]
        except pl.exceptions.PolarsError as error:
            if "conversion from `str` to `enum`" in str(error):
                raise UserError(f"severity is one of {', '.join(SEVERITIES)}") from None
    return lanes.select(met)["met"]


def _parts(expression: pl.Expr) -> Iterator[pl.Expr]:
    """The parts of an expression that are computed, itself included; bare columns and numbers are left out."""
    for part in expression.meta.pop():
        if part.meta.pop():
            yield part
            yield from _parts(part)


def _said(error: Exception) -> str:
    """The library's message on an expression, or a plainer one where it speaks of the library's own terms."""
    line = str(error).splitlines()[0]
    if isinstance(error, pl.exceptions.StructFieldNotFoundError | pl.exceptions.ColumnNotFoundError):
        return f"there is no {line}"
    return "cannot be read as a condition on crises" if re.search(r"[{}]|Expr\b", line) else line


def _quoted(match: re.Match[str]) -> str:
    token = match[0]
    if token[0] in ".0123456789":
        return repr(without_noise(float(token)))
    return token if token[0] in "'\"" else f'"{token}"'
