"""Agreements: signed, kept at a price, broken by choice, and over when fighting goes on."""

from __future__ import annotations

import numpy as np

from sim.kernels.offers import price_of_breaking
from sim.ladder import ARTILLERY, HOT
from sim.world import Accord, World

NEVER = -1


class Agreement:
    """The agreement in force between the two sides, if any. All state has shape (lanes,).

    Nothing is violated by decree: incidents go on as before, and a government that fights pays a price: for a word that
    was given, whoever helped, for enforcement, and for what is left of the leverage that brought the agreement about.
    """

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        lanes = crisis.lanes
        self.kind, self.age = np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
        self.cover, self.enforcement, self.verification = (np.zeros(lanes) for _ in range(3))
        self.leverage, self.half_life = np.zeros(lanes), np.ones(lanes)
        self.violated_days = np.zeros(lanes, np.int64)
        self.signed_today, self.mediated_today, self.collapsed_today = (np.zeros(lanes, bool) for _ in range(3))
        self.number, self.collapses = np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
        self.settled_loss = np.zeros(lanes)
        self.first_day, self.first_kind = np.full(lanes, NEVER), np.zeros(lanes, np.int64)

    @property
    def in_force(self) -> np.ndarray:
        """Whether there is an agreement, bool (lanes,)."""
        return self.kind != Accord.NONE

    @property
    def price_of_breaking(self) -> np.ndarray:
        """What it costs a government a day to fight under the agreement, in utility, (lanes,)."""
        values, price = self.crisis.values.talks, np.empty(self.crisis.lanes)
        terms = (values.given_word, values.breaking, self.enforcement, self.leverage, self.age, self.half_life)
        price_of_breaking(self.in_force, *terms, price)
        return price

    def sign(self, direct: np.ndarray, mediated: np.ndarray) -> None:
        """Conclude agreements where talks succeeded, and impose one where a side has lost what settles a war.

        Parameters
        ----------
        direct, mediated : bool (lanes,)
        """
        territory = self.crisis.values.dyad.territory
        # Who has been made to settle once is not made to again by the same loss.
        lost = np.abs(self.crisis.territory.gain) - self.settled_loss
        imposed = (lost >= territory.settlement) & (self.kind != Accord.IMPOSED) & (self.crisis.highest_fought >= HOT)
        self.settled_loss = np.where(imposed, np.abs(self.crisis.territory.gain), self.settled_loss)
        terms = self.crisis.talks.terms_of_agreement() if mediated.any() else _EMPTY
        kind = np.select([imposed, mediated, direct], [Accord.IMPOSED, Accord.MEDIATED, Accord.DIRECT], Accord.NONE)
        new, by_mediators = kind != Accord.NONE, kind == Accord.MEDIATED
        for name, value in terms.items():
            setattr(self, name, np.where(new, np.where(by_mediators, value, _EMPTY[name]), getattr(self, name)))
        self.enforcement = np.where(imposed, territory.imposed_enforcement, self.enforcement)
        self.kind = np.where(new, kind, self.kind)
        self.age, self.violated_days = np.where(new, 0, self.age), np.where(new, 0, self.violated_days)
        self.signed_today, self.mediated_today = new, by_mediators
        self._count(new & (kind != Accord.IMPOSED), kind)

    def _count(self, new: np.ndarray, kind: np.ndarray) -> None:
        first = new & (self.first_day == NEVER)
        self.number = self.number + new
        self.first_day = np.where(first, self.crisis.day, self.first_day)
        self.first_kind = np.where(first, kind, self.first_kind)

    def end_of_day(self) -> None:
        """Age by a day; end where it has been violated for too many days in a row.

        Force as policy violates it, and so does artillery whoever ordered it; the small arms of troops in contact do
        not, or no truce on a line of contact would outlast a week.
        """
        policy = np.maximum(self.crisis.governments["a"].rung, self.crisis.governments["b"].rung)
        violated = (policy >= HOT) | (self.crisis.highest_fought_today >= ARTILLERY)
        self.violated_days = np.where(self.in_force & violated & ~self.signed_today, self.violated_days + 1, 0)
        self.collapsed_today = self.violated_days >= self.crisis.values.talks.violation_days
        self.collapses = self.collapses + (self.collapsed_today & (self.kind != Accord.IMPOSED))
        self.kind = np.where(self.collapsed_today, Accord.NONE, self.kind)
        self.age = np.where(self.in_force, self.age + 1, 0)
        for name, nothing in _EMPTY.items():
            setattr(self, name, np.where(self.in_force, getattr(self, name), nothing))


_EMPTY = {"cover": 0.0, "enforcement": 0.0, "verification": 0.0, "leverage": 0.0, "half_life": 1.0}
"""What an agreement without a mediator carries with it."""
