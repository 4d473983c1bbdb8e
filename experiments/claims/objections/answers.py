"""Answers that set arms of crises side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.claims.arms import Arm, Bench, drawn_for
from experiments.claims.claim import UNMEDIATED
from experiments.claims.depth import calm, flows
from experiments.claims.depth.common import BASELINE, middling, sides, unmediated
from experiments.claims.depth.telling import Known, known, table, values
from experiments.claims.measures import CALM, CALM_BY, CALM_HORIZON, DAYS_HOT
from experiments.claims.structures import STRUCTURES
from experiments.claims.uncertainty import POSTERIOR
from sim.scenario import parameters

PUBLICS = (25, 100, 400)
HALVES = 6


def _pair(changes: Mapping[str, float | str]) -> tuple[Arm, Arm]:
    """The article arm and a middling mediator, both with some changes."""
    without = unmediated({**calm.NO_FEAR, **changes}, horizon=CALM_HORIZON)
    return without, unmediated({**calm.NO_FEAR, **middling(), **changes}, horizon=CALM_HORIZON)


def _both(bench: Bench, pair: tuple[Arm, Arm]) -> tuple[Known, Known]:
    """N, and what the mediator changes."""
    bench.want(pair)
    bench.run()
    without, with_ = (values(bench, one, CALM) for one in pair)
    return known(without), known(with_ - without)


def selection(bench: Bench) -> str:
    """Naive against causal."""
    bench.want(flows.selection_arms().values())
    bench.run()
    found = {measure: flows.causal_and_naive(bench, measure) for measure in (CALM, DAYS_HOT)}
    causal, naive = found[CALM]
    longer, raw = found[DAYS_HOT]
    return (
        "True, and the model shows by how much. Mediators of the population of disputes come the sooner and the "
        "likelier the worse a crisis is. The raw difference in calm between mediated and unmediated crises is "
        f"{naive}; what mediation changed in the mediated ones, against the same crises without it, is {causal}. For "
        f"days of fighting the two are {raw} and {longer}. No effect in this project rests on the raw difference, and "
        "none is tuned to it: calibration uses who is mediated and when."
    )


def equifinality(bench: Bench) -> str:
    """N and the mediator's effect in halves of the draws, by the parameters that divide them most."""
    pair = _pair({})
    bench.want(pair)
    bench.run()
    without, with_ = (values(bench, one, CALM) for one in pair)
    drawn = drawn_for(BASELINE, UNMEDIATED, POSTERIOR, "", bench.effort.draws)
    columns = {path: column for path, column in drawn.columns.items() if ".b." not in path and np.ptp(column) > 0}

    def apart(path: str) -> float:
        if np.ptp(without.mean(axis=1)) == 0:
            return 0.0
        return float(np.nan_to_num(np.corrcoef(columns[path], without.mean(axis=1))[0, 1]))

    rows = []
    for path in sorted(columns, key=lambda path: -abs(apart(path)))[:HALVES]:
        high = columns[path] > np.median(columns[path])
        rows.append(
            (
                f"`{path}`",
                f"{np.median(columns[path]):.3g}",
                f"{apart(path):+.2f}",
                *(known(cells[half]) for half in (~high, high) for cells in (without, with_ - without)),
            )
        )
    n, effect = known(without), known(with_ - without)
    return "\n\n".join(
        [
            f"That is why nothing is run at one point: {bench.effort.draws} draws from {drawn.source}, and ranges for what "
            f"no record speaks of. Over them N runs from {n.least:.2f} to {n.most:.2f} (mean {n}), and what a middling "
            f"mediator adds from {effect.least:.2f} to {effect.most:.2f} (mean {effect}). The parameters that go most with "
            "N, and both numbers in the halves of the draws below and above their median:",
            table(
                (
                    "parameter (both sides where both have it)",
                    "median",
                    "correlation with N",
                    "N below",
                    "mediator below",
                    "N above",
                    "mediator above",
                ),
                rows,
            ).rstrip(),
        ]
    )


def action_set(bench: Bench) -> str:
    """One step, two steps, any rung."""
    rows = []
    for name in ("one step at a time", "as it is", "jump to any rung"):
        n, effect = _both(bench, _pair(STRUCTURES[name]))
        rows.append(("two steps (as it is)" if name == "as it is" else name, n.whole, effect.whole))
    return "\n\n".join(
        [
            "N and what a middling mediator adds, with governments that may move one rung, two, or to any rung at once, "
            "other parameters as they are:",
            table(("moves", "N", "what a mediator adds"), rows).rstrip(),
            "These variants were not fitted anew here; verdicts use them only after `offramp propositions --refit all`.",
        ]
    )


