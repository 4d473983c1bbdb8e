"""What happens between the two sides apart from policy: incidents, combat, territory."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from sim.engine.streams import Stream
from sim.ladder import LADDER
from tests.oracle.plain import ARTILLERY, ASSAULT, DEPLOYED, HOT, OFFENSIVE, above_zero, clip, logistic
from tests.oracle.venue import OTHER

if TYPE_CHECKING:
    from tests.oracle.government import Government
    from tests.oracle.model import OracleCrisis


NORMAL = NormalDist()


class Incidents:
    """Local incidents: self-exciting, by side, the same with and without a truce; each lasts a day."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis = crisis
        self.values = crisis.world.dyad.incidents
        self.memory = {"a": 0.0, "b": 0.0}
        self.begun = {"a": 0, "b": 0}
        self.level = {"a": 0, "b": 0}

    def happen(self) -> None:
        """Incidents begin; whoever is shot at may fire back at once."""
        begun = {side: max(self.drawn_incident(side), self.opening_incident(side)) for side in "ab"}
        for side in "ab":
            self.level[side] = begun[side]
            fires_back = self.luck(side)[3] < self.values.return_fire
            if begun[OTHER[side]] >= HOT and fires_back:
                self.level[side] = max(begun[side], HOT)
            self.memory[side] = (1 - 1 / self.values.memory) * self.memory[side] + (1 if begun[side] > 0 else 0)
        self.begun = begun

    def luck(self, side: str) -> list[float]:
        return self.crisis.luck.uniforms(Stream.INCIDENT, self.crisis.governments[side].slot)

    def drawn_incident(self, side: str) -> int:
        """Level of the incident that a side begins today, 0 for none."""
        occurs, violent, level, _ = self.luck(side)
        if occurs >= 1 - math.exp(-self.intensity(side)):
            return 0
        if violent >= self.values.violent_share:
            return DEPLOYED
        return ARTILLERY if level < self.values.artillery_share else HOT

    def intensity(self, side: str) -> float:
        """lambda = scale x lambda0 + n H / tau + autonomous risk x f(e)."""
        values = self.values
        scale = values.line_scale if self.crisis.venue.on_line("surprise") else values.border_scale * self.contact()
        provoked = values.contagion * self.memory[side] / values.memory
        risk = values.autonomous_risk * LADDER[self.crisis.governments[side].rung].force
        return scale * values.rate + provoked + risk

    def contact(self) -> float:
        """c0 + (1 - c0) logistic((h - c_x) / w_x): contact on a border, h the highest rung stood or fought at."""
        values = self.values
        met = logistic((self.crisis.highest_stance_yesterday - values.contact_centre) / values.contact_width)
        return values.out_of_contact + (1 - values.out_of_contact) * met

    def opening_incident(self, side: str) -> int:
        dyad = self.crisis.world.dyad
        return dyad.trigger_rung if self.crisis.day == 0 and dyad.trigger_side in (side, "both") else 0


