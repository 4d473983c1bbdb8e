"""What one government believes of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.streams import Stream
from tests.oracle.plain import HOT, clip

if TYPE_CHECKING:
    from tests.oracle.government import Government

LEAST_ANSWER, GREATEST_ANSWER = -1.0, 1.5


class Beliefs:
    """The enemy's rung, its force, how it answers one's steps, and whether it can be trusted."""

    def __init__(self, own: Government) -> None:
        self.own, values = own, own.values
        normal = own.crisis.luck_before.normals_before(Stream.FORCE_BELIEF, own.slot)[0]
        self.rung = 0.0
        self.force_error = values.force_prior_error * normal
        self.force_variance = values.force_prior_error**2
        self.answer = values.answer_prior
        self.trust = values.trust_start
        self.unanswered_step, self.step_age = 0, 0

    def perceive(self) -> None:
        """e-hat = e_o + sigma_f (1 - relief x facilitation) Z."""
        own, crisis = self.own, self.own.crisis
        clear = 1 - crisis.world.talks.fog_relief * crisis.talks.facilitation
        noise = own.values.fog * crisis.venue.fog() * clear * crisis.luck.normal(Stream.FOG, own.slot)
        self.rung = clip(own.enemy.fought + noise, 0.0, 9.0)

    def expected_answer(self, rung: int) -> float:
        """e-hat(j) = e-hat + anticipation x r-hat x (j - e)."""
        own = self.own
        return clip(self.rung + own.values.anticipation * self.answer * (rung - own.rung), 0.0, 9.0)

    def learn(self) -> None:
        """All that a day teaches."""
        if max(self.own.fought, self.own.enemy.fought) >= HOT:
            self.learn_force()
        self.learn_answer()
        self.update_trust()

    def learn_force(self) -> None:
        """A scalar Kalman filter of the error about the enemy's force."""
        combat, side = self.own.crisis.combat, self.own.side
        noise = self.own.values.force_learning_noise**2
        gain = self.force_variance / (self.force_variance + noise)
        self.force_error += gain * (combat.surprise(side) - self.force_error)
        self.force_variance *= 1 - gain

    def learn_answer(self) -> None:
        """The enemy's next step, or none in time, counts as the answer to one's own last step."""
        values, enemy_step = self.own.values, self.own.enemy.step
        in_time_or_over = enemy_step != 0 or self.step_age + 1 >= values.answer_days
        if self.unanswered_step != 0 and in_time_or_over:
            answer = clip(enemy_step / self.unanswered_step, LEAST_ANSWER, GREATEST_ANSWER)
            self.answer += values.answer_learning * (answer - self.answer)
            self.unanswered_step = 0
        self.step_age += 1
        if self.own.step != 0:
            self.unanswered_step, self.step_age = self.own.step, 0

    def update_trust(self) -> None:
        """Deeds, private signals, a mediator's messages, and the enemy's words."""
        own, crisis, enemy, values = self.own, self.own.crisis, self.own.enemy, self.own.values
        deeds = 0.0
        if enemy.step < 0:
            deeds = values.trust_learning * (1 - self.trust)
        elif enemy.step > 0:
            deeds = -values.trust_learning * self.trust
        noise = values.private_noise * crisis.luck.normal(Stream.PRIVATE, own.slot)
        private = values.private_precision * (enemy.readiness + noise - self.trust)
        weight = crisis.world.talks.messages * crisis.talks.facilitation * crisis.talks.credibility(own)
        messages = weight * (enemy.readiness - self.trust)
        words = values.rhetoric_erosion * enemy.rhetoric * self.trust if enemy.fought >= HOT else 0.0
        self.trust = clip(self.trust + deeds + private + messages - words, 0.0, 1.0)
