"""All propositions, found by looking into the folder that holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from experiments.claims import claims, rule
from experiments.claims.claim import Proposition
from experiments.config.overrides import nearest_name
from experiments.design.priors import CODED_PRIORS, DIRECTORY, UNUPDATED_PRIORS
from experiments.errors import UserError
from experiments.study.identity import statements_hash

BEHIND = (
    "claim",
    "measures",
    "special",
    "aftermath",
    "watching",
    "running",
    "uncertainty",
    "structures",
    "../statistics/nested",
    "../statistics/joint_deconvolution",
)
"""What stands behind every verdict, beside the claims themselves and the rule."""


@cache
def catalogue() -> dict[str, Proposition]:
    """Name -> proposition, by number."""
    modules = (import_module(f"{claims.__name__}.{found.name}") for found in iter_modules(claims.__path__))
    found = sorted((module.PROPOSITION for module in modules), key=lambda proposition: proposition.number)
    return {proposition.name: proposition for proposition in found}


@cache
def rule_hash() -> str:
    """The hash of the statements of the rule by which verdicts are reached."""
    return statements_hash([Path(rule.__file__).read_text(encoding="utf-8")])


@cache
def designs_hash() -> str:
    """The hash of what claims are tested by: what they declare, priors, and the code that measures, draws and counts."""
    declared = [json.dumps(_declared(proposition), sort_keys=True).encode() for proposition in catalogue().values()]
    declared += [(DIRECTORY / f"{name}.csv").read_bytes() for name in (UNUPDATED_PRIORS, CODED_PRIORS)]
    folder = Path(rule.__file__).parent
    return statements_hash([folder.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in BEHIND], declared)


def _declared(value: Any) -> Any:
    """A claim, or a part of it, as plain data; functions by their names, since their code is hashed beside."""
    if is_dataclass(value):
        return {field.name: _declared(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _declared(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_declared(inner) for inner in value]
    return value.__name__ if callable(value) else value


def chosen(names: list[str]) -> list[Proposition]:
    """The propositions asked for, or all of them; UserError for an unknown one."""
    known = catalogue()
    for name in names:
        if name.upper() not in known:
            raise UserError(f"{name}: no such proposition{nearest_name(name.upper(), known)}; P1 to P{len(known)}")
    return [known[name.upper()] for name in names] if names else list(known.values())