class Combat:
    """How many die on a day."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis = crisis
        self.values = crisis.world.dyad.combat
        normal = crisis.luck_before.normals_before(Stream.SPELL)[0]
        spread = self.values.spell_sd
        self.bloodiness = min(math.exp(spread * normal - spread**2 / 2), self.values.spell_cap) / mean_of_capped(
            spread, self.values.spell_cap
        )
        self.severity = {"a": 0.0, "b": 0.0}
        self.mean = {"a": 0.0, "b": 0.0}
        self.deaths = {"a": 0, "b": 0}
        self.civilian_deaths = {"a": 0, "b": 0}

    def inflicted(self, rung: int) -> float:
        """phi: mean deaths a day that a rung inflicts on an equal foe."""
        values = self.values
        by_group = (values.lethality_low, values.lethality_middle, values.lethality_high)
        return values.lethality * LADDER[rung].deaths * by_group[self.group(rung)]

    def spread(self, rung: int) -> float:
        """sigma: log spread of the severity of a deadly day."""
        return (self.values.spread_low, self.values.spread_middle, self.values.spread_high)[self.group(rung)]

    @staticmethod
    def group(rung: int) -> int:
        return 0 if rung < ARTILLERY else 1 if rung < OFFENSIVE else 2

    def mean_losses(self, inflicted: float, force_ratio: float, rung: int, enemy_rung: float) -> float:
        """mu = phi(e_o) (B_o / B_s)^zeta [1 + d_off (e_s - e_o)+] [lp + (1 - lp) min(1, e_s / e_o)]."""
        values = self.values
        attacking = 1 + values.attacker_penalty * above_zero(rung - enemy_rung)
        exposure = min(1.0, rung / enemy_rung) if enemy_rung > 0 else 1.0
        profile = values.low_profile + (1 - values.low_profile) * exposure
        return inflicted * force_ratio**values.loss_exponent * attacking * profile

    def fight(self) -> None:
        """Both sides' losses of the day, drawn from what both do."""
        for side in "ab":
            self.mean[side] = self.expected(self.crisis.governments[side])
        for side in "ab":
            own = self.crisis.governments[side]
            self.deaths[side] = self.military(own)
            self.civilian_deaths[side] = self.civilian(own)
            own.deaths += self.deaths[side]
            own.civilian_deaths += self.civilian_deaths[side]

    def expected(self, own: Government) -> float:
        enemy = own.enemy
        ratio = enemy.actual_force(enemy.fought) / own.actual_force(own.fought)
        return self.mean_losses(self.inflicted(enemy.fought), ratio, own.fought, enemy.fought) * self.bloodiness

    def military(self, own: Government) -> int:
        """A hurdle, then floor(mean x severity + U): the mean stays what it was."""
        luck, values, foe = self.crisis.luck, self.values, own.enemy.fought
        news = luck.normal(Stream.SEVERITY, own.slot)
        if self.crisis.day > 0:
            news = values.persistence * self.severity[own.side] + math.sqrt(1 - values.persistence**2) * news
        self.severity[own.side] = news
        bloodless = values.hurdle * LADDER[foe].bloodless
        least = 1 if self.strikes(own.side) else 0
        if luck.uniform(Stream.HURDLE, own.slot) < bloodless:
            return least
        severity = math.exp(self.spread(foe) * news - self.spread(foe) ** 2 / 2)
        mean = min(self.mean[own.side] / (1 - bloodless) * severity, values.day_cap)
        return max(math.floor(mean + luck.uniforms(Stream.ROUNDING, own.slot)[0]), least)

    def strikes(self, side: str) -> bool:
        """Whether an experiment has a salient death strike a side today."""
        return self.values.salient_side in (side, "both") and self.values.salient_day == self.crisis.day

    def civilian(self, own: Government) -> int:
        shelled = own.enemy.fought >= ARTILLERY
        mean = self.crisis.venue.civilian_share() * self.mean[own.side] if shelled else 0.0
        return math.floor(min(mean, self.values.day_cap) + self.crisis.luck.uniforms(Stream.ROUNDING, own.slot)[1])

    def surprise(self, side: str) -> float:
        """Own losses beyond what was to be expected, less the enemy's, each in units of what was expected."""
        own, enemy = ((self.deaths[s] - self.mean[s]) / (1 + self.mean[s]) for s in (side, OTHER[side]))
        return own - enemy


def mean_of_capped(spread: float, cap: float) -> float:
    """E min(X, cap) of a lognormal X of mean one."""
    if spread == 0:
        return min(1.0, cap)
    edge = (math.log(cap) + spread**2 / 2) / spread
    return NORMAL.cdf(edge - spread) + cap * NORMAL.cdf(-edge)


class Lulls:
    """Spells of days on which nobody acts on a posture below an offensive."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis = crisis
        self.spell = self.quiet = False

    def fall(self) -> None:
        """The chain goes on with the day's draw; mean spell L, share s, so that it begins with s / ((1 - s) L)."""
        values = self.crisis.world.dyad.combat
        odds = values.lull_share / (1 - values.lull_share)
        length = max(values.lull_days, odds)
        chance = 1 - 1 / length if self.spell else odds / length
        self.spell = self.crisis.day > 0 and self.crisis.luck.uniform(Stream.LULL) < chance
        self.quiet = self.spell and all(own.new_rung < OFFENSIVE for own in self.crisis.governments.values())


class Territory:
    """Ground that changes hands; positive where b gained."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis = crisis
        self.gain = self.gain_yesterday = 0.0

    def move(self) -> None:
        """Once either side attacks on the ground, ground moves with the difference in force on the front attacked."""
        self.gain_yesterday = self.gain
        a, b = self.crisis.governments["a"], self.crisis.governments["b"]
        if max(a.fought, b.fought) >= ASSAULT:
            used = {own.side: own.actual_force(own.fought) * LADDER[own.fought].force for own in (a, b)}
            values = self.crisis.world.dyad.territory
            front = max(LADDER[a.fought].force, LADDER[b.fought].force) ** values.breadth
            front *= min(self.crisis.combat.bloodiness, 1.0) ** values.by_bloodiness
            self.gain = clip(self.gain + values.rate * front * (used["b"] - used["a"]), -1.0, 1.0)

    def gained_today(self, side: str) -> bool:
        """Whether ground moved a side's way today."""
        return self.gain > self.gain_yesterday if side == "b" else self.gain < self.gain_yesterday

    def lost_by(self, side: str) -> float:
        return above_zero(self.gain if side == "a" else -self.gain)
