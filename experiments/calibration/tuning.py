"""A search for values of a few declared parameters that bring a scenario inside its tuning targets, and nothing else.

Nothing is tuned by hand: the parameters, their ranges, the targets, the seeds and the rule of choice stand here, and
the result is written with them. First a Latin hypercube over the ranges, few crises a point; then a second one in small
boxes around the best points; then the best of both again on fresh luck, many crises a point. Chosen is the point with
the smallest loss and, among equals, the one nearest to where the scenario stood. What is reported comes from luck used
for neither. Run ``python -m experiments.calibration.tuning tovuz_2020``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from math import isnan, log
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import qmc

from experiments.statistics.bootstrap import quantile
from experiments.statistics.samples import Sample
from experiments.targets.populations import population, scenario_named
from experiments.targets.readings import READINGS, SCALE
from experiments.targets.tables import Tables, record_frames
from experiments.targets.targets import Comparison, Target, compare, targets_of
from sim.engine.lanes import Points
from sim.ensemble import Settings, simulate_chunks
from sim.scenario import Scenario, parameters

SIDES = ("a", "b")


@dataclass(frozen=True)
class Knob:
    """One number that the search may turn: a factor on the scenario's own values, the same on all ``paths``."""

    name: str
    paths: tuple[str, ...]
    low: float
    high: float

    def value(self, at: np.ndarray, start: float, path: str) -> np.ndarray:
        """The parameter's value at positions ``at`` in 0-1; factors are spread evenly in the logarithm."""
        known = parameters()[path]
        factor = np.exp(log(self.low) + at * (log(self.high) - log(self.low)))
        return np.clip(start * factor, known.low, known.high)

    @property
    def rest(self) -> float:
        """Position of the scenario as it stands."""
        return -log(self.low) / (log(self.high) - log(self.low))


def _both(name: str) -> tuple[str, ...]:
    return tuple(f"government.{side}.{name}" for side in SIDES)


KNOBS: dict[str, tuple[Knob, ...]] = {
    "tovuz_2020": (
        Knob("resolve", _both("resolve"), 0.5, 1.5),
        Knob("spread of resolve", _both("resolve_sd"), 0.6, 1.6),
        Knob("rationality", _both("rationality"), 0.5, 1.5),
        Knob("material cost", _both("material_cost"), 0.6, 1.6),
        Knob("lethality", ("dyad.combat.lethality_middle",), 0.2, 2.0),
        Knob("spread of bloodiness", ("dyad.combat.spell_sd",), 0.8, 3.0),
        Knob("incidents", ("dyad.incidents.rate",), 0.2, 3.0),
        Knob("unwillingness to accept", ("talks.threshold",), 0.3, 3.0),
    ),
    "simmer_2015": (
        Knob("incidents", ("dyad.incidents.rate",), 0.3, 3.0),
        Knob("artillery", ("dyad.incidents.artillery_share",), 0.1, 2.0),
        Knob("lethality of small arms", ("dyad.combat.lethality_low",), 0.2, 2.0),
        Knob("lethality of artillery", ("dyad.combat.lethality_middle",), 0.1, 2.0),
        Knob("spread at small arms", ("dyad.combat.spread_low",), 0.3, 2.0),
    ),
}
"""What may be turned in each scenario: few numbers, and none of the citizens', as hardly a target speaks of them."""
LEAST = {
    f"{group}.{side}.{name}": least
    for side in SIDES
    for group, name, least in (("government", "domestic_weight", 2.5), ("public", "inconsistency", 2.0))
}
"""A free search mutes the citizens; no scenario is tuned whose citizens count for less than this."""


@dataclass(frozen=True)
class Search:
    """How hard to look.

    ``points`` and ``crises`` of each for the first round; ``closer`` points in boxes of half-width ``reach`` around the
    ``centres`` best; ``finalists`` judged again by ``more_crises``; ``last_crises`` for the report.
    """

    points: int = 300
    crises: int = 60
    centres: int = 6
    closer: int = 150
    reach: float = 0.15
    finalists: int = 20
    more_crises: int = 1000
    last_crises: int = 4000
    citizens: int = 100
    seed: int = 20200712


