"""What became of a crisis: severity, termination and measures, one value per lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.ladder import ARTILLERY, CALM_DAYS, DEPLOYED, HOT, LADDER, SIDES
from sim.outputs.columns import NEVER, OUTCOMES, Kind
from sim.outputs.trajectories import TrajectoryTally
from sim.world import Accord, Support, World

UNILATERAL_LEAD = 3
"""Days by which one side's policy comes down before the other's in a unilateral termination."""
LIMITED_WAR_DEATHS = 100
WAR_DEATHS = 1000
"""Battle deaths of a war, as in the Correlates of War project."""

SEVERITIES = ("none", "clash", "limited_war", "war", "regional_war")
TERMINATIONS = ("mediated", "direct", "imposed", "unilateral", "tacit", "ongoing")

COLUMNS: dict[str, Kind] = {column.name: column.kind for column in OUTCOMES}
"""Outcome -> kind, in file order; see :mod:`sim.outputs.columns`."""

DTYPES = {
    "count": np.int32,
    "day": np.int32,
    "deaths": np.int64,
    "luck": np.int64,
    "flag": np.bool_,
    "measure": np.float64,
    "label": object,
}


@dataclass
class Outcomes:
    """Results of a batch of lanes.

    ``lanes`` holds one array of shape (lanes,) per name in :data:`COLUMNS`. Whole numbers are ``NEVER`` (-1) and
    measures NaN where something never happened, labels empty. ``records`` and ``events`` are the crisis as data sets
    would code it (see :mod:`sim.records`), where asked for; ``trajectories`` its path, likewise.
    """

    lanes: dict[str, np.ndarray]
    records: dict[str, np.ndarray] | None = None
    events: dict[str, np.ndarray] | None = None
    trajectories: TrajectoryTally | None = None

    def __len__(self) -> int:
        return len(self.lanes["point"])

    @classmethod
    def concatenate(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """One batch from many, in the given order."""
        tallies = [part.trajectories for part in parts if part.trajectories is not None]
        return cls(
            {name: np.concatenate([part.lanes[name] for part in parts]) for name in parts[0].lanes},
            _joined([part.records for part in parts]),
            _joined([part.events for part in parts]),
            TrajectoryTally.merged(tallies) if tallies else None,
        )


def _joined(tables: Sequence[dict[str, np.ndarray] | None]) -> dict[str, np.ndarray] | None:
    kept = [table for table in tables if table is not None]
    if len(kept) < len(tables):
        return None
    return {name: np.concatenate([table[name] for table in kept]) for name in kept[0]}


class OutcomeRecorder:
    """Watches a crisis from day to day and says at the end what became of it."""

    def __init__(self, crisis: World) -> None:
        lanes = crisis.lanes
        self.crisis = crisis
        self.down = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.peak = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.least_approval = {side: np.ones(lanes) for side in SIDES}
        self.most_protest = {side: np.zeros(lanes) for side in SIDES}
        self.answered_days = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.audience_cost = {side: np.zeros(lanes) for side in SIDES}
        self.penalty = {side: np.zeros(lanes) for side in SIDES}
        self.days_hot, self.days_heavy, self.tension, self.ally_support = (np.zeros(lanes, np.int64) for _ in range(4))
        self.calm_run, self.silent_run, self.days_broken, self.broken_after = (
            np.zeros(lanes, np.int64) for _ in range(4)
        )
        self.calm_day, self.silence_day, self.relapse_day, self.last_heavy_day = (
            np.full(lanes, NEVER) for _ in range(4)
        )
        self._candidate = np.zeros(lanes, np.int64)
        self.termination = np.full(lanes, TERMINATIONS.index("ongoing"))

    def record_day(self) -> None:
        """Take note of the day that has just passed."""
        crisis = self.crisis
        # The crisis already stands on the eve of the next day.
        day, fought = crisis.day - 1, crisis.highest_fought_today
        hot, heavy = fought >= HOT, fought >= ARTILLERY
        for side in SIDES:
            self._record_side(side)
        self.days_hot += hot
        self.days_heavy += heavy
        self.last_heavy_day = np.where(heavy, day, self.last_heavy_day)
        self.tension += crisis.governments["a"].fought + crisis.governments["b"].fought
        for ally in crisis.allies:
            self.ally_support = np.maximum(self.ally_support, ally.support)
        self.silent_run = np.where(hot, 0, self.silent_run + 1)
        self.silence_day = _first_spell(self.silent_run, self.silence_day, day)
        policy = np.maximum(crisis.governments["a"].rung, crisis.governments["b"].rung)
        self._record_calm(heavy | (policy >= HOT), day)

    def _record_side(self, side: str) -> None:
        own, public = self.crisis.governments[side], self.crisis.publics[side]
        self.down[side] = np.where(own.rung <= DEPLOYED, self.down[side] + 1, 0)
        self.peak[side] = np.maximum(self.peak[side], own.fought)
        self.least_approval[side] = np.minimum(self.least_approval[side], public.approval)
        self.most_protest[side] = np.maximum(self.most_protest[side], public.protest)
        self.answered_days[side] += public.answered_for
        self.audience_cost[side] += np.where(public.answered_for, public.audience_cost, 0.0)
        self.penalty[side] += np.where(public.answered_for, public.step_down_penalty, 0.0)

    def _record_calm(self, broken: np.ndarray, day: int) -> None:
        """Count days that break calm; how a calm spell began is noted on its first day, in case it becomes the calm."""
        self.days_broken += broken
        self.calm_run = np.where(broken, 0, self.calm_run + 1)
        self._candidate = np.where(self.calm_run == 1, self._way_out(), self._candidate)
        begins = (self.calm_run == CALM_DAYS) & (self.calm_day == NEVER)
        self.calm_day = _first_spell(self.calm_run, self.calm_day, day)
        self.termination = np.where(begins, self._candidate, self.termination)
        after = broken & (self.calm_day != NEVER)
        self.broken_after += after
        self.relapse_day = np.where(after & (self.relapse_day == NEVER), day, self.relapse_day)

    def _way_out(self) -> np.ndarray:
        """How a calm spell that begins today came about, by number; the first that applies."""
        agreement, territory = self.crisis.agreement, self.crisis.values.dyad.territory
        lead = np.abs(self.down["a"] - self.down["b"])
        # The day's books are closed before the tally, so that a first day of calm counts one day already.
        return np.select(
            [
                agreement.kind == Accord.MEDIATED,
                agreement.kind == Accord.DIRECT,
                (agreement.kind == Accord.IMPOSED) | (np.abs(self.crisis.territory.gain) >= territory.settlement),
                lead >= UNILATERAL_LEAD,
            ],
            [TERMINATIONS.index(name) for name in ("mediated", "direct", "imposed", "unilateral")],
            TERMINATIONS.index("tacit"),
        )

    def lanes(self, point: np.ndarray, replicate: np.ndarray, luck: np.ndarray) -> dict[str, np.ndarray]:
        """The outcome columns, one array of shape (lanes,) each."""
        crisis, agreement = self.crisis, self.crisis.agreement
        never_broken = self.days_broken == 0
        entries = sum((ally.support == Support.DIRECT for ally in crisis.allies), np.zeros(crisis.lanes, np.int64))
        columns = {
            "point": point,
            "replicate": replicate,
            "luck": luck,
            "severity": self._severity(entries),
            "termination": _labels(TERMINATIONS, np.where(never_broken, TERMINATIONS.index("tacit"), self.termination)),
            "hostility": self._hostility(),
            "days_hot": self.days_hot,
            "days_to_calm": np.where(never_broken, 0, self.calm_day),
            "relapsed": self.broken_after > 0,
            "hot_days_after_calm": self.broken_after,
            "relapse_day": self.relapse_day,
            "days_to_silence": np.where(self.days_hot == 0, 0, self.silence_day),
            "days_heavy": self.days_heavy,
            "last_heavy_day": self.last_heavy_day,
            "mediated": crisis.talks.first_attempt_day != NEVER,
            "mediation_day": crisis.talks.first_attempt_day,
            "agreements": agreement.number,
            "first_agreement_day": agreement.first_day,
            "collapses": agreement.collapses,
            "first_agreement_by": _labels(("", "direct", "mediated"), agreement.first_kind),
            "territory": crisis.territory.gain,
            "ally_support": self.ally_support,
            "ally_entries": entries,
            "tension": self.tension,
        }
        for side in SIDES:
            columns |= self._side_columns(side)
        return {name: np.asarray(columns[name]).astype(DTYPES[kind]) for name, kind in COLUMNS.items()}

    def _side_columns(self, side: str) -> dict[str, np.ndarray]:
        own, days = self.crisis.governments[side], self.answered_days[side]
        per_day = np.where(days > 0, 1 / np.maximum(days, 1), np.nan)
        return {
            f"peak_rung_{side}": self.peak[side],
            f"deaths_{side}": own.deaths,
            f"civilian_deaths_{side}": own.civilian_deaths,
            f"leader_falls_{side}": own.leader_falls,
            f"operations_{side}": own.operations,
            f"renewals_{side}": own.renewals,
            f"min_approval_{side}": self.least_approval[side],
            f"max_protest_{side}": self.most_protest[side],
            f"audience_cost_{side}": self.audience_cost[side] * per_day,
            f"step_down_penalty_{side}": self.penalty[side] * per_day,
        }

    def _battle_deaths(self) -> np.ndarray:
        return self.crisis.governments["a"].deaths + self.crisis.governments["b"].deaths

    def _severity(self, entries: np.ndarray) -> np.ndarray:
        deaths = self._battle_deaths()
        war = np.where(entries > 0, 4, 3)
        fought = np.where(deaths >= WAR_DEATHS, war, np.where(deaths >= LIMITED_WAR_DEATHS, 2, 1))
        return _labels(SEVERITIES, np.where(self.days_hot == 0, 0, fought))

    def _hostility(self) -> np.ndarray:
        scale = np.array([rung.hostility for rung in LADDER])
        return np.where(self._battle_deaths() >= WAR_DEATHS, 5, scale[np.maximum(self.peak["a"], self.peak["b"])])


def _labels(names: Sequence[str], numbers: np.ndarray) -> np.ndarray:
    return np.array(names, object)[numbers]


def _first_spell(run: np.ndarray, known: np.ndarray, day: int) -> np.ndarray:
    """First day of the first spell of ``CALM_DAYS`` days, given the run up to today and what was known; (lanes,)."""
    return np.where((run == CALM_DAYS) & (known == NEVER), day - CALM_DAYS + 1, known)
