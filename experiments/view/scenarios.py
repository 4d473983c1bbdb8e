"""What the page can choose and move: scenarios, composed through Hydra once each, and a slider for each parameter."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.config.compose import Configuration, composer
from experiments.config.yaml_files import describe
from experiments.design.priors import POPULATION, UNUPDATED_PRIORS, VARIES, prior_of
from experiments.view.request import CHOICES, ViewRequest
from sim.engine.lanes import Points
from sim.scenario import Parameter, parameters

GROUPS = ("scenario", *CHOICES)
_ONE_AT_A_TIME = threading.Lock()
"""Hydra holds one configuration open in a process."""


class Scenarios:
    """Configurations by their choices, composed when they are first asked for.

    Parameters
    ----------
    config_dir : str, optional
        A directory of configurations of one's own.
    """

    def __init__(self, config_dir: str | None = None) -> None:
        self.config_dir = config_dir
        self._composed = lru_cache(maxsize=128)(self._compose)

    def configuration(self, scenario: str, mediation: str = "", talks: str = "") -> Configuration:
        """A configuration; choices left empty are the scenario's own.

        Raises
        ------
        UserError
            One line naming a choice that does not exist.
        """
        with _ONE_AT_A_TIME:
            return self._composed(scenario, mediation, talks)

    def _compose(self, *names: str) -> Configuration:
        with composer(self.config_dir) as opened:
            return opened.compose([f"{group}={name}" for group, name in zip(GROUPS, names, strict=True) if name])

    @lru_cache(maxsize=1)  # noqa: B019  (one lives as long as the process)
    def options(self) -> dict[str, list[dict[str, str]]]:
        """Config group -> name and first comment line of each of its choices."""
        with _ONE_AT_A_TIME, composer(self.config_dir) as opened:
            names = {group: opened.options(group) for group in GROUPS}
        places = [Path(str(files("conf"))), *([Path(self.config_dir)] if self.config_dir else [])]
        return {
            group: [{"name": name, "words": _words(places, f"{group}/{name}.yaml")} for name in choices]
            for group, choices in names.items()
        }

    def base(self, scenario: str, mediation: str = "", talks: str = "") -> dict[str, Any]:
        """What stands in the configuration of some choices: names chosen, values by path, paths that are drawn."""
        configuration, known = self.configuration(scenario, mediation, talks), parameters()
        base = configuration.scenario
        return {
            "choices": {group: configuration.choices[group] for group in GROUPS},
            "title": base.title,
            "sides": {side: getattr(base.government, side).label for side in ("a", "b")},
            "values": {path: value for path, value in base.values().items() if known[path].kind != "text"},
            "drawn": sorted(base.varies),
        }

    def points(self, request: ViewRequest) -> Points:
        """The arms as points of a design, exactly as ``offramp sweep`` has them.

        What one arm sets is set in the other one, too, at its scenario's own value, and is drawn in neither.

        Raises
        ------
        UserError, ParameterError
            One line naming what is wrong.
        """
        bases = [
            self.configuration(request.scenario, arm.mediation, arm.talks).scenario for arm in request.arms.values()
        ]
        columns = {
            path: [arm.values.get(path, base.get(path)) for arm, base in zip(request.arms.values(), bases, strict=True)]
            for path in request.changed
        }
        return Points.cross(bases, list(range(len(bases))), columns)

    def key(self, request: ViewRequest, name: str) -> tuple[Any, ...]:
        """What tells the crises of an arm from all others, replicate by replicate."""
        arm = request.arms[name]
        base = self.configuration(request.scenario, arm.mediation, arm.talks).scenario
        values = ((path, arm.values.get(path, base.get(path))) for path in request.changed)
        laid = tuple((path, value) for path, value in values if value != base.get(path) or path in base.varies)
        return (request.scenario, arm.mediation, arm.talks, laid, request.settings)


def _words(places: list[Path], name: str) -> str:
    path = next((place / name for place in places if (place / name).is_file()), None)
    return describe(path.read_text(encoding="utf-8")) if path else ""


LEVERS = "The mediator's levers"
SLIDER_GROUPS = {
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
ORDER = (LEVERS, *(words for words in SLIDER_GROUPS.values() if words != LEVERS))
UNCERTAIN = (POPULATION, UNUPDATED_PRIORS)
"""Tables of priors whose parameters are shown as the main uncertainties; the others are found by searching."""
WIDE = 200.0
"""Ratio of the ends of a range above which a slider is logarithmic."""


def sliders() -> list[dict[str, Any]]:
    """Every parameter that can be moved, in groups: the mediator's levers first, then in the order of the schema.

    ``main`` are what is drawn of the main uncertainties and the lead mediator's own levers.
    """
    drawn = (path.removeprefix(VARIES) for table in UNCERTAIN for item in prior_of(table) for path in item.paths)
    main = {path.removesuffix(".median").removesuffix(".mean") for path in drawn}
    sliders = [
        _slider(path, parameter, path in main or (path.startswith("mediation.") and path.count(".") == 1))
        for path, parameter in parameters().items()
        if parameter.kind != "text" and not path.endswith(".luck_slot")
    ]
    return sorted(sliders, key=lambda slider: ORDER.index(slider["group"]))


def _slider(path: str, parameter: Parameter, main: bool) -> dict[str, Any]:
    group = next(words for start, words in SLIDER_GROUPS.items() if path.startswith(f"{start}."))
    slider: dict[str, Any] = {
        "path": path,
        "group": group,
        "main": main,
        "kind": parameter.kind,
        "label": re.sub(r"[._]", " ", re.sub(r"^((government|public)\.[ab]|\w+)\.", "", path)),
        "about": f"{parameter.meaning} ({parameter.range_text}; source: {parameter.source})",
        "unit": "" if parameter.unit == "1" else parameter.unit,
    }
    if parameter.kind == "choice":
        return {**slider, "options": list(parameter.options)}
    low, high = parameter.low, parameter.high
    return {**slider, "low": low, "high": high, "log": parameter.kind == "float" and low > 0 and high / low > WIDE}
