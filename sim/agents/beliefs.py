"""What one government believes of the other: its rung, its force, how it answers, whether it can be trusted."""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.kernels import beliefs as kernels
from sim.world import Government


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
        self._learning = kernels.Learning(*(getattr(values, name) for name in kernels.Learning._fields))

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
        self.force_error, self.force_variance = self.force_error.copy(), self.force_variance.copy()
        noise = self.own.values.force_learning_noise
        kernels.learn_force(surprise, fought, noise, self.force_error, self.force_variance)

    def learn_answer(self) -> None:
        """Learn how the enemy answers one's steps: by a step of its own in time, or not at all."""
        own, values = self.own, self.own.values
        self.answer = self.answer.copy()
        kernels.learn_answer(
            own.step,
            own.enemy.step,
            values.answer_days,
            values.answer_learning,
            self.answer,
            self._open_step,
            self._step_age,
        )

    def update_trust(self) -> None:
        """Trust grows with the enemy's descents and what is heard of its readiness, and wears off with its words."""
        own = self.own
        crisis, enemy = own.model, own.enemy
        carried = crisis.values.talks.messages * crisis.talks.facilitation * crisis.talks.credibility(own)
        noise = crisis.today.normal(Stream.PRIVATE, own.luck_slot)
        signals = kernels.Signals(enemy.step, enemy.fought, enemy.rhetoric, enemy.readiness, noise, carried)
        self.trust = self.trust.copy()
        kernels.update_trust(self._learning, signals, self.trust)
