"""Arms of a comparison: which lanes are set against which, what they are called, and which luck they share."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import polars as pl

from experiments.comparison.filters import kept
from experiments.comparison.sources import STUDY, Source
from experiments.errors import UserError
from experiments.statistics.arms import CELL, DRAW, UNIT, Arm
from experiments.statistics.metrics import common_horizon
from experiments.text import printable, texts_apart

MOST_UNNAMED = 12
"""Points that become arms of their own when no factor is named."""

LONGEST_LABEL = 4
_MEDIATORS = ("mediation.present", "mediation.second.present", "mediation.third.present")
_ALL = "all points"
PLACEBO = "placebo"
"""The mediation whose levers are all at zero."""
ARM = "_arm"
"""Column of the lanes that names their arm."""


@dataclass(frozen=True)
class Grouping:
    """Lanes sorted into arms.

    Parameters
    ----------
    arms : list of Arm
        The arms in order.
    members : dict of str to pl.DataFrame
        By arm: `study, point` of its points.
    unmediated, placebo : list of str
        Names of the arms in which no mediator exists, and of those in which the placebo is the mediator.
    lanes : pl.DataFrame
        All lanes, with the factors named.
    factors : tuple of str
        The factors named.
    """

    arms: list[Arm]
    members: dict[str, pl.DataFrame]
    unmediated: list[str]
    placebo: list[str]
    lanes: pl.DataFrame
    factors: tuple[str, ...]


def group(
    sources: Sequence[Source], factors: Sequence[str], where: pl.Expr | None = None, given: pl.Expr | None = None
) -> Grouping:
    """Sort the lanes of some studies into arms.

    Parameters
    ----------
    sources : sequence of Source
        The studies.
    factors : sequence of str
        Settings whose values make the arms; with none, every study (and every point, up to 12) is an arm.
    where : pl.Expr, optional
        Keeps lanes; may use outcomes and settings.
    given : pl.Expr, optional
        A further filter that will be used later: its settings are laid beside the lanes.

    Raises
    ------
    UserError
        For an unknown setting, or where nothing is left.
    """
    filters = {"--where": where, "--given": given}
    named = {option: part.meta.root_names() for option, part in filters.items() if part is not None}
    for source in sources:
        source.require(factors, "--by")
        for option, names in named.items():
            source.require(names, option, outcomes=True)
    points = _points(sources, factors)
    used = [name for names in named.values() for name in names]
    lanes = _lanes(sources, points, list(dict.fromkeys(name for name in (*factors, *used) if name != STUDY)))
    if given is not None:
        kept(lanes, given, "--given")
    if where is not None:
        lanes = kept(lanes, where, "--where")
        if lanes.is_empty():
            raise UserError("--where: no crisis is left")
    names = points.select(STUDY, ARM, "number").unique().sort("number")[ARM].unique(maintain_order=True).to_list()
    days = {source.name: source.horizon for source in sources}
    shared = common_horizon(days.values())
    columns = [name for name in sources[0].outcomes.columns if name in lanes.columns]
    arms = []
    for name in names:
        own = lanes.filter(pl.col(ARM) == name)
        if own.height:
            horizon = min(shared, *(days[source] for source in own[STUDY].unique()))
            arms.append(Arm(name, own.select(*columns, UNIT, CELL, *([DRAW] if DRAW in own.columns else [])), horizon))
    members = {arm.name: points.filter(pl.col(ARM) == arm.name).select(STUDY, "point") for arm in arms}
    bare, placebo = (
        [arm.name for arm in arms if points.filter(pl.col(ARM) == arm.name)[kind].all()]
        for kind in ("unmediated", "placebo")
    )
    return Grouping(arms, members, bare, placebo, lanes, tuple(factors))


def _points(sources: Sequence[Source], factors: Sequence[str]) -> pl.DataFrame:
    """Return a row a point: `study, point, arm, number` (of the arm), `cell, unmediated, placebo`."""
    total = sum(source.design.height for source in sources)
    naming = list(factors) or (differing(sources) if total <= MOST_UNNAMED else [STUDY] if len(sources) > 1 else [])
    varying = _beside(sources, naming)
    apart = {
        name: texts_apart(_hashable(value) for source in sources for value in source.setting(name))
        for name in naming
        if len(naming) <= LONGEST_LABEL
    }
    frames = []
    for source in sources:
        mediators = zip(*(source.setting(name) for name in _MEDIATORS if name in source.known), strict=True)
        bare = [not any(present) for present in mediators] or [False] * source.design.height
        labels = [printable(label) for label in _labels(source, factors, naming, total, apart)]
        cells = [repr(row) for row in zip(*(source.setting(name) for name in varying), strict=True)] or [""] * len(bare)
        frames.append(
            pl.DataFrame(
                {
                    STUDY: [source.name] * len(bare),
                    "point": source.design["point"],
                    ARM: labels,
                    "text": cells,
                    "unmediated": bare,
                    "placebo": _is_placebo(source),
                    DRAW: source.draws,
                },
                schema_overrides={DRAW: pl.Int64},
            )
        )
    points = pl.concat(frames)
    if points[DRAW].null_count():
        points = points.drop(DRAW)
    if not factors and total <= MOST_UNNAMED:
        points = _told_apart(points)
    order = _order(points, sources, factors)
    return points.with_columns(
        pl.col("text").rank("dense").cast(pl.Int64).alias(CELL),
        pl.col(ARM).replace_strict(order, return_dtype=pl.Int64).alias("number"),
    )


def _is_placebo(source: Source) -> list[bool]:
    """By point, whether its mediator is the placebo."""
    if "mediation" not in source.known:
        return [False] * source.design.height
    return [name == PLACEBO for name in source.setting("mediation")]


def _beside(sources: Sequence[Source], naming: Sequence[str]) -> list[str]:
    """Return the settings that vary within arms: they say which lanes of two arms are counterparts."""
    varying = [name for name in differing(sources) if not any(_implied(name, factor) for factor in naming)]
    if STUDY in naming:
        return [name for name in varying if any(_varies([source], name) for source in sources)]
    return varying


def _labels(
    source: Source, factors: Sequence[str], naming: Sequence[str], total: int, apart: dict[str, dict[Hashable, str]]
) -> list[str]:
    if not factors and total > MOST_UNNAMED:
        return [source.name if naming else _ALL] * source.design.height
    if not factors and "arm" in source.design.columns:
        return source.design["arm"].to_list()
    if not naming:
        return [_own_name(source)] * source.design.height
    if len(naming) > LONGEST_LABEL:
        return [
            f"{source.name} {point}" if source.design.height > 1 else source.name for point in source.design["point"]
        ]
    endings = [".".join(name.split(".")[-2:]) for name in naming]  # enough to read it, short enough for a label
    short = endings if len(set(endings)) == len(endings) else naming
    texts = ([apart[name][_hashable(value)] for value in source.setting(name)] for name in naming)
    rows = zip(*texts, strict=True)
    return [" ".join(f"{name}={text}" for name, text in zip(short, row, strict=True)) for row in rows]


def _own_name(source: Source) -> str:
    base = source.bases[0]
    return (
        " ".join(f"{name}={base[name]}" for name in ("scenario", "mediation", "talks") if base.get(name)) or source.name
    )


def _told_apart(points: pl.DataFrame) -> pl.DataFrame:
    """Give arms that nothing tells apart the names of their studies: a study can be set against itself."""
    clash = points.group_by(ARM).agg(pl.col(STUDY).n_unique().alias("studies")).filter(pl.col("studies") > 1)[ARM]
    named = pl.when(pl.col(ARM).is_in(clash.implode())).then(pl.format("{} ({})", ARM, STUDY)).otherwise(ARM)
    return points.with_columns(named.alias(ARM))


def _order(points: pl.DataFrame, sources: Sequence[Source], factors: Sequence[str]) -> dict[str, int]:
    """Number the arms: numeric factors by value, everything else as it comes."""
    arms = points[ARM].unique(maintain_order=True).to_list()
    if not factors:
        return dict(zip(arms, count()))
    keys: dict[str, tuple] = {}
    for source in sources:
        labels = points.filter(pl.col(STUDY) == source.name)[ARM]
        for label, row in zip(labels, zip(*(source.setting(name) for name in factors), strict=True), strict=True):
            keys.setdefault(label, row)
    numeric = [all(isinstance(row[at], (int, float)) for row in keys.values()) for at in range(len(factors))]
    ranks = {arm: tuple(v if is_number else 0 for v, is_number in zip(keys[arm], numeric, strict=True)) for arm in arms}
    return {arm: number for number, arm in enumerate(sorted(arms, key=lambda arm: (ranks[arm], arms.index(arm))))}


def differing(sources: Sequence[Source]) -> list[str]:
    """Return the settings that are not the same at all points of all studies, the most telling first.

    A choice of a config group stands for the parameters within it; parameters that differ beyond the choices follow.
    """
    names = list(dict.fromkeys(name for source in sources for name in source.known if name != STUDY))
    names = [
        name
        for name in names
        if name not in ("arm", "varied", "draw", "structure", "name", "title") and not name.endswith(".label")
    ]
    varying = [name for name in names if _varies(sources, name)]
    choices = [
        name for name in varying if any(name in (source.results.manifest.get("choices") or {}) for source in sources)
    ]
    explained = [
        name
        for name in varying
        if name in choices or _in_design(sources, name) or not any(_implied(name, choice) for choice in choices)
    ]
    whole = "scenario" in choices
    return [name for name in explained if name in choices or not whole or _in_design(sources, name)]


def _in_design(sources: Sequence[Source], name: str) -> bool:
    return any(name in source.design.columns for source in sources)


def _varies(sources: Sequence[Source], name: str) -> bool:
    values = {_hashable(value) for source in sources if name in source.known for value in _few(source, name)}
    return len(values) > 1


def _few(source: Source, name: str) -> list[Any]:
    """Values a setting takes in a study; without going through its points where they cannot differ."""
    if name in source.design.columns:
        return source.setting(name)
    return [base.get(name) for base in source.bases]


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _implied(name: str, factor: str) -> bool:
    return name == factor or name.startswith(f"{factor}.")


def _lanes(sources: Sequence[Source], points: pl.DataFrame, extra: Sequence[str]) -> pl.DataFrame:
    frames = []
    for source in sources:
        own = points.filter(pl.col(STUDY) == source.name).drop("text", "number", "unmediated", "placebo")
        wanted = [name for name in extra if name not in source.outcomes.columns]
        lanes = source.outcomes.join(own, on="point", how="left", maintain_order="left")
        if wanted:
            lanes = lanes.join(source.settings(wanted), on="point", how="left", maintain_order="left")
        frames.append(lanes.with_columns(pl.lit(source.luck).alias("stream")))
    lanes = pl.concat(frames, how="diagonal_relaxed")
    return lanes.with_columns(pl.struct("stream", "luck").rank("dense").cast(pl.Int64).alias(UNIT)).drop("stream")


def choose_baseline(grouping: Grouping, name: str) -> Arm:
    """Return the arm all others are set against: the one named, else the first without a mediator, else the first."""
    names = [arm.name for arm in grouping.arms]
    if not name:
        return next((arm for arm in grouping.arms if arm.name in grouping.unmediated), grouping.arms[0])
    matches = [arm for arm in grouping.arms if arm.name == name] or [
        arm
        for arm in grouping.arms
        if name.lower() in arm.name.lower() or any(name == study for study in grouping.members[arm.name][STUDY])
    ]
    if len(matches) != 1:
        fault = "fits several arms" if matches else "is no arm"
        raise UserError(f"--baseline {name}: {fault}; there are {', '.join(names[:12])}")
    return matches[0]
