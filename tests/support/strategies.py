"""Hypothesis strategies that draw any valid record of a scenario, from the ranges on the records themselves.

Every strategy shrinks towards the defaults, so that a failing example names the few parameters that matter.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from sim.scenario import (
    AllianceRecord,
    AllyRecord,
    DyadRecord,
    GovernmentRecord,
    Governments,
    MediationRecord,
    MediatorRecord,
    OperationsRecord,
    Parameter,
    PublicRecord,
    Publics,
    Record,
    Scenario,
    TalksRecord,
    parameters,
)

STEPS = 1000
"""Into how many steps a range is cut."""


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Any value that a parameter can take; labels stay as they are."""
    default = st.just(parameter.default)
    if parameter.kind == "text":
        return default
    if parameter.kind == "float":
        return default | st.integers(0, STEPS).map(lambda step: _on_the_way(parameter, step / STEPS))
    few = parameter.options or range(int(parameter.low), int(parameter.high) + 1)
    return st.sampled_from(sorted(few, key=lambda value: value != parameter.default))


def between(simplest: float, other: float) -> st.SearchStrategy[float]:
    """Any value between two numbers; shrinks towards the first."""
    return st.integers(0, STEPS).map(lambda step: simplest + step / STEPS * (other - simplest))


def _on_the_way(parameter: Parameter, share: float) -> float:
    """A value between the ends of the range; steps keep out numbers like 1e-300, which nobody means."""
    return min(parameter.low + share * (parameter.high - parameter.low), parameter.high)


def records(kind: type[Record], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any record of a kind, its parts included; ``given`` replaces the strategy of a field."""
    drawn = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if "record" in item.metadata:
            drawn[item.name] = records(item.metadata["record"])
        elif "parameter" in item.metadata:
            drawn[item.name] = values(item.metadata["parameter"])
    return st.builds(kind, **(drawn | given))


def governments(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[GovernmentRecord]:
    """Any government."""
    return records(GovernmentRecord, **given)


def publics(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[PublicRecord]:
    """Any public."""
    return records(PublicRecord, **given)


def allies(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[AllyRecord]:
    """Any ally, present or not."""
    return records(AllyRecord, **given)


def alliances(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[AllianceRecord]:
    """Any set of allies, present or not."""
    return records(AllianceRecord, **given)


def dyads(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[DyadRecord]:
    """Any pair of states: venue, opening, incidents, combat, reporting, territory."""
    return records(DyadRecord, **given)


def talks(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[TalksRecord]:
    """Any arrangement of direct talks and any rule of acceptance."""
    return records(TalksRecord, **given)


def mediators(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[MediatorRecord]:
    """Any mediator, present or not."""
    return records(MediatorRecord, **given)


def mediations(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[MediationRecord]:
    """Any set of mediators, present or not."""
    return records(MediationRecord, **given)


def scenarios(varied: bool = False, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Scenario]:
    """Any scenario at all; ``varied`` lets some of its parameters vary from replicate to replicate."""
    given = {"government": both_governments(), **given}
    return records(Scenario, varies=distributions() if varied else st.just({}), **given)


def eventful_scenarios() -> st.SearchStrategy[Scenario]:
    """Any scenario that opens with force on both sides and in which every way out of an operation is open.

    Operations lapse and may be renewed, hope fades, stocks run down, only what force can win is at stake; all else is
    drawn as in :func:`scenarios`.
    """
    rates = {f"lapse_rate_{name}": between(0.5, 0.05) for name in ("middle", "8", "9")}
    operations = records(OperationsRecord, from_rung=st.sampled_from((5, 4)), renewal=between(0.2, 1), **rates)
    return scenarios(
        government=both_governments(
            action_set=st.sampled_from(("two_steps", "any", "one_step")),
            hope_rate=between(0.1, 0.02),
            contest_scope=between(0.5, 0) | between(0.5, 1),
            stock_cost=between(5, 0.5),
            posture_commitment=between(1, 0),
            clock_crisis=between(0.5, 0.05),
            resolve=between(8, 2),
        ),
        public=publics_of_both(
            casualty_weight=between(0.1, 0),
            hardship_weight=between(0.1, 0),
            fatigue_weight=between(0.1, 0),
            burden_cap=between(1, 0.5) | between(1, 3),
            protest_memory=between(0.9, 0),
        ),
        dyad=dyads(
            start_rung_a=st.sampled_from((5, 6, 7, 8, 9)),
            start_rung_b=st.sampled_from((5, 6, 7, 8, 9)),
            operations=operations,
        ),
    )


def both_governments(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Governments]:
    """Any two governments, either of them on either stream of luck."""
    first, second = (governments(luck_slot=st.just(slot), **given) for slot in (0, 1))
    return st.builds(Governments, a=first, b=second) | st.builds(Governments, a=second, b=first)


def publics_of_both(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Publics]:
    """Any two publics."""
    return st.builds(Publics, a=publics(**given), b=publics(**given))


@st.composite
def distributions(draw: st.DrawFn, most: int = 4) -> dict[str, dict[str, Any]]:
    """What varies from replicate to replicate: up to ``most`` parameters, uniform or over a list of values."""
    known = {
        path: parameter
        for path, parameter in parameters().items()
        if parameter.kind != "text" and not path.endswith("luck_slot")
    }
    paths = draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=most))
    return {path: draw(_distribution(known[path])) for path in paths}


def _distribution(parameter: Parameter) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(values(parameter), min_size=1, max_size=3).map(lambda some: {"dist": "values", "values": some})
    if parameter.kind == "choice":
        return listed
    ends = st.lists(values(parameter), min_size=2, max_size=2).map(sorted)
    return listed | ends.map(lambda pair: {"dist": "uniform", "low": float(pair[0]), "high": float(pair[1])})
