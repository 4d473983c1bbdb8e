"""Scenarios for the page: composed through Hydra once each, kept, and laid over with what an arm sets."""

from __future__ import annotations

import threading
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.config.compose import Configuration, composer
from experiments.config.yaml_files import describe
from experiments.view.asked import CHOICES, Asked
from sim.engine.lanes import Points
from sim.scenario import parameters

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
            group: [{"name": name, "words": _words(places, f"{group}/{name}.yaml")} for name in own]
            for group, own in names.items()
        }

    def base(self, scenario: str, mediation: str = "", talks: str = "") -> dict[str, Any]:
        """What stands in the configuration of some choices: names chosen, values by path, paths that are drawn."""
        made = self.configuration(scenario, mediation, talks)
        known = parameters()
        values = {path: value for path, value in made.scenario.values().items() if known[path].kind != "text"}
        return {
            "choices": {group: made.choices[group] for group in GROUPS},
            "title": made.scenario.title,
            "sides": {side: getattr(made.scenario.government, side).label for side in ("a", "b")},
            "values": values,
            "drawn": sorted(made.scenario.varies),
        }

    def points(self, asked: Asked) -> Points:
        """The arms as points of a design, exactly as ``offramp sweep`` has them.

        What one arm sets is set in the other one, too, at its scenario's own value, and is drawn in neither.

        Raises
        ------
        UserError, ParameterError
            One line naming what is wrong.
        """
        bases = [self.configuration(asked.scenario, arm.mediation, arm.talks).scenario for arm in asked.arms.values()]
        columns = {
            path: [arm.values.get(path, base.get(path)) for arm, base in zip(asked.arms.values(), bases, strict=True)]
            for path in asked.changed
        }
        return Points.cross(bases, list(range(len(bases))), columns)

    def key(self, asked: Asked, name: str) -> tuple[Any, ...]:
        """What tells the crises of an arm from all others, replicate by replicate."""
        arm = asked.arms[name]
        base = self.configuration(asked.scenario, arm.mediation, arm.talks).scenario
        own = ((path, arm.values.get(path, base.get(path))) for path in asked.changed)
        laid = tuple((path, value) for path, value in own if value != base.get(path) or path in base.varies)
        return (asked.scenario, arm.mediation, arm.talks, laid, asked.settings)


def _words(places: list[Path], name: str) -> str:
    found = next((place / name for place in places if (place / name).is_file()), None)
    return describe(found.read_text(encoding="utf-8")) if found else ""
