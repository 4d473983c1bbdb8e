"""What a clash leaves behind: every crisis is taken up again after its first calm, with and without what it left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.claims.measures import LIMITED_WAR
from sim.crisis import Crisis
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.ensemble import Settings, begin
from sim.ladder import CALM_DAYS, DEPLOYED, HOT
from sim.outputs.outcomes import OutcomeRecorder

CALM_BEGINS_BY = 90
"""Days within which the first calm has to be complete, and how long it lasts (assumed)."""


def war_added_by_a_clash(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether limited war or worse follows on a calm with what the clash left minus without, a lane.

    The pair starts anew at rung 3 on both sides, with its own traits and other luck, the same twice: once with the
    attitudes, commitment and trust that stood on the day its first calm was complete, once with those of before the
    clash. NaN where there was no calm in time.
    """
    left, traits, calm = _until_calm(points, point, replicate, settings)
    rest = {f"dyad.start_rung_{side}": np.full(len(point), float(DEPLOYED)) for side in "ab"}
    own = points.take(point)
    columns = {**own.columns, **traits, **rest}
    with_, without = (
        _is_war(Points(own.scenarios, own.choice, {**columns, **some}), point, replicate, settings)
        for some in (left, {})
    )
    return np.where(calm, with_ - without, np.nan)


def _is_war(again: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether pairs that take it up again come to limited war or worse; luck is keyed as theirs was, seed apart."""
    luck = Luck(settings.seed + 1, replicate, point if settings.luck == "own" else None)
    values = lane_values(again, np.arange(len(point)), luck)
    crisis = Crisis(lanes=(values, luck), citizens=settings.citizens, dtype=settings.dtype, collect=False)
    tally = OutcomeRecorder(crisis)
    for _ in range(settings.horizon_days):
        crisis.step()
        tally.record_day()
    war = LIMITED_WAR.read(tally.lanes(point, replicate, replicate))
    crisis.close()
    return war


def _until_calm(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """What stands on the day the first calm is complete, the pair's own traits, and whether there was a calm."""
    crisis = begin(points, point, replicate, replace(settings, horizon_days=CALM_BEGINS_BY))
    start = {side: crisis.publics[side].attitude.copy() for side in "ab"}
    traits = {
        path: value
        for side in "ab"
        for path, value in {
            f"government.{side}.resolve": crisis.governments[side].own_resolve / crisis.venue.stake(side),
            f"government.{side}.resolve_sd": np.zeros(crisis.lanes),
        }.items()
    }
    quiet, done = np.zeros(crisis.lanes, int), np.zeros(crisis.lanes, bool)
    left = {path: np.zeros(crisis.lanes) for path in _standing(crisis, start)}
    for _ in range(CALM_BEGINS_BY):
        crisis.step()
        quiet = np.where(crisis.highest_fought_today >= HOT, 0, quiet + 1)
        now = (quiet == CALM_DAYS) & ~done
        left = {path: np.where(now, value, left[path]) for path, value in _standing(crisis, start).items()}
        done |= now
        if done.all():
            break
    crisis.close()
    return left, traits, done


def _standing(crisis: Crisis, start: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        path: value
        for side in "ab"
        for path, value in {
            f"government.{side}.commitment_start": crisis.governments[side].commitment,
            f"government.{side}.trust_start": crisis.governments[side].trust,
            f"public.{side}.attitude_shift": crisis.publics[side].attitude - start[side],
        }.items()
    }
