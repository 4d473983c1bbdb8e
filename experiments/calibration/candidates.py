"""The tables of candidates: what may be calibrated in each scenario, within which bounds, and why.

Hawkishness is in no table: it is a prior informed by surveys and no outcome updates it. Hardly a target speaks of
citizens, so a free search would mute them; the domestic weight stays at 2.5 or above and the price of inconsistency at
2 or above. Whatever a number belongs to, both sides share it, and a step up costs what a step down costs.
"""

from __future__ import annotations

from experiments.design.hyperparameters import Hyperparameter as H
from experiments.design.hyperparameters import Table

SEARCH = "around a coarse search on an earlier edition of the model"
FLOOR = "bounded from below so that publics are never muted; top assumed"
_STEPS = ("step_up", "step_down")


def _governments(*names: str) -> tuple[str, ...]:
    return tuple(f"government.{side}.{name}" for side in "ab" for name in names)


def _publics(name: str) -> tuple[str, ...]:
    return tuple(f"public.{side}.{name}" for side in "ab")


def _drawn(argument: str, *paths: str) -> tuple[str, ...]:
    return tuple(f"varies.{path}.{argument}" for path in paths)


def _allies(name: str) -> tuple[str, ...]:
    return (f"alliance.first.{name}", f"alliance.second.{name}")


def _weights(path: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"varies.{path}.weights.{number}" for number in range(first, last + 1))


INCIDENTS = (
    H(
        "incident_rate",
        _drawn("median", "dyad.incidents.rate"),
        2e-4,
        2e-2,
        "incidents a day and side, median dyad",
        True,
        SEARCH,
    ),
    H(
        "incident_rate_spread",
        _drawn("sigma", "dyad.incidents.rate"),
        0.8,
        2.6,
        "their log spread between dyads",
        False,
        SEARCH,
    ),
    H(
        "contagion",
        _drawn("mean", "dyad.incidents.contagion"),
        0.2,
        0.75,
        "incidents one provokes, mean",
        False,
        SEARCH,
    ),
    H(
        "contagion_concentration",
        _drawn("concentration", "dyad.incidents.contagion"),
        1,
        6,
        "how alike dyads are in it",
        True,
        SEARCH,
    ),
    H("incident_memory", ("dyad.incidents.memory",), 3, 25, "days for which an incident provokes others", True, SEARCH),
    H(
        "violent_share",
        _drawn("mean", "dyad.incidents.violent_share"),
        0.2,
        0.8,
        "share of incidents with shooting",
        False,
        SEARCH,
    ),
    H(
        "violent_concentration",
        _drawn("concentration", "dyad.incidents.violent_share"),
        0.4,
        4,
        "how alike dyads are in it",
        True,
        SEARCH,
    ),
    H(
        "autonomous_risk",
        ("dyad.incidents.autonomous_risk",),
        0.01,
        0.3,
        "incidents a day that full force adds",
        True,
        SEARCH,
    ),
    H("return_fire", ("dyad.incidents.return_fire",), 0.05, 0.6, "chance of firing back at once"),
    H("artillery_share", ("dyad.incidents.artillery_share",), 0.02, 0.4, "shooting incidents at rung 5", True, SEARCH),
    H(
        "out_of_contact",
        ("dyad.incidents.out_of_contact",),
        0.03,
        1,
        "frequency of incidents while nobody is mobilised",
        True,
    ),
)
OPENING = (
    H(
        "opening_probe",
        ("varies.dyad.trigger_rung.weights.0",),
        0.05,
        0.4,
        "disputes that open without fire",
        False,
        SEARCH,
        "odds",
    ),
    H(
        "opening_decay",
        _weights("dyad.trigger_rung", 1, 5),
        0.5,
        0.97,
        "fall of frequency from one opening rung to the next",
        False,
        SEARCH,
        "falling",
    ),
    H(
        "opening_policy",
        _drawn("p", "dyad.trigger_endorsed"),
        0.1,
        0.7,
        "openings decided by a government",
        False,
        SEARCH,
    ),
    H(
        "opening_mutual",
        ("varies.dyad.trigger_side.weights.2",),
        0.05,
        0.4,
        "openings in which both fire",
        False,
        SEARCH,
        "odds",
    ),
)
LOSSES = (
    H("lethality_low", ("dyad.combat.lethality_low",), 0.3, 5, "scale of deaths at rungs 3 and 4", True),
    H("lethality_middle", ("dyad.combat.lethality_middle",), 0.1, 3, "scale of deaths at rungs 5 to 7", True),
    H("lethality_high", ("dyad.combat.lethality_high",), 0.5, 5, "scale of deaths at rungs 8 and 9", True),
    H("hurdle", ("dyad.combat.hurdle",), 0.5, 1, "scale of the chance of a day without deaths"),
    H("spread_low", ("dyad.combat.spread_low",), 0.5, 2.5, "log spread of a deadly day, rungs up to 4", False, SEARCH),
    H(
        "spread_middle",
        ("dyad.combat.spread_middle",),
        0.5,
        2.5,
        "log spread of a deadly day, rungs 5 to 7",
        False,
        SEARCH,
    ),
    H("spell_sd", ("dyad.combat.spell_sd",), 0.5, 2.4, "log spread of bloodiness between crises", False, SEARCH),
)
GOVERNMENTS = (
    H("resolve", _governments("resolve"), 0.4, 2.5, "median stake", True, SEARCH),
    H("resolve_sd", _governments("resolve_sd"), 0.6, 1.8, "log spread of stakes", False, SEARCH),
    H(
        "domestic_weight",
        _drawn("median", *_governments("domestic_weight")),
        2.5,
        6,
        "median weight of approval",
        True,
        FLOOR,
    ),
    H(
        "domestic_spread",
        _drawn("sigma", *_governments("domestic_weight")),
        0.2,
        0.9,
        "log spread of that weight",
        False,
        SEARCH,
    ),
    H("material_cost", _governments("material_cost"), 0.7, 4.5, "cost of full force a day", True, SEARCH),
    H("readiness_cost", _governments("readiness_cost"), 0.3, 2.5, "cost of readiness", True, SEARCH),
    H("reciprocity", _governments("reciprocity"), 0.15, 2.5, "weight of answering in kind", True, SEARCH),
    H("conciliation", _governments("conciliation"), 0, 1.6, "rungs that full trust lets one stay below", False, SEARCH),
    H("rationality", _governments("rationality"), 0.8, 5, "precision of choice", True, SEARCH),
    H("fog", _governments("fog"), 0.2, 1.2, "error about the enemy's rung", False, SEARCH),
    H("step_cost", _drawn("median", *_governments(*_STEPS)), 0.1, 1.5, "median cost of a step, up or down", True),
    H("clock_crisis", _governments("clock_crisis"), 0.05, 0.5, "chance a day of a decision in a crisis", True, SEARCH),
    H("clock_calm", _governments("clock_calm"), 0.0005, 0.03, "chance a day of a decision in calm", True, SEARCH),
    H("trust_start", _governments("trust_start"), 0.1, 0.6, "trust at the start", False, SEARCH),
    H("inconsistency", _publics("inconsistency"), 2, 4.5, "price of stepping below one's commitment", False, FLOOR),
    H("weakness", _publics("weakness"), 0.5, 3.5, "price of stepping below the enemy"),
)
OTHERS = (
    H("ally_present", _drawn("p", *_allies("present")), 0.1, 0.6, "chance that a side has an ally", False, SEARCH),
    H("ally_consensus", _allies("consensus"), 0.2, 0.8, "consensus, which caps help"),
    H("ally_pace", _allies("deed_pace"), 0.003, 0.3, "chance a day that a willing ally acts", True),
    H(
        "answer_in_kind",
        _governments("answer_in_kind"),
        0.003,
        0.2,
        "chance a day of answering the first fire as a matter of course",
        True,
    ),
    H("ally_threshold", _allies("threat_threshold"), 0.2, 0.7, "threat at which help is in the balance"),
    H(
        "mediator_delay",
        _drawn("median", "mediation.delay"),
        5,
        90,
        "median day from which a mediator can act",
        True,
        "quartiles of clash crises, 6 and 74 days",
    ),
    H(
        "mediator_delay_spread",
        _drawn("sigma", "mediation.delay"),
        0.8,
        2.3,
        "log spread of that day",
        False,
        "quartiles of clash crises",
    ),
    H("mediator_effort", ("mediation.effort",), 0.05, 0.6, "attempts a day", True),
    H(
        "mediator_reluctance",
        _weights("mediation.severity_trigger", 0, 4),
        0.3,
        1.2,
        "how common it is to wait for one rung more",
        False,
        "assumed",
        "falling",
    ),
    H("talks_present", _drawn("p", "talks.present"), 0.2, 0.9, "pairs with a channel of their own"),
    H("acceptance", ("talks.threshold",), -2, 0.5, "readiness to accept anything", False, SEARCH),
)

