"""What a mediator can choose (its levers) and what becomes of its standing."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameter import Record, number, part, text, whole


@dataclass(frozen=True)
class MediatorRecord(Record):
    """One third party. With every lever at zero it is a placebo: a channel and nothing else."""

    label: str = text("a mediator", "name shown to readers")
    present: int = whole(0, 0, 1, "1 where this mediator exists", neutral=0)
    delay: float = number(
        1, 0, 450, "first day on which it can act", "range after ICB clash crises, quartiles 6 and 74 days", unit="days"
    )
    severity_trigger: int = whole(0, 0, 9, "rung either side must have reached before it acts", unit="rung", neutral=0)
    effort: float = number(0.5, 0, 1, "chance a day of an attempt while active", unit="per day", neutral=0)
    mission: float = number(120, 1, 450, "days the mission lasts from its first active day", unit="days")
    facilitation: float = number(0.6, 0, 1, "carrying of messages: less fog, more trust", unit="share", neutral=0)
    formulation: float = number(0.6, 0, 1, "drafting of terms", unit="share", neutral=0)
    manipulation: float = number(0.4, 0, 1, "use of leverage", unit="share", neutral=0)
    cover: float = number(
        0.6,
        0,
        1,
        "face-saving cover for stepping down",
        "after Beardsley 2010, JPR 47; value assumed",
        unit="share",
        symbol="c",
        neutral=0,
    )
    leverage: float = number(0.6, 0, 1.5, "carrots and sticks at its disposal", unit="utility", symbol="lev", neutral=0)
    leverage_half_life: float = number(
        30,
        7,
        120,
        "days in which leverage fades by half after an agreement",
        "form after Beardsley 2008, AJPS 52; value assumed",
        unit="days",
    )
    backlash: float = number(
        0.5, 0, 1.5, "resistance of a hawkish public to pressure in public", symbol="bl", neutral=0
    )
    secrecy: float = number(0.5, 0, 1, "secrecy of the talks", unit="share", neutral=0)
    bias: float = number(0, -1, 1, "leaning towards b (positive) or a (negative)", neutral=0)
    verification: float = number(0.2, 0, 1, "independent finding of facts", unit="share", neutral=0)
    enforcement: float = number(
        0.3, 0, 1, "guarantee of an agreement", "after Fortna 2003, IO 57; value assumed", unit="share", neutral=0
    )
    failure_cost: float = number(0.1, 0, 1, "standing spent by an attempt that fails", unit="share", neutral=0)
    recovery: float = number(0.02, 0, 1, "standing regained", unit="per day")


@dataclass(frozen=True)
class MediationRecord(MediatorRecord):
    """The lead mediator's levers, two more mediators, and how well they work together."""

    second: MediatorRecord = part(MediatorRecord)
    third: MediatorRecord = part(MediatorRecord)
    coordination: float = number(0.5, 0, 1, "how far several mediators act as one", unit="share")
