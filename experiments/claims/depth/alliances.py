"""P16-P27: from alignment to reliability, belief and rungs, by intervening on each, in three worlds of the shadow."""

from __future__ import annotations

from functools import cache
from itertools import product

from experiments.claims.arms import Arm, Bench, Changes, Spread
from experiments.claims.depth import drawing
from experiments.claims.depth.common import chosen, listed, middling, pressed, sides, unmediated
from experiments.claims.depth.shapley import Coalition, coalitions, shares
from experiments.claims.depth.sobol import total_index_arms, total_indices
from experiments.claims.depth.telling import Told, known, table, values
from experiments.claims.measures import LIMITED_WAR, OFFENSIVE_BY_B

WORLDS: dict[str, Changes] = {
    "no shadow": {"alliance.shadow_weight": 0},
    "threshold only": {"alliance.shadow_weight": 2.5, "alliance.shadow": "threshold_only"},
    "every rung": {"alliance.shadow_weight": 2.5, "alliance.shadow": "every_rung"},
}
"""The nested null, the article's own world, and the model's."""
ALIGNMENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
ALIGNMENT = "alliance.first.alignment"
NODES = {
    "reliability": "patron_reliability",
    "fear": "fear_of_an_offensive",
    "hope": "hope_of_help",
    "rung": "mean_rung_of_b",
}
"""Node of the chain -> what watches it, in :mod:`experiments.claims.special`."""
PATHS: dict[str, Changes] = {
    "the adversary's fear": {"alliance.shadow_weight": 0},
    "the protege's hope": {"alliance.first.moral_hazard": 0},
    "deeds": {"alliance.first.most_support": 1},
}
"""Path from alignment to the battlefield -> what cuts it."""
NODE_TESTS: dict[str, tuple[Changes, Changes]] = {
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
}
"""What is changed on each node -> (exposed, protected)."""
FORCES = {
    "alignment with the patron": Spread((ALIGNMENT,), 0, 1),
    "propaganda": Spread(tuple(sides(0, "public.?.propaganda")), 0, 1),
    "domestic weight": Spread(tuple(sides(0, "government.?.domestic_weight")), 2.5, 8),
    "a middling mediator's effort": Spread(("mediation.effort",), 0, 0.5),
}
"""What alignment is weighed against, each over its range."""
BESIDE: dict[str, tuple[Changes, Changes]] = {
    "propaganda, 0 to 1": (sides(1, "public.?.propaganda"), sides(0, "public.?.propaganda")),
    "domestic weight, 2.5 to 8": (sides(8, "government.?.domestic_weight"), sides(2.5, "government.?.domestic_weight")),
}


@cache
def world_arms() -> dict[tuple[str, str, float], Arm]:
    """Alignment from none to full, in each world, under ordinary and under high pressure."""
    return {
        (pressure, world, level): make({**changes, ALIGNMENT: level})
        for (pressure, make), (world, changes), level in product(
            {"ordinary": unmediated, "high": pressed}.items(), WORLDS.items(), (0.0, 1.0)
        )
    }


@cache
def node_arms() -> dict[tuple[str, str, float], Arm]:
    """What stands at each node, over alignment, in both worlds that have a shadow."""
    return {
        (world, node, level): pressed({**WORLDS[world], ALIGNMENT: level}, watch=watch)
        for world, (node, watch), level in product(("threshold only", "every rung"), NODES.items(), ALIGNMENTS)
    }


@cache
def path_arms() -> dict[tuple[Coalition, float], Arm]:
    """Every set of open paths, at no and at full alignment."""
    return {
        (some, level): pressed(
            {
                **WORLDS["every rung"],
                **{path: value for name, cut in PATHS.items() if name not in some for path, value in cut.items()},
                ALIGNMENT: level,
            }
        )
        for some, level in product(coalitions(tuple(PATHS)), (0.0, 1.0))
    }


@cache
def test_arms() -> dict[tuple[str, int], Arm]:
    """Both ends of every intervention, in the model's own world."""
    mediated: dict[str, tuple[Changes, Changes]] = {"mediation, its own to none": ({}, chosen("mediation=russia_2020"))}
    return {
        (name, end): pressed({**WORLDS["every rung"], **changes})
        for name, ends in (NODE_TESTS | BESIDE | mediated).items()
        for end, changes in enumerate(ends)
    }


@cache
def importance_arms() -> dict[str, Arm]:
    """Alignment and what it is weighed against, spread over their ranges, one redrawn at a time."""
    return total_index_arms(pressed({**WORLDS["every rung"], **middling()}), FORCES)


def arms() -> list[Arm]:
    """Everything this needs."""
    return listed([importance_arms(), world_arms(), node_arms(), path_arms(), test_arms()])