@dataclass(frozen=True)
class Fit:
    """The point chosen: parameter values, its loss in the second round, and its comparison on fresh luck."""

    scenario: str
    values: dict[str, float]
    loss: float
    comparisons: list[Comparison]
    search: Search


def tune(name: str, search: Search | None = None) -> Fit:
    """Search the values of a scenario's knobs; the same search gives the same fit."""
    plan = search or Search()
    scenario, knobs, citizens = untuned(name), KNOBS[name], population(name).citizens
    require_citizens(scenario)
    positions = _finalists(name, scenario, knobs, plan)
    loss = losses(name, design(scenario, knobs, positions), plan.more_crises, citizens, plan.seed + 3)
    moved = np.linalg.norm(positions - at_rest(knobs), axis=1)
    best = int(np.lexsort((moved, loss))[0])
    values = {
        path: float(f"{column[0]:.4g}") for path, column in design_columns(scenario, knobs, positions[[best]]).items()
    }
    tables = _simulated(Points.of(scenario.replaced(values)), name, plan.last_crises, citizens, plan.seed + 4)[0]
    return Fit(name, values, float(loss[best]), compare(targets_of(name), tables), plan)


def untuned(name: str) -> Scenario:
    """The scenario without an earlier fit, where fits are a group of their own: a fit must not start from itself."""
    fitted = files("conf").joinpath(f"fitted/{name}.yaml").is_file()
    return scenario_named(name, *(["fitted@_global_=none"] if fitted else []))


def _finalists(name: str, scenario: Scenario, knobs: Sequence[Knob], plan: Search) -> np.ndarray:
    """The best positions of both rounds, the scenario as it stands always among them."""
    first = np.vstack([at_rest(knobs), latin_hypercube(plan.points, len(knobs), plan.seed)])
    loss = losses(name, design(scenario, knobs, first), plan.crises, plan.citizens, plan.seed + 1)
    centres = first[np.argsort(loss, kind="stable")[: plan.centres]]
    offsets = plan.reach * (2 * latin_hypercube(plan.closer, len(knobs), plan.seed + 1) - 1)
    second = np.clip(centres[np.arange(plan.closer) % len(centres)] + offsets, 0, 1)
    loss_closer = losses(name, design(scenario, knobs, second), plan.crises, plan.citizens, plan.seed + 2)
    order = np.argsort(np.concatenate([loss, loss_closer]), kind="stable")[: plan.finalists]
    return np.vstack([first[:1], np.vstack([first, second])[order]])


def require_citizens(scenario: Scenario) -> None:
    """Raise ValueError where the citizens of a scenario are muted."""
    for path, least in LEAST.items():
        if float(scenario.get(path)) < least:
            raise ValueError(f"{path}={scenario.get(path)}: tuning would mute the citizens; at least {least:g}")


def at_rest(knobs: Sequence[Knob]) -> np.ndarray:
    """The scenario's own position in the unit cube, ``(dimensions,)``."""
    return np.clip([knob.rest for knob in knobs], 0, 1)


def latin_hypercube(points: int, dimensions: int, seed: int) -> np.ndarray:
    """Positions in the unit cube, ``(points, dimensions)``."""
    return qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(points)


def design_columns(scenario: Scenario, knobs: Sequence[Knob], positions: np.ndarray) -> dict[str, np.ndarray]:
    """Parameter values at positions of the unit cube, by path."""
    start = scenario.values()
    return {
        path: knob.value(positions[:, number], float(start[path]), path)
        for number, knob in enumerate(knobs)
        for path in knob.paths
    }


