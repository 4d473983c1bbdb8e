"""Scenarios drawn from the parameters' own declarations, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.scenario import Parameter, Scenario, parameters

SETTABLE = {
    path: parameter
    for path, parameter in parameters().items()
    if parameter.kind != "text" and not path.endswith("luck_slot")
}
"""Every parameter that means something to the model; the slots of luck only tell the sides apart."""
PRESENCE = [path for path in SETTABLE if path.endswith("present")]


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Any value a parameter can take, its bounds often among them."""
    if parameter.kind == "choice":
        return st.sampled_from(parameter.options)
    if parameter.kind == "int":
        return st.integers(int(parameter.low), int(parameter.high))
    bounds = st.sampled_from([parameter.low, parameter.high]).map(float)
    return st.one_of(bounds, st.floats(parameter.low, parameter.high))


@st.composite
def scenarios(draw: st.DrawFn, most_changes: int = 60) -> Scenario:
    """Any valid scenario: some agents present, some parameters moved anywhere in their range."""
    present = draw(st.lists(st.sampled_from(PRESENCE), unique=True))
    moved = draw(st.lists(st.sampled_from(sorted(set(SETTABLE) - set(PRESENCE))), unique=True, max_size=most_changes))
    changes: dict[str, Any] = dict.fromkeys(present, 1)
    changes |= {path: draw(values(SETTABLE[path])) for path in moved}
    return Scenario().replaced(changes)
