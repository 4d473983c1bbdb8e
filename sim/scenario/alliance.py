"""What can be set about allies: whom they back, how reliably, and what the other side believes."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameter import Record, choice, number, part, text, whole


@dataclass(frozen=True)
class AllyRecord(Record):
    """One ally of one side."""

    label: str = text("an ally", "name shown to readers")
    present: int = whole(0, 0, 1, "1 where this ally exists", neutral=0)
    protege: str = choice("a", ("a", "b"), "the side it backs")
    alignment: float = number(0.45, 0, 1, "alignment of the protege with this ally", symbol="xi")
    hedging: float = number(
        1, 0.5, 2, "exponent of effective alignment: above 1 hedging costs more than it yields", symbol="p", neutral=1
    )
    treaty: str = choice(
        "none", ("none", "border", "everywhere"), "where a defence treaty applies", "scenario", neutral="none"
    )
    treaty_weight: float = number(
        1,
        0,
        4,
        "what an applicable treaty adds to reliability",
        "assumed; treaties are kept in about 41 % of cases since 1945, Berkemeier and Fuhrmann 2018",
        unit="logit",
        symbol="a_V",
        neutral=0,
    )
    reliability: float = number(-1, -6, 4, "reliability at the threshold without alignment", unit="logit", symbol="a0")
    threat_slope: float = number(
        8, 0, 20, "rise of reliability with threat to the protege", unit="logit", symbol="a_theta", neutral=0
    )
    threat_threshold: float = number(0.6, 0.05, 0.95, "threat at which help is in the balance", symbol="theta*")
    alignment_slope: float = number(
        2, 0, 6, "rise of reliability with alignment", unit="logit", symbol="a_xi", neutral=0
    )
    culpability: float = number(
        0.5,
        0,
        4,
        "loss of reliability when the protege began it",
        "form after Benson 2011, JCR 55; value assumed",
        unit="logit",
        symbol="a_C",
        neutral=0,
    )
    consensus: float = number(0.8, 0, 1, "consensus inside the alliance", symbol="cons")
    word_pace: float = number(
        0.3, 0, 1, "chance a day that a willing ally speaks up, while there is fighting", unit="per day", neutral=0
    )
    deed_pace: float = number(
        0.01,
        0,
        1,
        "chance a day that a willing ally sends arms, then troops; reliability is "
        "about a crisis, so its daily chance is small",
        unit="per day",
        neutral=0,
    )
    rhetorical_ease: float = number(
        4, 0, 10, "how much sooner words come than direct entry", unit="logit", symbol="cut_1"
    )
    material_ease: float = number(
        1.5, 0, 10, "how much sooner material help comes than direct entry", unit="logit", symbol="cut_2"
    )
    start_support: int = whole(0, 0, 3, "support at the start: 0 none, 1 rhetorical, 2 material, 3 direct", neutral=0)
    most_support: int = whole(3, 0, 3, "the highest support this ally can give")
    base_support: float = number(
        0.6, 0, 1.5, "force added by direct entry, relative to the protege", unit="share", symbol="S", neutral=0
    )
    material_share: float = number(0.3, 0, 1, "share of that force which material support brings", unit="share")
    moral_hazard: float = number(0.5, 0, 2, "how far expected help enters the protege's own reckoning", neutral=0)
    emboldening: float = number(
        0, 0, 1, "rise of the protege's resolve per level of support", unit="share", symbol="v_S", neutral=0
    )
    restraint: float = number(
        0,
        0,
        3,
        "price this ally puts on its protege's force (rung 4 and above)",
        "form after Snyder 1984, World Politics 36",
        unit="utility",
        symbol="E_l",
        neutral=0,
    )
    protection: float = number(
        0, 0, 1, "cost a distant friend puts on the attacker", unit="utility", symbol="w_prot", neutral=0
    )
    relief: float = number(
        0, 0, 1, "share of the protege's hardship a distant friend relieves", unit="share", symbol="w_econ", neutral=0
    )


@dataclass(frozen=True)
class AllianceRecord(Record):
    """Up to three allies, the ties between them, and the shadow they cast on the enemy of their protege."""

    first: AllyRecord = part(AllyRecord)
    second: AllyRecord = part(AllyRecord)
    third: AllyRecord = part(AllyRecord)
    tie_12: float = number(0.5, 0, 1, "mutual restraint of the first and second ally", symbol="tau_12", neutral=0)
    tie_13: float = number(0, 0, 1, "mutual restraint of the first and third ally", symbol="tau_13", neutral=0)
    tie_23: float = number(0, 0, 1, "mutual restraint of the second and third ally", symbol="tau_23", neutral=0)
    shadow: str = choice(
        "every_rung",
        ("every_rung", "threshold_only"),
        "whether help to come weighs on every rung or only where it would come at once",
    )
    shadow_weight: float = number(
        2.5, 0, 6, "weight of the other ally's expected help", unit="utility", symbol="K_a", neutral=0
    )
    shadow_power: float = number(2, 0, 4, "how steeply the weight of help grows with the rung it comes at", symbol="w")
    belief_error: float = number(
        1, 0, 4, "error about an ally's reliability without knowledge", unit="logit", symbol="s_q", neutral=0
    )
    knowledge_a: float = number(0.5, 0, 1, "how well side a knows the allies", symbol="know_a", neutral=1)
    knowledge_b: float = number(0.5, 0, 1, "how well side b knows the allies", symbol="know_b", neutral=1)
