"""One crisis told day by day: what happened, what each side weighed, and why it did not step down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from sim.agents.government import Government
from sim.ladder import SIDES
from sim.world import Accord, Channel, World


def record_of_day(crisis: World, before: Mapping[str, int]) -> dict[str, Any]:
    """Return the day that has just passed in a crisis of one lane, as plain Python values.

    Parameters
    ----------
    crisis : World
    before : mapping of str to int
        Side -> its policy before the day.

    Returns
    -------
    dict
        ``day``, ``a``, ``b`` (see :func:`side_of_day`), ``talks``, ``agreement``, ``collapsed``, ``territory`` (-1 to
        1) and ``support`` (of each ally, 0 to 3).
    """
    return {
        "day": crisis.day - 1,
        **{side: side_of_day(crisis, side, before[side]) for side in SIDES},
        "talks": _talks(crisis),
        "agreement": Accord(_plain(crisis.agreement.kind)).name.lower(),
        "collapsed": _plain(crisis.agreement.collapsed_today),
        "territory": _plain(crisis.territory.gain),
        "support": {ally.slot + 1: _plain(ally.support) for ally in crisis.allies},
    }


def side_of_day(crisis: World, side: str, before: int) -> dict[str, Any]:
    """One side's day: what it did and suffered, how its public took it, and what its government weighed.

    ``weighed`` maps each rung within reach to its utility, ``terms`` each such rung to the terms that add up to it.
    ``chosen`` is the rung preferred in the end, noise included; ``alternative`` the best other one without noise;
    ``step_down`` the best lower one, or None. ``why_no_step_down`` is what each term says against it: the value of
    holding minus that of stepping down.
    """
    own = cast(Government, crisis.governments[side])  # tells more than the other parts of a world may read of it
    public, report = crisis.publics[side], crisis.reports.of(side)
    return {
        "rung": _plain(own.rung),
        "rung_before": before,
        "fought": _plain(own.fought),
        "incident": _plain(crisis.incidents.begun[side]),
        "deaths": _plain(crisis.combat.today[side]),
        "civilian_deaths": _plain(crisis.combat.civilians_today[side]),
        "total_deaths": _plain(own.deaths),
        "told_deaths": _plain(report.told),
        "claimed_enemy_deaths": _plain(report.claimed),
        "approval": _plain(public.approval),
        "protest": _plain(public.protest),
        "attitude": _plain(public.attitude),
        "trust": _plain(own.trust),
        "commitment": _plain(own.commitment),
        "rhetoric": _plain(own.rhetoric),
        "enemy_rung_seen": _plain(own.beliefs.rung),
        "audience_cost": _plain(public.audience_cost),
        "step_down_penalty": _plain(public.step_down_penalty),
        "answered_for": _plain(public.answered_for),
        "operating": _plain(own.operating),
        "lapsed": _plain(own.lapses),
        "renewed": _plain(own.lapses & own.operating),
        "hope": _plain(own.hope),
        "stocks": 1 - _plain(own.stock),
        "leader_falls": _plain(own.leader_falls),
        "reconsidered": _plain(own.reconsiders),
        **_weighed(own, before),
    }


def _weighed(own: Government, before: int) -> dict[str, Any]:
    reach = np.flatnonzero(own.reachable[0])
    utility = own.utility[0]
    terms = {int(rung): {name: float(term[0, rung]) for name, term in own.terms.items()} for rung in reach}
    chosen = _plain(own.intent)
    others = [int(rung) for rung in reach if rung != chosen]
    lower = [int(rung) for rung in reach if rung < before]
    step_down = max(lower, key=lambda rung: utility[rung], default=None)
    against = {} if step_down is None else {name: terms[before][name] - terms[step_down][name] for name in own.terms}
    return {
        "chosen": chosen,
        "alternative": max(others, key=lambda rung: utility[rung]),
        "step_down": step_down,
        "weighed": {int(rung): float(utility[rung]) for rung in reach},
        "terms": terms,
        "why_no_step_down": against,
    }


def _talks(crisis: World) -> dict[str, Any]:
    """Who made an attempt today, what it was worth to each side by term, and whether it led to an agreement."""
    talks = crisis.talks
    signed = {Channel.DIRECT: Accord.DIRECT, Channel.MEDIATED: Accord.MEDIATED}
    told: dict[str, Any] = {}
    channels = (("direct", Channel.DIRECT, talks.direct), ("mediated", Channel.MEDIATED, talks.mediated))
    for name, channel, tried in channels:
        if tried[0]:
            agreed = crisis.agreement.signed_today[0] and crisis.agreement.kind[0] == signed[channel]
            told[name] = {
                "agreed": bool(agreed),
                "worth": {
                    side: {term: float(value[0]) for term, value in talks.offered[channel][side].items()}
                    for side in SIDES
                },
            }
    return told


def _plain(value: Any) -> Any:
    return np.asarray(value).reshape(-1)[0].item()
