"""Arms crossed with states of the world, gathered from studies or from a search's last judgement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.comparison.arms import Grouping, differing, group, parse_filter
from experiments.comparison.sources import STUDY, Source, open_sources
from experiments.decide.directory import RECORD, read_record, read_search
from experiments.decide.evaluation import cube
from experiments.decide.plan import check_mean
from experiments.decide.robustness import Crossed, Threshold
from experiments.decide.search import LANES
from experiments.decide.writing import STATES
from experiments.errors import UserError
from experiments.files import read_table
from experiments.statistics.arms import CELL, UNIT, Arm
from experiments.statistics.metrics import MORE_IS_BETTER, Metric, metric

POLICY = ("mediation", "talks")
"""What a policy chooses: settings that make the arms where none are named, and those below them."""
_THRESHOLD = re.compile(r"\s*(\S+?)\s*(<=|>=)\s*(\S+)\s*")
DEFAULT = ("calm_14", "typical_deaths", "limited_war_or_worse")


@dataclass(frozen=True)
class Gathered:
    """Arms crossed with states: quantities by metric, more being better, and what tells the states apart, (states,)."""

    metrics: dict[str, Metric]
    quantities: dict[str, Crossed]
    uncertain: dict[str, NDArray]
    notes: list[str]


def sign_of(name: str) -> float:
    """1 where more of a measure is better, -1 where less is."""
    return 1.0 if name in MORE_IS_BETTER else -1.0


def gather(
    directories: Sequence[Path], by: Sequence[str] = (), metrics: Sequence[str] = (), where: str = ""
) -> Gathered:
    """Arms crossed with states from studies, or from one search.

    Raises
    ------
    UserError
        Where nothing is crossed: one arm, no counterpart states, quantities without a mean.
    """
    if len(directories) == 1 and (directories[0] / RECORD).is_file():
        if by or where:
            raise UserError(f"{directories[0]}: a search judges its policies as they are; leave out --by and --where")
        return _of_search(directories[0], metrics)
    sources, notes = open_sources(directories)
    factors = list(by) or _policy_factors(sources)
    grouping = group(sources, factors, parse_filter(where, "--where"))
    if len(grouping.arms) < 2:
        raise UserError("--robust: one arm only; regret needs two or more, e.g. --by mediation")
    horizon = min(arm.horizon for arm in grouping.arms)
    schema = grouping.arms[0].lanes.schema
    quantities = {item.name: item for item in (metric(name, horizon, schema) for name in (metrics or DEFAULT))}
    for name, item in quantities.items():
        check_mean(f"--metric {name}", item, horizon)
    names = _names_of(sources, grouping)
    cells = sorted(set.intersection(*(set(arm.lanes[CELL]) for arm in grouping.arms)))
    if not cells:
        raise UserError("--robust: the arms share no state; cross them, e.g. with uncertainty=posterior:60")
    crossed = {}
    for name, item in quantities.items():
        values, paired, common, lost = _crossed(grouping.arms, cells, item)
        crossed[name] = Crossed(names, sign_of(name) * values, paired, common)
    if lost:
        notes.append(f"{len(lost)} states are left out: some of their crises failed.")
    notes += _notes(next(iter(crossed.values())))
    uncertain = _uncertain(sources, grouping, factors, [cell for cell in cells if cell not in lost])
    return Gathered(quantities, crossed, uncertain, notes)


def read_thresholds(texts: Sequence[str], gathered: Gathered) -> list[Threshold]:
    """Thresholds as they are typed, ``calm_14 >= 0.5``, on the scale on which more is better.

    Raises
    ------
    UserError
        For what cannot be read, or names a quantity that is not measured.
    """
    thresholds = []
    for text in texts:
        match = _THRESHOLD.fullmatch(text)
        try:
            level = float(match[3]) if match else float("nan")
        except ValueError:
            level = float("nan")
        if match is None or not np.isfinite(level):
            raise UserError(f"--threshold {text!r}: cannot be read; write e.g. 'calm_14 >= 0.5'")
        name = match[1]
        if name not in gathered.metrics:
            known = ", ".join(gathered.metrics)
            raise UserError(f"--threshold {text!r}: {name} is not measured here; there are {known} (see --metric)")
        better = ">=" if sign_of(name) > 0 else "<="
        if match[2] != better:
            raise UserError(
                f"--threshold {text!r}: of {name} {'more' if better == '>=' else 'less'} is better; {better}"
            )
        log = gathered.metrics[name].kind == "geometric"
        if log and level <= -1:
            raise UserError(f"--threshold {text!r}: {name} is never below 0")
        thresholds.append(Threshold(text.strip(), name, sign_of(name) * (float(np.log1p(level)) if log else level)))
    return thresholds


def _policy_factors(sources: Sequence[Source]) -> list[str]:
    """Settings of policies that differ, the choices alone where they tell all."""
    names = [name for name in differing(sources) if name.split(".")[0] in POLICY]
    choices = [name for name in names if name in POLICY]
    if any(name not in choices for name in names if any(name in source.design.columns for source in sources)):
        choices = names
    if not choices:
        raise UserError("--robust: mediation and talks are the same at all points; name the arms, e.g. --by scenario")
    return choices


def _names_of(sources: Sequence[Source], grouping: Grouping) -> list[str]:
    """Names of the arms: those a design gives them, where every arm has one of its own."""
    names = []
    for arm in grouping.arms:
        given: set[Any] = set()
        for source in sources:
            points = grouping.members[arm.name].filter(pl.col(STUDY) == source.name)["point"]
            if "arm" in source.design.columns:
                given |= set(source.design.filter(pl.col("point").is_in(points.implode()))["arm"])
            elif len(points):
                given.add(None)
        names.append(str(given.pop()) if len(given) == 1 and None not in given else "")
    return [arm.name for arm in grouping.arms] if "" in names or len(set(names)) < len(names) else names


def _crossed(arms: Sequence[Arm], cells: Sequence[int], item: Metric) -> tuple[np.ndarray, bool, bool, set[int]]:
    """Values (arms, states, lucks) of complete states, whether luck is paired and common, and the states left out."""
    frames = [
        arm.lanes.filter(pl.col(CELL).is_in(list(cells)))
        .select(CELL, UNIT, item.expression.cast(pl.Float64).alias("value"))
        .sort(CELL, UNIT)
        for arm in arms
    ]
    size = pl.len() * pl.col("value").is_finite().fill_null(False).all()  # none where a crisis has no number
    sizes = [dict(frame.group_by(CELL).agg(size).iter_rows()) for frame in frames]
    most = max(max(size_of.values()) for size_of in sizes)
    lost = {cell for cell in cells if any(size_of[cell] < max(most, 1) for size_of in sizes)}
    if len(lost) == len(cells):
        raise UserError(
            f"--metric {item.name}: no state has the same number of crises in every arm, each with a number for it"
        )
    complete = [frame.filter(~pl.col(CELL).is_in(list(lost))) for frame in frames]
    shape = (len(cells) - len(lost), most)
    values = np.stack([frame["value"].to_numpy().reshape(shape) for frame in complete])
    units = np.stack([frame[UNIT].to_numpy().reshape(shape) for frame in complete])
    paired = bool((units == units[0]).all())
    common = bool((units == units[:, :1]).all())
    return values, paired, common, lost


def _uncertain(
    sources: Sequence[Source], grouping: Grouping, factors: Sequence[str], cells: Sequence[int]
) -> dict[str, NDArray]:
    """What tells states apart: settings that vary, other than what makes the arms, by state."""
    names = [
        name
        for name in dict.fromkeys(name for source in sources for name in source.design.columns[1:])
        if name not in ("arm", "varied", "draw", "title", *factors) and name.split(".")[0] not in POLICY
    ]
    if not names:
        return {}
    first = grouping.arms[0]
    frames = []
    for source in sources:
        points = grouping.members[first.name].filter(pl.col(STUDY) == source.name)["point"]
        settings = source.settings([name for name in names if name in source.known])
        frames.append(settings.filter(pl.col("point").is_in(points.implode())))
    cell_of_point = first.lanes.select("point", CELL).unique()
    table = pl.concat(frames, how="diagonal_relaxed").join(cell_of_point, on="point").unique(CELL).sort(CELL)
    return _columns(table.filter(pl.col(CELL).is_in(list(cells))), names)


def _columns(table: pl.DataFrame, names: Sequence[str]) -> dict[str, NDArray]:
    """Columns as arrays: numbers, or labels where a column has texts; those with gaps are left out."""
    return {
        name: table[name].to_numpy() if table[name].dtype.is_numeric() else np.array(table[name].to_list(), object)
        for name in names
        if name in table.columns and not table[name].null_count()
    }


def _notes(crossed: Crossed) -> list[str]:
    _, states, lucks = crossed.values.shape
    notes = [f"{len(crossed.names)} arms in {states} states of the world with {lucks} crises each."]
    if states == 1:
        notes.append("One state of the world: regret, worst tenth and value of information say nothing of robustness.")
    if lucks == 1:
        notes.append("One crisis a state: luck cannot be told from states, and no noise is taken out.")
    if not crossed.paired:
        notes.append("Arms did not meet the same luck: differences are several times as noisy.")
    if crossed.common and states > 1:
        notes.append(
            "All states met the same few lucks, which no number of states averages out; with luck of its own in each "
            "state (offramp search) levels would be surer."
        )
    return notes


def _of_search(directory: Path, metrics: Sequence[str]) -> Gathered:
    """The kept policies of a search and the arms beside them, in fresh states."""
    record = read_record(directory)
    front, arms = read_search(directory, "front"), read_search(directory, "arms")
    parts = sorted((directory / LANES).glob("fresh*/*.parquet"))
    lanes = pl.concat([read_table(part) for part in parts]).sort("policy", "state", "luck")
    measured = [name for name in lanes.columns if name not in ("policy", "state", "luck", "error")]
    for name in metrics:
        if name not in measured:
            raise UserError(f"--metric {name}: the search did not measure it; there are {', '.join(measured)}")
    horizon = int(record["horizon_days"])
    names = dict(zip(front["policy"], front["name"], strict=True))
    names |= {-1 - place: name for place, name in enumerate(arms["arm"])}
    lanes = lanes.filter(pl.col("policy").is_in(list(names)))  # those that failed are no part of the front
    numbers = lanes["policy"].unique().sort().to_list()
    values = cube(lanes, measured)
    whole = ~np.isnan(values).any(axis=(0, 2, 3))
    schema = pl.Schema({name: pl.Float64() for name in measured})
    quantities = {name: metric(name, horizon, schema) for name in (metrics or measured)}
    crossed = {
        name: Crossed([names[n] for n in numbers], sign_of(name) * values[..., measured.index(name)][:, whole])
        for name in quantities
    }
    notes = _notes(next(iter(crossed.values())))
    if not whole.all():
        notes.append(f"{int((~whole).sum())} states are left out: some of their crises failed.")
    judged_in = pl.col("state").is_in(lanes["state"].unique().implode())
    states = read_search(directory, STATES).filter(judged_in).sort("state").filter(pl.Series(whole))
    uncertain = _columns(states, [name for name in states.columns if name not in ("state", "draw")])
    return Gathered(quantities, crossed, uncertain, notes)
