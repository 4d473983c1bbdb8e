"""The coded cases, their records, and what of each was already seen when the model was made."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from experiments.cases.records import Record, read_plain
from experiments.config.overrides import nearest_name
from experiments.config.yaml_files import read_text, read_tree
from experiments.design.priors import POPULATION
from experiments.errors import UserError

_SEEN = Path(__file__).with_name("in_sample.yaml")
IN_SAMPLE: dict[str, str] = read_tree(read_text(_SEEN), _SEEN)
"""Case -> what of it is in sample; of all others nothing that happened was used."""


def cases() -> list[str]:
    """All coded cases, the baseline first, then by name."""
    entries = [entry.name for entry in (files("conf") / "scenario").iterdir()]
    known = {name.removesuffix(".yaml") for name in entries if name.endswith(".yaml")} - {POPULATION}
    return sorted(known, key=lambda name: (name != "tovuz_2020", name))


def chosen(names: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """The cases asked for, or all that ship; UserError for one that is neither shipped nor ``known``."""
    available = [name for name in dict.fromkeys([*cases(), *known]) if name != POPULATION]
    for name in names:
        if name not in available:
            raise UserError(f"{name}: no such case{nearest_name(name, available)}; available: {', '.join(available)}")
    return list(dict.fromkeys(names)) or cases()


def record_of(name: str) -> Record | None:
    """The record that ships with a case, None where there is none."""
    place = files("conf") / "evidence" / "cases" / f"{name}.csv"
    if not place.is_file():
        return None
    with as_file(place) as path:
        return read_plain(path)
