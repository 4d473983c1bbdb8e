"""Where the time of a lane-day goes, action by action: ``python -m benchmarks.profile [LANES ...]``.

One table for each number of lanes simulated together: nanoseconds of a lane-day of the baseline at default citizens,
the same in units of 1,000 evaluations by the bare logistic kernel, and how much of it is spent in compiled loops.
Every number is the least of a few runs: noise only ever adds.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import process_time_ns
from typing import Any

import numpy as np

from benchmarks.engine import DAYS, EVALUATIONS, LOOPS, warmed
from sim import ensemble
from sim.agents.ally import Ally
from sim.agents.government import Government
from sim.agents.mediator import Mediator
from sim.agents.public import Public
from sim.crisis import Crisis
from sim.engine.streams import Luck
from sim.ensemble import Settings, simulate
from sim.kernels import vector_math
from sim.mechanisms.agreements import Agreement
from sim.mechanisms.casualty_reports import CasualtyReports
from sim.mechanisms.combat import Combat
from sim.mechanisms.incidents import Incidents
from sim.mechanisms.lulls import Lulls
from sim.mechanisms.return_fire import ReturnFire
from sim.mechanisms.talks import Talks
from sim.mechanisms.territory import Territory
from sim.outputs.outcomes import OutcomeRecorder
from sim.scenario import Scenario

ACTIONS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Luck, ("day",)),
    (Mediator, ("draw_attempt", "update_standing")),
    (Talks, ("open", "conclude")),
    (Incidents, ("draw_incidents",)),
    (Ally, ("update_reliability", "draw_support")),
    (
        Government,
        (
            "update_support_received",
            "perceive",
            "draw_decision",
            "choose",
            "set_policy",
            "enact_rung",
            "update_commitment",
            "update_rhetoric",
            "update_fatigue",
            "update_hope",
            "update_beliefs",
            "draw_leader_removal",
        ),
    ),
    (Public, ("evaluate_options", "update_public")),
    (ReturnFire, ("draw",)),
    (Lulls, ("draw_lull",)),
    (Combat, ("fight",)),
    (Territory, ("move",)),
    (CasualtyReports, ("publish",)),
    (Agreement, ("end_of_day",)),
    (OutcomeRecorder, ("record_day", "lanes")),
)
"""What a day consists of, and its record, in the order of the day."""
WHOLE, START, LOOP = "simulate()", "start of a crisis", "compiled loops"
ROUNDS = 5


class Clock:
    """Nanoseconds by name, of the part itself and of the compiled loops in it."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, int] = defaultdict(int)
        self.compiled: defaultdict[str, int] = defaultdict(int)
        self._inside: list[str] = []

    def part(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose time is noted under a name."""

        def timed(*arguments: Any, **options: Any) -> Any:
            self._inside.append(name)
            begun = process_time_ns()
            try:
                return function(*arguments, **options)
            finally:
                self.spent[name] += process_time_ns() - begun
                self._inside.pop()

        return timed

    def loop(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A compiled loop whose time is noted under the part that calls it."""

        def timed(*arguments: Any) -> Any:
            begun = process_time_ns()
            result = function(*arguments)
            self.compiled[self._inside[-1]] += process_time_ns() - begun
            return result

        return timed


@contextmanager
def clocked(clock: Clock) -> Iterator[None]:
    """Every action of a day and every compiled loop of the model on the clock."""
    places: list[tuple[Any, str, Callable[..., Any]]] = [
        (kind, name, clock.part(f"{kind.__name__}.{name}", getattr(kind, name)))
        for kind, names in ACTIONS
        for name in names
    ]
    places += [(ensemble, "begin", clock.part(START, ensemble.begin)), (Crisis, "step", Crisis.step)]
    places += [(module, name, clock.loop(getattr(module, name))) for module, names in LOOPS for name in names]
    genuine = [(place, name, getattr(place, name)) for place, name, _ in places]
    try:
        for place, name, timed in places:
            setattr(place, name, timed)
        yield
    finally:
        for place, name, function in genuine:
            setattr(place, name, function)


def profile(scenario: Scenario, lanes: int) -> list[tuple[str, float, float]]:
    """(part, nanoseconds a lane-day, share of them in compiled loops), the whole first, then the largest parts."""
    rounds = []
    with clocked(clock := Clock()):
        run = clock.part(WHOLE, simulate)
        for _ in range(ROUNDS):
            clock.spent.clear()
            clock.compiled.clear()
            run(scenario, lanes, Settings(horizon_days=DAYS), chunk_lanes=lanes)
            rounds.append((dict(clock.spent), dict(clock.compiled)))
    spent, compiled = min(rounds, key=lambda times: times[0][WHOLE])
    compiled[WHOLE] = sum(compiled.values())
    names = sorted(spent, key=lambda name: -spent[name])
    return [(name, spent[name] / lanes / DAYS, compiled.get(name, 0) / spent[name]) for name in names]


def unit() -> float:
    """Nanoseconds of 1,000 evaluations by the bare logistic kernel."""
    values = np.linspace(-3, 3, EVALUATIONS, dtype=np.float32).reshape(1000, -1)
    clock = Clock()
    bare = clock.part("bare", lambda: vector_math.logistic(values.copy()))
    times = []
    for _ in range(4 * ROUNDS):
        clock.spent.clear()
        bare()
        times.append(clock.spent["bare"])
    return min(times) / EVALUATIONS * 1000


def main() -> None:
    """Print the table for each number of lanes asked for."""
    scenario, one = warmed(), unit()
    for lanes in [int(word) for word in sys.argv[1:]] or [1000]:
        rows = profile(scenario, lanes)
        print(f"| {lanes} lanes together | ns a lane-day | units | in {LOOP} |", "| --- | --- | --- | --- |", sep="\n")
        for name, nanoseconds, share in rows:
            print(f"| {name} | {nanoseconds:.0f} | {nanoseconds / one:.2f} | {share:.0%} |")
        print()


if __name__ == "__main__":
    main()