def tell(bench: Bench) -> Told:
    """The chain, link by link."""
    worlds = {
        (pressure, world): known(
            values(bench, world_arms()[pressure, world, 0.0], LIMITED_WAR)
            - values(bench, world_arms()[pressure, world, 1.0], LIMITED_WAR)
        )
        for pressure, world in dict.fromkeys(key[:2] for key in world_arms())
    }
    level = {
        pressure: known(values(bench, world_arms()[pressure, "every rung", 0.0], LIMITED_WAR))
        for pressure in ("ordinary", "high")
    }
    nodes = {key: known(values(bench, one)) for key, one in node_arms().items()}
    effects = {
        some: values(bench, path_arms()[some, 0.0], OFFENSIVE_BY_B)
        - values(bench, path_arms()[some, 1.0], OFFENSIVE_BY_B)
        for some in coalitions(tuple(PATHS))
    }
    whole, none = known(effects[frozenset(PATHS)]), known(effects[frozenset()])
    paths = {name: known(cells) for name, cells in shares(tuple(PATHS), effects).items()}
    tests = {
        name: [
            known(values(bench, test_arms()[name, 0], measure) - values(bench, test_arms()[name, 1], measure))
            for measure in (OFFENSIVE_BY_B, LIMITED_WAR)
        ]
        for name in dict.fromkeys(name for name, _ in test_arms())
    }
    text = "\n".join(
        [
            "### Three worlds",
            "",
            "Limited war or worse at no alignment minus at full alignment, where help counts at no rung, only where it "
            "would come at once (the article's own world), and at every rung. At no alignment it happens in "
            f"{level['ordinary']} of crises under ordinary and {level['high']} under high pressure.",
            "",
            table(
                ["pressure", "shadow", "effect of losing alignment"], [(*key, one.whole) for key, one in worlds.items()]
            ),
            "### Along the chain",
            "",
            "Under high pressure, over alignment with the patron: its reliability (chance to enter at full war), what the "
            "adversary fears at rung 8 and the protege hopes for at rung 6 (in utility and force), and the adversary's "
            "mean rung over 120 days.",
            "",
            table(
                ["shadow", "node", *(f"{at:g}" for at in ALIGNMENTS)],
                [
                    (world, node, *(f"{nodes[world, node, at].mean:.3f}" for at in ALIGNMENTS))
                    for world, node in dict.fromkeys(key[:2] for key in node_arms())
                ],
            ),
            "### Paths",
            "",
            f"b reaches rung 8 at no alignment minus at full alignment: {whole.whole} with all paths open, {none} with all "
            "cut. Shapley values over the eight sets of open paths:",
            "",
            table(["path", "part of the effect"], [(name, one.whole) for name, one in paths.items()]),
            "### Intervening on each node",
            "",
            "Under high pressure, exposed minus protected; the last three are set beside the chain to give a scale.",
            "",
            table(
                ["intervention", "b reaches rung 8", "limited war or worse"],
                [(name, found[0].whole, found[1].whole) for name, found in tests.items()],
            ),
        ]
    )
    weighed = {
        measure.name: total_indices(bench, importance_arms(), measure) for measure in (LIMITED_WAR, OFFENSIVE_BY_B)
    }
    text += "\n".join(
        [
            "",
            "### Set against pressure and mediation",
            "",
            "Total Sobol' indices under high pressure, with a middling mediator who is there from the first day: the "
            "share of the variance between draws that is left when everything but this is known (shares may add up to "
            "more than one). Each is spread over its range (alignment and propaganda 0 to 1, domestic weight 2.5 to 8, "
            "effort 0 to .5 attempts a day), beside all that the posterior leaves open; luck is taken out by setting one "
            "half of the crises against the other. Brackets: 95 % by resampling draws.",
            "",
            table(["", *weighed], [(name, *(found[name] for found in weighed.values())) for name in FORCES]),
        ]
    )
    shown = {f"{pressure} pressure, {world}": one for (pressure, world), one in worlds.items()}
    interventions = {name: found[0] for name, found in tests.items()}
    return Told(
        f"losing alignment raises limited war or worse by {worlds['high', 'every rung']} under high pressure, "
        f"{worlds['high', 'threshold only']} in the threshold-only world",
        text,
        {
            "worlds": drawing.intervals(shown, "change in limited war or worse", "Losing alignment, in three worlds"),
            "nodes": drawing.intervals(interventions, "change in b reaching rung 8", "Intervening on nodes"),
        },
        {
            "worlds": [{"world": name, **one.columns()} for name, one in shown.items()],
            "chain": [{"world": w, "node": n, "alignment": at, **one.columns()} for (w, n, at), one in nodes.items()],
            "paths": [{"path": name, **one.columns()} for name, one in paths.items()],
            "nodes": [{"intervention": name, **found[0].columns()} for name, found in tests.items()],
        },
    )
