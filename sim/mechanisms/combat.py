"""Combat: how many die on a day, given what both sides do."""

from __future__ import annotations

import numpy as np

from sim.engine.elementwise import exp, log, ndtr
from sim.engine.streams import Stream
from sim.kernels.options import mean_losses
from sim.ladder import ARTILLERY, BLOODLESS, DEATHS, INDEX, OFFENSIVE, SIDES, pick
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
        self._severity = {side: np.zeros(lanes) for side in SIDES}
        self.today = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self.civilians_today = {side: np.zeros(lanes, np.int64) for side in SIDES}
        self._mean, self._excess = ({side: np.zeros(lanes) for side in SIDES} for _ in range(2))

    def fight(self) -> None:
        """Draw today's military and civilian deaths of both sides, and add them up."""
        for side in SIDES:
            self._mean[side] = self._expected(side)
        for side in SIDES:
            own = self.crisis.governments[side]
            self.today[side] = self._military(side)
            self.civilians_today[side] = self._civilian(side)
            own.deaths = own.deaths + self.today[side]
            own.civilian_deaths = own.civilian_deaths + self.civilians_today[side]
            self._excess[side] = (self.today[side] - self._mean[side]) / (1 + self._mean[side])

    def _expected(self, side: str) -> np.ndarray:
        own = self.crisis.governments[side]
        enemy = own.enemy
        ratio = pick(enemy.actual_force, enemy.fought) / pick(own.actual_force, own.fought)
        inflicted = pick(self.deaths, enemy.fought)
        values = self.values
        losses = np.empty(self.crisis.lanes)
        mean_losses(
            inflicted,
            ratio,
            own.fought,
            enemy.fought,
            values.attacker_penalty,
            values.low_profile,
            values.loss_exponent,
            losses,
        )
        return losses * self.bloodiness

    def _military(self, side: str) -> np.ndarray:
        own, today = self.crisis.governments[side], self.crisis.today
        self._severity[side] = self._next_severity(side)
        spread = pick(self.spread, own.enemy.fought)
        severity = exp(spread * self._severity[side] - spread * spread / 2)
        bloodless = pick(self.bloodless, own.enemy.fought)
        deadly = today.first(Stream.HURDLE, own.luck_slot) >= bloodless
        mean = np.minimum(self._mean[side] / (1 - bloodless) * severity, self.values.day_cap)
        rounding = today.uniform(Stream.ROUNDING, own.luck_slot)[MILITARY]
        drawn = np.where(deadly, np.floor(mean + rounding), 0).astype(np.int64)
        return np.where(self.strikes(side), np.maximum(drawn, 1), drawn)

    def strikes(self, side: str) -> np.ndarray:
        """Where an experiment has a salient death strike this side today, bool (lanes,)."""
        struck = (self.values.salient_side == SIDES.index(side)) | (self.values.salient_side == BOTH)
        return struck & (self.values.salient_day == self.crisis.day)

    def _next_severity(self, side: str) -> np.ndarray:
        own = self.crisis.governments[side]
        news = self.crisis.today.normal(Stream.SEVERITY, own.luck_slot)
        if self.crisis.day == 0:
            return news
        memory = self.values.persistence
        return memory * self._severity[side] + np.sqrt(1 - memory * memory) * news

    def _civilian(self, side: str) -> np.ndarray:
        own = self.crisis.governments[side]
        shelled = own.enemy.fought >= ARTILLERY
        mean = self.crisis.venue.civilian_share * self._mean[side] * shelled
        rounding = self.crisis.today.uniform(Stream.ROUNDING, own.luck_slot)[CIVILIAN]
        return np.floor(np.minimum(mean, self.values.day_cap) + rounding).astype(np.int64)

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
