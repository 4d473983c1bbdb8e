"""The coded cases, their records, and what of each was already seen when the model was made."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files

from experiments.cases.records import Record, read_plain
from experiments.config.overrides import nearest_name
from experiments.errors import UserError

POPULATION = "dispute_population"
IN_SAMPLE = {
    "tovuz_2020": "deaths a day at rungs 5 to 7 were scaled with it in view, and the mechanisms by which fighting ends "
    "conceived; no number of it enters a fit",
    "april_2016": "lethality at rungs 8 and 9 and the pace of territory were scaled with it in view: its deaths are no "
    "test",
    "autumn_2020": "lethality at rungs 8 and 9 and the pace of territory were scaled with it in view: its deaths and "
    "territory are no test",
    "simmer_2015": "the rates of incidents and deaths of a line of contact were read off it",
}
"""Case -> what of it is in sample; of all others nothing that happened was used."""


def cases() -> list[str]:
    """All coded cases, the baseline first, then by name."""
    known = sorted(
        entry.name.removesuffix(".yaml")
        for entry in (files("conf") / "scenario").iterdir()
        if entry.name.endswith(".yaml")
    )
    return sorted((name for name in known if name != POPULATION), key=lambda name: (name != "tovuz_2020", name))


def chosen(names: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """The cases asked for, or all that ship; UserError for one that is neither shipped nor ``known``."""
    available = [*cases(), *(name for name in known if name not in (*cases(), POPULATION))]
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
