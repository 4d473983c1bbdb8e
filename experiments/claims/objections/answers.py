"""Answers that set arms of crises side by side: N, and what a middling mediator adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.claims.arms import Arm, Changes, drawn_for
from experiments.claims.claim import UNMEDIATED, setting
from experiments.claims.depth import selection as population
from experiments.claims.depth.baseline import BASELINE, NO_FEAR, middling, unmediated
from experiments.claims.depth.estimates import estimate
from experiments.claims.depth.section import table
from experiments.claims.measures import CALM_BY, CALM_HORIZON
from experiments.claims.store import ArmStore
from experiments.claims.structures import STRUCTURES
from experiments.claims.uncertainty import POSTERIOR
from experiments.targets.populations import scenario_named
from sim.scenario import parameters

PUBLICS = (25, 100, 400)
COSTS = ((0.1, 0.1), (0.7, 0.7), (1.5, 1.5), (0.1, 1.5), (1.5, 0.1))
"""Of a step up and of a step down."""
STRONGEST = 6
"""Parameters that are shown, those that go most with N."""


def _pair(changes: Changes) -> tuple[Arm, Arm]:
    """The article arm without and with a middling mediator, both with some changes."""
    return (
        unmediated({**NO_FEAR, **changes}, horizon=CALM_HORIZON),
        unmediated({**NO_FEAR, **middling(), **changes}, horizon=CALM_HORIZON),
    )


def _cells(store: ArmStore, pair: tuple[Arm, Arm]) -> tuple[np.ndarray, np.ndarray]:
    """Calm without a mediator, and what the mediator changes, both (draws, crises)."""
    store.want(pair)
    store.run()
    without, with_ = (store.values(arm, "calm") for arm in pair)
    return without, with_ - without


def _compared(store: ArmStore, head: tuple[str, ...], variants: Mapping[tuple[str, ...], Changes]) -> str:
    """A table with a row a variant: its labels, N, and what a mediator adds."""
    rows = [
        (*labels, *(estimate(cells).with_draws for cells in _cells(store, _pair(changes))))
        for labels, changes in variants.items()
    ]
    return table((*head, "N", "what a mediator adds"), rows).rstrip()


def selection(store: ArmStore) -> str:
    """Naive against causal."""
    store.want(population.selection_arms().values())
    store.run()
    calm, days = (population.comparisons(store, name) for name in ("calm", "days_hot"))
    return (
        "True, and the model shows by how much: mediators of the population of disputes come the sooner and the likelier "
        "the worse a crisis is. The raw difference in calm between mediated and unmediated crises is "
        f"{calm['naive']}; what mediation changed in the mediated ones, against the same crises without it, is "
        f"{calm['causal']}. For days of fighting the two are {days['naive']} and {days['causal']}. No effect in this "
        "project rests on the raw difference, and none is tuned to it."
    )


def equifinality(store: ArmStore) -> str:
    """N and the mediator's effect in halves of the draws, by the parameters that divide them most."""
    without, added = _cells(store, _pair({}))
    drawn = drawn_for(BASELINE, UNMEDIATED, POSTERIOR, "", store.size.draws)
    columns = {path: column for path, column in drawn.columns.items() if ".b." not in path and np.ptp(column) > 0}
    by_draw = without.mean(axis=1)
    correlation = {
        path: float(np.nan_to_num(np.corrcoef(column, by_draw)[0, 1])) if np.ptp(by_draw) > 0 else 0.0
        for path, column in columns.items()
    }
    rows = []
    for path in sorted(columns, key=lambda path: -abs(correlation[path]))[:STRONGEST]:
        median = np.median(columns[path])
        high = columns[path] > median
        halves = (estimate(cells[half]) for half in (~high, high) for cells in (without, added))
        rows.append((f"`{path}`", f"{median:.3g}", f"{correlation[path]:+.2f}", *halves))
    n, effect = estimate(without), estimate(added)
    names = ("parameter (both sides where both have it)", "median", "correlation with N")
    return "\n\n".join(
        [
            f"That is why nothing is run at one point: {store.size.draws} draws from {drawn.source}, and ranges for what "
            f"no record speaks of. Over them N runs from {n.least:.2f} to {n.most:.2f} (mean {n}), and what a middling "
            f"mediator adds from {effect.least:.2f} to {effect.most:.2f} (mean {effect}). The parameters that go most with "
            "N, and both numbers in the halves of the draws below and above their median:",
            table((*names, "N below", "mediator below", "N above", "mediator above"), rows).rstrip(),
        ]
    )


