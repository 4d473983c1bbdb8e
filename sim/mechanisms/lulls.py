"""Lulls: spells of days on which nobody acts on a posture, however hot, short of an offensive."""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.ladder import OFFENSIVE, SETTLED
from sim.world import World


class Lulls:
    """Quiet days of the pair, a Markov chain of two states that nothing else moves.

    ``lull_share`` of all days lie in spells of ``lull_days`` days on average (longer where so large a share cannot come
    in spells so short). The chain starts outside a lull and runs whatever the sides do; a day is ``quiet`` (bool,
    (lanes,)) if it lies in a spell and neither side stands at rung 8 or above. On a quiet day policy is fought out at
    rung 2 at most; local incidents and answers in kind go on.
    """

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        values = crisis.values.dyad.combat
        odds = values.lull_share / (1 - values.lull_share)
        mean = np.maximum(values.lull_days, odds)
        self._stays, self._begins = 1 - 1 / mean, odds / mean
        self.spell = np.zeros(crisis.lanes, bool)
        self.quiet = self.spell
        self.in_use = bool((values.lull_share > 0).any())

    def draw_lull(self) -> None:
        """Draw whether today lies in a spell; day 0 never does."""
        if not self.in_use:
            return
        chance = np.where(self.spell, self._stays, self._begins)
        self.spell = (self.crisis.today.first(Stream.LULL) < chance) & (self.crisis.day > 0)
        highest = np.maximum(*(own.new_rung for own in self.crisis.governments.values()))
        self.quiet = self.spell & (highest < OFFENSIVE)

    def fought_out(self, rung: np.ndarray) -> np.ndarray:
        """The rung that policy at ``rung`` is fought at today, int (lanes,)."""
        return np.where(self.quiet, np.minimum(rung, SETTLED), rung) if self.in_use else rung
