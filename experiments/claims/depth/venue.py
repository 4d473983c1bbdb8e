"""P2: what of a venue makes the difference between the border and the line of contact. Six parts, exactly."""

from __future__ import annotations

from functools import cache

from experiments.claims.arms import Arm
from experiments.claims.depth import drawing
from experiments.claims.depth.baseline import pressed
from experiments.claims.depth.estimates import Coalition, cells_of, coalition_arms, estimate, shapley
from experiments.claims.depth.section import Section, tabulated, titled
from experiments.claims.store import ArmStore

PARTS = {
    "stakes": "stakes_at",
    "treaty coverage": "coverage_at",
    "fear of the ally": "fear_at",
    "terrain": "terrain_at",
    "civilians exposed": "civilians_at",
    "surprise": "surprise_at",
}


@cache
def venue_arms() -> dict[Coalition, Arm]:
    """Every set of parts moved to the line of contact, the others as at the border."""

    def moved(members: Coalition) -> Arm:
        places = {part: "line_of_contact" if part in members else "border" for part in PARTS}
        return pressed({f"dyad.{path}": places[part] for part, path in PARTS.items()})

    return coalition_arms(tuple(PARTS), moved)


def arms() -> list[Arm]:
    """Everything this needs."""
    return list(venue_arms().values())


def section(store: ArmStore) -> Section:
    """What each part brings."""
    worth = cells_of(store, venue_arms(), "limited_war")
    nothing = worth[frozenset()]
    whole = estimate(worth[frozenset(PARTS)] - nothing)
    shares = {name: estimate(cells) for name, cells in shapley(tuple(PARTS), worth).items()}
    largest = max(shares, key=lambda name: abs(shares[name].mean))
    return Section(
        f"of {whole}, {largest} brings {shares[largest]} and the treaty {shares['treaty coverage']}",
        titled(
            "The parts of the venue",
            "Change in the chance of limited war or worse, under high pressure, from the border to the line of contact: "
            f"{whole.with_draws}, from {estimate(nothing)}. Shapley values over all {len(worth)} sets of parts:",
            ["part", "moved alone", "Shapley value"],
            [
                (name, estimate(worth[frozenset((name,))] - nothing).with_draws, share.with_draws)
                for name, share in shares.items()
            ],
        ),
        {"venue": drawing.intervals(shares, "part of the change in limited war or worse", "The parts of the venue")},
        {"venue": tabulated("part", shares)},
    )
