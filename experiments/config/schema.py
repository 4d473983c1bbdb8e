"""The schema given to Hydra: plain, unfrozen types generated from the records, so that nothing is declared twice."""

from __future__ import annotations

from dataclasses import field, fields, is_dataclass, make_dataclass
from functools import cache
from typing import Any

from experiments.config.settings import BackendRecord, SearchRecord, Setting, StudyRecord, settings_of
from sim.scenario import Parameter, Scenario, parameters

SCHEMA = "schema"
GROUPS = ("scenario", "talks", "mediation", "backend", "experiment")
PART_GROUPS = ("government", "public", "alliance", "population")
FREE = ("varies", "design", "search", "peak_odds")
OF_SEARCH = ("search", *settings_of(SearchRecord))
"""Root keys of a search; other configurations are kept without them."""
_TYPES: dict[str, Any] = {"float": float, "int": Any, "choice": str, "text": str, "flag": Any}
"""Types as Hydra is to check them. It would refuse 1e3 for a whole number and take yes for true: the record's own check
reads those as it does everywhere else."""


@cache
def known_paths() -> dict[str, Parameter]:
    """Every key that takes one value, by dotted path: root keys, backend and the scenario's parameters."""
    backend = {f"backend.{name}": parameter for name, parameter in settings_of(BackendRecord).items()}
    return {**settings_of(StudyRecord), **settings_of(SearchRecord), **backend, **parameters()}


@cache
def scenario_parts() -> tuple[str, ...]:
    """The root keys that together make a scenario."""
    return tuple(item.name for item in fields(Scenario))


@cache
def root_keys() -> tuple[str, ...]:
    """Every admissible root key."""
    return (*settings_of(StudyRecord), "backend", *scenario_parts(), "design", *OF_SEARCH)


def group_of(key: str) -> str:
    """The config group that a key such as ``mediation`` or ``government@government.a`` chooses from, or nothing."""
    name, _, package = key.partition("@")
    if package:
        return name if name in (*GROUPS, *PART_GROUPS) else ""
    return name if name in (*GROUPS, "alliance") else ""


def build_schema() -> type:
    """The root of the schema as an unfrozen dataclass of plain types."""
    settings = [
        _leaf(name, parameter, parameter.default)
        for record in (StudyRecord, SearchRecord)
        for name, parameter in settings_of(record).items()
    ]
    parts = [_entry(item.name, item.metadata, getattr(Scenario(), item.name)) for item in fields(Scenario)]
    backend = _nested("backend", BackendRecord())
    return make_dataclass("Configuration", [*settings, backend, *parts, _mapping("design"), _mapping("search")])


@cache
def register_schema() -> None:
    """Make the schema known to Hydra under the name used in the defaults list."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name=SCHEMA, node=build_schema(), provider="offramp")


def _plain(record: Any) -> type:
    entries = [_entry(item.name, item.metadata, getattr(record, item.name)) for item in fields(record)]
    return make_dataclass(type(record).__name__, entries)


def _entry(name: str, metadata: Any, value: Any) -> tuple[str, Any, Any]:
    if is_dataclass(value):
        return _nested(name, value)
    if "parameter" in metadata:
        return _leaf(name, metadata["parameter"], value)
    return _mapping(name) if name == "varies" else (name, Any, field(default_factory=list))


def _nested(name: str, record: Any) -> tuple[str, Any, Any]:
    made = _plain(record)
    return name, made, field(default_factory=made)


def _leaf(name: str, parameter: Parameter, value: Any) -> tuple[str, Any, Any]:
    loose = isinstance(parameter, Setting) and (parameter.words or parameter.nullable)
    return name, Any if loose else _TYPES[parameter.kind], field(default=value)


def _mapping(name: str) -> tuple[str, Any, Any]:
    return name, dict[str, Any], field(default_factory=dict)
