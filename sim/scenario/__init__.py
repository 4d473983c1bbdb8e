"""The typed, frozen records of everything that can be set. Standard library only.

A :class:`Scenario` is one complete parameter set. Each field's declaration carries its unit, range, meaning and
source (see :mod:`sim.scenario.parameter`); nothing else in the project repeats them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from sim.scenario.alliance import AllianceRecord, AllyRecord
from sim.scenario.dyad import (
    CombatRecord,
    DyadRecord,
    IncidentsRecord,
    OperationsRecord,
    ReportingRecord,
    TerritoryRecord,
)
from sim.scenario.government import GovernmentRecord
from sim.scenario.mediation import MediationRecord, MediatorRecord
from sim.scenario.parameter import Parameter, ParameterError, Record, leaves, part, text, walk
from sim.scenario.public import PublicRecord
from sim.scenario.talks import TalksRecord

__all__ = [
    "AllianceRecord",
    "AllyRecord",
    "CombatRecord",
    "DyadRecord",
    "GovernmentRecord",
    "Governments",
    "IncidentsRecord",
    "MediationRecord",
    "MediatorRecord",
    "OperationsRecord",
    "Parameter",
    "ParameterError",
    "PublicRecord",
    "Publics",
    "ReportingRecord",
    "Scenario",
    "TalksRecord",
    "TerritoryRecord",
    "parameters",
]

_SIDES = {"a": "b", "b": "a"}
_TRIGGER = {"a": "b", "b": "a", "both": "both"}


@dataclass(frozen=True)
class Governments(Record):
    """The two governments."""

    a: GovernmentRecord = part(GovernmentRecord)
    b: GovernmentRecord = field(
        default_factory=lambda: GovernmentRecord(label="b side", luck_slot=1), metadata={"record": GovernmentRecord}
    )


@dataclass(frozen=True)
class Publics(Record):
    """The two publics."""

    a: PublicRecord = part(PublicRecord)
    b: PublicRecord = part(PublicRecord)


@dataclass(frozen=True)
class Scenario(Record):
    """One complete parameter set, and what varies from replicate to replicate.

    ``varies`` maps a parameter's dotted path to a distribution (see :mod:`sim.engine.distributions`);
    ``peak_odds`` is the table P(peak at rung k within ten days | now at rung j) that the shadow of an ally rests
    on, measured from the model itself, or empty for the one shipped with the model.
    """

    name: str = text("unnamed", "short name")
    title: str = text("", "one line for readers")
    government: Governments = part(Governments)
    public: Publics = part(Publics)
    alliance: AllianceRecord = part(AllianceRecord)
    dyad: DyadRecord = part(DyadRecord)
    talks: TalksRecord = part(TalksRecord)
    mediation: MediationRecord = part(MediationRecord)
    varies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    peak_odds: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.government.a.luck_slot == self.government.b.luck_slot:
            raise ParameterError(
                "government.a.luck_slot and government.b.luck_slot must differ: two sides cannot "
                "share one stream of luck"
            )
        if not isinstance(self.varies, Mapping):
            raise ParameterError(f"varies={self.varies!r}: a mapping from parameters to distributions is needed")
        for path in self.varies:
            parameter(path)
        object.__setattr__(self, "peak_odds", _checked_odds(self.peak_odds))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Scenario:
        """Build a scenario from nested mappings; raise ParameterError naming the full path of what is wrong."""
        return _build(cls, values, "")

    def get(self, path: str) -> float | int | str:
        """The value at a dotted path."""
        parameter(path)
        value: Any = self
        for name in path.split("."):
            value = getattr(value, name)
        return value

    def replaced(self, changes: Mapping[str, Any]) -> Scenario:
        """A copy with the values at the given dotted paths changed, checked like any other."""
        result: Any = self
        for path, value in changes.items():
            result = _replaced(result, path.split("."), parameter(path).check(path, value))
        return result

    def values(self) -> dict[str, float | int | str]:
        """Every parameter's value by dotted path, in order of declaration."""
        return dict(leaves(self))

    def swapped(self) -> Scenario:
        """The same crisis with the names of the sides exchanged; each side keeps its luck."""
        values = self.values()
        changes = {swap_path(path): swap_value(path, value) for path, value in values.items()}
        varies = {swap_path(path): _swap_distribution(path, spec) for path, spec in self.varies.items()}
        return replace(self.replaced_all(changes), varies=varies)

    def replaced_all(self, values: Mapping[str, Any]) -> Scenario:
        """A scenario with all parameters taken from a mapping by path; what varies and the odds stay."""
        nested: dict[str, Any] = {}
        for path, value in values.items():
            *parents, last = path.split(".")
            place = nested
            for name in parents:
                place = place.setdefault(name, {})
            place[last] = value
        return replace(_build(Scenario, nested, ""), varies=self.varies, peak_odds=self.peak_odds)


