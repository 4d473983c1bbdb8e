"""A public: citizens in five segments who judge policy, change their minds and take to the street."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtri

from sim import kernels
from sim.agents.base import LaneAgent
from sim.ladder import DEPLOYED, HOT, SETTLED, by_rung
from sim.streams import Stream

if TYPE_CHECKING:
    from sim.agents.government import Government
    from sim.crisis import Crisis

SEGMENTS = ("capital", "border", "displaced", "exposed", "rest")
CAPITAL, BORDER, DISPLACED, EXPOSED, REST = range(5)
PROTEST_AT_START = 0.0
LEAST_PROTEST = 1e-4
"""Share that keeps the risk of arrest defined when nobody protests."""
BELLIGERENT_FROM = 4
"""Commitment above this rung counts as a threat of force."""


class Public(LaneAgent):
    """One side's citizens. Means over citizens have shape (lanes,)."""

    REPORTS = ("side", "attitude", "approval", "protest", "audience_cost", "step_down_penalty")
    government: Government

    def __init__(self, model: Crisis, side: str) -> None:
        super().__init__(model)
        self.side = side
        self.values = getattr(model.values.public, side)
        lanes = model.lanes
        self.bounds = self._segment_bounds()
        self.segment = _segment_numbers(self.bounds, model.citizens)
        self.citizens = self._citizens()
        self.attitude = self.citizens.attitude.mean(axis=1, dtype=float)
        self.protest = np.full(lanes, PROTEST_AT_START)
        self.rally = np.zeros(lanes)
        self.approval = np.zeros(lanes)

    # -- who the citizens are -----------------------------------------------------------------------------------------

    def _segment_bounds(self) -> np.ndarray:
        values = self.values
        shares = np.stack([values.capital_share, values.border_share, values.displaced_share, values.exposed_share])
        shares = shares / np.maximum(shares.sum(axis=0), 1)
        edges = np.rint(np.cumsum(shares, axis=0) * self.model.citizens).astype(np.int32)
        last = np.full((1, self.model.lanes), self.model.citizens, np.int32)
        return np.ascontiguousarray(np.concatenate([np.zeros_like(last), edges, last]).T)

    def _citizens(self) -> kernels.Citizens:
        values, dtype = self.values, self.model.dtype
        anchor = values.hawkishness[:, None] + values.hawkishness_sd[:, None] * self._normal(Stream.ANCHOR)
        anchor = np.clip(anchor + values.displaced_hawkishness[:, None] * (self.segment == DISPLACED), -1, 1)
        harder = 1 + values.exposed_hardship[:, None] * (self.segment == EXPOSED)
        sensitivity = np.exp(values.casualty_sensitivity_sd[:, None] * self._normal(Stream.SENSITIVITY))
        traits = {
            "attitude": np.clip(anchor + values.attitude_shift[:, None], -1, 1),
            "approval": np.zeros_like(anchor),
            "anchor": anchor,
            "honour": self._trait(values.honour, Stream.HONOUR),
            "casualty_sensitivity": sensitivity,
            "media_trust": self._trait(values.media_trust, Stream.TRUST),
            "susceptibility": self._trait(values.susceptibility, Stream.SUSCEPTIBILITY),
            "exposure": self._trait(values.exposure, Stream.EXPOSURE) * harder,
            "risk_aversion": self._uniform(Stream.RISK),
        }
        return kernels.Citizens(**{name: np.ascontiguousarray(trait, dtype) for name, trait in traits.items()})

    def _uniform(self, stream: Stream) -> np.ndarray:
        return self.model.luck.before(stream, self.model.governments[self.side].luck_slot, self.model.citizens)

    def _normal(self, stream: Stream) -> np.ndarray:
        return ndtri(self._uniform(stream))

    def _trait(self, median: np.ndarray, stream: Stream) -> np.ndarray:
        centre = np.log(median / (1 - median))
        return expit(centre[:, None] + self.values.trait_spread[:, None] * self._normal(stream))

    # -- what they see ------------------------------------------------------------------------------------------------

    def _mood(self) -> kernels.Mood:
        values, report = self.values, self.model.reporting.of(self.side)
        relief = 1 - values.success_relief * report.success
        base = values.base_approval + values.rally_weight * self.rally
        threatened = np.maximum(self.government.commitment - BELLIGERENT_FROM, 0) / 9
        return kernels.Mood(*self._cast(
            values.approval_slope, base, values.mismatch / 81, values.hardship_weight * self.hardship,
            values.casualty_weight * relief, report.loss_told, report.loss_hidden, values.belligerence * threatened))

    def _cast(self, *arrays: np.ndarray) -> list[np.ndarray]:
        return [np.ascontiguousarray(array, self.model.dtype) for array in arrays]

    @property
    def hardship(self) -> np.ndarray:
        """Economic hardship, 0 to 1: what it was, what exhaustion adds, less what friends relieve."""
        values = self.values
        relief = 1 - sum((ally.relief(self.side) for ally in self.model.allies), np.zeros(self.model.lanes))
        hardship = values.hardship + values.hardship_by_fatigue * self.government.fatigue
        return np.clip(hardship * np.clip(relief, 0, 1), 0, 1)

    def honour_price(self, rung: np.ndarray, enemy_rung: np.ndarray, cover: np.ndarray,
                     commitment: np.ndarray | None = None, inconsistency: float = 1.0, weakness: float = 1.0) -> np.ndarray:
        """What honour charges for standing at a rung, shape (lanes, k): inconsistency and weakness, less cover.

        Weakness is measured against the enemy rung that is left after the answer which trust expects to a descent.
        The last two arguments switch the sources off (0) to take an audience cost apart.
        """
        values, own = self.values, self.government
        kept = own.commitment if commitment is None else commitment
        answer = np.where(rung < own.rung[:, None], values.reciprocation[:, None], 0) * own.trust[:, None]
        broken = values.inconsistency[:, None] * np.maximum(kept[:, None] - rung, 0)
        framed = values.weakness * (1 + values.framing * own.enemy.rhetoric)
        beneath = framed[:, None] * np.maximum(enemy_rung - answer - rung, 0)
        return (inconsistency * broken + weakness * beneath) / 9 * (1 - cover[:, None])

    # -- what they think of the options -------------------------------------------------------------------------------

    def weigh_options(self) -> None:
        """Approval of every rung within reach, openly and under full cover, of the offers made, and of having stayed out.

        Sets ``approval_of_options`` and ``covered_approval_of_options`` (lanes, k), ``approval_of_offer`` and
        ``approval_of_direct_talks`` (lanes,), and the two measures of audience cost (lanes,).
        """
        own, model = self.government, self.model
        lanes, nothing = model.lanes, np.zeros(model.lanes)
        options = np.where(own.reachable, own.options, -1).astype(float)
        open_, covered = slice(0, options.shape[1]), slice(options.shape[1], 2 * options.shape[1])
        enemy = own.beliefs.rung[:, None]
        below = np.maximum(own.rung - 1, 0)[:, None].astype(float)
        settled = np.minimum(own.rung, SETTLED)[:, None].astype(float)
        enemy_settled = np.full((lanes, 1), float(SETTLED))
        cover = model.agreement.cover
        rung = np.concatenate([options, options, settled, settled, below], axis=1)
        price = np.concatenate([
            self.honour_price(options, enemy, cover),
            np.zeros_like(options),
            self.honour_price(settled, enemy_settled, model.talks.offer_cover),
            self.honour_price(settled, enemy_settled, nothing),
            self.honour_price(below, enemy, nothing, commitment=nothing),
        ], axis=1)
        threatened = np.ones_like(rung)
        threatened[:, -1] = 0
        shares = self._approve(rung, price, threatened)
        self.approval_of_options, self.covered_approval_of_options = shares[:, open_].copy(), shares[:, covered].copy()
        self.approval_of_offer, self.approval_of_direct_talks, stay_out = shares[:, covered.stop :].T
        self.under_arms = own.rung >= DEPLOYED
        hold = own.at_stand(self.approval_of_options)
        step_down = np.where(own.rung > 0, self._one_below(self.approval_of_options), hold)
        self.audience_cost, self.step_down_penalty = stay_out - step_down, hold - step_down

    def _one_below(self, table: np.ndarray) -> np.ndarray:
        """The column of a table of options that stands for one rung less, shape (lanes,)."""
        own = self.government
        column = np.where(own.options == (own.rung - 1)[:, None], table, 0.0)
        return np.where(own.reachable, column, 0.0).sum(axis=1)

    @property
    def approval_of(self) -> np.ndarray:
        """Approval of every rung within reach, (lanes, rungs); zero beyond."""
        return by_rung(self.government.options, self.government.reachable, self.approval_of_options)

    @property
    def covered_approval_of(self) -> np.ndarray:
        """The same under full cover."""
        return by_rung(self.government.options, self.government.reachable, self.covered_approval_of_options)

    def _approve(self, rung: np.ndarray, price: np.ndarray, threatened: np.ndarray) -> np.ndarray:
        result = np.empty(rung.shape, self.model.dtype)
        kernels.weigh_views(self.citizens, self._mood(), *self._cast(rung, price, threatened), result)
        return result.astype(float)

    def audience_cost_by_source(self) -> dict[str, np.ndarray]:
        """The audience cost of one step down with each of its sources switched off, (lanes,) each."""
        own, lanes = self.government, self.model.lanes
        below = np.maximum(own.rung - 1, 0)[:, None].astype(float)
        enemy, nothing = own.beliefs.rung[:, None], np.zeros(lanes)
        kept = {"none": (1, 1, 1), "inconsistency": (0, 1, 1), "weakness": (1, 0, 1), "belligerence": (1, 1, 0)}
        costs = {}
        for source, (inconsistency, weakness, belligerence) in kept.items():
            switches = {"inconsistency": inconsistency, "weakness": weakness}
            out = self.honour_price(below, enemy, nothing, commitment=nothing, **switches)
            down = self.honour_price(below, enemy, nothing, **switches)
            threatened = np.tile([0.0, float(belligerence)], (lanes, 1))
            shares = self._approve(np.repeat(below, 2, axis=1), np.concatenate([out, down], axis=1), threatened)
            costs[source] = shares[:, 0] - shares[:, 1]
        return costs

    # -- what becomes of them -----------------------------------------------------------------------------------------

    def settle_in(self) -> None:
        """Approval on the eve of day 0: each citizen's evaluation of where the government stands."""
        speed = np.ones(self.model.lanes)
        self._live(speed, np.zeros((self.model.lanes, len(SEGMENTS))), message=np.zeros(self.model.lanes), still=True)

    def live_through_day(self) -> None:
        """Rally, attitudes, approval and protest after the day's events."""
        values, own, report = self.values, self.government, self.model.reporting.of(self.side)
        spoken = values.rally_rhetoric * own.rhetoric * (own.fought >= HOT)
        gain = values.rally_gain * (report.new_deaths > 0) + spoken
        self.rally = np.minimum(values.rally_decay * self.rally + gain * (1 - self.rally), 1)
        self._live(values.approval_speed, self._anger(), self._message())

    def _anger(self) -> np.ndarray:
        """Anger of each segment at today's losses, 0 to 1, shape (lanes, segments)."""
        values, report = self.values, self.model.reporting.of(self.side)
        alarm = np.ones((self.model.lanes, len(SEGMENTS)))
        alarm[:, BORDER] += values.border_alarm
        civilian = (values.civilian_weight * report.new_civilian_deaths)[:, None] * alarm
        weight = (1 + values.salience * report.salient) / values.anger_scale
        return self.blame[:, None] * -np.expm1(-(report.new_deaths[:, None] + civilian) * weight[:, None])

    @property
    def blame(self) -> np.ndarray:
        """Share that blames the enemy for what happens, shape (lanes,)."""
        values = self.values
        prior = np.log(values.blame_prior / (1 - values.blame_prior))
        return expit(prior + values.blame_propaganda * values.propaganda
                     - values.blame_verification * self.model.talks.verification)

    def _message(self) -> np.ndarray:
        """Push of the government's media today, shape (lanes,)."""
        values, own = self.values, self.government
        noise = values.media_noise * self.model.today.normal(Stream.MEDIA, self.model.governments[self.side].luck_slot)
        message = values.propaganda * (own.rhetoric + 0.5 * (own.enemy.fought >= HOT)) + noise
        return values.media_pull * message * self.model.reporting.of(self.side).credit

    def _live(self, speed: np.ndarray, anger: np.ndarray, message: np.ndarray, still: bool = False) -> None:
        values, own = self.values, self.government
        moving = 0.0 if still else 1.0
        # Those who have just agreed come down together: the enemy's rung of yesterday is no reproach any more.
        agreed = self.model.agreement.signed_today
        enemy = np.where(agreed, np.minimum(own.beliefs.rung, SETTLED), own.beliefs.rung)
        price = self.honour_price(own.rung[:, None], enemy[:, None], self.model.agreement.cover)[:, 0]
        threshold = np.repeat(values.protest_threshold[:, None], len(SEGMENTS), axis=1)
        threshold[:, CAPITAL] -= values.capital_protest
        pressure = kernels.Pressure(*self._cast(
            moving * values.anchor_pull, moving * values.conformity, values.bounded_confidence, message,
            values.media_alignment, anger, values.anger_pull, moving * values.weariness, speed, own.rung, price,
            values.anger_protest, values.peace_movement, self._risk_of_arrest(), threshold, values.protest_spread))
        result = np.empty((self.model.lanes, 3), self.model.dtype)
        kernels.live_through(self.citizens, self._mood(), pressure, self.bounds, result)
        self.attitude, self.approval, self.protest = (np.ascontiguousarray(column) for column in result.astype(float).T)

    def _risk_of_arrest(self) -> np.ndarray:
        """Risk that a protester sees of being arrested (Epstein 2002), as the street was yesterday, shape (lanes,)."""
        values = self.values
        officers = values.police / (self.protest + LEAST_PROTEST)
        counted = np.where(values.cascade_floor == 1, np.floor(officers), officers)
        return -np.expm1(-values.arrest_rate * counted)

    def welcome_leader(self, fresh: np.ndarray) -> None:
        """Grant a new leader part of the approval that the old one had lost, where ``fresh`` (lanes,) is true."""
        if not fresh.any():
            return
        granted = np.where(fresh, self.values.fresh_start, 0.0).astype(self.model.dtype)[:, None]
        self.citizens.approval[...] += granted * (1 - self.citizens.approval)
        self.approval = np.where(fresh, self.approval + self.values.fresh_start * (1 - self.approval), self.approval)


def _segment_numbers(bounds: np.ndarray, citizens: int) -> np.ndarray:
    """Segment of each citizen, shape (lanes, citizens)."""
    return (np.arange(citizens) >= bounds[:, 1:-1, None]).sum(axis=1)
