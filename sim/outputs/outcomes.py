"""What became of a crisis: severity, termination and measures, one value per lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.ladder import CALM_DAYS, DEPLOYED, HOT, LADDER, SIDES
from sim.outputs.columns import NEVER, OUTCOMES, Kind
from sim.outputs.trajectories import TrajectoryTally
from sim.world import Accord, Support, World

UNILATERAL_LEAD = 3
"""Days by which one side's quiet precedes the other's in a unilateral termination."""
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
        self.quiet = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.peak = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.least_approval = {side: np.ones(lanes) for side in SIDES}
        self.most_protest = {side: np.zeros(lanes) for side in SIDES}
        self.armed_days = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.audience_cost = {side: np.zeros(lanes) for side in SIDES}
        self.penalty = {side: np.zeros(lanes) for side in SIDES}
        self.days_hot, self.tension, self.both_quiet = (np.zeros(lanes, np.int64) for _ in range(3))
        self.hot_after, self.ally_support = (np.zeros(lanes, np.int64) for _ in range(2))
        self.calm_day = np.full(lanes, NEVER)
        self._candidate = np.zeros(lanes, np.int64)
        self.termination = np.full(lanes, TERMINATIONS.index("ongoing"))

    def record_day(self) -> None:
        """Take note of the day that has just passed."""
        crisis = self.crisis
        hot = crisis.highest_fought_today >= HOT
        for side in SIDES:
            self._record_side(side)
        self.days_hot += hot
        self.tension += crisis.governments["a"].fought + crisis.governments["b"].fought
        for ally in crisis.allies:
            self.ally_support = np.maximum(self.ally_support, ally.support)
        self._record_calm(hot)

    def _record_side(self, side: str) -> None:
        own, public = self.crisis.governments[side], self.crisis.publics[side]
        self.quiet[side] = np.where(own.fought <= DEPLOYED, self.quiet[side] + 1, 0)
        self.peak[side] = np.maximum(self.peak[side], own.fought)
        self.least_approval[side] = np.minimum(self.least_approval[side], public.approval)
        self.most_protest[side] = np.maximum(self.most_protest[side], public.protest)
        self.armed_days[side] += public.under_arms
        self.audience_cost[side] += np.where(public.under_arms, public.audience_cost, 0.0)
        self.penalty[side] += np.where(public.under_arms, public.step_down_penalty, 0.0)

    def _record_calm(self, hot: np.ndarray) -> None:
        """How a quiet spell began is noted on its first day, in case it turns out to be the calm."""
        self.both_quiet = np.where(hot, 0, self.both_quiet + 1)
        self._candidate = np.where(self.both_quiet == 1, self._way_out(), self._candidate)
        begins = (self.both_quiet == CALM_DAYS) & (self.calm_day == NEVER)
        # The crisis already stands on the eve of the next day.
        self.calm_day = np.where(begins, self.crisis.day - CALM_DAYS, self.calm_day)
        self.termination = np.where(begins, self._candidate, self.termination)
        self.hot_after += hot & (self.calm_day != NEVER)

    def _way_out(self) -> np.ndarray:
        """How a quiet spell that begins today came about, by number; the first that applies."""
        agreement, territory = self.crisis.agreement, self.crisis.values.dyad.territory
        lead = np.abs(self.quiet["a"] - self.quiet["b"])
        # The day's books are closed before the tally, so that a first day of quiet counts one day already.
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
        never_hot = self.days_hot == 0
        entries = sum((ally.support == Support.DIRECT for ally in crisis.allies), np.zeros(crisis.lanes, np.int64))
        columns = {
            "point": point,
            "replicate": replicate,
            "luck": luck,
            "severity": self._severity(entries),
            "termination": _labels(TERMINATIONS, self._termination(never_hot)),
            "hostility": self._hostility(),
            "days_hot": self.days_hot,
            "days_to_calm": np.where(never_hot, 0, self.calm_day),
            "relapsed": self.hot_after > 0,
            "hot_days_after_calm": self.hot_after,
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
        own, days = self.crisis.governments[side], self.armed_days[side]
        per_day = np.where(days > 0, 1 / np.maximum(days, 1), np.nan)
        return {
            f"peak_rung_{side}": self.peak[side],
            f"deaths_{side}": own.deaths,
            f"civilian_deaths_{side}": own.civilian_deaths,
            f"leader_falls_{side}": own.leader_falls,
            f"min_approval_{side}": self.least_approval[side],
            f"max_protest_{side}": self.most_protest[side],
            f"audience_cost_{side}": self.audience_cost[side] * per_day,
            f"step_down_penalty_{side}": self.penalty[side] * per_day,
        }

    def _termination(self, never_hot: np.ndarray) -> np.ndarray:
        return np.where(never_hot, TERMINATIONS.index("tacit"), self.termination)

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