def design(scenario: Scenario, knobs: Sequence[Knob], positions: np.ndarray) -> Points:
    """The points at positions of the unit cube."""
    return Points.cross(scenario, np.zeros(len(positions), int), design_columns(scenario, knobs, positions))


def losses(name: str, points: Points, crises: int, citizens: int, seed: int) -> np.ndarray:
    """Loss of each point, ``(points,)``: zero where every target is met."""
    tables = _simulated(points, name, crises, citizens, seed)
    return np.array([sum(distance(target, number(target, part)) for target in targets_of(name)) for part in tables])


def number(target: Target, tables: Tables) -> float:
    """A target's simulated number."""
    reading = READINGS[target.id]
    sample: Sample = reading.sample(tables)
    value = quantile(sample, reading.metric.at) if reading.metric.kind == "quantile" else sample.mean
    return value * SCALE.get(target.id, 1.0)


def distance(target: Target, value: float) -> float:
    """How far a number lies outside a target's interval, in widths of it; 2 where there is no number."""
    if isnan(value):
        return 2.0
    outside = max(target.low - value, value - target.high, 0.0)
    return outside / (target.high - target.low)


def _simulated(points: Points, name: str, crises: int, citizens: int, seed: int) -> list[Tables]:
    """Tables of each point, every crisis with luck of its own."""
    horizon = population(name).horizon
    settings = Settings(seed=seed, horizon_days=horizon, citizens=citizens, luck="own", records=True)
    parts = [record_frames(part) for part in simulate_chunks(points, crises, settings)]
    outcomes, records, events = (pl.concat(tables) for tables in zip(*parts, strict=True))
    return [
        Tables.from_frames(
            *(table.filter(pl.col("point") == point) for table in (outcomes, records, events)), horizon=horizon
        )
        for point in range(len(points))
    ]


def overlay(fit: Fit) -> str:
    """The fit as a configuration overlay: its values, with how they were found in comments."""
    lines = [
        "# @package _global_",
        f"# Generated by `python -m experiments.calibration.tuning {fit.scenario}`; do not edit.",
        f"# Loss {fit.loss:.3g}.",
        f"# {fit.search}",
        f"# offramp {version('offramp')}, numpy {version('numpy')}, scipy {version('scipy')}. On fresh luck:",
    ]
    for item in fit.comparisons:
        wanted = f"wanted {item.target.low:g} to {item.target.high:g}"
        lines.append(
            f"#   {item.target.id} {item.target.statistic}: {item.value:.3g} ({item.low:.3g} to "
            f"{item.high:.3g}), {wanted}: {item.verdict}"
        )
    return "\n".join([*lines, *as_yaml(_nested(fit.values))]) + "\n"


def _nested(values: Mapping[str, float]) -> dict:
    tree: dict = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return tree


def as_yaml(tree: Mapping, indent: int = 0) -> list[str]:
    """A tree of numbers and words as lines of YAML; numbers keep six significant digits."""
    lines = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            lines += [f"{' ' * indent}{key}:", *as_yaml(value, indent + 2)]
        else:
            lines.append(f"{' ' * indent}{key}: {_written(value)}")
    return lines


def _written(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return value if isinstance(value, str) else f"{value:.6g}"


def main() -> None:
    """Tune one scenario and write the overlay."""
    parser = argparse.ArgumentParser(description="Tune a scenario against its targets.")
    parser.add_argument("scenario", choices=sorted(KNOBS))
    parser.add_argument("--output", type=Path, help="default: conf/fitted/<scenario>.yaml")
    parser.add_argument("--points", type=int, default=Search.points)
    parser.add_argument("--seed", type=int, default=Search.seed)
    asked = parser.parse_args()
    text = overlay(tune(asked.scenario, Search(points=asked.points, seed=asked.seed)))
    output = asked.output or Path("conf/fitted") / f"{asked.scenario}.yaml"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    print(text, output, sep="")


if __name__ == "__main__":
    main()
