"""All propositions, found by looking into the folder that holds them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from experiments.errors import UserError
from experiments.overrides import nearest_name
from experiments.propositions import claims
from experiments.propositions.claim import Proposition

BEHIND = (
    "claim", "measures", "special", "aftermath", "watching", "running", "uncertainty", "structures",
    "../statistics/nested", "../statistics/together",
)
"""What stands behind every verdict, beside the claims themselves and the rule."""


@cache
def catalogue() -> dict[str, Proposition]:
    """Name -> proposition, by number."""
    modules = (import_module(f"{claims.__name__}.{found.name}") for found in iter_modules(claims.__path__))
    found = sorted((module.PROPOSITION for module in modules), key=lambda proposition: proposition.number)
    return {proposition.name: proposition for proposition in found}


@cache
def designs_hash() -> str:
    """The hash of what claims are tested by: their files, their measures, how these are drawn and how counted."""
    folder = Path(claims.__file__).parent
    beside = [folder.parent / f"{name}.py" for name in BEHIND]
    text = b"".join(path.read_bytes() for path in [*sorted(folder.glob("*.py")), *beside])
    return hashlib.sha256(text).hexdigest()[:16]


def chosen(names: list[str]) -> list[Proposition]:
    """The propositions asked for, or all of them; UserError for an unknown one."""
    known = catalogue()
    for name in names:
        if name.upper() not in known:
            raise UserError(f"{name}: no such proposition{nearest_name(name.upper(), known)}; P1 to P{len(known)}")
    return [known[name.upper()] for name in names] if names else list(known.values())
