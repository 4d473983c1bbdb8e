"""P26, for P16 to P27: from alignment to reliability, belief and rungs, by intervening on each."""

from __future__ import annotations

from functools import cache
from itertools import product

from experiments.claims.arms import Arm, Changes, Spread
from experiments.claims.claim import both_sides, setting
from experiments.claims.depth import drawing
from experiments.claims.depth.baseline import chosen, middling, pressed, unmediated
from experiments.claims.depth.estimates import (
    Coalition,
    IntervalEstimate,
    cells_of,
    coalitions,
    estimate,
    estimates,
    shapley,
    total_index_arms,
    total_indices,
)
from experiments.claims.depth.section import Section, tabulated, titled
from experiments.claims.measures import MEASURES
from experiments.claims.store import ArmStore

WORLDS: dict[str, Changes] = {
    "no shadow": {"alliance.shadow_weight": 0},
    "threshold only": {"alliance.shadow_weight": 2.5, "alliance.shadow": "threshold_only"},
    "every rung": {"alliance.shadow_weight": 2.5, "alliance.shadow": "every_rung"},
}
"""Help counts at no rung; only where it would come at once (the article's own world); at every rung (the model's)."""
ALIGNMENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
ALIGNMENT = "alliance.first.alignment"
NODES = {
    "reliability": "patron_reliability",
    "fear": "fear_of_an_offensive",
    "hope": "hope_of_help",
    "rung": "mean_rung_of_b",
}
"""Node of the chain -> the measure that watches it."""
PATHS: dict[str, Changes] = {
    "the adversary's fear": {"alliance.shadow_weight": 0},
    "the protege's hope": {"alliance.first.moral_hazard": 0},
    "deeds": {"alliance.first.most_support": 1},
}
"""Path from alignment to the battlefield -> what cuts it."""
INTERVENTIONS: dict[str, tuple[Changes, Changes]] = {
    "alignment 1 to 0": ({ALIGNMENT: 0}, {ALIGNMENT: 1}),
    "reliability, set apart: +2 to -4 log-odds": (
        {"alliance.first.reliability": -4},
        {"alliance.first.reliability": 2},
    ),
    "belief: b knows the allies, or not": ({"alliance.knowledge_b": 1}, {"alliance.knowledge_b": 0}),
    "belief: both know, or neither": (
        {"alliance.knowledge_a": 1, "alliance.knowledge_b": 1},
        {"alliance.knowledge_a": 0, "alliance.knowledge_b": 0},
    ),
    "fear: its weight 5 to 0": ({"alliance.shadow_weight": 0}, {"alliance.shadow_weight": 5}),
    "deeds: words only, or arms from the first day": (
        {"alliance.first.most_support": 1},
        {"alliance.first.start_support": 2},
    ),
    "treaty: none, or at the border": ({"alliance.first.treaty": "none"}, {"alliance.first.treaty": "border"}),
    "ties of the patrons: full to none": ({"alliance.tie_12": 0}, {"alliance.tie_12": 1}),
    "the second patron: arms, or words": ({"alliance.second.start_support": 2}, {"alliance.second.most_support": 1}),
    "propaganda, 0 to 1": (setting(1, "public.?.propaganda"), setting(0, "public.?.propaganda")),
    "domestic weight, 2.5 to 8": (
        setting(8, "government.?.domestic_weight"),
        setting(2.5, "government.?.domestic_weight"),
    ),
}
"""What is changed -> (exposed, protected); those that concern no ally give a scale, with mediation beside them."""
FORCES = {
    "alignment with the patron": Spread((ALIGNMENT,), 0, 1),
    "propaganda": Spread(both_sides("public.?.propaganda"), 0, 1),
    "domestic weight": Spread(both_sides("government.?.domestic_weight"), 2.5, 8),
    "a middling mediator's effort": Spread(("mediation.effort",), 0, 0.5),
}
"""What alignment is weighed against, each over its range."""
EVERY_RUNG = WORLDS["every rung"]
OUTCOMES = ("offensive_by_b", "limited_war")


@cache
def world_arms() -> dict[tuple[str, str, float], Arm]:
    """Pressure, world, alignment (none or full)."""
    makers = {"ordinary": unmediated, "high": pressed}
    return {
        (pressure, world, level): makers[pressure]({**WORLDS[world], ALIGNMENT: level})
        for pressure, world, level in product(makers, WORLDS, (0.0, 1.0))
    }


@cache
def node_arms() -> dict[tuple[str, str, float], Arm]:
    """World with a shadow, node, alignment."""
    return {
        (world, node, level): pressed({**WORLDS[world], ALIGNMENT: level}, watch=NODES[node])
        for world, node, level in product(("threshold only", "every rung"), NODES, ALIGNMENTS)
    }


@cache
def path_arms(level: float) -> dict[Coalition, Arm]:
    """Every set of open paths, at one alignment."""

    def with_open(members: Coalition) -> Arm:
        cut = {path: value for name, cut in PATHS.items() if name not in members for path, value in cut.items()}
        return pressed({**EVERY_RUNG, **cut, ALIGNMENT: level})

    return {members: with_open(members) for members in coalitions(tuple(PATHS))}


