"""The schema given to Hydra: plain, unfrozen types generated from the records, so that nothing is declared twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass, make_dataclass
from functools import cache
from typing import Any

from experiments.config.settings import BackendRecord, SearchRecord, Setting, StudyRecord, settings_of
from sim.scenario import Parameter, Scenario, parameters

GROUPS = ("scenario", "talks", "mediation", "backend", "experiment")
PART_GROUPS = ("government", "public", "alliance", "population")
FREE = ("varies", "design", "search", "peak_odds")
OF_SEARCH = ("search", *settings_of(SearchRecord))
"""Root keys of a search; other configurations are kept without them."""
SCENARIO_PARTS = tuple(item.name for item in fields(Scenario))
"""The root keys that together make a scenario."""
ROOT_KEYS = (*settings_of(StudyRecord), "backend", *SCENARIO_PARTS, "design", *OF_SEARCH)
"""Every admissible root key."""
_TYPES: dict[str, Any] = {"float": float, "int": Any, "choice": str, "text": str, "flag": Any}
"""Types as Hydra is to check them. It would refuse 1e3 for a whole number and take yes for true: the record's own check
reads those as it does everywhere else."""


@cache
def known_paths() -> dict[str, Parameter]:
    """Every key that takes one value, by dotted path: root keys, backend and the scenario's parameters."""
    backend = {f"backend.{name}": parameter for name, parameter in settings_of(BackendRecord).items()}
    return {**settings_of(StudyRecord), **settings_of(SearchRecord), **backend, **parameters()}


def group_of(key: str) -> str:
    """The config group that a key such as ``mediation`` or ``government@government.a`` chooses from, or nothing."""
    name, _, package = key.partition("@")
    return name if name in (*GROUPS, *(PART_GROUPS if package else ("alliance",))) else ""


def build_schema() -> type:
    """The root of the schema as an unfrozen dataclass of plain types."""
    settings = [*_entries(StudyRecord()), *_entries(SearchRecord()), _entry("backend", BackendRecord())]
    return make_dataclass(
        "Configuration", [*settings, *_entries(Scenario()), _entry("design", {}), _entry("search", {})]
    )


@cache
def register_schema() -> None:
    """Make the schema known to Hydra under the name used in the defaults list."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="schema", node=build_schema(), provider="offramp")


def _entries(record: Any) -> list[tuple[str, Any, Any]]:
    """Name, type and default of every field of a record."""
    return [_entry(item.name, getattr(record, item.name), item.metadata.get("parameter")) for item in fields(record)]


def _entry(name: str, value: Any, parameter: Parameter | None = None) -> tuple[str, Any, Any]:
    if parameter is not None:
        loose = isinstance(parameter, Setting) and (parameter.words or parameter.nullable)
        return name, Any if loose else _TYPES[parameter.kind], field(default=value)
    if is_dataclass(value):
        record: Any = make_dataclass(type(value).__name__, _entries(value))
        return name, record, field(default_factory=record)
    if isinstance(value, Mapping):
        return name, dict[str, Any], field(default_factory=dict)
    return name, Any, field(default_factory=list)
