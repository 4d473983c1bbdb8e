"""A diary of a crisis, and what became of it, read from the diary when all is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.ladder import LADDER
from tests.oracle.plain import ARTILLERY, DEPLOYED, HOT

if TYPE_CHECKING:
    from tests.oracle.model import OracleCrisis

CALM_DAYS, LEAD_DAYS = 14, 3
WAR, LIMITED_WAR = 1000, 100


@dataclass(frozen=True)
class SideDay:
    """One side's day, as it was when it ended; ``measured``, ``audience_cost`` and ``penalty`` as of that morning."""

    rung: int
    fought: int
    approval: float
    protest: float
    measured: bool
    audience_cost: float
    penalty: float


@dataclass(frozen=True)
class Day:
    """One day of both sides and of what is between them."""

    a: SideDay
    b: SideDay
    agreement: str | None
    territory: float
    support: int

    @property
    def fought(self) -> int:
        return max(self.a.fought, self.b.fought)

    @property
    def hot(self) -> bool:
        return self.fought >= HOT

    @property
    def heavy(self) -> bool:
        return self.fought >= ARTILLERY

    @property
    def breaks_calm(self) -> bool:
        """Force as policy, or artillery whoever ordered it."""
        return max(self.a.rung, self.b.rung) >= HOT or self.heavy


class Diary:
    """Everything that outcomes are read from."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis = crisis
        self.days: list[Day] = []

    def write(self) -> None:
        """Take note of the day that has just passed."""
        crisis = self.crisis
        self.days.append(
            Day(
                self._side("a"),
                self._side("b"),
                crisis.agreement.kind,
                crisis.territory.gain,
                max((ally.support for ally in crisis.allies), default=0),
            )
        )

    def _side(self, side: str) -> SideDay:
        own, public = self.crisis.governments[side], self.crisis.publics[side]
        return SideDay(
            own.rung,
            own.fought,
            public.approval,
            public.protest,
            own.decides and public.under_arms,
            public.audience_cost,
            public.step_down_penalty,
        )

    # -- what became of it --------------------------------------------------------------------------------------------

    def outcomes(self) -> dict[str, Any]:
        """Outcome by name; None where it never happened."""
        crisis = self.crisis
        hot, heavy, breaking = ([day.hot for day in self.days], [day.heavy for day in self.days], self.breaks())
        calm, silence = first_spell_without(breaking), first_spell_without(hot)
        relapses = [] if calm is None else [day for day in days_of(breaking) if day >= calm + CALM_DAYS]
        common = {
            "severity": self.severity(any(hot)),
            "termination": self.termination(calm),
            "hostility": self.hostility(),
            "days_hot": sum(hot),
            "days_heavy": sum(heavy),
            "last_heavy_day": days_of(heavy)[-1] if any(heavy) else None,
            "days_to_calm": calm if any(breaking) else 0,
            "days_to_silence": silence if any(hot) else 0,
            "relapsed": len(relapses) > 0,
            "relapse_day": relapses[0] if relapses else None,
            "hot_days_after_calm": len(relapses),
            "mediated": crisis.talks.first_attempt_day is not None,
            "mediation_day": crisis.talks.first_attempt_day,
            "agreements": crisis.agreement.number,
            "first_agreement_day": crisis.agreement.first_day,
            "first_agreement_by": crisis.agreement.first_kind,
            "collapses": crisis.agreement.collapses,
            "territory": crisis.territory.gain,
            "ally_support": max(day.support for day in self.days),
            "ally_entries": self.entries(),
            "tension": sum(day.a.fought + day.b.fought for day in self.days),
        }
        return common | self.side_outcomes("a") | self.side_outcomes("b")

    def side_outcomes(self, side: str) -> dict[str, Any]:
        own = self.crisis.governments[side]
        days: list[SideDay] = [getattr(day, side) for day in self.days]
        measured = [day for day in days if day.measured]
        return {
            f"peak_rung_{side}": max(day.fought for day in days),
            f"deaths_{side}": own.deaths,
            f"civilian_deaths_{side}": own.civilian_deaths,
            f"operations_{side}": own.operations,
            f"renewals_{side}": own.renewals,
            f"leader_falls_{side}": own.leader_falls,
            f"min_approval_{side}": min(day.approval for day in days),
            f"max_protest_{side}": max(day.protest for day in days),
            f"audience_cost_{side}": mean_or_none([day.audience_cost for day in measured]),
            f"step_down_penalty_{side}": mean_or_none([day.penalty for day in measured]),
        }

    def entries(self) -> int:
        return sum(ally.support == 3 for ally in self.crisis.allies)

    def battle_deaths(self) -> int:
        return sum(own.deaths for own in self.crisis.governments.values())

    def severity(self, ever_hot: bool) -> str:
        """none, clash, limited_war, war or regional_war."""
        if not ever_hot:
            return "none"
        deaths = self.battle_deaths()
        if deaths >= WAR:
            return "regional_war" if self.entries() else "war"
        return "limited_war" if deaths >= LIMITED_WAR else "clash"

    def hostility(self) -> int:
        if self.battle_deaths() >= WAR:
            return 5
        return max(LADDER[max(day.a.fought, day.b.fought)].hostility for day in self.days)

    def breaks(self) -> list[bool]:
        """Day by day, whether it breaks calm."""
        return [day.breaks_calm for day in self.days]

    def termination(self, calm: int | None) -> str:
        """How the first calm came about; the first that applies."""
        if not any(self.breaks()):
            return "tacit"
        if calm is None:
            return "ongoing"
        day = self.days[calm]
        if day.agreement in ("mediated", "direct"):
            return day.agreement
        settlement = self.crisis.world.dyad.territory.settlement
        if day.agreement == "imposed" or abs(day.territory) >= settlement:
            return "imposed"
        return "unilateral" if abs(self.quiet_until(calm, "a") - self.quiet_until(calm, "b")) >= LEAD_DAYS else "tacit"

    def quiet_until(self, day: int, side: str) -> int:
        """Days in a row up to a day on which a side did not use force as policy."""
        count = 0
        while count <= day and getattr(self.days[day - count], side).rung <= DEPLOYED:
            count += 1
        return count


def days_of(marks: list[bool]) -> list[int]:
    """The days that are marked."""
    return [day for day, marked in enumerate(marks) if marked]


def first_spell_without(marks: list[bool]) -> int | None:
    """First day of the first fourteen days in a row that are not marked."""
    for first in range(len(marks) - CALM_DAYS + 1):
        if not any(marks[first : first + CALM_DAYS]):
            return first
    return None


def mean_or_none(values: list[float]) -> float | None:
    """Mean of some numbers, if there are any."""
    return sum(values) / len(values) if values else None
