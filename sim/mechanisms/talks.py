"""Talks: what is on the table today, directly and through mediators, and whether both sides accept it.

One rule of acceptance serves all channels. Mediators who try on the same day make one joint offer.
"""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.kernels.offers import OFFER_TERMS, Party, Table, Weights, accept_offer, value_offer
from sim.ladder import DEPLOYED, SIDES
from sim.world import Channel, Government, World

EVEN_CREDIBILITY = 0.5
"""Credibility of an unbiased messenger with either side (assumed; bias moves it by ``talks.credibility``)."""


class Talks:
    """The table. All state has shape (lanes,); shares run from 0 to 1."""

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.values = crisis.values.talks
        self._weights = Weights(*(getattr(self.values, name) for name in Weights._fields))
        self._zero = np.zeros(crisis.lanes)
        self._anybody_leans = any(np.any(mediator.values.bias) for mediator in crisis.mediators)
        self._nowhere = np.zeros(crisis.lanes, bool)
        self.direct = self.mediated = self.leaked = self._nowhere
        self.first_attempt_day = np.full(crisis.lanes, -1)
        self.secrecy = self.text = self.push = self.backlash = self.shopping = self.offer_cover = self._zero
        self.facilitation = self.verification = self._zero
        self.offered: dict[int, dict[str, dict[str, np.ndarray]]] = {}

    # -- who is at the table ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Bring together today's attempts: of the governments themselves and of the mediators who try."""
        crisis, values = self.crisis, self.values
        trust = (crisis.governments["a"].trust + crisis.governments["b"].trust) / 2
        ready = values.rate_floor + (1 - values.rate_floor) * trust
        wanted = (crisis.highest_stance >= DEPLOYED) & ~crisis.agreement.in_force & (values.present == 1)
        self.direct = wanted & (crisis.today.uniform(Stream.ATTEMPT)[0] < values.rate * ready)
        self.mediated = sum((mediator.attempting for mediator in crisis.mediators), self._nowhere.astype(int)) > 0
        first = self.mediated & (self.first_attempt_day < 0)
        self.first_attempt_day = np.where(first, crisis.day, self.first_attempt_day)
        self.refresh()
        self._bring_to_table()

    def _bring_to_table(self) -> None:
        """What the mediators who try today offer together, worked out once for both sides."""
        self.secrecy = self.text = self.push = self.backlash = self.shopping = self.offer_cover = self._zero
        self.leaked = self._nowhere
        if not self.mediated.any():
            return
        self.secrecy = np.where(self.mediated, self._joint("secrecy", np.minimum, start=1.0), 0.0)
        self.leaked = self.crisis.today.uniform(Stream.LEAK)[Channel.MEDIATED] < self.values.leak * self.secrecy
        # What has leaked is no secret any more: the public resists pressure as if it had been applied in the open.
        self.secrecy = np.where(self.leaked, 0.0, self.secrecy)
        self.text = self._joint("formulation", np.maximum, 0.0, standing=True)
        self.push = self._coordinated(
            [m.attempting * m.values.leverage * m.values.manipulation * m.standing for m in self.crisis.mediators]
        )
        self.backlash = self._joint("backlash", np.maximum, 0.0)
        self.shopping = self._shopping()
        self.offer_cover = self._offer_cover()

    def refresh(self) -> None:
        """What mediators bring by their presence alone: messages carried and facts found."""
        self.facilitation = self._gathered("facilitation")
        self.verification = self.crisis.agreement.verification
        for m in self.crisis.mediators:
            self.verification = np.maximum(self.verification, m.active * m.values.verification)

    def _gathered(self, lever: str) -> np.ndarray:
        """A lever of all active mediators: the greatest, and what coordination adds of the others; at most 1."""
        return np.minimum(self._coordinated([m.active * getattr(m.values, lever) for m in self.crisis.mediators]), 1.0)

    def _coordinated(self, amounts: list[np.ndarray]) -> np.ndarray:
        greatest = together = self._zero
        for amount in amounts:
            greatest, together = np.maximum(greatest, amount), together + amount
        return greatest + self.crisis.values.mediation.coordination * (together - greatest)

    def _joint(self, lever: str, rule: np.ufunc, start: float, standing: bool = False) -> np.ndarray:
        joint = np.full(self.crisis.lanes, start)
        for m in self.crisis.mediators:
            amount = getattr(m.values, lever) * (m.standing if standing else 1.0)
            joint = np.where(m.attempting, rule(joint, amount), joint)
        return joint

    def _offer_cover(self) -> np.ndarray:
        """Cover for accepting the mediators' offer: part of it rests on a text, all of it on secrecy."""
        cover = self._joint("cover", np.maximum, 0.0, standing=True)
        share = self.values.text_cover
        return np.where(self.leaked, 0.0, cover * (1 - share + share * self.text))

    def credibility(self, own: Government) -> np.ndarray:
        """How much a side believes what mediators say of the other (Kydd 2003), 0 to 1, shape (lanes,)."""
        leaning = self._leaning(own)
        return np.clip(EVEN_CREDIBILITY + self.values.credibility * leaning, 0, 1)

    def _leaning(self, own: Government, trying: bool = False) -> np.ndarray:
        """Mean bias of the mediators at work towards a side, -1 to 1; positive where they lean towards it."""
        if not self._anybody_leans:
            return self._zero
        at_work = [m.attempting if trying else m.active for m in self.crisis.mediators]
        total = sum((m.values.bias * w for m, w in zip(self.crisis.mediators, at_work, strict=True)), self._zero)
        leaning = total / np.maximum(sum((w * 1.0 for w in at_work), self._zero), 1)
        return leaning if own.side == "b" else -leaning

    # -- what comes of it ---------------------------------------------------------------------------------------------

    def conclude(self) -> None:
        """Both sides accept or refuse; an accepted offer becomes an agreement, a mediated one before a direct one.

        ``offered`` keeps what today's offers were worth: channel -> side -> term -> (lanes,).
        """
        self.offered = {}
        mediated = self._succeeds(self.mediated, Channel.MEDIATED)
        direct = self._succeeds(self.direct, Channel.DIRECT) & ~mediated
        self.crisis.agreement.sign(direct=direct, mediated=mediated)

    def _succeeds(self, attempted: np.ndarray, channel: int) -> np.ndarray:
        if not attempted.any():
            return attempted
        worth = {side: self._worth(self.crisis.governments[side], channel, attempted) for side in SIDES}
        self.offered[channel] = {side: _by_name(worth[side]) for side in SIDES}
        a, b = (self._accepts(self.crisis.governments[side], channel, attempted, worth[side]) for side in SIDES)
        return a & b

    def _accepts(self, own: Government, channel: int, attempted: np.ndarray, worth: np.ndarray) -> np.ndarray:
        accepts = np.empty(self.crisis.lanes, bool)
        uniform = self.crisis.today.uniform(Stream.ACCEPTANCE, own.luck_slot)[channel]
        accept_offer(attempted, worth, self.values.slope, self.values.threshold, uniform, accepts)
        return accepts

    def terms(self, own: Government, channel: int) -> dict[str, np.ndarray]:
        """What an offer is worth to a side, term by term, in utility, each (lanes,)."""
        return _by_name(self._worth(own, channel, np.ones(self.crisis.lanes, bool)))

    def _worth(self, own: Government, channel: int, tried: np.ndarray) -> np.ndarray:
        """The terms of an offer in the order of ``OFFER_TERMS`` where it is ``tried`` (lanes,), (lanes, terms)."""
        public, mediated = own.public, channel == Channel.MEDIATED
        support = public.support_of_offer if mediated else public.support_of_direct_talks
        party = Party(
            own.value_of_settling(support, tried),
            own.trust,
            own.fatigue,
            own.enemy.fatigue,
            own.enemy.rhetoric,
            public.attitude,
            public.values.weakness,
            public.values.framing,
            own.values.luck_slot,
        )
        worth = np.zeros((self.crisis.lanes, len(OFFER_TERMS)))
        value_offer(tried, float(mediated), self._weights, self._table(own, channel), party, worth)
        return worth

    def _table(self, own: Government, channel: int) -> Table:
        today, mediated = self.crisis.today, channel == Channel.MEDIATED
        asker, seen = today.uniform(Stream.ASKING)[2 * channel : 2 * channel + 2]
        secrecy = self.secrecy if mediated else self.values.secrecy
        leaked = self.leaked if mediated else today.uniform(Stream.LEAK)[channel] < self.values.leak * secrecy
        return Table(
            self.offer_cover,
            self.facilitation,
            self.verification,
            self.push,
            self.backlash,
            self.text,
            self.shopping,
            self._leaning(own, trying=True),
            secrecy,
            leaked,
            asker,
            seen,
        )

    def _shopping(self) -> np.ndarray:
        number = sum((m.attempting * 1.0 for m in self.crisis.mediators), self._zero)
        return self.values.shopping * np.maximum(number - 1, 0) * (1 - self.crisis.values.mediation.coordination)

    def terms_of_agreement(self) -> dict[str, np.ndarray]:
        """What a mediated agreement signed today carries with it, each (lanes,)."""
        return {
            "cover": self.offer_cover * self.values.settlement_cover,
            "enforcement": self._joint("enforcement", np.maximum, 0.0),
            "verification": self._joint("verification", np.maximum, 0.0),
            "leverage": self.push,
            "half_life": self._joint("leverage_half_life", np.maximum, 1.0),
        }


def _by_name(worth: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of a table of terms (lanes, terms), by name."""
    return dict(zip(OFFER_TERMS, worth.T, strict=True))