@cache
def intervention_arms() -> dict[str, tuple[Arm, Arm]]:
    """Both ends of every intervention, in the model's own world."""
    mediated: dict[str, tuple[Changes, Changes]] = {"mediation, its own to none": ({}, chosen("mediation=russia_2020"))}
    return {
        name: (pressed({**EVERY_RUNG, **exposed}), pressed({**EVERY_RUNG, **protected}))
        for name, (exposed, protected) in (INTERVENTIONS | mediated).items()
    }


@cache
def force_arms() -> dict[str, Arm]:
    """Alignment and what it is weighed against, spread over their ranges, one redrawn at a time."""
    return total_index_arms(pressed({**EVERY_RUNG, **middling()}), FORCES)


def arms() -> list[Arm]:
    """Everything this needs."""
    groups = (force_arms(), world_arms(), node_arms(), path_arms(0.0), path_arms(1.0))
    both_ends = [end for ends in intervention_arms().values() for end in ends]
    return [*(arm for group in groups for arm in group.values()), *both_ends]


def worlds(store: ArmStore) -> Section:
    """What losing alignment changes, in three worlds under two pressures."""
    cells = cells_of(store, world_arms(), "limited_war")
    effects = {
        (pressure, world): estimate(cells[pressure, world, 0.0] - cells[pressure, world, 1.0])
        for pressure, world, level in cells
        if level == 0
    }
    base = {pressure: estimate(cells[pressure, "every rung", 0.0]) for pressure in ("ordinary", "high")}
    shown = {f"{pressure} pressure, {world}": effect for (pressure, world), effect in effects.items()}
    return Section(
        f"losing alignment raises limited war or worse by {effects['high', 'every rung']} under high pressure, "
        f"{effects['high', 'threshold only']} in the threshold-only world",
        titled(
            "Three worlds",
            "Limited war or worse at no alignment minus at full alignment, where help counts at no rung, only where it "
            "would come at once (the article's own world), and at every rung. At no alignment it happens in "
            f"{base['ordinary']} of crises under ordinary and {base['high']} under high pressure.",
            ["pressure", "shadow", "effect of losing alignment"],
            [(*key, effect.with_draws) for key, effect in effects.items()],
        ),
        {"worlds": drawing.intervals(shown, "change in limited war or worse", "Losing alignment, in three worlds")},
        {"worlds": tabulated("world", shown)},
    )


def chain(store: ArmStore) -> Section:
    """What stands at each node over alignment."""
    means = estimates(store, node_arms())
    return Section(
        "",
        titled(
            "Along the chain",
            "Under high pressure, over alignment with the patron: its reliability (chance to enter at full war), what the "
            "adversary fears at rung 8 (utility), what the protege hopes for at rung 6 (force), the adversary's mean rung.",
            ["shadow", "node", *(f"{level:g}" for level in ALIGNMENTS)],
            [
                (world, node, *(f"{means[world, node, level].mean:.3f}" for level in ALIGNMENTS))
                for world, node in dict.fromkeys(key[:2] for key in means)
            ],
        ),
        {},
        {"chain": tabulated(("world", "node", "alignment"), means)},
    )


def paths(store: ArmStore) -> Section:
    """Through which paths alignment works."""
    low, high = (cells_of(store, path_arms(level), "offensive_by_b") for level in (0.0, 1.0))
    effects = {members: low[members] - high[members] for members in low}
    shares = {name: estimate(cells) for name, cells in shapley(tuple(PATHS), effects).items()}
    return Section(
        "",
        titled(
            "Paths",
            "b reaches rung 8 at no alignment minus at full alignment: "
            f"{estimate(effects[frozenset(PATHS)]).with_draws} with all paths open, {estimate(effects[frozenset()])} with "
            "all cut. Shapley values over the eight sets of open paths:",
            ["path", "part of the effect"],
            [(name, share.with_draws) for name, share in shares.items()],
        ),
        {},
        {"paths": tabulated("path", shares)},
    )


def interventions(store: ArmStore) -> Section:
    """What changing each node by itself does."""
    effects: dict[str, list[IntervalEstimate]] = {
        name: [estimate(store.values(exposed, measured) - store.values(protected, measured)) for measured in OUTCOMES]
        for name, (exposed, protected) in intervention_arms().items()
    }
    first = {name: pair[0] for name, pair in effects.items()}
    return Section(
        "",
        titled(
            "Intervening on each node",
            "Under high pressure, exposed minus protected; the last three give a scale.",
            ["intervention", *(MEASURES[measured].label for measured in OUTCOMES)],
            [(name, *(each.with_draws for each in pair)) for name, pair in effects.items()],
        ),
        {"nodes": drawing.intervals(first, "change in b reaching rung 8", "Intervening on nodes")},
        {"nodes": tabulated("intervention", first)},
    )


def forces(store: ArmStore) -> Section:
    """Alignment weighed against pressure and mediation."""
    by_outcome = {measured: total_indices(store, force_arms(), measured) for measured in reversed(OUTCOMES)}
    return Section(
        "",
        titled(
            "Set against pressure and mediation",
            "Total Sobol' indices under high pressure, with a middling mediator who is there from the first day: the "
            "share of the variance between draws that is left when everything but this is known (shares may add up to "
            "more than one). Each is spread over its range (alignment and propaganda 0 to 1, domestic weight 2.5 to 8, "
            "effort 0 to .5 attempts a day). Brackets: 95 % by resampling draws.",
            ["", *(MEASURES[measured].label for measured in by_outcome)],
            [(name, *(indices[name] for indices in by_outcome.values())) for name in FORCES],
        ),
    )
