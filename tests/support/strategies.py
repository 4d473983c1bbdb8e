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
    Parameter,
    PublicRecord,
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
    return records(Scenario, government=both_governments(), varies=distributions() if varied else st.just({}), **given)


def both_governments() -> st.SearchStrategy[Governments]:
    """Any two governments, either of them on either stream of luck."""
    one = st.builds(Governments, a=governments(luck_slot=st.just(0)), b=governments(luck_slot=st.just(1)))
    return one | st.builds(Governments, a=governments(luck_slot=st.just(1)), b=governments(luck_slot=st.just(0)))


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
