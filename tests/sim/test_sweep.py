"""Every parameter matters somewhere: moved from one end of its range to the other, it changes a crisis.

A parameter that changes nothing in any context would be a knob that is connected to nothing.
"""

from itertools import pairwise

import numpy as np

from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk
from sim.outputs.columns import PATHS_KEPT
from tests.support.scenarios import SETTABLE
from tests.support.worlds import ALL_MECHANISMS, FROZEN, both, group, scenario

REPLICATES = 2
HOW = Settings(horizon_days=25, citizens=15, trajectories=True)
EVERYBODY = {
    "talks.present": 1,
    **group("mediation", present=1, secrecy=0.3, bias=0.5),
    **group("mediation.second", present=1, delay=2, secrecy=0.4, effort=0.6),
    **group("mediation.third", present=1, delay=3, secrecy=0.6, bias=-0.5),
    **group("alliance.first", present=1, treaty="border", start_support=1),
    **group("alliance.second", present=1, protege="b", treaty="everywhere", start_support=2),
    **group("alliance.third", present=1, treaty="border", start_support=1),
    **group("alliance", tie_13=0.3, tie_23=0.3),
    **both("government", trust_start=0.5, clock_crisis=0.6, fall_hazard=0.01, approval_needed=0.9),
    **both("public", hawkishness=0.3, bounded_confidence=0.5),
}
KEEN_ALLIES = {
    f"alliance.{slot}.{name}": value
    for slot in ("first", "second", "third")
    for name, value in {"word_pace": 0.5, "deed_pace": 0.5, "reliability": 2, "threat_threshold": 0.3}.items()
}
WAR = {
    "dyad.venue": "line_of_contact",
    "dyad.start_rung_a": 8,
    "dyad.start_rung_b": 9,
    "dyad.combat.salient_day": 3,
    **group("dyad.territory", rate=0.2, breadth=1, settlement=0.25, capital=0.05),
    **group("dyad.reporting", disclosure_a=0.5, disclosure_b=0.5, civilian_claims=1),
    **both("government", resolve=12, force_drift=0.01, fall_hazard=0.02, vulnerability=1),
    **KEEN_ALLIES,
    **group("alliance.first", treaty="everywhere"),
    **group("alliance.third", treaty="everywhere"),
}
MEDIATORS = ("mediation", "mediation.second", "mediation.third")
HARD_TALKS = {
    **FROZEN,
    **both("public", hawkishness=0.4),
    "talks.threshold": 0.5,
    "talks.rate": 1,
    "talks.leak": 0.1,
    **{
        f"{path}.{lever}": value
        for path in MEDIATORS
        for lever, value in {"manipulation": 1, "leverage": 1.5, "effort": 0.3, "failure_cost": 0.05}.items()
    },
}
"""Sides that stand still and mediators who come one by one and push: much hangs on each attempt."""
UNDECIDED = {
    f"alliance.{slot}.{name}": value
    for slot in ("first", "second", "third")
    for name, value in {"start_support": 0, "reliability": -1, "alignment": 0.5}.items()
}
CONTEXTS = {
    "everybody is there": scenario(EVERYBODY),
    "war": scenario(EVERYBODY, WAR),
    "operations culminate": scenario(
        EVERYBODY,
        ALL_MECHANISMS,
        {"dyad.start_rung_a": 9, "dyad.start_rung_b": 8, "dyad.combat.force_line_a": 2.5, "dyad.territory.rate": 0.2},
        both("government", resolve=8, fall_hazard=0.02),
    ),
    "an incident opens": scenario(
        {"dyad.start_rung_a": 1, "dyad.start_rung_b": 1, "dyad.trigger_rung": 5, "dyad.trigger_side": "a"}
    ),
    "the other side's troops open": scenario(
        {
            "dyad.start_rung_a": 1,
            "dyad.start_rung_b": 1,
            "dyad.trigger_rung": 4,
            "dyad.trigger_side": "b",
            "dyad.trigger_endorsed": 0,
        }
    ),
    "talks are hard": scenario(EVERYBODY, HARD_TALKS),
    "asking costs face": scenario(
        FROZEN,
        group("talks", present=1, asking=3, threshold=1.5, rate=1),
        *(group(path, present=1, cover=0, effort=0.3) for path in MEDIATORS),
        both("government", trust_start=0.5),
        both("public", weakness=3),
    ),
    "both sides tire": scenario(
        FROZEN,
        both("government", fatigue_gain=0.2, trust_start=0.8),
        group("talks", present=1, rate=0.4),
        {"dyad.start_rung_a": 7, "dyad.start_rung_b": 7},
        group("dyad.combat", lull_share=0.3),
    ),
    "allies make up their minds": scenario(EVERYBODY, UNDECIDED),
    "fighting comes and goes": scenario(EVERYBODY, ALL_MECHANISMS),
}
"""Worlds in which each parameter is tried, in this order, until it is seen to matter."""
LANES = 1500
"""Lanes of a context at least: the fewer parameters are left, the more lucks each is tried in."""
WITHIN = {"dyad.combat.salient_day": (-1, 4)}
"""Parameters whose range reaches beyond the days simulated here."""


def ends(path):
    """The values a parameter is moved between."""
    parameter = SETTABLE[path]
    if path in WITHIN:
        return list(WITHIN[path])
    return list(parameter.options) if parameter.kind == "choice" else [parameter.low, parameter.high]


def fingerprints(base, paths):
    """What becomes of a world as each of the parameters is moved: path -> the bits of its crises at each value."""
    moved = [(path, base.replaced({path: value})) for path in paths for value in ends(path)]
    replicates = max(REPLICATES, LANES // len(moved))
    lane = np.arange(len(moved) * replicates)
    outcomes = run_chunk(Points.of([world for _, world in moved]), lane // replicates, lane % replicates, HOW)
    seen: dict[str, list[bytes]] = {path: [] for path in paths}
    for point, (path, _) in enumerate(moved):
        rows = slice(point * replicates, (point + 1) * replicates)
        kept = outcomes.trajectories.kept
        bits = [kept[point, replicate].tobytes() for replicate in range(min(replicates, PATHS_KEPT))]
        bits += [str(values[rows].tolist()).encode() for name, values in outcomes.lanes.items() if name != "point"]
        seen[path].append(b"".join(bits))
    return seen


def test_every_parameter_changes_something_somewhere():
    idle = list(SETTABLE)
    for base in CONTEXTS.values():
        seen = fingerprints(base, idle)
        idle = [path for path in idle if all(one == two for one, two in pairwise(seen[path]))]
        if not idle:
            break
    assert idle == [], "these parameters change nothing"


def test_a_knob_connected_to_nothing_would_be_found():
    """Without the mediator its levers change nothing, so the sweep must call them idle there."""
    seen = fingerprints(scenario(), ["mediation.cover", "government.a.resolve"])
    assert len(set(seen["mediation.cover"])) == 1 and len(set(seen["government.a.resolve"])) == 2
