"""What a page asks to be simulated: two arms under the same luck, checked, and the command that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.errors import UserError
from experiments.text import as_typed
from sim.ensemble import Settings
from sim.scenario import parameters

ARMS = ("held", "moved")
"""The two arms, in order; the first is the one the other is set against."""
CHOICES = ("mediation", "talks")
"""What an arm chooses by name."""
FIRST, MOST = 300, 2_000
"""Crises an arm of the first answer, and of the last one."""
STEPS = (FIRST, 600, 1_200, MOST)


@dataclass(frozen=True)
class ArmRequest:
    """One arm: what it chooses by name, and the parameters laid over that by path."""

    mediation: str
    talks: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ViewRequest:
    """Two arms of one scenario and how to simulate them."""

    scenario: str
    arms: Mapping[str, ArmRequest]
    seed: int = 1
    horizon_days: int = 120
    citizens: int = 128

    @property
    def settings(self) -> Settings:
        """As the model takes them."""
        return Settings(seed=self.seed, horizon_days=self.horizon_days, citizens=self.citizens)

    @property
    def changed(self) -> list[str]:
        """Paths that any arm sets, each once, in the order of the schema."""
        given = {path for arm in self.arms.values() for path in arm.values}
        return [path for path in parameters() if path in given]


def read(data: Any) -> ViewRequest:
    """What a page sent, checked.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong.
    """
    if not isinstance(data, Mapping) or not all(isinstance(data.get(name), Mapping) for name in ARMS):
        raise UserError("a scenario and the arms held and moved are needed")
    arms = {name: _arm(name, data[name]) for name in ARMS}
    whole = {name: data[name] for name in ("seed", "horizon_days", "citizens") if name in data}
    request = ViewRequest(name_of("scenario", data.get("scenario")), arms, **whole)
    request.settings  # noqa: B018  (checks them)
    if request.horizon_days > 450 or request.citizens > 1024:
        raise UserError("at most 450 days and 1,024 citizens a side can be explored; larger studies are for sweep")
    return request


def _arm(name: str, data: Mapping[str, Any]) -> ArmRequest:
    values = data.get("values", {})
    if not isinstance(values, Mapping):
        raise UserError(f"{name}.values: a mapping from parameters to values is needed")
    known, checked = parameters(), {}
    for path, value in values.items():
        if path not in known or known[path].kind == "text" or path.endswith(".luck_slot"):
            raise UserError(f"{name}: {path}: nothing that can be set here")
        checked[path] = known[path].check(path, value)
    mediation, talks = (name_of(f"{name}.{group}", data.get(group)) for group in CHOICES)
    return ArmRequest(mediation, talks, checked)


def name_of(where: str, value: Any) -> str:
    """A name that was given; UserError where it is none."""
    if not isinstance(value, str) or not value.replace("_", "").replace("-", "").isalnum():
        raise UserError(f"{where}={value!r}: a name is needed")
    return value


def command(request: ViewRequest, replicates: int, config_dir: str | None = None) -> str:
    """The command line whose study holds the very crises of an answer, a point an arm."""
    points = ", ".join(_point(name, arm) for name, arm in request.arms.items())
    given = f"--config-dir {shlex.quote(config_dir)} " if config_dir else ""
    design = shlex.quote(f"design.points=[{points}]")
    return (
        f"offramp sweep {given}scenario={request.scenario} replicates={replicates} seed={request.seed} "
        f"horizon_days={request.horizon_days} citizens={request.citizens} {design}"
    )


def _point(name: str, arm: ArmRequest) -> str:
    typed = {path: as_typed(value) for path, value in arm.values.items()}
    settings = {"name": name, "mediation": arm.mediation, "talks": arm.talks, **typed}
    return f"{{{', '.join(f'{key}: {value}' for key, value in settings.items())}}}"
