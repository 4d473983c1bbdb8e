"""The engine against the plain oracle, against its own compiled loops, and against itself at half the size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mesa
import numpy as np

from benchmarks.paired import CPU, alternating, best_ratio, typical_ratio
from benchmarks.scenarios import baseline
from sim.agents import ally, government, public, utility
from sim.engine import streams
from sim.ensemble import CHUNK_LANES, Settings, simulate
from sim.kernels import beliefs, citizens, vector_math, views
from sim.mechanisms import agreements, casualty_reports, combat, incidents, talks
from sim.outputs import outcomes
from sim.scenario import Scenario
from tests.oracle.model import OracleCrisis

CITIZENS = 500
"""Citizens of each public where the engine is held against the oracle."""
LOOPS = (
    (ally, ("update_commitment", "draw_climb", "add_expected")),
    (government, ("believe_force", "heat_of_words", "wear_out", "draw_falls", "value_settling")),
    (government, ("weigh_approval", "weigh_protest")),
    (government, ("list_reach", "choose_rung", "chance_of_less")),
    (public, ("mean_burden", "set_mood", "set_burden", "set_pressure", "update_rally")),
    (utility, ("weigh",)),
    (beliefs, ("learn_force", "learn_answer", "update_trust")),
    (citizens, ("update_citizens",)),
    (views, ("list_views", "approve_views")),
    (agreements, ("price_of_breaking",)),
    (casualty_reports, ("tell_losses",)),
    (combat, ("draw_losses",)),
    (incidents, ("contact_scale", "incident_intensity", "draw_begun")),
    (talks, ("value_offer", "accept_offer")),
    (outcomes, ("tally_side", "tally_day")),
    (streams, ("_fill_rows",)),
)
"""The compiled loops over lanes and citizens, by the module that calls them."""
EVALUATIONS = 500_000
SIDES = 2
DAYS = 120
Call = tuple[Callable[..., None], tuple[Any, ...]]


def warmed() -> Scenario:
    """The baseline, with the kernels compiled or loaded."""
    scenario = baseline()
    simulate(scenario, 4, Settings(horizon_days=2, citizens=20))
    return scenario


def against_plain_mesa(scale: float) -> float:
    """Citizen-days a CPU second of simulate() over those of the oracle under mesa.batch_run, same population."""
    scenario, days, rounds = warmed(), max(int(30 * scale), 5), 5
    lanes, plain_lanes = max(int(1000 * scale), 500), 2

    def engine() -> None:
        simulate(scenario, lanes, Settings(horizon_days=days, citizens=CITIZENS))

    def oracle() -> None:
        # batch_run takes one step more than it is asked for.
        mesa.batch_run(
            OracleCrisis,
            {"scenario": scenario, "replicate": range(plain_lanes), "citizens": CITIZENS},
            max_steps=days - 1,
            display_progress=False,
        )

    plain, fast = alternating(oracle, engine, rounds, CPU)
    return best_ratio(plain, fast) * lanes / plain_lanes


def against_bare_kernels(scale: float) -> float:
    """CPU time of simulate() over that of the same calls of its compiled loops and nothing else, one chunk."""
    scenario, settings = warmed(), Settings(horizon_days=DAYS)
    lanes = max(int(CHUNK_LANES * scale), 500)
    calls = recorded_calls(lambda: simulate(scenario, lanes, settings))

    def bare() -> None:
        for kernel, arguments in calls:
            kernel(*arguments)

    whole, alone = alternating(lambda: simulate(scenario, lanes, settings), bare, 5, CPU)
    return typical_ratio(whole, alone)


def recorded_calls(task: Callable[[], Any]) -> list[Call]:
    """Every call of a kernel that a task makes, with its arguments.

    Citizens are kept by reference and go on changing when the calls are made again; that takes the same time.
    """
    calls: list[Call] = []
    genuine = {(module, name): getattr(module, name) for module, names in LOOPS for name in names}

    def recorder(kernel: Callable[..., None]) -> Callable[..., None]:
        def record(*arguments: Any) -> None:
            calls.append((kernel, arguments))
            kernel(*arguments)

        return record

    try:
        for (module, name), kernel in genuine.items():
            setattr(module, name, recorder(kernel))
        task()
    finally:
        for (module, name), kernel in genuine.items():
            setattr(module, name, kernel)
    return calls


def lane_day_units(scale: float) -> float:
    """CPU time of a lane-day at default citizens, in units of 1,000 evaluations by the bare logistic kernel."""
    scenario, settings, lanes = warmed(), Settings(horizon_days=DAYS), max(int(CHUNK_LANES * scale), 500)
    values = np.linspace(-3, 3, EVALUATIONS, dtype=np.float32).reshape(1000, -1)
    whole, bare = alternating(
        lambda: simulate(scenario, lanes, settings), lambda: vector_math.logistic(values.copy()), 5, CPU
    )
    return best_ratio(whole, bare) / (lanes * DAYS) * EVALUATIONS / 1000


def twice_the_lanes(scale: float) -> float:
    """CPU time of 2,000 lanes over that of 1,000."""
    scenario, settings = warmed(), Settings(horizon_days=DAYS, citizens=100)
    lanes = max(int(1000 * scale), 100)
    twice, once = alternating(
        lambda: simulate(scenario, 2 * lanes, settings), lambda: simulate(scenario, lanes, settings), 7, CPU
    )
    return typical_ratio(twice, once)