def action_set(store: ArmStore) -> str:
    """One step, two steps, any rung."""
    names = {"one step at a time": "one step at a time", "as it is": "two steps (as it is)"}
    names["jump to any rung"] = "jump to any rung"
    return "\n\n".join(
        [
            "Governments that may move one rung, two, or to any rung at once, other parameters as they are:",
            _compared(store, ("moves",), {(label,): STRUCTURES[name] for name, label in names.items()}),
            "These variants were not fitted anew here; verdicts use them only after `offramp propositions --refit all`.",
        ]
    )


def finite_publics(store: ArmStore) -> str:
    """N by the number of citizens."""
    rows = []
    for citizens in PUBLICS:
        resized = ArmStore(replace(store.size, citizens=citizens), store.directory, store.workers)
        rows.append((citizens, *(estimate(cells).with_draws for cells in _cells(resized, _pair({})))))
    return "\n\n".join(
        [
            "The same draws and luck with publics of different sizes; what matters is whether rows differ by more than "
            "five points:",
            table(("citizens a side", "N", "what a mediator adds"), rows).rstrip(),
        ]
    )


def inertia(store: ArmStore) -> str:
    """N over the costs of stepping."""
    variants: dict[tuple[str, ...], Changes] = {
        (f"{up:g}", f"{down:g}"): {**setting(up, "government.?.step_up"), **setting(down, "government.?.step_down")}
        for up, down in COSTS
    }
    return "\n\n".join(
        [
            "It does matter, and so every headline stands beside a map over both costs:",
            _compared(store, ("step up", "step down"), variants),
        ]
    )


def half_days() -> dict[str, float]:
    """The baseline's parameters for steps of half a day: rates halved, durations doubled."""
    values: dict[str, Any] = scenario_named(BASELINE, *UNMEDIATED).values()
    known, changed = parameters(), {}
    for path, parameter in known.items():
        value = values[path]
        if parameter.kind not in ("float", "int") or path.endswith(".discount"):
            continue
        if parameter.unit in ("per day", "share per day", "deaths per day"):
            changed[path] = 1 - (1 - value) ** 0.5 if 0 < value < 1 else value / 2
        elif parameter.unit == "days":
            changed[path] = 2 * value
    for path in setting(0, "government.?.discount", "public.?.rally_decay", "public.?.protest_memory"):
        changed[path] = float(np.sqrt(values[path]))
    changed["dyad.combat.persistence"] = float(np.sqrt(values["dyad.combat.persistence"]))
    for path in (*setting(0, "public.?.rally_gain"), "dyad.combat.lethality"):
        changed[path] = values[path] / 2
    return {path: float(np.clip(value, known[path].low, known[path].high)) for path, value in changed.items()}


def time_step(store: ArmStore) -> str:
    """N with steps of a day and of half a day, as the baseline is coded and fitted."""
    slower = {**middling(), "mediation.delay": 2.0, "mediation.effort": 1 - (1 - 0.5) ** 0.5}
    scenario, halved = scenario_named(BASELINE, *UNMEDIATED), half_days()
    # Rates that a dyad draws are held at their medians in both, so that nothing but the step differs.
    still = {path: scenario.get(path) for path in halved if path in scenario.varies}
    steps: dict[str, tuple[dict, dict, int, str]] = {
        "a day": (still, middling(), CALM_HORIZON, "calm_in_days"),
        "half a day": (halved, slower, 2 * CALM_HORIZON, "calm_in_half_days"),
    }
    pairs = {
        step: tuple(
            unmediated({**changes, **NO_FEAR, **added}, source="coded", horizon=horizon, watch=watch)
            for added in ({}, mediator)
        )
        for step, (changes, mediator, horizon, watch) in steps.items()
    }
    # Nothing is drawn, so that draws differ by luck alone: as many crises as there are lanes, in the fewest draws.
    size = replace(store.size, draws=2, crises=max(2, store.size.lanes // 2))
    coded = ArmStore(size, store.directory, store.workers)
    coded.want(arm for pair in pairs.values() for arm in pair)
    coded.run()
    cells = {step: [coded.values(arm) for arm in pair] for step, pair in pairs.items()}
    rows = [(step, estimate(without), estimate(with_ - without)) for step, (without, with_) in cells.items()]
    return "\n\n".join(
        [
            "The baseline as it is coded and fitted, with steps of a day, and with steps of half a day: chances and rates "
            f"a step halved, durations in steps doubled, calm still fourteen days and begun by day {CALM_BY}. What a "
            "single act means does not scale: a government may still move two rungs a step.",
            table(("step", "N", "what a mediator adds"), rows).rstrip(),
        ]
    )
