"""A public: its citizens, what they see alike, and what becomes of them day by day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa
from scipy.special import ndtri

from sim.engine.low_discrepancy import citizen_points
from sim.engine.streams import Stream
from tests.oracle.citizen import Citizen, Mood, Traits
from tests.oracle.plain import ARTILLERY, DEPLOYED, HOT, SETTLED, above_zero, clip, logistic

if TYPE_CHECKING:
    from tests.oracle.government import Government
    from tests.oracle.model import OracleCrisis

TRAITS = (
    Stream.ANCHOR,
    Stream.HONOUR,
    Stream.SENSITIVITY,
    Stream.TRUST,
    Stream.SUSCEPTIBILITY,
    Stream.EXPOSURE,
)
"""What the columns of the citizens' points stand for."""
SEGMENTS = ("capital", "border", "displaced", "exposed", "rest")


class Public(mesa.Agent):
    """One side's citizens."""

    def __init__(self, crisis: OracleCrisis, own: Government) -> None:
        super().__init__(crisis)
        self.crisis, self.own, self.side = crisis, own, own.side
        self.values = getattr(crisis.world.public, self.side)
        self.citizens = self.settlers()
        self.segments = {name: [citizen for citizen in self.citizens if citizen.segment == name] for name in SEGMENTS}
        self.attitude = mean(citizen.attitude for citizen in self.citizens)
        self.approval = self.protest = self.rally = 0.0

    # -- who they are -------------------------------------------------------------------------------------------------

    def settlers(self) -> list[Citizen]:
        """Citizens with traits from one set of points, shifted for this public; segments stand next to one another."""
        values, normals = self.values, self.normals_of_traits()
        citizens = []
        for i, segment in enumerate(self.segment_of_each()):
            anchor = values.hawkishness + values.hawkishness_sd * normals[Stream.ANCHOR][i]
            anchor = clip(anchor + (values.displaced_hawkishness if segment == "displaced" else 0.0), -1.0, 1.0)
            harder = 1 + values.exposed_hardship if segment == "exposed" else 1.0
            traits = Traits(
                anchor=anchor,
                honour=self.share(values.honour, normals[Stream.HONOUR][i]),
                sensitivity=math.exp(values.casualty_sensitivity_sd * normals[Stream.SENSITIVITY][i]),
                media_trust=self.share(values.media_trust, normals[Stream.TRUST][i]),
                susceptibility=self.share(values.susceptibility, normals[Stream.SUSCEPTIBILITY][i]),
                exposure=self.share(values.exposure, normals[Stream.EXPOSURE][i]) * harder,
            )
            citizens.append(Citizen(self, segment, traits, clip(anchor + values.attitude_shift, -1.0, 1.0)))
        return citizens

    def normals_of_traits(self) -> dict[Stream, list[float]]:
        """A standard normal per citizen and trait: the point, shifted by the public's own word modulo 1, folded."""
        normals, points = {}, citizen_points(self.crisis.citizens).tolist()
        for column, stream in enumerate(TRAITS):
            uniform = self.crisis.luck_before.uniforms_before(stream, self.own.slot)[0]
            word = math.floor(uniform * 2**32)
            turned = [((point[column] + word) % 2**32 + 0.5) * 2.0**-32 for point in points]
            normals[stream] = [float(ndtri(1 - abs(2 * place - 1))) for place in turned]
        return normals

    def segment_of_each(self) -> list[str]:
        values, number = self.values, self.crisis.citizens
        shares = [values.capital_share, values.border_share, values.displaced_share, values.exposed_share]
        total, edges, upto = max(sum(shares), 1.0), [], 0.0
        for share in shares:
            upto += share / total
            edges.append(round(upto * number))
        return [SEGMENTS[sum(i >= edge for edge in edges)] for i in range(number)]

    def share(self, median: float, normal: float) -> float:
        """A logit-normal trait."""
        return logistic(math.log(median / (1 - median)) + self.values.trait_spread * normal)

    # -- what they see ------------------------------------------------------------------------------------------------

    @property
    def report(self):
        return self.crisis.reports[self.side]

    def mood(self) -> Mood:
        """What all see alike."""
        values, report = self.values, self.report
        return Mood(
            base=values.base_approval + values.rally_weight * self.rally,
            belligerence=values.belligerence * above_zero(self.own.commitment - 4) / 9,
            loss_told=report.loss_told(),
            loss_hidden=report.loss_hidden(),
            loss_weight=values.casualty_weight * (1 - values.success_relief * report.success()),
            hardship=values.hardship_weight * self.hardship(),
            fatigue=values.fatigue_weight * self.own.fatigue,
        )

    def hardship(self) -> float:
        """H = H0, less what friends relieve."""
        left = clip(1 - sum(ally.relief(self.side) for ally in self.crisis.allies), 0.0, 1.0)
        return clip(self.values.hardship * left, 0.0, 1.0)

    def honour_price(self, rung: int, enemy_rung: float, cover: float, commitment: float | None = None) -> float:
        """{beta_kappa (kappa - j)+ + beta_u (1 + b_o rhet_o)(e-hat - T delta_j - j)+} / 9 (1 - c)."""
        values, own = self.values, self.own
        kept = own.commitment if commitment is None else commitment
        answer = values.reciprocation * own.beliefs.trust if rung < own.rung else 0.0
        inconsistency = values.inconsistency * above_zero(kept - rung)
        weakness = self.framed_weakness() * above_zero(enemy_rung - answer - rung)
        return (inconsistency + weakness) / 9 * (1 - cover)

    def framed_weakness(self) -> float:
        """beta_u (1 + b_o rhet_o): weakness as the adversary's words have it."""
        return self.values.weakness * (1 + self.values.framing * self.own.enemy.rhetoric)

    # -- what they think of the options -------------------------------------------------------------------------------

    def weigh_options(self) -> None:
        """Backing for each rung the government may choose and for the offers made; approval of having stayed out."""
        own, talks, enemy_rung = self.own, self.crisis.talks, self.own.beliefs.rung
        mood, cover, below = self.mood(), self.crisis.agreement.cover, max(self.own.rung - 1, 0)
        for citizen in self.citizens:
            citizen.take_stock(mood)
        self.burden = mean(citizen.burden for citizen in self.citizens)
        self.backing_of = {j: self.backing(j, self.honour_price(j, enemy_rung, cover)) for j in own.options}
        self.covered_backing_of = {j: self.backing(j, 0.0) for j in own.options}
        settled = min(own.rung, SETTLED)
        self.backing_of_offer = self.backing(settled, self.honour_price(settled, SETTLED, talks.offer_cover))
        self.backing_of_direct_talks = self.backing(settled, self.honour_price(settled, SETTLED, 0.0))
        stay_out = self.support(below, self.honour_price(below, enemy_rung, 0.0, commitment=0.0), threatened=False)
        self.under_arms = own.rung >= DEPLOYED
        self.audience_cost = stay_out - self.support(below, self.honour_price(below, enemy_rung, 0.0))
        hold, step_down = (self.support(j, self.honour_price(j, enemy_rung, cover)) for j in (own.rung, below))
        self.step_down_penalty = hold - step_down

    def support(self, rung: int, price: float, threatened: bool = True) -> float:
        """A(j): mean approval of an option."""
        return mean(citizen.approves(rung, price, threatened) for citizen in self.citizens)

    def backing(self, rung: int, price: float) -> float:
        """S(j) = A(j) + kappa_P / P_ref cap mean(m a(j)): the public, and once more those of it who march."""
        marchers = mean(citizen.marches * citizen.approves(rung, price) for citizen in self.citizens)
        return self.support(rung, price) + self.weight_of_street() * marchers

    def weight_of_street(self) -> float:
        """kappa_P / P_ref, less where the crowd is beyond the size at which it weighs no more."""
        values = self.own.values
        cap = min(1.0, values.protest_ceiling / self.protest) if self.protest > 0 else 1.0
        return values.protest_pressure / values.protest_reference * cap

    # -- what becomes of them -----------------------------------------------------------------------------------------

    def settle_in(self) -> None:
        """The eve of day 0: approval is each citizen's evaluation of where the government stands."""
        self.judge_and_protest(speed=1.0, anger=dict.fromkeys(SEGMENTS, 0.0))

    def live_through_day(self) -> None:
        """Rally, attitudes, approval and protest after the day's events."""
        values, own = self.values, self.own
        spoken = values.rally_rhetoric * own.rhetoric if own.fought >= HOT else 0.0
        gain = values.rally_gain * self.report.new_admitted + spoken
        self.rally = min(values.rally_decay * self.rally + gain * (1 - self.rally), 1.0)
        anger = {segment: self.anger(segment) for segment in SEGMENTS}
        message, mood = self.message(), self.mood()
        for segment, citizens in self.segments.items():
            segment_mean = mean(citizen.attitude for citizen in citizens) if citizens else 0.0
            for citizen in citizens:
                citizen.change_mind(segment_mean, message, anger[segment], mood)
        self.judge_and_protest(values.approval_speed, anger)

    def anger(self, segment: str) -> float:
        """q (1 - exp(-(new deaths + w_civ civilians)(1 + sal) / C0))."""
        values, report = self.values, self.report
        alarm = 1 + values.border_alarm if segment == "border" else 1.0
        seen = report.new_deaths + values.civilian_weight * report.new_civilian_deaths * alarm
        salience = 1 + values.salience if report.salient else 1.0
        return self.blame() * (1 - math.exp(-seen * salience / values.anger_scale))

    def blame(self) -> float:
        """q = logistic(logit q0 + pi prop - nu verification)."""
        values = self.values
        prior = math.log(values.blame_prior / (1 - values.blame_prior))
        facts = values.blame_verification * self.crisis.talks.verification
        return logistic(prior + values.blame_propaganda * values.propaganda - facts)

    def message(self) -> float:
        """M = prop (rhet + 1/2 [enemy fights]) + noise, as far as the media still have credit."""
        values, own = self.values, self.own
        noise = values.media_noise * self.crisis.luck.normal(Stream.MEDIA, own.slot)
        attacked = 0.5 if own.enemy.fought >= HOT else 0.0
        return values.media_pull * (values.propaganda * (own.rhetoric + attacked) + noise) * self.report.credit

    def judge_and_protest(self, speed: float, anger: dict[str, float]) -> None:
        """Approval follows today's evaluation; whoever resents policy enough and fears arrest little protests.

        Marches last: a citizen's part is the chance of protesting, or rho_P of yesterday's part if that is more.
        """
        own, mood = self.own, self.mood()
        agreed = self.crisis.agreement.signed_today  # both come down together
        enemy_rung = min(own.beliefs.rung, SETTLED) if agreed else own.beliefs.rung
        price = self.honour_price(own.rung, enemy_rung, self.crisis.agreement.cover)
        arrest = self.risk_of_arrest()
        attention = min(max(own.fought, own.enemy.fought) / ARTILLERY, 1.0)  # nobody marches for war in peace
        for citizen in self.citizens:
            citizen.take_stock(mood)
            citizen.update_approval(own.rung, price, speed)
            threshold = self.threshold(citizen.segment)
            drawn = citizen.protests(own.rung, anger[citizen.segment], arrest, threshold, attention)
            citizen.marches = max(drawn, self.values.protest_memory * citizen.marches)
        self.attitude = mean(citizen.attitude for citizen in self.citizens)
        self.approval = mean(citizen.approval for citizen in self.citizens)
        self.protest = mean(citizen.marches for citizen in self.citizens)

    def threshold(self, segment: str) -> float:
        lower = self.values.capital_protest if segment == "capital" else 0.0
        return self.values.protest_threshold - lower

    def risk_of_arrest(self) -> float:
        """1 - exp(-k cops / P), P as the street was yesterday; in whole officers where cascades can occur."""
        officers = self.values.police / (self.protest + 1e-4)
        counted = math.floor(officers) if self.values.cascade_floor == 1 else officers
        return 1 - math.exp(-self.values.arrest_rate * counted)

    def welcome_leader(self) -> None:
        """A new leader is granted part of the approval the old one lacked."""
        for citizen in self.citizens:
            citizen.approval += self.values.fresh_start * (1 - citizen.approval)
        self.approval += self.values.fresh_start * (1 - self.approval)


def mean(values) -> float:
    """Mean of some numbers."""
    many = list(values)
    return sum(many) / len(many)
