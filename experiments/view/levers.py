"""The sliders of the page, made from the schema: unit, range, meaning and source of every parameter, in groups."""

from __future__ import annotations

import re
from typing import Any

from experiments.design.priors import POPULATION, UNUPDATED_PRIORS, VARIES, prior_of
from sim.scenario import Parameter, parameters

LEVERS = "The mediator's levers"
GROUPS = {
    "mediation.second": "The second mediator",
    "mediation.third": "The third mediator",
    "mediation": LEVERS,
    "talks": "Talks and acceptance",
    "government.a": "Government a",
    "government.b": "Government b",
    "public.a": "Public a",
    "public.b": "Public b",
    "alliance": "Allies",
    "dyad": "The ground: incidents, combat, territory, reports",
}
"""What a path begins with -> words for its group; the first that fits counts."""
ORDER = (LEVERS, *(words for words in GROUPS.values() if words != LEVERS))
UNCERTAIN = (POPULATION, UNUPDATED_PRIORS)
"""Tables of priors whose parameters are shown as the main uncertainties; the others are found by searching."""
STEPS = 200
"""Steps of a slider between the ends of its range."""
WIDE = 200.0
"""Ratio of the ends of a range above which a slider is logarithmic."""


def sliders() -> list[dict[str, Any]]:
    """Every parameter that can be moved, in groups: the mediator's levers first, then in the order of the schema.

    ``main`` are what is drawn of the main uncertainties and the lead mediator's own levers.
    """
    drawn = (path.removeprefix(VARIES) for table in UNCERTAIN for item in prior_of(table) for path in item.paths)
    main = {path.removesuffix(".median").removesuffix(".mean") for path in drawn}
    made = [
        _slider(path, parameter, path in main or (path.startswith("mediation.") and path.count(".") == 1))
        for path, parameter in parameters().items()
        if parameter.kind != "text" and not path.endswith(".luck_slot")
    ]
    return sorted(made, key=lambda slider: ORDER.index(slider["group"]))


def _slider(path: str, parameter: Parameter, main: bool) -> dict[str, Any]:
    group = next(words for start, words in GROUPS.items() if path.startswith(f"{start}."))
    made: dict[str, Any] = {
        "path": path,
        "group": group,
        "main": main,
        "kind": parameter.kind,
        "label": _label(path),
        "about": f"{parameter.meaning} ({parameter.range_text}; source: {parameter.source})",
        "unit": "" if parameter.unit == "1" else parameter.unit,
    }
    if parameter.kind == "choice":
        return {**made, "options": list(parameter.options)}
    low, high = parameter.low, parameter.high
    return {**made, "low": low, "high": high, "log": parameter.kind == "float" and low > 0 and high / low > WIDE}


def _label(path: str) -> str:
    """A parameter's name below the heading of its group."""
    own = re.sub(r"^((government|public)\.[ab]|\w+)\.", "", path)
    return re.sub(r"[._]", " ", own)
