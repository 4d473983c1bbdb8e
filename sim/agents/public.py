"""A public: citizens in five segments who judge policy, change their minds and take to the street."""

from __future__ import annotations

import numpy as np

from sim.agents.base import LaneAgent
from sim.engine.elementwise import expm1, log, logistic, ndtri
from sim.engine.streams import Stream
from sim.kernels import citizens as kernels
from sim.ladder import DEPLOYED, HOT, SETTLED, by_rung
from sim.world import Government, World

SEGMENTS = ("capital", "border", "displaced", "exposed", "rest")
CAPITAL, BORDER, DISPLACED, EXPOSED, REST = range(5)
PROTEST_AT_START = 0.0
LEAST_PROTEST = 1e-4
"""Share that keeps the risk of arrest defined when nobody protests."""
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
)
"""What the kernels take from the record as it stands."""
EXTRA_VIEWS = 4
"""Views asked for beside the options: two kinds of settlement, and the two sides of the audience cost."""
BELLIGERENT_FROM = 4
"""Commitment above this rung counts as a threat of force."""


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
        self.attitude = np.zeros(lanes)
        self.protest = np.full(lanes, PROTEST_AT_START)
        self.rally = np.zeros(lanes)
        self.approval = np.zeros(lanes)
        # What follows is set when the allies are known, and anew on each day.
        self._left_by_friends: np.ndarray
        self.approval_of_options: np.ndarray
        self.covered_approval_of_options: np.ndarray
        self.approval_of_offer: np.ndarray
        self.approval_of_direct_talks: np.ndarray
        self.audience_cost: np.ndarray
        self.step_down_penalty: np.ndarray
        self.under_arms: np.ndarray

    # -- who the citizens are -----------------------------------------------------------------------------------------

    def _segment_bounds(self) -> np.ndarray:
        values = self.values
        shares = np.stack([values.capital_share, values.border_share, values.displaced_share, values.exposed_share])
        shares = shares / np.maximum(sum(shares), 1)
        edges = np.rint(np.cumsum(shares, axis=0) * self.model.citizens).astype(np.int32)
        last = np.full((1, self.model.lanes), self.model.citizens, np.int32)
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
            "risk_aversion": self._uniform(Stream.RISK),
        }
        return kernels.Citizens(**{name: np.ascontiguousarray(trait, dtype) for name, trait in traits.items()})

    def _uniform(self, stream: Stream) -> np.ndarray:
        return self.model.luck.before(stream, self.model.governments[self.side].luck_slot, self.model.citizens)

    def _normal(self, stream: Stream) -> np.ndarray:
        return ndtri(self._uniform(stream)).astype(self.model.dtype)

    def _lognormal(self, spread: np.ndarray, stream: Stream) -> np.ndarray:
        trait = spread * self._normal(stream)
        kernels.exponentiate(trait)
        return trait

    def _trait(self, median: np.ndarray, stream: Stream) -> np.ndarray:
        centre, spread = self._cast(log(median / (1 - median)), self.values.trait_spread)
        trait = centre[:, None] + spread[:, None] * self._normal(stream)
        kernels.logistic(trait)
        return trait

    def _cast_traits(self) -> dict[str, np.ndarray]:
        """What the kernels are told every day and never changes, in the citizens' precision."""
        values = self.values
        threshold = np.repeat(values.protest_threshold[:, None], len(SEGMENTS), axis=1)
        threshold[:, CAPITAL] -= values.capital_protest
        traits = {name: getattr(values, name) for name in FIXED}
        traits |= {"mismatch": values.mismatch / 81, "threshold": threshold}
        return dict(zip(traits, self._cast(*traits.values()), strict=True))

    # -- what they see ------------------------------------------------------------------------------------------------

    def _mood(self) -> kernels.Mood:
        values, report = self.values, self.model.reports.of(self.side)
        relief = 1 - values.success_relief * report.success
        base = values.base_approval + values.rally_weight * self.rally
        threatened = np.maximum(self.government.commitment - BELLIGERENT_FROM, 0) / 9
        hardship, losses, told, hidden, threat, base = self._cast(
            values.hardship_weight * self.hardship,
            values.casualty_weight * relief,
            report.loss_told,
            report.loss_hidden,
            values.belligerence * threatened,
            base,
        )
        return kernels.Mood(
            self._fixed["approval_slope"], base, self._fixed["mismatch"], hardship, losses, told, hidden, threat
        )

    def _cast(self, *arrays: np.ndarray) -> list[np.ndarray]:
        return [np.ascontiguousarray(array, self.model.dtype) for array in arrays]

    def introduce_allies(self) -> None:
        """Take note of the share of hardship that friends leave, which never changes."""
        relief = sum((ally.relief(self.side) for ally in self.model.allies), np.zeros(self.model.lanes))
        self._left_by_friends = np.clip(1 - relief, 0, 1)

    @property
    def hardship(self) -> np.ndarray:
        """Economic hardship, 0 to 1, (lanes,): what it was, what exhaustion adds, less what friends relieve."""
        values = self.values
        hardship = values.hardship + values.hardship_by_fatigue * self.government.fatigue
        return np.clip(hardship * self._left_by_friends, 0, 1)

    def honour(self, inconsistency: float = 1.0, weakness: float = 1.0) -> kernels.Honour:
        """What honour goes by today; the arguments switch its sources off (0) to take an audience cost apart.

        Weakness is measured against the enemy rung that is left after the answer which trust expects to a descent.
        """
        values, own = self.values, self.government
        framed = weakness * values.weakness * (1 + values.framing * own.enemy.rhetoric)
        return kernels.Honour(
            own.rung, values.reciprocation * own.trust, own.commitment, inconsistency * values.inconsistency, framed
        )

    def honour_price(self, rung: np.ndarray, enemy_rung: np.ndarray, cover: np.ndarray) -> np.ndarray:
        """What honour charges for standing at a rung: inconsistency and weakness, less cover; all (lanes,)."""
        price = np.empty(self.model.lanes)
        kernels.honour_prices(self.honour(), rung, enemy_rung, cover, price)
        return price

    # -- what they think of the options -------------------------------------------------------------------------------

    def evaluate_options(self) -> None:
        """Approval of every rung within reach, openly and under full cover, of the offers, and of having stayed out.

        Sets ``approval_of_options`` and ``covered_approval_of_options`` (lanes, k), ``approval_of_offer`` and
        ``approval_of_direct_talks`` (lanes,), and the two measures of audience cost (lanes,).
        """
        own = self.government
        rung, price = self._views(self.honour())
        shares = self._approve(rung, price, self._threatened(rung))
        number = own.options.shape[1]
        self.approval_of_options, self.covered_approval_of_options = (
            np.ascontiguousarray(shares[:, first : first + number]) for first in (0, number)
        )
        self.approval_of_offer, self.approval_of_direct_talks, exposed, stay_out = shares[:, 2 * number :].T
        self.under_arms = own.rung >= DEPLOYED
        hold = own.at_current_rung(self.approval_of_options)
        step_down = np.where(own.rung > 0, own.at_rung_below(self.approval_of_options), hold)
        self.audience_cost, self.step_down_penalty = stay_out - exposed, hold - step_down

    def _views(self, honour: kernels.Honour) -> tuple[np.ndarray, np.ndarray]:
        """Rung of every view asked for today, and what honour charges for it, (lanes, 2 k + 4)."""
        own, model = self.government, self.model
        rung, price = (np.empty((model.lanes, 2 * own.options.shape[1] + EXTRA_VIEWS), model.dtype) for _ in range(2))
        kernels.list_views(
            honour,
            own.options,
            own.reachable,
            own.beliefs.rung,
            model.agreement.cover,
            model.talks.offer_cover,
            rung,
            price,
        )
        return rung, price

    def _threatened(self, rung: np.ndarray) -> np.ndarray:
        """1 where threats made count against the government, which is in all views but that of having stayed out."""
        result = np.ones_like(rung)
        result[:, -1] = 0
        return result

    @property
    def approval_of(self) -> np.ndarray:
        """Approval of every rung within reach, (lanes, rungs); zero beyond."""
        return by_rung(self.government.options, self.government.reachable, self.approval_of_options)

    @property
    def covered_approval_of(self) -> np.ndarray:
        """The same under full cover, (lanes, rungs)."""
        return by_rung(self.government.options, self.government.reachable, self.covered_approval_of_options)

    def _approve(self, rung: np.ndarray, price: np.ndarray, threatened: np.ndarray) -> np.ndarray:
        result = np.empty(rung.shape)
        kernels.approve_views(self.citizens, self._mood(), rung, price, threatened, result)
        return result

    def audience_cost_by_source(self) -> dict[str, np.ndarray]:
        """The audience cost of one step down with each of its sources switched off, (lanes,) each."""
        kept = {"none": (1, 1, 1), "inconsistency": (0, 1, 1), "weakness": (1, 0, 1), "belligerence": (1, 1, 0)}
        costs = {}
        for source, (inconsistency, weakness, belligerence) in kept.items():
            rung, price = self._views(self.honour(inconsistency, weakness))
            threatened = self._threatened(rung)
            threatened[:, -2] = belligerence
            exposed, stay_out = self._approve(rung, price, threatened)[:, -2:].T
            costs[source] = stay_out - exposed
        return costs

    # -- what becomes of them -----------------------------------------------------------------------------------------

    def initialise_approval(self) -> None:
        """Approval on the eve of day 0: each citizen's evaluation of where the government stands."""
        self._live(np.zeros((self.model.lanes, len(SEGMENTS))), message=np.zeros(self.model.lanes), still=True)

    def update_public(self) -> None:
        """Rally, attitudes, approval and protest after the day's events."""
        values, own, report = self.values, self.government, self.model.reports.of(self.side)
        spoken = values.rally_rhetoric * own.rhetoric * (own.fought >= HOT)
        gain = values.rally_gain * report.new_admitted + spoken
        self.rally = np.minimum(values.rally_decay * self.rally + gain * (1 - self.rally), 1)
        self._live(self._anger(), self._message())

    def _anger(self) -> np.ndarray:
        """Anger of each segment at today's losses, 0 to 1, shape (lanes, segments)."""
        values, report = self.values, self.model.reports.of(self.side)
        civilian = values.civilian_weight * report.new_civilian_deaths
        weight = (1 + values.salience * report.salient) / values.anger_scale
        blame = self.blame
        anger = np.empty((self.model.lanes, len(SEGMENTS)))
        anger[:] = (blame * -expm1(-(report.new_deaths + civilian) * weight))[:, None]
        anger[:, BORDER] = blame * -expm1(-(report.new_deaths + civilian * (1 + values.border_alarm)) * weight)
        return anger

    @property
    def blame(self) -> np.ndarray:
        """Share that blames the enemy for what happens, shape (lanes,)."""
        values = self.values
        prior = log(values.blame_prior / (1 - values.blame_prior))
        return logistic(
            prior
            + values.blame_propaganda * values.propaganda
            - values.blame_verification * self.model.talks.verification
        )

    def _message(self) -> np.ndarray:
        """Push of the government's media today, shape (lanes,)."""
        values, own = self.values, self.government
        noise = values.media_noise * self.model.today.normal(Stream.MEDIA, self.model.governments[self.side].luck_slot)
        message = values.propaganda * (own.rhetoric + 0.5 * (own.enemy.fought >= HOT)) + noise
        return values.media_pull * message * self.model.reports.of(self.side).credit

    def _live(self, anger: np.ndarray, message: np.ndarray, still: bool = False) -> None:
        own, fixed = self.government, self._fixed
        # Those who have just agreed come down together: the enemy's rung of yesterday is no reproach any more.
        agreed = self.model.agreement.signed_today
        enemy = np.where(agreed, np.minimum(own.beliefs.rung, SETTLED), own.beliefs.rung)
        price = self.honour_price(own.rung, enemy, self.model.agreement.cover)
        nothing, at_once = np.zeros_like(fixed["anchor_pull"]), np.ones_like(fixed["approval_speed"])
        pull, conformity, weariness, speed = (
            (nothing, nothing, nothing, at_once)
            if still
            else (fixed["anchor_pull"], fixed["conformity"], fixed["weariness"], fixed["approval_speed"])
        )
        message, anger, rung, price, arrest = self._cast(message, anger, own.rung, price, self._risk_of_arrest())
        pressure = kernels.Pressure(
            pull,
            conformity,
            fixed["bounded_confidence"],
            message,
            fixed["media_alignment"],
            anger,
            fixed["anger_pull"],
            weariness,
            speed,
            rung,
            price,
            fixed["anger_protest"],
            fixed["peace_movement"],
            arrest,
            fixed["threshold"],
            fixed["protest_spread"],
        )
        result = np.empty((self.model.lanes, 3))
        kernels.update_citizens(self.citizens, self._mood(), pressure, self.bounds, result)
        self.attitude, self.approval, self.protest = (np.ascontiguousarray(column) for column in result.T)

    def _risk_of_arrest(self) -> np.ndarray:
        """Risk that a protester sees of being arrested (Epstein 2002), as the street was yesterday, shape (lanes,)."""
        values = self.values
        officers = values.police / (self.protest + LEAST_PROTEST)
        counted = np.where(values.cascade_floor == 1, np.floor(officers), officers)
        return -expm1(-values.arrest_rate * counted)

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
