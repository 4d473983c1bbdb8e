"""Many crises at once: the one door into the model.

:func:`simulate` runs points times replicates and returns their outcomes. Any set of lanes can be run apart with
:func:`run_chunk`; a lane's result is the same bit for bit however lanes are grouped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.crisis import DTYPES, MOST_CITIZENS, REPLICATES, SEEDS, Crisis
from sim.engine.lanes import Points, check_whole, lane_values, whole_numbers
from sim.engine.streams import Luck
from sim.ladder import SIDES
from sim.outputs.outcomes import OutcomeRecorder, Outcomes
from sim.outputs.tracing import record_of_day
from sim.outputs.trajectories import TrajectoryRecorder
from sim.records import History, Opening, read_records
from sim.scenario import ParameterError, Scenario

CHUNK_LANES = 2000
"""Lanes simulated together: enough to spread the cost of a day's bookkeeping, few enough to stay in fast memory."""


@dataclass(frozen=True)
class Settings:
    """How to simulate.

    Attributes
    ----------
    seed : int
        0 to 2**64 - 1.
    horizon_days, citizens : int
        Days simulated; citizens of each public.
    luck : {"shared", "own"}
        Whether a replicate meets the same luck at every point, or each lane its own.
    dtype : {"float32", "float64"}
        Precision of the citizens' arithmetic.
    records, trajectories : bool
        Whether to read each crisis as data sets would code it, and to keep its path.
    """

    seed: int = 1
    horizon_days: int = 120
    citizens: int = 128
    luck: str = "shared"
    dtype: str = "float32"
    records: bool = False
    trajectories: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (("seed", 0, SEEDS - 1), ("horizon_days", 1, 3650), ("citizens", 5, MOST_CITIZENS)):
            check_whole(name, getattr(self, name), low, high)
        for name, options in (("luck", ("shared", "own")), ("dtype", DTYPES)):
            if getattr(self, name) not in options:
                raise ParameterError(f"{name}={getattr(self, name)!r}: choose from {' | '.join(options)}")


def simulate(
    scenarios: Points | Scenario | Sequence[Scenario],
    replicates: int = 1000,
    settings: Settings | None = None,
    *,
    chunk_lanes: int = CHUNK_LANES,
) -> Outcomes:
    """Simulate every point ``replicates`` times.

    Parameters
    ----------
    scenarios : Points, Scenario or sequence of Scenario
    replicates : int
        Replicates of each point, 1 or more.
    settings : Settings, optional
    chunk_lanes : int
        Lanes simulated together; changes the time it takes and nothing else.

    Returns
    -------
    Outcomes
        Lanes ordered by point, then replicate.
    """
    return Outcomes.concatenate(list(simulate_chunks(scenarios, replicates, settings, chunk_lanes=chunk_lanes)))