BASELINE = (
    H("resolve", _governments("resolve"), 0.5, 1.6, "stakes, relative to the scenario's", True, shape="factor"),
    H("resolve_sd", _governments("resolve_sd"), 0.6, 1.6, "their log spread, relative", True, shape="factor"),
    H("rationality", _governments("rationality"), 0.3, 1.6, "precision of choice, relative", True, shape="factor"),
    H("material_cost", _governments("material_cost"), 0.6, 1.5, "cost of full force, relative", True, shape="factor"),
    H("reciprocity", _governments("reciprocity"), 0.4, 3.5, "answering in kind, relative", True, shape="factor"),
    H("step_cost", _governments(*_STEPS), 0.15, 2.8, "cost of a step, up or down, relative", True, shape="factor"),
    H("lethality", ("dyad.combat.lethality_middle",), 0.2, 2, "deaths at rungs 5 to 7, relative", True, shape="factor"),
    H("spell_sd", ("dyad.combat.spell_sd",), 0.6, 2.8, "log spread of bloodiness, relative", True, shape="factor"),
    H("incident_rate", ("dyad.incidents.rate",), 0.2, 3, "incidents, relative", True, shape="factor"),
    H("acceptance", ("talks.threshold",), -3, 0, "readiness to accept anything"),
)
SIMMER = (
    H("incident_rate", ("dyad.incidents.rate",), 0.04, 1, "incidents a day and side without memory", True, SEARCH),
    H("artillery_share", ("dyad.incidents.artillery_share",), 0.005, 0.2, "shooting incidents at rung 5", True, SEARCH),
    H("lethality_low", ("dyad.combat.lethality_low",), 0.1, 3, "scale of deaths at rungs 3 and 4", True),
    H("lethality_middle", ("dyad.combat.lethality_middle",), 0.1, 2, "scale of deaths at rungs 5 to 7", True),
    H("spread_low", ("dyad.combat.spread_low",), 0.2, 2, "log spread of a deadly day, rungs up to 4"),
)
TABLES: dict[str, Table] = {
    "dispute_population": (*INCIDENTS, *OPENING, *LOSSES, *GOVERNMENTS, *OTHERS),
    "tovuz_2020": BASELINE,
    "simmer_2015": SIMMER,
}
"""Scenario -> its candidates."""
