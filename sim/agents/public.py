"""A public: citizens in five segments who judge policy, change their minds and take to the street."""

from __future__ import annotations

import numpy as np

from sim.agents.base import LaneAgent
from sim.engine.elementwise import log, logistic, ndtri
from sim.engine.low_discrepancy import citizen_points, shifted
from sim.engine.streams import Stream
from sim.kernels import citizens as kernels
from sim.kernels import vector_math, views
from sim.kernels.public_day import Conduct, News, Temper, mean_burden, set_burden, set_mood, set_pressure, update_rally
from sim.kernels.views import BACKED_DOWN, COVERED, DIRECT, OFFER, STAYED_OUT, VIEWS
from sim.ladder import DEPLOYED, RUNGS, pick
from sim.world import Government, World

SEGMENTS = ("capital", "border", "displaced", "exposed", "rest")
CAPITAL, BORDER, DISPLACED, EXPOSED, REST = range(5)
PROTEST_AT_START = 0.0
FIXED = (
    "approval_slope",
    "anchor_pull",
    "conformity",
    "bounded_confidence",
    "media_alignment",
    "anger_pull",
    "weariness",
    "approval_speed",
    "anger_protest",
    "peace_movement",
    "protest_spread",
    "protest_memory",
    "burden_cap",
)
"""What the kernels take from the record as it stands."""
TRAITS = (
    Stream.ANCHOR,
    Stream.HONOUR,
    Stream.SENSITIVITY,
    Stream.TRUST,
    Stream.SUSCEPTIBILITY,
    Stream.EXPOSURE,
)
"""The dimensions in which citizens differ, in the order of the set of points; each is shifted by a stream of its own."""


