"""The table P(a side's fighting peaks at rung k within ten days | its policy is at rung j), measured from the model.

The shadow that an ally casts on low rungs rests on this table, and the table on a model that has the shadow in it, so
it is measured again until it agrees with the model that uses it. Start rungs of both sides are spread over the ladder,
so that every row is seen; rare rows lean on a few imagined cases in which a side stays where it is.
``python -m benchmarks.peak_odds tovuz_2020`` prints the table with that scenario, ``--shipped`` writes the model's own.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.targets.targets import scenario_named
from sim.crisis import Crisis
from sim.engine import peak_odds
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.ladder import RUNGS
from sim.scenario import Scenario

WINDOW_DAYS = 10
IMAGINED = 5.0
"""Weight of the imagined cases of staying put, in days observed."""
START_RUNGS = tuple(range(1, RUNGS))
ROUNDS, TOLERANCE = 12, 0.01
LANES, DAYS, CITIZENS, SEED = 81 * 12, 45, 100, 20_200_712

Odds = tuple[tuple[float, ...], ...]


def measured(scenario: Scenario) -> Odds:
    """The table as the model with this scenario shows it, rows now, columns peak; each row adds up to one."""
    fought, policy = _days(scenario)
    counts = IMAGINED * np.eye(RUNGS)
    for day in range(DAYS - WINDOW_DAYS):
        peak = fought[day + 1 : day + 1 + WINDOW_DAYS].max(axis=0)
        np.add.at(counts, (policy[day].ravel(), np.maximum(peak, policy[day]).ravel()), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return tuple(tuple(row) for row in shares.tolist())


def _days(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Rung fought and policy of both sides on each day, (days, 2, lanes), from start rungs all over the ladder."""
    grid = np.array([(a, b) for a in START_RUNGS for b in START_RUNGS])
    point = np.arange(LANES) % len(grid)
    columns = {f"dyad.start_rung_{side}": grid[:, number] for number, side in enumerate("ab")}
    points = Points.cross(scenario, np.zeros(len(grid), int), columns)
    luck = Luck(SEED, np.arange(LANES))
    crisis = Crisis(lanes=(lane_values(points, point, luck), luck), citizens=CITIZENS, collect=False)
    fought, policy = (np.empty((DAYS, 2, LANES), np.int64) for _ in range(2))
    for day in range(DAYS):
        crisis.step()
        for number, side in enumerate("ab"):
            fought[day, number], policy[day, number] = crisis.governments[side].fought, crisis.governments[side].rung
    return fought, policy


def consistent(scenario: Scenario, report=lambda round_, change: None) -> Odds:
    """Measure again and again, half-way to the new table each time, until nothing moves by more than the tolerance."""
    odds = scenario.peak_odds or measured(scenario)
    for round_ in range(ROUNDS):
        seen = measured(replace(scenario, peak_odds=odds))
        change = float(np.abs(np.array(seen) - np.array(odds)).max())
        report(round_, change)
        odds = tuple(tuple(row) for row in ((np.array(odds) + np.array(seen)) / 2).tolist())
        if change < TOLERANCE:
            break
    return _rounded(odds)


def _rounded(odds: Odds, digits: int = 4) -> Odds:
    """Rounded for print; what rounding leaves over goes to staying put, so that rows still add up to one."""
    table = np.round(np.array(odds), digits)
    table[np.diag_indices(RUNGS)] += 1 - table.sum(axis=1)
    return tuple(tuple(round(value, digits) for value in row) for row in table.tolist())


def main() -> None:
    """Measure one scenario's table; print it, or write it into the model."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peak_odds", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scenario", nargs="?", default="tovuz_2020")
    parser.add_argument("--shipped", action="store_true", help="write the table that the model itself carries")
    chosen = parser.parse_args()
    scenario = scenario_named(chosen.scenario, "mediation=none", "talks=none")
    odds = consistent(
        scenario,
        lambda number, change: print(f"round {number}: moved by {change:.3f}", file=sys.stderr),
    )
    rows = [", ".join(f"{value:.4f}" for value in row) for row in odds]
    if chosen.shipped:
        path = Path(str(peak_odds.__file__))
        head = path.read_text(encoding="utf-8").split("SHIPPED:")[0]
        table = "\n".join(f"    ({row})," for row in rows)
        path.write_text(f"{head}SHIPPED: tuple[tuple[float, ...], ...] = (\n{table}\n)\n", encoding="utf-8")
        print(path)
    else:
        print("peak_odds:", *(f"  - [{row}]" for row in rows), sep="\n")


if __name__ == "__main__":
    main()
