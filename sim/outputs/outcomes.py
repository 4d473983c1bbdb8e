"""What became of a crisis: severity, termination and measures, one value per lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.kernels.tally import Pair, PairTally, SideTally, tally_day, tally_side
from sim.ladder import LADDER, SIDES
from sim.outputs.columns import NEVER, OUTCOMES, Kind
from sim.outputs.trajectories import TrajectoryTally
from sim.world import Support, World

LIMITED_WAR_DEATHS = 100
WAR_DEATHS = 1000
"""Battle deaths of a war, as in the Correlates of War project."""

SEVERITIES = ("none", "clash", "limited_war", "war", "regional_war")
TERMINATIONS = ("mediated", "direct", "imposed", "unilateral", "tacit", "ongoing")
"""In the order of :mod:`sim.kernels.tally`, and what never came to an end."""

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
        self.sides = {side: self._begun(lanes) for side in SIDES}
        never = {name: np.full(lanes, NEVER) for name in PairTally._fields if name.endswith("_day")}
        ongoing = np.full(lanes, TERMINATIONS.index("ongoing"))
        self.pair = PairTally(*_counts(len(PairTally._fields), lanes))._replace(**never, termination=ongoing)
        self.ally_support = np.zeros(lanes, np.int64)

    @staticmethod
    def _begun(lanes: int) -> SideTally:
        cost, penalty, protest = (np.zeros(lanes) for _ in range(3))
        down, peak, days = _counts(3, lanes)
        return SideTally(down, peak, np.ones(lanes), protest, days, cost, penalty)

    def record_day(self) -> None:
        """Take note of the day that has just passed."""
        crisis, a, b = self.crisis, self.crisis.governments["a"], self.crisis.governments["b"]
        for side in SIDES:
            own, public = crisis.governments[side], crisis.publics[side]
            tally_side(
                self.sides[side],
                own.rung,
                own.fought,
                public.approval,
                public.protest,
                public.answered_for,
                public.audience_cost,
                public.step_down_penalty,
            )
        for ally in crisis.allies:
            self.ally_support = np.maximum(self.ally_support, ally.support)
        pair = Pair(
            a.rung,
            b.rung,
            a.fought,
            b.fought,
            self.sides["a"].down,
            self.sides["b"].down,
            crisis.agreement.kind,
            crisis.territory.gain,
            crisis.values.dyad.territory.settlement,
        )
        # The crisis already stands on the eve of the next day.
        tally_day(self.pair, pair, crisis.day - 1)

    def lanes(self, point: np.ndarray, replicate: np.ndarray, luck: np.ndarray) -> dict[str, np.ndarray]:
        """The outcome columns, one array of shape (lanes,) each."""
        crisis, agreement = self.crisis, self.crisis.agreement
        never_broken = self.pair.days_broken == 0
        entries = sum((ally.support == Support.DIRECT for ally in crisis.allies), np.zeros(crisis.lanes, np.int64))
        columns = {
            "point": point,
            "replicate": replicate,
            "luck": luck,
            "severity": self._severity(entries),
            "termination": _labels(
                TERMINATIONS, np.where(never_broken, TERMINATIONS.index("tacit"), self.pair.termination)
            ),
            "hostility": self._hostility(),
            "days_hot": self.pair.days_hot,
            "days_to_calm": np.where(never_broken, 0, self.pair.calm_day),
            "relapsed": self.pair.broken_after > 0,
            "hot_days_after_calm": self.pair.broken_after,
            "relapse_day": self.pair.relapse_day,
            "days_to_silence": np.where(self.pair.days_hot == 0, 0, self.pair.silence_day),
            "days_heavy": self.pair.days_heavy,
            "last_heavy_day": self.pair.last_heavy_day,
            "mediated": crisis.talks.first_attempt_day != NEVER,
            "mediation_day": crisis.talks.first_attempt_day,
            "agreements": agreement.number,
            "first_agreement_day": agreement.first_day,
            "collapses": agreement.collapses,
            "first_agreement_by": _labels(("", "direct", "mediated"), agreement.first_kind),
            "territory": crisis.territory.gain,
            "ally_support": self.ally_support,
            "ally_entries": entries,
            "tension": self.pair.tension,
        }
        for side in SIDES:
            columns |= self._side_columns(side)
        return {name: np.asarray(columns[name]).astype(DTYPES[kind]) for name, kind in COLUMNS.items()}

    def _side_columns(self, side: str) -> dict[str, np.ndarray]:
        own, tally = self.crisis.governments[side], self.sides[side]
        days = tally.answered_days
        per_day = np.where(days > 0, 1 / np.maximum(days, 1), np.nan)
        return {
            f"peak_rung_{side}": tally.peak,
            f"deaths_{side}": own.deaths,
            f"civilian_deaths_{side}": own.civilian_deaths,
            f"leader_falls_{side}": own.leader_falls,
            f"operations_{side}": own.operations,
            f"renewals_{side}": own.renewals,
            f"min_approval_{side}": tally.least_approval,
            f"max_protest_{side}": tally.most_protest,
            f"audience_cost_{side}": tally.audience_cost * per_day,
            f"step_down_penalty_{side}": tally.penalty * per_day,
        }

    def _battle_deaths(self) -> np.ndarray:
        return self.crisis.governments["a"].deaths + self.crisis.governments["b"].deaths

    def _severity(self, entries: np.ndarray) -> np.ndarray:
        deaths = self._battle_deaths()
        war = np.where(entries > 0, 4, 3)
        fought = np.where(deaths >= WAR_DEATHS, war, np.where(deaths >= LIMITED_WAR_DEATHS, 2, 1))
        return _labels(SEVERITIES, np.where(self.pair.days_hot == 0, 0, fought))

    def _hostility(self) -> np.ndarray:
        scale = np.array([rung.hostility for rung in LADDER])
        return np.where(
            self._battle_deaths() >= WAR_DEATHS, 5, scale[np.maximum(self.sides["a"].peak, self.sides["b"].peak)]
        )


def _labels(names: Sequence[str], numbers: np.ndarray) -> np.ndarray:
    return np.array(names, object)[numbers]


def _counts(number: int, lanes: int) -> list[np.ndarray]:
    """Counts (lanes,) that start at 0."""
    return [np.zeros(lanes, np.int64) for _ in range(number)]
