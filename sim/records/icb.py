"""A lane read as an international crisis of the International Crisis Behavior project.

*Entry*: the trigger is the first day on which either side fights at rung 3 or above (day 0 where a crisis opens with an
act). It is a crisis only if the trigger was at rung 5 or above, or if the target reached rung 3 afterwards; other
lanes have an empty ``icb_violence``. *Gap*: a crisis goes on until 60 days pass with neither side at rung 3 or
above. *End*: the last such day; or, sooner, the day on which an agreement came into force that then held for 14 days.
Both ends count. *Censoring*: where neither end was seen before the horizon ``icb_termination`` is empty and the
duration a lower bound. Sixty and fourteen days are ours: the project's coders date ends by perception.

*Violence*: none below rung 4; war from 1,000 battle deaths; serious from 25; minor otherwise. The two numbers are
ours, too, the project speaks of minor and serious clashes without counting.

*Termination*, the first that applies: ``agreement`` (a direct or mediated one in force at the end), ``imposed``
(settled by force: an agreement of that kind, or three tenths of the disputed ground lost), ``faded`` (at the end
neither government had been at rung 3 by policy for more than a week, so only local incidents went on),
``unilateral`` (one government had come below rung 3 at least three days before the other), ``tacit``.

*Response*. The data set dates and classes the *major* response of an actor, the act that carries the thrust of its
answer, and it counts words and diplomacy as answers. Decided before anything was tuned: the target of a violent act by
one side answers with its first move of any kind (a shot, a change of policy up or down, an agreement). Governments
climb a ladder step by step, so what it does in the seven days from that move on is one answer. It is ``violent`` if
the target fights at rung 4 or above within them, dated on the first such day; otherwise ``other``, dated on the first
move. A target that never moves within the crisis has answered by neither (``none``: not dated, and not violent).
Fire returned on the day of the trigger is an answer. The column is empty where no one-sided act of violence
triggered a crisis.
"""

from __future__ import annotations

import numpy as np

from sim.records.history import (
    ACTION,
    FORCE,
    WAR_DEATHS,
    Episode,
    History,
    Opening,
    first_day,
    first_episode,
    last_day,
)
from sim.world import Accord

GAP_DAYS = 60
HOLDING_DAYS = 14
CRISIS_TRIGGER = 5
SERIOUS_DEATHS = 25
SETTLED_GROUND = 0.3
FADING_DAYS = 7
LEADING_DAYS = 3
ANSWER_DAYS = 7

ICB_COLUMNS: dict[str, str] = {
    "icb_violence": "label",
    "icb_duration": "count",
    "icb_mediated": "flag",
    "icb_mediation_day": "day",
    "icb_termination": "label",
    "icb_agreement": "flag",
    "icb_response": "label",
    "icb_response_day": "day",
}


def read_icb(history: History, opening: Opening) -> dict[str, np.ndarray]:
    """The crisis of each lane, arrays of (lanes,); empty labels, -1 and false where the lane is no crisis."""
    crisis, settled = _crisis(history)
    level = _trigger_level(history, opening, crisis)
    is_crisis = crisis.begun & _is_crisis(history, crisis, level)
    within = crisis.within(history.days) & is_crisis
    mediation_day = first_day(history.attempt & within)
    response, response_day = _response(history, crisis, level)
    ended = is_crisis & crisis.closed
    return {
        "icb_violence": np.where(is_crisis, _violence(history, within), "").astype(object),
        "icb_duration": np.where(is_crisis, crisis.last - crisis.start + 1, -1).astype(np.int32),
        "icb_mediated": mediation_day >= 0,
        "icb_mediation_day": mediation_day,
        "icb_termination": np.where(ended, _termination(history, crisis, settled), "").astype(object),
        "icb_agreement": (_bilateral(history.agreement) & within).any(axis=0),
        "icb_response": np.where(is_crisis, response, "").astype(object),
        "icb_response_day": np.where(is_crisis, response_day, -1).astype(np.int32),
    }


def _trigger_level(history: History, opening: Opening, crisis: Episode) -> np.ndarray:
    """Each side's part in the trigger, ``(2, lanes)``: the opening or, without one, the first militarised day."""
    seen = history.fought[np.maximum(crisis.start, 0), :, np.arange(history.lanes)].T
    return np.where(opening.level.max(axis=0) < ACTION, seen, opening.level)