def swap_path(path: str) -> str:
    """The path of the same parameter of the other side."""
    head, *rest = path.split(".")
    if head in ("government", "public") and rest[0] in _SIDES:
        return ".".join([head, _SIDES[rest[0]], *rest[1:]])
    if path[-2:] in ("_a", "_b"):
        return path[:-1] + _SIDES[path[-1]]
    return path


def swap_value(path: str, value: Any) -> Any:
    """The value a parameter takes when the sides are exchanged."""
    name = path.rsplit(".", 1)[-1]
    if name == "protege":
        return _SIDES[value]
    if name in ("trigger_side", "salient_side"):
        return _TRIGGER[value]
    return -value if name == "bias" else value


def _swap_distribution(path: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    swapped = dict(spec)
    if "values" in swapped:
        swapped["values"] = [swap_value(path, value) for value in swapped["values"]]
    elif path.endswith(".bias"):
        raise ParameterError(f"{path}: a bias that varies can be exchanged between the sides only as a list of values")
    return swapped


def parameters() -> dict[str, Parameter]:
    """Every parameter of a scenario by dotted path, in order of declaration."""
    if not _PARAMETERS:
        _PARAMETERS.update(walk(Scenario))
    return _PARAMETERS


_PARAMETERS: dict[str, Parameter] = {}


def parameter(path: str) -> Parameter:
    """The parameter at a dotted path, or ParameterError with the nearest valid name."""
    known = parameters()
    if path not in known:
        raise ParameterError(f"{path}: no such parameter{nearest(path, known)}")
    return known[path]


def option_number(path: str, option: str) -> int:
    """The number by which lanes know an option of a choice, in its order of declaration; ValueError for no option."""
    return parameter(path).options.index(option)


def nearest(name: str, known: Any) -> str:
    """A hint at the closest valid name, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {found[0]}?" if found else ""


def _build(record: type, values: Any, prefix: str) -> Any:
    if not isinstance(values, Mapping):
        raise ParameterError(f"{prefix.rstrip('.') or 'scenario'}={values!r}: a group of parameters is needed here")
    known = {item.name: item for item in fields(record)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{prefix}{name}"
        if name not in known:
            raise ParameterError(f"{path}: no such parameter{nearest(str(name), known)}")
        metadata = known[name].metadata
        if "record" in metadata:
            made[name] = _build(metadata["record"], value, path + ".")
        else:
            made[name] = metadata["parameter"].check(path, value) if "parameter" in metadata else value
    if prefix == "government." and isinstance(values.get("b"), Mapping):
        made["b"] = _build(GovernmentRecord, {"label": "b side", "luck_slot": 1, **values["b"]}, "government.b.")
    return record(**made)


def _replaced(record: Any, names: list[str], value: Any) -> Any:
    if len(names) == 1:
        return replace(record, **{names[0]: value})
    inner = getattr(record, names[0])
    assert is_dataclass(inner)
    return replace(record, **{names[0]: _replaced(inner, names[1:], value)})


def _checked_odds(table: Any) -> tuple[tuple[float, ...], ...]:
    if isinstance(table, (list, tuple)) and not table:
        return ()
    try:
        rows = tuple(tuple(float(value) for value in row) for row in table)
    except (TypeError, ValueError):
        raise ParameterError("peak_odds: ten rows of ten probabilities are needed") from None
    if len(rows) != 10 or any(len(row) != 10 for row in rows):
        raise ParameterError("peak_odds: ten rows of ten probabilities are needed")
    if any(min(row) < 0 or abs(sum(row) - 1) > 1e-6 for row in rows):
        raise ParameterError("peak_odds: every row must hold probabilities that add up to 1")
    return rows
