"""Combat: how many die on a day, given what both sides do."""

from __future__ import annotations

import numpy as np

from sim.engine.elementwise import exp, log, ndtr
from sim.engine.streams import Stream
from sim.kernels.losses import Exchange, Lethality, draw_losses
from sim.ladder import ARTILLERY, BLOODLESS, DEATHS, INDEX, OFFENSIVE, SIDES
from sim.scenario import option_number
from sim.world import World

BOTH = option_number("dyad.combat.salient_side", "both")
MILITARY, CIVILIAN = 0, 1
"""Which draw of rounding belongs to whom."""
NO_SPREAD = 1e-100
"""A log spread up to this is none: to divide by less would overflow."""


class Combat:
    """Losses of both sides.

    Deaths of a side are ``floor(mean * bloodiness * severity + U)`` on a day that passes a hurdle, else none. The mean
    follows the enemy's rung and the ratio of forces (Lanchester 1916, exponent ``loss_exponent``); bloodiness is one
    lognormal factor a crisis, severity a lognormal factor a day with autocorrelation; both have mean one.
    """

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.values = crisis.values.dyad.combat
        values, lanes = self.values, crisis.lanes
        scale = [values.lethality_low, values.lethality_middle, values.lethality_high]
        group = np.digitize(INDEX, [ARTILLERY, OFFENSIVE])
        self.deaths = values.lethality[:, None] * DEATHS * np.stack([scale[g] for g in group], axis=1)
        self.bloodless = values.hurdle[:, None] * BLOODLESS
        spread = [values.spread_low, values.spread_middle, values.spread_high]
        self.spread = np.stack([spread[g] for g in group], axis=1)
        normal = crisis.luck.normal_before(Stream.SPELL, 0)
        self.bloodiness = _capped_lognormal(normal, values.spell_sd, values.spell_cap)
        self._lethality = Lethality(
            values.attacker_penalty,
            values.low_profile,
            values.loss_exponent,
            values.persistence,
            values.day_cap,
            self.bloodiness,
            crisis.venue.civilian_share,
            self.deaths,
            self.bloodless,
            self.spread,
        )
        self._severity, self._excess = ({side: np.zeros(lanes) for side in SIDES} for _ in range(2))
        self.today = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.civilians_today = {side: np.zeros(lanes, np.int64) for side in SIDES}

    def fight(self) -> None:
        """Draw today's military and civilian deaths of both sides, and add them up."""
        crisis, lanes = self.crisis, self.crisis.lanes
        for side in SIDES:
            own = crisis.governments[side]
            severity, excess = self._severity[side].copy(), np.empty(lanes)
            dead, civilians = np.empty(lanes, np.int64), np.empty(lanes, np.int64)
            draw_losses(self._lethality, self._exchange(side), crisis.day == 0, severity, dead, civilians, excess)
            self._severity[side], self._excess[side] = severity, excess
            self.today[side], self.civilians_today[side] = dead, civilians
            own.deaths, own.civilian_deaths = own.deaths + dead, own.civilian_deaths + civilians

    def _exchange(self, side: str) -> Exchange:
        own, today = self.crisis.governments[side], self.crisis.today
        rounding = today.uniform(Stream.ROUNDING, own.luck_slot)
        return Exchange(
            own.fought,
            own.enemy.fought,
            own.actual_force,
            own.enemy.actual_force,
            today.normal(Stream.SEVERITY, own.luck_slot),
            today.first(Stream.HURDLE, own.luck_slot),
            rounding[MILITARY],
            rounding[CIVILIAN],
            self.strikes(side),
        )

    def strikes(self, side: str) -> np.ndarray:
        """Where an experiment has a salient death strike this side today, bool (lanes,)."""
        struck = (self.values.salient_side == SIDES.index(side)) | (self.values.salient_side == BOTH)
        return struck & (self.values.salient_day == self.crisis.day)

    def surprise(self, side: str) -> np.ndarray:
        """How much worse today's exchange of losses was for a side than the true balance has it, shape (lanes,).

        Each side's losses are held against what was to be expected, in units of that, so that the mean is zero however
        skewed a day's losses are. (A log ratio of counts would tell the weaker side that it is stronger than it is.)
        """
        enemy = self.crisis.governments[side].enemy.side
        return self._excess[side] - self._excess[enemy]


def _capped_lognormal(normal: np.ndarray, spread: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """A lognormal factor of mean one, cut off at a cap and raised again by what the cut takes from the mean."""
    factor = np.minimum(exp(spread * normal - spread * spread / 2), cap)
    spreads = spread > NO_SPREAD
    beyond = log(cap) / np.where(spreads, spread, np.inf) + spread / 2
    mean = np.where(spreads, ndtr(beyond - spread) + cap * ndtr(-beyond), np.minimum(cap, 1.0))
    return factor / mean
