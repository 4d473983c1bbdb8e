"""A citizen: what one person thinks of policy, how minds change, and who takes to the street."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa

from sim.ladder import LADDER
from tests.oracle.plain import ARTILLERY, clip, logistic, softplus

if TYPE_CHECKING:
    from tests.oracle.public import Public


@dataclass(frozen=True)
class Traits:
    """What a citizen is and stays."""

    anchor: float
    honour: float
    sensitivity: float
    media_trust: float
    susceptibility: float
    exposure: float


@dataclass(frozen=True)
class Mood:
    """What all citizens of a public see alike."""

    base: float
    belligerence: float
    loss_told: float
    loss_hidden: float
    loss_weight: float
    hardship: float
    fatigue: float


class Citizen(mesa.Agent):
    """One person of one segment of a public."""

    def __init__(self, public: Public, segment: str, traits: Traits, attitude: float) -> None:
        super().__init__(public.crisis)
        self.values, self.segment, self.traits = public.values, segment, traits
        self.attitude, self.approval, self.marches = attitude, 0.0, 0.0

    def preferred_rung(self) -> float:
        """j*(x) = 1 + 8 x for a hawk, 1 + x for a dove."""
        return 1 + (8 * self.attitude if self.attitude >= 0 else self.attitude)

    def perceived_loss(self, mood: Mood) -> float:
        """log10(1 + C-hat): who distrusts the media counts what has leaked."""
        return mood.loss_told + (1 - self.traits.media_trust) * mood.loss_hidden

    def take_stock(self, mood: Mood) -> None:
        """What an evaluation rests on whatever the option."""
        self.preferred = self.preferred_rung()
        self.base = mood.base
        self.distaste = mood.belligerence * (1 - self.traits.honour)
        self.burden = self.burden_of_fighting(mood)

    def burden_of_fighting(self, mood: Mood) -> float:
        """b_C gamma log10(1 + C-hat)(1 - psi success) + b_E H y + b_F F: approval lost to fighting at rung 5."""
        traits = self.traits
        losses = mood.loss_weight * traits.sensitivity * self.perceived_loss(mood)
        return losses + mood.hardship * traits.exposure + mood.fatigue

    def utility(self, rung: int, honour_price: float, threatened: bool = True) -> float:
        """u(j), in which the burden of fighting has no part: equation (3)."""
        mismatch = self.values.mismatch * ((self.preferred - rung) / 9) ** 2
        distaste = self.distaste if threatened else 0.0
        return self.base - mismatch - self.traits.honour * honour_price - distaste

    def approves(self, rung: int, honour_price: float, threatened: bool = True) -> float:
        """a(j) = logistic(slope u): what a citizen thinks of an option."""
        return logistic(self.values.approval_slope * self.utility(rung, honour_price, threatened))

    def change_mind(self, segment_mean: float, message: float, anger: float, mood: Mood) -> None:
        """Equation (8): anchor, conformity, media, anger, weariness."""
        values, traits, x = self.values, self.traits, self.attitude
        away = segment_mean - x
        width = values.bounded_confidence
        heard = math.exp(-away * away / (2 * width * width)) if width > 0 else 1.0
        predisposed = 1 - values.media_alignment + values.media_alignment * (1 + x) / 2
        pull = values.anchor_pull * (traits.anchor - x)
        conformity = values.conformity * traits.susceptibility * heard * away
        media = message * traits.media_trust * (1 - x) * predisposed
        hardening = values.anger_pull * anger * (1 - x) * (0.5 + 0.5 * traits.honour)
        softening = values.weariness * traits.sensitivity * self.perceived_loss(mood) * (1 + x) / 2
        self.attitude = clip(x + pull + conformity + media + hardening - softening, -1.0, 1.0)

    def update_approval(self, rung: int, honour_price: float, speed: float) -> None:
        """a += k_a (logistic(slope u - toll) - a): the burden weighs in proportion to the force in use."""
        least = LADDER[ARTILLERY].force
        toll = min(4 * self.burden * LADDER[rung].force / least, self.values.burden_cap)
        judged = logistic(self.values.approval_slope * self.utility(rung, honour_price) - toll)
        self.approval += speed * (judged - self.approval)

    def protests(self, rung: int, anger: float, arrest: float, threshold: float, attention: float) -> float:
        """Probability of taking to the street, for more force or for less: equation (10).

        The mean of logistic((g - r q) / s) over risk aversions r from 0 to 1, g grievance and q the risk of arrest.
        """
        values, gap = self.values, (self.preferred - rung) / 9
        too_soft = (
            attention * clip(gap, 0.0, 1.0) * (1 - self.approval) + values.anger_protest * anger * self.traits.honour
        )
        too_hard = clip(-gap, 0.0, 1.0) * (1 - self.approval) * values.peace_movement
        net, spread = max(too_soft, too_hard) - threshold, values.protest_spread
        if arrest / spread < 1e-3:
            return logistic((net - arrest / 2) / spread)
        return spread / arrest * (softplus(net / spread) - softplus((net - arrest) / spread))
