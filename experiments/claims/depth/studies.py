"""Claims taken apart, and objections answered: designs declared as data, each section a table and some words.

A section says of which kind it is; every kind is a pair of functions of :mod:`.tables`: the arms it needs, and what is made
of them.
"""

from __future__ import annotations

from typing import Any

from experiments.claims.arms import Arm, SampleSize
from experiments.claims.depth.designs import Design
from experiments.claims.depth.tables import KINDS, Section
from experiments.claims.measures import read_declared
from experiments.claims.store import ArmStore

FULL = SampleSize(draws=200, crises=30, citizens=64, horizon=450)
QUICK = SampleSize(draws=20, crises=12, citizens=32, horizon=120)


def studies() -> dict[str, Any]:
    """What is declared of the claims that are taken apart, by name."""
    return read_declared("depth")["studies"]


def designs(name: str) -> list[Design]:
    """The sections of a claim."""
    return [Design(fields) for fields in studies()[name]["sections"]]


def arms(name: str) -> list[Arm]:
    """Every arm that a claim in depth takes."""
    return [arm for design in designs(name) for arm in KINDS[design.kind].arms(design)]


def section(name: str, store: ArmStore) -> Section:
    """A claim in depth."""
    parts = [KINDS[design.kind].make(design, store) for design in designs(name)]
    text = f"## {name} in depth: {studies()[name]['title']}\n\n{read_declared('depth')['basis']}"
    return Section(
        "; ".join(part.headline for part in parts if part.headline),
        "\n\n".join([text, *(part.text for part in parts)]),
        {stem: drawing for part in parts for stem, drawing in part.drawings.items()},
        {stem: rows for part in parts for stem, rows in part.tables.items()},
    )