def simulate_chunks(
    scenarios: Points | Scenario | Sequence[Scenario],
    replicates: int = 1000,
    settings: Settings | None = None,
    *,
    chunk_lanes: int = CHUNK_LANES,
) -> Iterator[Outcomes]:
    """The same, a chunk of lanes at a time, so that memory stays bounded however many lanes there are."""
    points = scenarios if isinstance(scenarios, Points) else Points.of(scenarios)
    check_whole("replicates", replicates, 1, REPLICATES)
    check_whole("chunk_lanes", chunk_lanes, 1, REPLICATES)
    if not len(points):
        raise ParameterError("points=0: at least one is needed")
    lanes = len(points) * replicates
    for first in range(0, lanes, chunk_lanes):
        lane = np.arange(first, min(first + chunk_lanes, lanes))
        yield run_chunk(points, lane // replicates, lane % replicates, settings or Settings())


def run_chunk(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, point_offset: int = 0
) -> Outcomes:
    """Simulate any set of lanes.

    Parameters
    ----------
    points : Points
    point, replicate : int array (lanes,)
        Each lane's point (an index into ``points``) and replicate.
    settings : Settings
    point_offset : int
        Added to ``point`` wherever it is seen or keys luck, so that part of a large design can be run apart.

    Returns
    -------
    Outcomes
    """
    point, replicate = whole_numbers("point", point, len(points)), whole_numbers("replicate", replicate, REPLICATES)
    if not 0 < len(point) == len(replicate):
        raise ParameterError(f"{len(point)} points, {len(replicate)} replicates: as many of each, one or more")
    seen_point = point + point_offset
    crisis = begin(points, point, replicate, settings, point_offset)
    try:
        return _run(crisis, seen_point, replicate, settings)
    finally:
        crisis.close()


def _run(crisis: Crisis, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> Outcomes:
    tally = OutcomeRecorder(crisis)
    path = TrajectoryRecorder(crisis, point, replicate, settings.horizon_days) if settings.trajectories else None
    scribe = HistoryRecorder(crisis, settings.horizon_days) if settings.records else None
    for day in range(settings.horizon_days):
        crisis.step()
        tally.record_day()
        if path:
            path.record_day(day)
        if scribe:
            scribe.write(day)
    key = (point << 32) | replicate if settings.luck == "own" else replicate
    outcomes = Outcomes(tally.lanes(point, replicate, key), trajectories=path.tally() if path else None)
    if scribe:
        outcomes.records, outcomes.events = scribe.read(point, replicate)
    return outcomes


def begin(
    points: Points,
    point: np.ndarray,
    replicate: np.ndarray,
    settings: Settings,
    point_offset: int = 0,
    weighs_daily: bool = False,
) -> Crisis:
    """A crisis in the given lanes on the eve of day 0; arguments, (lanes,) each, as for :func:`run_chunk`."""
    luck = Luck(settings.seed, replicate, point + point_offset if settings.luck == "own" else None)
    return Crisis(
        lanes=(lane_values(points, point, luck), luck),
        citizens=settings.citizens,
        dtype=settings.dtype,
        collect=False,
        weighs_daily=weighs_daily,
    )


class HistoryRecorder:
    """Writes down what happens, day by day, for the readings of :mod:`sim.records`."""

    def __init__(self, crisis: Crisis, days: int) -> None:
        self.crisis = crisis
        self.history = History.empty(days, crisis.lanes)
        self.history.support = np.zeros((days, max(len(crisis.allies), 1), crisis.lanes), np.int8)
        self.opening: Opening | None = None

    def write(self, day: int) -> None:
        """Take note of the day that has just passed."""
        crisis, history = self.crisis, self.history
        for number, side in enumerate(SIDES):
            own = crisis.governments[side]
            history.fought[day, number], history.policy[day, number] = own.fought, own.rung
            history.deaths[day, number] = crisis.combat.today[side]
            history.civilians[day, number] = crisis.combat.civilians_today[side]
            history.incident[day, number] = crisis.incidents.begun[side]
        history.attempt[day] = crisis.talks.mediated
        for mediator in crisis.mediators:
            history.mediator_active[day] |= mediator.active
        for number, ally in enumerate(crisis.allies):
            history.support[day, number] = ally.support
        history.agreement[day], history.territory[day] = crisis.agreement.kind, crisis.territory.gain
        if day == 0:
            self.opening = Opening(np.maximum(history.policy[0], history.incident[0]))

    def read(self, point: np.ndarray, replicate: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """The records, (lanes,) each, and the events, (events,) each, with the lane they belong to."""
        records, events = read_records(self.history, self.opening)
        lane = events.pop("lane")
        return (
            {"point": point.astype(np.int32), "replicate": replicate.astype(np.int32), **records},
            {"point": point[lane].astype(np.int32), "replicate": replicate[lane].astype(np.int32), **events},
        )


def trace(
    points: Points, point: int, replicate: int, settings: Settings, point_offset: int = 0
) -> Iterator[dict[str, Any]]:
    """Tell one lane of a design day by day, exactly as the ensemble ran it.

    Parameters
    ----------
    points : Points
    point, replicate : int
        Which lane.
    settings : Settings
    point_offset : int
        As for :func:`sim.ensemble.run_chunk`.

    Yields
    ------
    dict
        One day, as :func:`sim.outputs.tracing.record_of_day` has it.
    """
    crisis = begin(points, np.array([point]), np.array([replicate]), settings, point_offset, weighs_daily=True)
    try:
        for _ in range(settings.horizon_days):
            before = {side: crisis.governments[side].rung.item() for side in SIDES}
            crisis.step()
            yield record_of_day(crisis, before)
    finally:
        crisis.close()