class Public(LaneAgent):
    """One side's citizens. Means over citizens have shape (lanes,)."""

    REPORTS = ("side", "attitude", "approval", "protest", "audience_cost", "step_down_penalty")
    government: Government

    def __init__(self, model: World, side: str) -> None:
        super().__init__(model)
        self.side = side
        self.values = getattr(model.values.public, side)
        lanes = model.lanes
        self.bounds = self._segment_bounds()
        self.segment = np.broadcast_to(_segment_numbers(self.bounds, model.citizens), (lanes, model.citizens))
        self.citizens = self._citizens()
        self._fixed = self._cast_traits()
        self._mood, self._burden, self._pressure = self._arrays_of_the_day()
        self._left_by_friends = np.ones(lanes)
        self.temper = self._temper()
        self._mean_traits = np.empty((lanes, 3))
        kernels.mean_traits(self.citizens, self._mean_traits)
        self._rung, self._price = np.empty((lanes, VIEWS), model.dtype), np.zeros((lanes, VIEWS), model.dtype)
        self._approval, self.support = np.zeros((lanes, VIEWS)), np.zeros((lanes, VIEWS))
        self._threatened = np.ones(VIEWS, model.dtype)
        self._threatened[STAYED_OUT] = 0
        self.audience_cost, self.step_down_penalty = np.zeros(lanes), np.zeros(lanes)
        self.answered_for = np.zeros(lanes, bool)
        self.attitude = np.zeros(lanes)
        self.protest = np.full(lanes, PROTEST_AT_START)
        self.rally = np.zeros(lanes)
        self.approval = np.zeros(lanes)

    # -- who the citizens are -----------------------------------------------------------------------------------------

    def _segment_bounds(self) -> np.ndarray:
        values = self.values
        shares = np.stack([values.capital_share, values.border_share, values.displaced_share, values.exposed_share])
        shares = shares / np.maximum(sum(shares), 1)
        edges = np.rint(np.cumsum(shares, axis=0) * self.model.citizens).astype(np.int64)
        last = np.full((1, self.model.lanes), self.model.citizens, np.int64)
        return np.ascontiguousarray(np.concatenate([np.zeros_like(last), edges, last]).T)

    def _citizens(self) -> kernels.Citizens:
        values, dtype = self.values, self.model.dtype
        mean, spread, shift, displaced, exposed, sensitivity = (
            column[:, None]
            for column in self._cast(
                values.hawkishness,
                values.hawkishness_sd,
                values.attitude_shift,
                values.displaced_hawkishness,
                values.exposed_hardship,
                values.casualty_sensitivity_sd,
            )
        )
        anchor = np.clip(mean + spread * self._normal(Stream.ANCHOR) + displaced * (self.segment == DISPLACED), -1, 1)
        traits = {
            "attitude": np.clip(anchor + shift, -1, 1),
            "approval": np.zeros_like(anchor),
            "anchor": anchor,
            "honour": self._trait(values.honour, Stream.HONOUR),
            "casualty_sensitivity": self._lognormal(sensitivity, Stream.SENSITIVITY),
            "media_trust": self._trait(values.media_trust, Stream.TRUST),
            "susceptibility": self._trait(values.susceptibility, Stream.SUSCEPTIBILITY),
            "exposure": self._trait(values.exposure, Stream.EXPOSURE) * (1 + exposed * (self.segment == EXPOSED)),
            "march": np.zeros_like(anchor),
        }
        return kernels.Citizens(**{name: np.ascontiguousarray(trait, dtype) for name, trait in traits.items()})

    def _uniform(self, stream: Stream) -> np.ndarray:
        """One uniform in (0, 1) a citizen, (lanes, citizens): the set of points, shifted by each lane's own luck."""
        points = citizen_points(self.model.citizens)[:, TRAITS.index(stream)]
        return shifted(points, self.model.luck.before(stream, self.model.governments[self.side].luck_slot, 1))

    def _normal(self, stream: Stream) -> np.ndarray:
        return ndtri(self._uniform(stream)).astype(self.model.dtype)

    def _lognormal(self, spread: np.ndarray, stream: Stream) -> np.ndarray:
        trait = spread * self._normal(stream)
        vector_math.exponentiate(trait)
        return trait

    def _trait(self, median: np.ndarray, stream: Stream) -> np.ndarray:
        centre, spread = self._cast(log(median / (1 - median)), self.values.trait_spread)
        trait = centre[:, None] + spread[:, None] * self._normal(stream)
        vector_math.logistic(trait)
        return trait

    def _cast_traits(self) -> dict[str, np.ndarray]:
        """What the kernels are told every day and never changes, in the citizens' precision."""
        values = self.values
        threshold = np.repeat(values.protest_threshold[:, None], len(SEGMENTS), axis=1)
        threshold[:, CAPITAL] -= values.capital_protest
        traits = {name: getattr(values, name) for name in FIXED}
        traits |= {"mismatch": values.mismatch / 81, "threshold": threshold}
        return dict(zip(traits, self._cast(*traits.values()), strict=True))

    def _arrays_of_the_day(self) -> tuple[kernels.Mood, kernels.Burden, kernels.Pressure]:
        """Room for what the kernels are told day by day, beside what they are told once and for all."""
        lanes, fixed, dtype = self.model.lanes, self._fixed, self.model.dtype
        known = fixed | {
            "slope": fixed["approval_slope"],
            "cap": fixed["burden_cap"],
            "confidence": fixed["bounded_confidence"],
            "alignment": fixed["media_alignment"],
            "spread": fixed["protest_spread"],
            "memory": fixed["protest_memory"],
            "anger": np.zeros((lanes, len(SEGMENTS)), dtype),
        }
        mood, burden, pressure = (
            {name: known[name] if name in known else np.zeros(lanes, dtype) for name in record._fields}
            for record in (kernels.Mood, kernels.Burden, kernels.Pressure)
        )
        return kernels.Mood(**mood), kernels.Burden(**burden), kernels.Pressure(**pressure)

    def _temper(self) -> Temper:
        """How this public takes what happens, which never changes."""
        values = self.values
        known = {
            "hardship": values.hardship_weight * self.hardship,
            "blame": log(values.blame_prior / (1 - values.blame_prior)) + values.blame_propaganda * values.propaganda,
        }
        return Temper(**{name: known[name] if name in known else getattr(values, name) for name in Temper._fields})

    # -- what they see ------------------------------------------------------------------------------------------------

    def _news(self, noise: np.ndarray) -> News:
        report = self.model.reports.of(self.side)
        return News(
            report.new_admitted,
            report.new_deaths,
            report.new_civilian_deaths,
            report.salient,
            report.credit,
            report.success,
            report.loss_told,
            report.loss_hidden,
            self.model.talks.verification,
            noise,
        )

    def _conduct(self) -> Conduct:
        own, agreement = self.government, self.model.agreement
        return Conduct(
            own.rung,
            own.fought,
            own.enemy.fought,
            own.rhetoric,
            own.commitment,
            own.fatigue,
            own.beliefs.rung,
            agreement.signed_today,
            agreement.cover,
        )

    def _set_mood(self) -> None:
        report = self.model.reports.of(self.side)
        set_mood(self.temper, report.loss_told, report.loss_hidden, self.government.commitment, self.rally, self._mood)

    @property
    def burden(self) -> np.ndarray:
        """What losses, hardship and exhaustion take of mean approval of fighting at rung 5, as a share, (lanes,)."""
        report, burden = self.model.reports.of(self.side), np.empty(self.model.lanes)
        mean_burden(
            self.temper,
            self._mean_traits,
            report.success,
            report.loss_told,
            report.loss_hidden,
            self.government.fatigue,
            burden,
        )
        return burden

    @property
    def blame(self) -> np.ndarray:
        """Share that blames the enemy for what happens, shape (lanes,)."""
        return logistic(self.temper.blame - self.values.blame_verification * self.model.talks.verification)

    def _cast(self, *arrays: np.ndarray) -> list[np.ndarray]:
        return [np.ascontiguousarray(array, self.model.dtype) for array in arrays]

    def introduce_allies(self) -> None:
        """Take note of the share of hardship that friends leave, which never changes."""
        relief = sum((ally.relief(self.side) for ally in self.model.allies), np.zeros(self.model.lanes))
        self._left_by_friends = np.clip(1 - relief, 0, 1)
        self.temper = self._temper()

    @property
    def hardship(self) -> np.ndarray:
        """Economic hardship, 0 to 1, less what friends relieve, (lanes,)."""
        return np.clip(self.values.hardship * self._left_by_friends, 0, 1)

    def honour(self, inconsistency: float = 1.0, weakness: float = 1.0) -> views.Honour:
        """What honour goes by today; the arguments switch its sources off (0) to take an audience cost apart.

        Weakness is measured against the enemy rung that is left after the answer which trust expects to a descent.
        """
        values, own = self.values, self.government
        framed = weakness * values.weakness * (1 + values.framing * own.enemy.rhetoric)
        return views.Honour(
            own.rung, values.reciprocation * own.trust, own.commitment, inconsistency * values.inconsistency, framed
        )

    # -- what they think of the options -------------------------------------------------------------------------------

    def evaluate_options(self) -> None:
        """Approval and support of every rung within reach, openly and under full cover, and of today's offers.

        Approval is the mean over citizens; support adds what protesters think, by the pressure they put on the
        government. Sets ``support`` (lanes, views) and, on the government's days of decision at rung 3 or above
        (``answered_for``), the audience cost and the penalty of a step down (lanes,); all of it only where the
        government weighs anything.
        """
        own = self.government
        self._set_mood()
        self._list_views(self.honour())
        views.approve_views(
            self.citizens,
            self._mood,
            own.weighs,
            own.pressure,
            self._rung,
            self._price,
            self._threatened,
            self._approval,
            self.support,
        )
        self.answered_for = own.decides & (own.rung >= DEPLOYED)
        hold, below = (pick(self._approval, rung) for rung in (own.rung, np.maximum(own.rung - 1, 0)))
        self.audience_cost = self._approval[:, STAYED_OUT] - self._approval[:, BACKED_DOWN]
        self.step_down_penalty = hold - below

    @property
    def approval_of_options(self) -> np.ndarray:
        """Approval of each rung as things stand, (lanes, rungs); 0 where it is out of reach."""
        return self._approval[:, :RUNGS]

    @property
    def covered_approval_of_options(self) -> np.ndarray:
        """The same were honour fully covered, (lanes, rungs)."""
        return self._approval[:, COVERED : COVERED + RUNGS]

    @property
    def support_of_offer(self) -> np.ndarray:
        """Support of settling on the mediators' offer, (lanes,)."""
        return self.support[:, OFFER]

    @property
    def support_of_direct_talks(self) -> np.ndarray:
        """Support of settling directly, (lanes,)."""
        return self.support[:, DIRECT]

    def _list_views(self, honour: views.Honour) -> None:
        own, model = self.government, self.model
        views.list_views(
            honour,
            own.reachable,
            own.weighs_all,
            own.weighs,
            own.beliefs.rung,
            model.agreement.cover,
            model.talks.offer_cover,
            self._rung,
            self._price,
        )

    def audience_cost_by_source(self) -> dict[str, np.ndarray]:
        """The audience cost of one step down with each of its sources switched off, (lanes,) each.

        NaN where the government does not weigh all its options today.
        """
        kept = {"none": (1, 1, 1), "inconsistency": (0, 1, 1), "weakness": (1, 0, 1), "belligerence": (1, 1, 0)}
        costs, mood = {}, self._mood
        for source, (inconsistency, weakness, belligerence) in kept.items():
            self._list_views(self.honour(inconsistency, weakness))
            threatened = self._threatened.copy()
            threatened[BACKED_DOWN] = belligerence
            approval, support = np.zeros_like(self._approval), np.zeros_like(self.support)
            views.approve_views(
                self.citizens,
                mood,
                self.government.weighs,
                self.government.pressure,
                self._rung,
                self._price,
                threatened,
                approval,
                support,
            )
            cost = approval[:, STAYED_OUT] - approval[:, BACKED_DOWN]
            costs[source] = np.where(self.government.weighs_all, cost, np.nan)
        return costs

    # -- what becomes of them -----------------------------------------------------------------------------------------

    def initialise_approval(self) -> None:
        """Approval on the eve of day 0: each citizen's evaluation of where the government stands."""
        nothing = np.zeros(self.model.lanes, self.model.dtype)
        still = self._pressure._replace(
            anchor_pull=nothing, conformity=nothing, weariness=nothing, approval_speed=nothing + 1
        )
        silent = self.temper._replace(media_pull=np.zeros(self.model.lanes))
        self._live(silent, np.zeros(self.model.lanes), still)

    def update_public(self) -> None:
        """Rally, attitudes, approval and protest after the day's events."""
        noise = self.model.today.normal(Stream.MEDIA, self.government.luck_slot)
        update_rally(self.temper, self._news(noise), self._conduct(), self.rally)
        self._live(self.temper, noise, self._pressure)

    def _live(self, temper: Temper, noise: np.ndarray, pressure: kernels.Pressure) -> None:
        news, conduct = self._news(noise), self._conduct()
        self._set_mood()
        set_burden(temper, news, conduct, self._burden)
        set_pressure(temper, news, conduct, self.honour(), self.protest, BORDER, pressure)
        result = np.empty((self.model.lanes, 3))
        kernels.update_citizens(self.citizens, self._mood, self._burden, pressure, self.bounds, result)
        self.attitude, self.approval, self.protest = (np.ascontiguousarray(column) for column in result.T)

    def grant_fresh_start(self, fresh: np.ndarray) -> None:
        """Grant a new leader part of the approval that the old one had lost, where ``fresh`` (lanes,) is true."""
        if not fresh.any():
            return
        lanes = np.flatnonzero(fresh)
        granted = self.values.fresh_start[lanes]
        approval = self.citizens.approval
        approval[lanes] += self._cast(granted[:, None])[0] * (1 - approval[lanes])
        self.approval[lanes] += granted * (1 - self.approval[lanes])


def _segment_numbers(bounds: np.ndarray, citizens: int) -> np.ndarray:
    """Segment of each citizen, shape (lanes, citizens), or (1, citizens) where all lanes are cut alike."""
    if (bounds == bounds[0]).all():
        bounds = bounds[:1]
    return (np.arange(citizens) >= bounds[:, 1:-1, None]).sum(axis=1)
