"""What one government believes of the other: its rung, its force, how it answers, whether it can be trusted."""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.ladder import HOT
from sim.world import Government

ANSWER_RANGE = (-1.0, 1.5)
"""Bounds of the learned answer, in rungs per rung: from giving way to over-reaction (assumed)."""


class Beliefs:
    """A government's view of its enemy; arrays of shape (lanes,)."""

    def __init__(self, own: Government) -> None:
        self.own = own
        values, luck = own.values, own.model.luck
        self.rung = np.zeros(own.model.lanes)
        self.force_error = values.force_prior_error * luck.normal_before(Stream.FORCE_BELIEF, own.luck_slot)
        self.force_variance = values.force_prior_error * values.force_prior_error
        self.answer = values.answer_prior.copy()
        self.trust = values.trust_start.copy()
        self._open_step = np.zeros(own.model.lanes)
        self._step_age = np.zeros(own.model.lanes, np.int64)

    def perceive(self) -> None:
        """See what the enemy did yesterday, through fog that a facilitator thins."""
        own = self.own
        crisis = own.model
        clear = 1 - crisis.values.talks.fog_relief * crisis.talks.facilitation
        error = own.values.fog * crisis.venue.fog * clear * crisis.today.normal(Stream.FOG, own.luck_slot)
        self.rung = np.clip(own.enemy.fought + error, 0, 9)

    def learn_force(self, surprise: np.ndarray, fought: np.ndarray) -> None:
        """Correct the error about the enemy's force by the day's exchange of losses (scalar Kalman filter).

        Parameters
        ----------
        surprise : (lanes,)
            How much worse the exchange of losses was than the true balance of forces has it; zero on average.
        fought : bool (lanes,)
            Whether the day brings news at all.
        """
        noise = self.own.values.force_learning_noise * self.own.values.force_learning_noise
        gain = np.where(fought, self.force_variance / (self.force_variance + noise), 0.0)
        self.force_error = self.force_error + gain * (surprise - self.force_error)
        self.force_variance = (1 - gain) * self.force_variance

    def learn_answer(self) -> None:
        """Learn how the enemy answers one's steps: by a step of its own in time, or not at all."""
        values, step = self.own.values, self.own.enemy.step
        open_ = self._open_step != 0
        answered = open_ & ((step != 0) | (self._step_age + 1 >= values.answer_days))
        answer = np.clip(step / np.where(open_, self._open_step, 1), *ANSWER_RANGE)
        self.answer = self.answer + values.answer_learning * np.where(answered, answer - self.answer, 0.0)
        self._open_step = np.where(answered, 0.0, self._open_step)
        moved = self.own.step != 0
        self._open_step = np.where(moved, self.own.step, self._open_step)
        self._step_age = np.where(moved, 0, self._step_age + 1)

    def update_trust(self) -> None:
        """Trust grows with the enemy's descents and what is heard of its readiness, and wears off with its words."""
        own = self.own
        crisis, enemy, values = own.model, own.enemy, own.values
        noise = values.private_noise * crisis.today.normal(Stream.PRIVATE, own.luck_slot)
        pull = np.where(enemy.step < 0, 1 - self.trust, np.where(enemy.step > 0, -self.trust, 0.0))
        deeds = values.trust_learning * pull
        private = values.private_precision * (enemy.readiness + noise - self.trust)
        messages = (
            crisis.values.talks.messages
            * crisis.talks.facilitation
            * crisis.talks.credibility(own)
            * (enemy.readiness - self.trust)
        )
        words = values.rhetoric_erosion * enemy.rhetoric * self.trust * (enemy.fought >= HOT)
        self.trust = np.clip(self.trust + deeds + private + messages - words, 0, 1)
