"""Claims taken apart, and objections answered: designs declared as data, each section a table and some words.

A section says of which kind it is; every kind is a pair of functions of this module or of :mod:`.tables`: the arms it
needs, and what is made of them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from experiments.claims.arms import Arm, SampleSize
from experiments.claims.catalogue import DECLARED
from experiments.claims.depth.designs import Design
from experiments.claims.depth.section import Section
from experiments.claims.depth.tables import KINDS, all_arms
from experiments.claims.store import ArmStore
from experiments.config.overrides import nearest_name
from experiments.config.yaml_files import read_text, read_tree
from experiments.errors import UserError

FULL = SampleSize(draws=200, crises=30, citizens=64, horizon=450)
QUICK = SampleSize(draws=20, crises=12, citizens=32, horizon=120)
TEXT_BASIS = (
    "Brackets: 95 % intervals of chance, which say how well a number is known for these draws; braces: 95 % of draws of "
    "what is not known, over structures by weight, Monte Carlo noise taken out. Effects are ratios (of odds for shares, of "
    "risks for wars, of means for days and deaths), their brackets 95 % of draws."
)


@cache
def declared(name: str) -> dict[str, Any]:
    """What a file of designs declares."""
    path = DECLARED / f"{name}.yaml"
    return read_tree(read_text(path), path)


def designs(name: str) -> list[Design]:
    """The sections of a claim."""
    return [Design(dict(fields)) for fields in declared("depth")["studies"][name]["sections"]]


def arms(name: str) -> list[Arm]:
    """Every arm that a claim in depth takes."""
    return all_arms(designs(name))


def section(name: str, store: ArmStore) -> Section:
    """A claim in depth."""
    text = f"## {name} in depth: {declared('depth')['studies'][name]['title']}\n\n{TEXT_BASIS}"
    return Section.joined(text, [KINDS[design.kind].make(design, store) for design in designs(name)])


def chosen(names: list[str]) -> list[str]:
    """The studies asked for, or all; UserError for a claim that has none."""
    known = list(declared("depth")["studies"])
    for name in names:
        if name.upper() not in known:
            raise UserError(f"{name}: not taken apart{nearest_name(name.upper(), known)}; {', '.join(known)}")
    return [name.upper() for name in names] or known
