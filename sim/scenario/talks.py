"""What can be set about direct talks, and the rule by which any offer is accepted."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameter import Record, number, whole


@dataclass(frozen=True)
class TalksRecord(Record):
    """Direct talks (a hotline, commanders) and the acceptance rule shared by all channels."""

    present: int = whole(0, 0, 1, "1 where the governments can talk directly", neutral=0)
    rate: float = number(0.3, 0, 1, "direct attempts a day at full trust", unit="per day", neutral=0)
    rate_floor: float = number(
        0, 0, 1, "share of that rate which needs no trust (1 = attempts as regular as a mediator's effort)", neutral=0
    )
    secrecy: float = number(0.5, 0, 1, "secrecy of direct talks", unit="share")
    leak: float = number(0.03, 0, 0.5, "chance that an attempt in secret becomes public", unit="share", neutral=0)
    slope: float = number(2, 0.2, 10, "decisiveness of acceptance", symbol="lambda_a")
    threshold: float = number(
        -0.85, -5, 5, "readiness to accept anything", "coarse search on an earlier edition", unit="utility", symbol="w0"
    )
    distrust: float = number(
        1,
        0,
        5,
        "cost of a promise that is not trusted",
        "form after Fearon 1995, IO 49",
        unit="utility",
        symbol="chi_T",
        neutral=0,
    )
    descent_window: float = number(
        0,
        0,
        1,
        "how far the cost of an agreed descent is spread over the planning window (0 = at once, as for own steps)",
    )
    asking: float = number(0.5, 0, 3, "cost of being seen to have asked", symbol="beta_ask", neutral=0)
    form: float = number(0.5, 0, 2, "value of a drafted text", unit="utility", symbol="b_form", neutral=0)
    ripeness: float = number(
        0.5, 0, 2, "value of mutual exhaustion", "form after Zartman 2000", unit="utility", symbol="b_ripe", neutral=0
    )
    given_word: float = number(
        0.2, 0, 2, "price a day of breaking any agreement, whoever brought it about", unit="utility", neutral=0
    )
    breaking: float = number(2, 0, 6, "price of breaking an agreement at full enforcement", unit="utility", neutral=0)
    credibility: float = number(
        0.4,
        -1,
        1,
        "how much bias raises a friend's credibility",
        "form after Kydd 2003, AJPS 47; value assumed",
        symbol="b_cred",
        neutral=0,
    )
    unfairness: float = number(
        0.6,
        -1,
        1,
        "loss of the disfavoured side to bias",
        "form after Rauchhaus 2006, WP 58; value assumed",
        unit="utility",
        symbol="b_dis",
        neutral=0,
    )
    shopping: float = number(
        0.3, 0, 2, "loss of acceptance per further mediator not coordinated", unit="utility", neutral=0
    )
    violation_days: int = whole(2, 1, 14, "days in a row of violation that end an agreement", unit="days")
    settlement_cover: float = number(
        1, 0, 1, "share of a channel's cover that lasts while its agreement does", neutral=0
    )
    fog_relief: float = number(0.5, 0, 1, "share of fog that full facilitation lifts", neutral=0)
    trust_relief: float = number(0.4, 0, 1, "share of distrust that full facilitation bridges", neutral=0)
    messages: float = number(
        0.03, 0, 0.2, "weight of what full facilitation says of the enemy's readiness", unit="per day", neutral=0
    )
    text_cover: float = number(0.5, 0, 1, "share of cover that rests on a drafted text", unit="share", neutral=0)