def _crisis(history: History) -> tuple[Episode, np.ndarray]:
    """The first crisis of each lane, and whether an agreement that held ended it."""
    quiet = first_episode(history.highest() >= ACTION, GAP_DAYS)
    agreed = _held_from(_bilateral(history.agreement))
    day = first_day(agreed & (np.arange(history.days)[:, None] >= quiet.start))
    settled = quiet.begun & (day >= 0) & (day <= quiet.last + FADING_DAYS)
    last = np.where(settled, day, quiet.last)
    return Episode(quiet.start, last, quiet.closed | settled), settled


def _bilateral(agreement: np.ndarray) -> np.ndarray:
    return (agreement != Accord.NONE) & (agreement != Accord.IMPOSED)


def _held_from(in_force: np.ndarray) -> np.ndarray:
    """Days from which on something is in force on each of the next fourteen days, the day itself counted."""
    days, lanes = in_force.shape
    total = np.concatenate([np.zeros((1, lanes), np.int32), np.cumsum(in_force, axis=0, dtype=np.int32)])
    held = np.zeros((days, lanes), bool)
    if days >= HOLDING_DAYS:
        held[: days - HOLDING_DAYS + 1] = total[HOLDING_DAYS:] - total[:-HOLDING_DAYS] == HOLDING_DAYS
    return held


def _is_crisis(history: History, crisis: Episode, level: np.ndarray) -> np.ndarray:
    """Whether the trigger was grave, or the target answered at rung 3 or above within the episode."""
    reached = ((history.fought >= ACTION) & crisis.within(history.days)[:, None, :]).any(axis=0)
    target_reached = np.where(
        level[0] == level[1], reached.all(axis=0), np.where(level[0] > level[1], reached[1], reached[0])
    )
    return (level.max(axis=0) >= CRISIS_TRIGGER) | target_reached


def _violence(history: History, within: np.ndarray) -> np.ndarray:
    deaths = np.where(within, history.military_deaths(), 0).sum(axis=0)
    force = ((history.highest() >= FORCE) & within).any(axis=0)
    return np.select([~force, deaths >= WAR_DEATHS, deaths >= SERIOUS_DEATHS], ["none", "war", "serious"], "minor")


def _termination(history: History, crisis: Episode, settled: np.ndarray) -> np.ndarray:
    lane, end = np.arange(history.lanes), np.maximum(crisis.last, 0)
    agreement = history.agreement[end, lane]
    imposed = (agreement == Accord.IMPOSED) | (np.abs(history.territory[end, lane]) >= SETTLED_GROUND)
    until_end = np.arange(history.days)[:, None, None] <= crisis.last
    mobilised = last_day(((history.policy >= ACTION) & until_end).reshape(history.days, -1)).reshape(2, -1)
    faded = (mobilised.max(axis=0) < 0) | (crisis.last - mobilised.max(axis=0) > FADING_DAYS)
    unilateral = np.abs(mobilised[0] - mobilised[1]) >= LEADING_DAYS
    kinds = [settled | _bilateral(agreement), imposed, faded, unilateral]
    return np.select(kinds, ["agreement", "imposed", "faded", "unilateral"], "tacit")


def _response(history: History, crisis: Episode, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kind and day of the target's major response; empty where no one-sided violence triggered the crisis."""
    one_sided = (level.max(axis=0) >= FORCE) & (level.min(axis=0) < FORCE)
    target = (level[0] >= FORCE).astype(int)
    shot, moved = _moves_of(history, target, np.maximum(crisis.start, 0))
    within = crisis.within(history.days)
    move = first_day((shot | moved) & within)
    day = np.arange(history.days)[:, None]
    fired = first_day(shot & within & (day >= move) & (day < move + ANSWER_DAYS))
    kind = np.select([~one_sided, move < 0, fired >= 0], ["", "none", "violent"], "other")
    return kind, np.where(one_sided, np.where(fired >= 0, fired, move), -1)


def _moves_of(history: History, side: np.ndarray, since: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days on which a side shoots, and on which it does anything else than on the day of the trigger.

    Governments decide on yesterday's world, so a policy changed on the very day of the trigger is no answer to it.
    """
    lane = np.arange(history.lanes)
    fought, policy = history.fought[:, side, lane], history.policy[:, side, lane]
    rest = policy[since, lane]
    moved = (policy != rest) | (fought > np.maximum(rest, ACTION - 1)) | _bilateral(history.agreement)
    return fought >= FORCE, moved & (np.arange(history.days)[:, None] >= since)