def finite_publics(bench: Bench) -> str:
    """N by the number of citizens."""
    rows = []
    for citizens in PUBLICS:
        larger = Bench(replace(bench.effort, citizens=citizens), bench.directory, bench.workers)
        n, effect = _both(larger, _pair({}))
        rows.append((f"{citizens}", n.whole, effect.whole))
    return "\n\n".join(
        [
            "The same draws and luck with publics of different sizes:",
            table(("citizens a side", "N", "what a mediator adds"), rows).rstrip(),
            "What matters is whether rows differ by more than five points; approval is a mean over citizens, so its noise "
            "falls with the root of their number.",
        ]
    )


def inertia(bench: Bench) -> str:
    """N over the costs of stepping."""
    rows = []
    for up, down in ((0.1, 0.1), (0.7, 0.7), (1.5, 1.5), (0.1, 1.5), (1.5, 0.1)):
        changes = {**sides(up, "government.?.step_up"), **sides(down, "government.?.step_down")}
        n, effect = _both(bench, _pair(changes))
        rows.append((f"{up:g}", f"{down:g}", n.whole, effect.whole))
    return "\n\n".join(
        [
            "It does matter, and so every headline stands beside a map over both costs:",
            table(("step up", "step down", "N", "what a mediator adds"), rows).rstrip(),
        ]
    )


def half_days() -> dict[str, float]:
    """The baseline's parameters for steps of half a day: rates halved, durations doubled."""
    from experiments.targets.populations import scenario_named

    scenario = scenario_named(BASELINE, *UNMEDIATED)
    changed: dict[str, float] = {}
    for path, parameter in parameters().items():
        value: Any = scenario.get(path)
        if parameter.kind not in ("float", "int") or path.endswith(".discount"):
            continue
        if parameter.unit in ("per day", "share per day", "deaths per day"):
            changed[path] = 1 - (1 - value) ** 0.5 if 0 < value < 1 else value / 2
        elif parameter.unit == "days":
            changed[path] = 2 * value
    for path in ("government.?.discount", "public.?.rally_decay"):
        changed |= {one: float(np.sqrt(scenario.get(one))) for one in sides(0, path)}
    changed |= {one: float(scenario.get(one)) / 2 for one in sides(0, "public.?.rally_gain")}
    changed |= {
        "dyad.combat.lethality": float(scenario.get("dyad.combat.lethality")) / 2,
        "dyad.combat.persistence": float(np.sqrt(scenario.get("dyad.combat.persistence"))),
    }
    known_paths = parameters()
    return {
        path: float(np.clip(value, known_paths[path].low, known_paths[path].high)) for path, value in changed.items()
    }


def time_step(bench: Bench) -> str:
    """N with steps of a day and of half a day, as the baseline is coded and fitted."""
    halved = half_days()
    mediator = middling()
    slower = {**mediator, "mediation.delay": 2.0, "mediation.effort": 1 - (1 - 0.5) ** 0.5}
    arms = {
        ("a day", "N"): unmediated(calm.NO_FEAR, source="coded", horizon=CALM_HORIZON, watch="calm_in_days"),
        ("a day", "m"): unmediated(
            {**calm.NO_FEAR, **mediator}, source="coded", horizon=CALM_HORIZON, watch="calm_in_days"
        ),
        ("half a day", "N"): unmediated(
            {**halved, **calm.NO_FEAR}, source="coded", horizon=2 * CALM_HORIZON, watch="calm_in_half_days"
        ),
        ("half a day", "m"): unmediated(
            {**halved, **calm.NO_FEAR, **slower}, source="coded", horizon=2 * CALM_HORIZON, watch="calm_in_half_days"
        ),
    }
    # Nothing is drawn, so that draws differ by luck alone: as many crises as there are lanes, in the fewest draws.
    many = replace(bench.effort, draws=2, crises=max(2, bench.effort.lanes // 2))
    alike = Bench(many, bench.directory, bench.workers)
    alike.want(arms.values())
    alike.run()
    lanes = {key: values(alike, one) for key, one in arms.items()}
    rows = [
        (step, known(lanes[step, "N"]), known(lanes[step, "m"] - lanes[step, "N"])) for step in ("a day", "half a day")
    ]
    return "\n\n".join(
        [
            "The baseline as it is coded and fitted, with steps of a day, and with steps of half a day: chances and rates "
            f"a step halved, durations in steps doubled, calm still fourteen days and begun by day {CALM_BY}.",
            table(("step", "N", "what a mediator adds"), rows).rstrip(),
            "What a single act means does not scale: a government may still move two rungs a step, and it looks twice as "
            "often through fog. The difference between the rows is the size of that.",
        ]
    )
