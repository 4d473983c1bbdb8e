"""Crises with everything that told their worlds apart: factors of the design, and traits drawn for each crisis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.comparison.arms import kept, parse_filter
from experiments.comparison.sources import STUDY, Source, open_sources
from experiments.decide.boxes import Column
from experiments.decide.robustness import distinct
from experiments.errors import UserError
from sim.engine.lanes import lane_values
from sim.engine.streams import Luck
from sim.scenario import parameters

ROW = "_row"
UNIT = "_unit"
_NOT = ("point", "arm", "varied", "title", "draw", "name")
FEW_POINTS = 30
"""Points from which on parts are divided by point; with fewer, by luck."""


@dataclass(frozen=True)
class Crises:
    """Crises to look for boxes in, arrays of shape (crises,).

    ``lanes`` has `study, point, replicate` and outcomes. ``columns`` are the factors that vary, of those that rank the
    crises alike one; ``names`` what each is called, both sides' where they are the same. ``settable`` factors are
    settings of the study, and may stand in ``--where``; the others were drawn for each crisis. ``units`` must stay
    together when crises are divided; ``unit`` says what they are: draws, points or lucks.
    """

    lanes: pl.DataFrame
    interest: NDArray[np.bool_]
    columns: dict[str, Column]
    names: dict[str, str]
    settable: frozenset[str]
    units: NDArray[np.int64]
    unit: str


def crises_of(directories: Sequence[Path], outcome: str, where: str = "", factors: Sequence[str] = ()) -> Crises:
    """The crises of some studies, which of them are of interest, and what told their worlds apart.

    Parameters
    ----------
    outcome, where : str
        SQL expressions over outcomes and settings: cases of interest, and the crises to look among.
    factors : sequence of str
        Factors to look at; by default all that vary.

    Raises
    ------
    UserError
        For what cannot be read, and where nothing varies or all crises are alike.
    """
    wanted, among = parse_filter(outcome, "--outcome"), parse_filter(where, "--where")
    if wanted is None:
        raise UserError("--outcome: say which crises are of interest, e.g. --outcome \"severity = 'war'\"")
    sources, _ = open_sources(directories)
    named = [*wanted.meta.root_names(), *(among.meta.root_names() if among is not None else [])]
    for source in sources:
        source.require(named, "--outcome" if among is None else "--outcome or --where", outcomes=True)
    frames = [_with_worlds(source, named) for source in sources]
    lanes = pl.concat([frame for frame, _, _ in frames], how="diagonal_relaxed").with_row_index(ROW)
    if among is not None:
        lanes = kept(lanes, among, "--where")
        if lanes.is_empty():
            raise UserError("--where: no crisis is left")
    interest = lanes[ROW].is_in(kept(lanes, wanted, "--outcome")[ROW].implode()).to_numpy()
    if not interest.any() or interest.all():
        count = "all" if interest.all() else "none"
        raise UserError(
            f"--outcome {outcome!r}: {count} of {len(interest):,} crises meet it, so nothing sets them apart"
        )
    drawn = {name for _, _, traits in frames for name in traits}
    known = dict.fromkeys(name for _, settings, traits in frames for name in (*settings, *traits))
    for name in factors:
        if name not in known:
            raise UserError(f"--factors {name}: does not vary here; there are {', '.join(known) or 'none'}")
    columns, names = _columns(lanes, list(factors) or list(known))
    if not columns:
        raise UserError("discover: no factor varies; give a design, or uncertainty=posterior:200")
    if "_draw" in lanes.columns:
        unit, keys = "draw", ["_draw"]
    elif sum(source.design.height for source in sources) >= FEW_POINTS:
        unit, keys = "point", [STUDY, "point"]
    else:
        unit, keys = "luck", ["luck"]
    units = lanes.select(pl.struct(*keys).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    return Crises(lanes, interest, columns, names, frozenset(columns) - drawn, units, unit)


def _with_worlds(source: Source, named: Sequence[str]) -> tuple[pl.DataFrame, list[str], list[str]]:
    """Outcomes of a study with its factors and drawn traits beside them, and the names of both."""
    outcomes = source.outcomes.with_columns(pl.lit(source.name).alias(STUDY))
    traits = _drawn(source)
    factors = [name for name in source.design.columns if name not in _NOT]
    # The distribution a trait is drawn from says less than the trait.
    factors = [name for name in factors if not any(name.startswith(f"varies.{path}.") for path in traits)]
    extra = [name for name in dict.fromkeys([*factors, *named]) if name not in outcomes.columns]
    settings = source.settings(extra)
    if (draws := source.draws) is not None:
        settings = settings.with_columns(draws.alias("_draw"))
    lanes = outcomes.join(settings, on="point", how="left", maintain_order="left")
    lanes = lanes.with_columns(pl.Series(path, values) for path, values in traits.items() if path not in lanes.columns)
    return lanes, factors, list(traits)


def _drawn(source: Source) -> dict[str, list]:
    """Traits that the scenario draws for each crisis, by path, as they were drawn; luck's key gives them again."""
    study = source.study
    if not any(entry.get("varies") for entry in source.manifest["scenarios"]):
        return {}
    points = study.design.points()
    paths = dict.fromkeys(path for scenario in points.scenarios for path in scenario.varies)
    paths = {path: None for path in paths if path not in points.columns}
    point, replicate = (source.outcomes[name].to_numpy().astype(np.int64) for name in ("point", "replicate"))
    traits: dict[str, list] = {path: [] for path in paths}
    for first in range(0, len(point), 2048):
        some = slice(first, first + 2048)
        luck = Luck(study.settings.seed, replicate[some], point[some] if study.settings.luck == "own" else None)
        values = lane_values(points, point[some], luck)
        for path in paths:
            traits[path] += np.asarray(attrgetter(path)(values)).tolist()
    known = parameters()
    return {
        path: [known[path].options[int(value)] for value in values] if known[path].kind == "choice" else values
        for path, values in traits.items()
    }


def _columns(lanes: pl.DataFrame, names: Sequence[str]) -> tuple[dict[str, Column], dict[str, str]]:
    """Factors that vary, those that rank crises alike once, and what each is called."""
    arrays: dict[str, Column] = {}
    for name in names:
        column = lanes[name]
        if column.n_unique() < 2:
            continue
        if column.dtype.is_numeric():
            numbers = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
            if not np.isnan(numbers).any():  # not set in some studies: no number to cut at
                arrays[name] = numbers
        else:
            arrays[name] = np.array(column.fill_null("none").to_list(), object)
    groups = distinct(arrays)
    firsts = {alike[0]: name for name, alike in groups.items()}
    return {first: arrays[first] for first in firsts}, firsts
