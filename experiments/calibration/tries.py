"""What is tried on a calibrated population: changes of a few parameters, each meant to move a target that is missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.scenario import Scenario


@dataclass(frozen=True)
class Try:
    """A change of a population, laid over draws of its posterior without fitting anything anew.

    Attributes
    ----------
    name : str
        Short name, unique among a population's tries.
    meaning : str
        What is changed, in words.
    aims : tuple of str
        Targets that it is meant to move.
    sets : mapping
        Parameters by dotted path and what they are set to.
    times : mapping
        Parameters by dotted path and the factor on what the population has.
    """

    name: str
    meaning: str
    aims: tuple[str, ...] = ()
    sets: Mapping[str, float] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)

    def overrides(self, scenario: Scenario) -> dict[str, float]:
        """What it sets in a scenario: path -> value."""
        return {**self.sets, **{path: factor * float(scenario.get(path)) for path, factor in self.times.items()}}


def file_name(scenario: str) -> str:
    """The file beside a posterior that holds what was tried on it."""
    return f"{scenario}_tries.json"


UNTOUCHED = Try("as it is", "nothing")


def _lulls(share: float, days: float) -> dict[str, float]:
    return {"dyad.combat.lull_share": share, "dyad.combat.lull_days": days}


TRIES: dict[str, tuple[Try, ...]] = {
    "dispute_population": (
        Try(
            "lulls, short",
            "half of all days lie in lulls, on which no hot posture is fought out",
            ("T5d",),
            _lulls(0.5, 14),
        ),
        Try("lulls, long", "the same, in longer spells", ("T5d",), _lulls(0.5, 45)),
        Try("lulls, most days", "most days lie in lulls", ("T5d",), _lulls(0.75, 45)),
        Try(
            "deaths, uneven",
            "days differ more in how deadly they are, at the same mean (the hurdle stands at its upper bound)",
            ("T2b",),
            times={"dyad.combat.spread_low": 1.2, "dyad.combat.spread_middle": 1.2},
        ),
        Try(
            "crises, uneven",
            "crises differ more in how deadly they are, so that a few are storms and most are skirmishes",
            ("T2c",),
            times={"dyad.combat.spell_sd": 1.2},
        ),
        Try(
            "stakes, uneven",
            "dyads differ more in what is at stake",
            ("T6b", "T7"),
            times={f"government.{side}.resolve_sd": 1.25 for side in "ab"},
        ),
    )
}
