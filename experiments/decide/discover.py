"""Discovery: in which worlds an outcome is frequent, as boxes and a tree, reported on crises they were not fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.comparison.compare import Studies, check_place, filled, listed, paths_of
from experiments.decide.boxes import (
    Box,
    Column,
    Interval,
    Limit,
    Limits,
    chosen,
    counted,
    inside,
    leaves,
    quasi_p,
    trajectories,
)
from experiments.decide.worlds_of_crises import Crises, crises_of
from experiments.errors import UserError
from experiments.figures.lazy_figures import Drawings
from experiments.files import write_json, write_parquet, write_text
from experiments.statistics.intervals import wilson
from experiments.text import bracketed, percentage, render

PEEL, CHOOSE, REPORT = 0, 1, 2
PARTS = (PEEL, CHOOSE, REPORT)
SHARES = (0.5, 0.25, 0.25)
MOST_BOXES = 3
RESAMPLES, REPEATS = 999, 10
FEWEST_UNITS = 8
SEED = 20_200_719
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class ReportedBox:
    """One box, as the crises that it was neither peeled nor chosen on have it.

    ``lift`` is density over the base rate, with a 95 % interval that resamples draws (points, lucks); ``quasi_p`` how
    often chance alone would give as many cases if a factor's limit did nothing; ``repeated`` the share of resamples whose
    own box restricts a factor, too.
    """

    box: Box
    lift: float
    lift_low: float
    lift_high: float
    density_low: float
    density_high: float
    quasi_p: dict[str, float]
    repeated: dict[str, float]

    @property
    def lift_words(self) -> str:
        """Its lift with the interval."""
        return bracketed(self.lift, self.lift_low, self.lift_high, decimals=2)


@dataclass(frozen=True)
class Discovery:
    """Where an outcome is frequent.

    ``boxes`` are those whose lift holds on fresh crises, the first one first; ``rejected`` is the box at which the search
    ended. ``leaves`` has `leaf, crises, risk, low, high` of a tree, risks on the reported crises; ``trajectory`` has
    `step, mass, density, coverage, restricted` of the first peeling, on the crises a box is chosen on.
    """

    outcome: str
    where: str
    boxes: list[ReportedBox]
    rejected: ReportedBox | None
    leaves: pl.DataFrame
    trajectory: pl.DataFrame
    crises: Crises
    notes: list[str]
    drawings: Drawings

    @property
    def base(self) -> float:
        """Share of the crises that are of interest."""
        return float(self.crises.interest.mean())

    @property
    def sentences(self) -> list[str]:
        """Each box in words; one sentence where there is none."""
        if not self.boxes:
            return [
                f"No box: nowhere among {len(self.crises.columns)} factors is `{self.outcome}` more frequent on fresh "
                f"crises than the {self.base:.0%} it has everywhere, beyond what chance would give."
            ]
        sentences = []
        for reported, among in zip(self.boxes, ("all", *["those in no earlier box"] * len(self.boxes)), strict=False):
            box = reported.box
            density = percentage(box.density, reported.density_low, reported.density_high, 0)
            sentences.append(
                f"`{self.outcome}` where {self.words(box.limits)}: {density} % of crises there against {box.base:.0%} of "
                f"{among}, {reported.lift_words} times as often; {box.mass:.0%} of these crises lie there, and "
                f"{box.coverage:.0%} of such ones."
            )
        return sentences

    @property
    def answer(self) -> str:
        """Two sentences: the first box, or that there is none, and the riskiest leaf of the tree."""
        if self.leaves.is_empty():
            return self.sentences[0]
        row = self.leaves.row(0, named=True)
        risk = percentage(row["risk"], row["low"], row["high"], 0)
        return f"{self.sentences[0]} The tree's riskiest leaf has {risk} %, where {row['leaf']}."

    def words(self, limits: Limits) -> str:
        """Limits in words, factors by the names they share."""
        return " and ".join(limit_words(self.crises.names[name], limit) for name, limit in limits.items())

    def filter_of(self, limits: Limits) -> tuple[str, list[str]]:
        """A condition for ``--where``, and the factors it cannot speak of since they were drawn for each crisis."""
        settable = self.crises.settable
        parts = (limit_filter(name, limit) for name, limit in limits.items() if name in settable)
        return " and ".join(parts), [name for name in limits if name not in settable]

    def save(self, directory: str | Path) -> list[Path]:
        """Write figures, boxes, the crises inside them and a page into a directory and return their paths."""
        place = Path(directory)
        check_place(place)
        with filled(place) as inner:
            names = [path.name for path in self.drawings.save(inner)]
            write_json(inner / "boxes.json", self.content())
            write_text(inner / "discovery.md", self.page())
            write_parquet(inner / "crises_in_boxes.parquet", self.members().to_arrow())
            write_parquet(inner / "peeling.parquet", self.trajectory.to_arrow())
        names += ["boxes.json", "discovery.md", "crises_in_boxes.parquet", "peeling.parquet"]
        return [place / name for name in names]

    def members(self) -> pl.DataFrame:
        """`box, study, point, replicate, interest` of the crises in each box; the first box a crisis lies in counts."""
        number = np.zeros(len(self.crises.interest), np.int32)
        for place, reported in reversed(list(enumerate(self.boxes, 1))):
            number[inside(self.crises.columns, reported.box.limits)] = place
        columns = (pl.Series("box", number), "study", "point", "replicate", pl.Series("interest", self.crises.interest))
        return self.crises.lanes.select(columns).filter(pl.col("box") > 0)

    def content(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "answer": self.answer,
            "outcome": self.outcome,
            "where": self.where,
            "base_rate": self.base,
            "crises": len(self.crises.interest),
            "divided_by": self.crises.unit,
            "boxes": [self._plain(reported) for reported in self.boxes],
            "rejected": self._plain(self.rejected) if self.rejected else None,
            "tree": self.leaves.to_dicts(),
            "notes": self.notes,
        }

    def _plain(self, reported: ReportedBox) -> dict[str, Any]:
        box = reported.box
        condition, drawn = self.filter_of(box.limits)
        return {
            "limits": {name: _plain_limit(limit) for name, limit in box.limits.items()},
            "words": self.words(box.limits),
            "density": box.density,
            "density_low": reported.density_low,
            "density_high": reported.density_high,
            "coverage": box.coverage,
            "mass": box.mass,
            **{name: getattr(reported, name) for name in ("lift", "lift_low", "lift_high", "quasi_p", "repeated")},
            "where": condition,
            "drawn_for_each_crisis": drawn,
        }

    def page(self) -> str:
        """Boxes and tree in words, as Markdown."""
        values = {"limit_text": _limit_text, "percentage": percentage}
        return render("experiments.decide", "discovery.md.j2", made=self, **values)


def discover(
    studies: Studies, outcome: str, *, where: str = "", factors: str | Sequence[str] = (), boxes: int = MOST_BOXES
) -> Discovery:
    """Find where in the space of what was varied or drawn an outcome is frequent.

    Parameters
    ----------
    studies : path, results or iterable of them
    outcome : str
        SQL expression over outcomes and settings that says which crises are of interest.
    where : str
        SQL expression: which crises to look among.
    factors : str or sequence of str
        Factors to look at; by default all that vary, traits drawn for each crisis included.
    boxes : int
        Boxes looked for, one after the other.

    Raises
    ------
    UserError
        For what cannot be read, and where there is nothing to set crises apart.
    """
    names = listed(factors) if isinstance(factors, str) else factors
    crises = crises_of(paths_of(studies), outcome, where, names)
    part = divided(crises.units)
    columns, interest = crises.columns, crises.interest
    if boxes < 1:
        raise UserError(f"boxes={boxes}: one or more are needed")
    if not all(interest[part == number].any() for number in PARTS):
        raise UserError(
            f"--outcome {outcome!r}: {interest.sum():,} of {len(interest):,} crises meet it, too few to peel a box, to "
            "choose it and to report it on crises apart"
        )
    left = np.full(len(interest), True)
    reported: list[ReportedBox] = []
    rejected, trajectory = None, pl.DataFrame()
    for number in range(boxes):
        if not all(interest[left & (part == kind)].any() for kind in PARTS):
            break
        peeled = trajectories(*_only(columns, interest, left & (part == PEEL)))
        choosing = _only(columns, interest, left & (part == CHOOSE))
        if number == 0:
            elsewhere = (_elsewhere(trajectory, *choosing) for trajectory in peeled)
            trajectory = max(elsewhere, key=lambda table: float(table["score"].to_numpy().max()))
        limits = chosen([box for boxes_of_one in peeled for box in boxes_of_one], *choosing)
        box = _reported(crises, limits, left, part)
        if not limits or not box.lift_low > 1:
            rejected = box
            break
        reported.append(box)
        left &= ~inside(columns, limits)
    risks, notes = _risks(crises, part), _notes(crises, part)
    drawings = Drawings(_sketches(crises, reported, trajectory, part, outcome))
    return Discovery(outcome, where, reported, rejected, risks, trajectory, crises, notes, drawings)


def divided(units: Numbers) -> Numbers:
    """Which part each crisis belongs to, 0 to peel, 1 to choose, 2 to report; crises of one unit stay together.

    Raises
    ------
    UserError
        Where there are too few units to divide.
    """
    count = int(units.max()) + 1
    if count < FEWEST_UNITS:
        raise UserError(
            f"discover: {count} draws, points or lucks cannot be divided into three parts; {FEWEST_UNITS} or more are "
            "needed, better hundreds"
        )
    order = np.random.default_rng([SEED, count]).permutation(count)
    part_of_unit = np.empty(count, np.int64)
    part_of_unit[order] = np.searchsorted(np.cumsum(SHARES) * count, np.arange(count) + 0.5)
    return part_of_unit[units]


def _only(columns: dict[str, Column], interest: Flags, some: NDArray) -> tuple[dict[str, Column], Flags]:
    return {name: column[some] for name, column in columns.items()}, interest[some]


def _elsewhere(peeled: Sequence[Box], columns: dict[str, Column], interest: Flags) -> pl.DataFrame:
    """`step, mass, density, coverage, restricted, score` of a trajectory on crises that it was not peeled on."""
    rows = []
    for step, before in enumerate(peeled):
        box = counted(columns, interest, before.limits)
        rows.append((step, box.mass, box.density, box.coverage, len(box.limits), before.score(box)))
    return pl.DataFrame(rows, ["step", "mass", "density", "coverage", "restricted", "score"], orient="row")


def _reported(crises: Crises, limits: Limits, left: Flags, part: Numbers) -> ReportedBox:
    """A box on the crises that it was neither peeled nor chosen on."""
    fresh = left & (part == REPORT)
    columns, interest = _only(crises.columns, crises.interest, fresh)
    box = counted(columns, interest, limits)
    lifts, densities = _resampled(inside(columns, limits), interest, crises.units[fresh])
    (low, high), (thin, dense) = (np.nanquantile(some, [0.025, 0.975]).tolist() for some in (lifts, densities))
    lift = box.density / box.base if box.inside else float("nan")
    worth = {name: quasi_p(columns, interest, limits, name) for name in limits}
    return ReportedBox(box, lift, low, high, thin, dense, worth, _repeated(crises, limits, left & (part != REPORT)))


def _resampled(within: Flags, interest: Flags, units: Numbers) -> tuple[NDArray, NDArray]:
    """Lift and density over resampled units, float (resamples,) each."""
    _, place = np.unique(units, return_inverse=True)
    count = int(place.max()) + 1
    sums = [np.bincount(place, some, count) for some in (within, within & interest, interest, np.ones(len(place)))]
    weights = np.random.default_rng([SEED, count]).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    held, cases, all_cases, total = (np.einsum("bu,u->b", weights, some) for some in sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        density = cases / held
        lift = density / (all_cases / total)
    if not np.isfinite(density).any():
        return np.full(RESAMPLES, 0.0), np.full(RESAMPLES, 0.0)
    return np.where(np.isfinite(lift), lift, 1.0), np.where(np.isfinite(density), density, np.nan)


def _repeated(crises: Crises, limits: Limits, some: Flags) -> dict[str, float]:
    """Share of resamples of draws whose own box restricts each factor."""
    if not limits:
        return {}
    places = np.flatnonzero(some)
    _, unit = np.unique(crises.units[places], return_inverse=True)
    count = int(unit.max()) + 1
    order = np.argsort(unit, kind="stable")
    starts = np.searchsorted(unit[order], np.arange(count + 1))
    generator = np.random.default_rng([SEED, count, 1])
    times = dict.fromkeys(limits, 0)
    for _ in range(REPEATS):
        picked = generator.permutation(count)  # two halves of other draws: one to peel, one to choose
        halves = (
            places[np.concatenate([order[starts[k] : starts[k + 1]] for k in half])]
            for half in (picked[: count // 2], picked[count // 2 :])
        )
        peeling, choosing = (_only(crises.columns, crises.interest, half) for half in halves)
        again = chosen([box for trajectory in trajectories(*peeling, 0.1) for box in trajectory], *choosing)
        for name in limits:
            times[name] += name in again
    return {name: number / REPEATS for name, number in times.items()}


def _risks(crises: Crises, part: Numbers) -> pl.DataFrame:
    """The leaves of a tree with their risks on reported crises; intervals are wider where crises of a draw are alike."""
    columns, interest = _only(crises.columns, crises.interest, part == REPORT)
    units = crises.units[part == REPORT]
    rows = []
    for leaf in leaves(*_only(crises.columns, crises.interest, part == PEEL)):
        within = leaf.holds(columns)
        if not within.any():
            continue
        _, densities = _resampled(within, interest, units)
        risk = float(interest[within].mean())
        ends = np.nanquantile(densities, [0.025, 0.975]) if 0 < risk < 1 else wilson(risk, int(within.sum()))
        words = (_condition(crises.names[name], relation, value) for name, relation, value in leaf.conditions)
        rows.append((" and ".join(words) or "everywhere", int(within.sum()), risk, *map(float, ends)))
    table = pl.DataFrame(rows, ["leaf", "crises", "risk", "low", "high"], orient="row")
    return table.sort("risk", descending=True)


def _condition(name: str, relation: str, value: float | str) -> str:
    shown = f"{value:.3g}" if isinstance(value, float) else str(value)
    return f"{name} {'is' if relation == '=' else 'is not' if relation == '!=' else relation} {shown}"


def limit_words(name: str, limit: Limit) -> str:
    """A limit in words."""
    if isinstance(limit, frozenset):
        return f"{name} is {' or '.join(sorted(limit))}"
    if np.isinf(limit.low):
        return f"{name} < {limit.high:.3g}"
    return f"{name} > {limit.low:.3g}" if np.isinf(limit.high) else f"{limit.low:.3g} < {name} < {limit.high:.3g}"


def _limit_text(limit: Limit) -> str:
    return limit_words("", limit).strip().removeprefix("is ").replace(" <  < ", " to ")


def limit_filter(name: str, limit: Limit) -> str:
    """A limit as ``--where`` reads it."""
    if isinstance(limit, frozenset):
        return f"{name} in ({', '.join(repr(label) for label in sorted(limit))})"
    low = [] if np.isinf(limit.low) else [f"{name} >= {limit.low:.6g}"]
    high = [] if np.isinf(limit.high) else [f"{name} <= {limit.high:.6g}"]
    return " and ".join([*low, *high])


def _plain_limit(limit: Limit) -> Any:
    """A limit as plain data."""
    if isinstance(limit, frozenset):
        return sorted(limit)
    return {"low": None if np.isinf(limit.low) else limit.low, "high": None if np.isinf(limit.high) else limit.high}


def _notes(crises: Crises, part: Numbers) -> list[str]:
    peel, choose, report = np.bincount(part)
    return [
        f"{peel:,} crises to peel, {choose:,} to choose the box, {report:,} to report it; divided by {crises.unit}, of "
        f"which there are {len(np.unique(crises.units)):,}.",
        "Intervals resample the same units. Luck makes most crises differ, so densities near 1 are not to be expected: "
        "read the lift.",
        "A box says where an outcome is frequent, not what brings it about.",
    ]


def _sketches(
    crises: Crises, reported: Sequence[ReportedBox], trajectory: pl.DataFrame, part: Numbers, outcome: str
) -> dict:
    from experiments.figures.deciding import plane, trade_off

    sketches: dict = {"trade_off": partial(trade_off, trajectory, outcome)}
    for number, item in enumerate(reported, 1):
        numeric = [name for name, limit in item.box.limits.items() if isinstance(limit, Interval)]
        numeric += [name for name, c in crises.columns.items() if c.dtype != object and name not in numeric]
        if len(numeric) < 2:
            continue
        pair = numeric[:2]
        limits = [limit for name in pair if isinstance(limit := item.box.limits.get(name, Interval()), Interval)]
        others = {name: limit for name, limit in item.box.limits.items() if name not in pair}
        drawn = (part == REPORT) & inside(crises.columns, others)
        across, up = (crises.columns[name][drawn] for name in pair)
        labels = [crises.names[name] for name in pair]
        held = " and ".join(limit_words(crises.names[name], limit) for name, limit in others.items())
        ends = [(limit.low, limit.high) for limit in limits]
        sketches[f"box_{number}"] = partial(plane, across, up, crises.interest[drawn], labels, ends, outcome, held)
    return sketches
