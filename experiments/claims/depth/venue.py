"""P2: what of a venue makes the difference between the border and the line of contact. Six parts, exactly."""

from __future__ import annotations

from functools import cache

from experiments.claims.arms import Arm, Bench
from experiments.claims.depth import drawing
from experiments.claims.depth.common import pressed
from experiments.claims.depth.shapley import Coalition, coalitions, shares
from experiments.claims.depth.telling import Told, known, table, values
from experiments.claims.measures import LIMITED_WAR

PARTS = {
    "stakes": "stakes_at",
    "treaty coverage": "coverage_at",
    "fear of the ally": "fear_at",
    "terrain": "terrain_at",
    "civilians exposed": "civilians_at",
    "surprise": "surprise_at",
}


@cache
def arms_by_coalition() -> dict[Coalition, Arm]:
    """Every set of parts moved to the line of contact, the others as at the border."""
    return {
        some: pressed({f"dyad.{path}": "line_of_contact" if part in some else "border" for part, path in PARTS.items()})
        for some in coalitions(tuple(PARTS))
    }


def arms() -> list[Arm]:
    """Everything this needs."""
    return list(arms_by_coalition().values())


def tell(bench: Bench) -> Told:
    """What each part brings."""
    worth = {some: values(bench, one, LIMITED_WAR) for some, one in arms_by_coalition().items()}
    every, nothing = frozenset(PARTS), frozenset[str]()
    whole = known(worth[every] - worth[nothing])
    found = shares(tuple(PARTS), worth)
    shown = {name: known(cells) for name, cells in found.items()}
    rows = [(name, known(worth[frozenset((name,))] - worth[nothing]).whole, shown[name].whole) for name in PARTS]
    largest = max(shown, key=lambda name: abs(shown[name].mean))
    text = "\n".join(
        [
            "### The parts of the venue",
            "",
            "Under high pressure, moving a crisis from the border to the line of contact changes the chance of a limited "
            f"war or worse within 120 days by {whole.whole}, from {known(worth[nothing])}. The article stresses the "
            f"treaty; Shapley values over all {len(worth)} sets of parts:",
            "",
            table(["part", "moved alone", "Shapley value"], rows),
        ]
    )
    return Told(
        f"of {whole}, {largest} brings {shown[largest]} and the treaty {shown['treaty coverage']}",
        text,
        {"venue": drawing.intervals(shown, "part of the change in limited war or worse", "The parts of the venue")},
        {"venue": [{"part": name, **one.columns()} for name, one in shown.items()]},
    )
