"""``make validate``: simulate, compare, print, and write the document."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from joblib import Parallel, cpu_count, delayed
from rich.console import Console
from rich.table import Table

from experiments.files import write_text
from experiments.statistics.arms import Arm
from experiments.statistics.coverage import CHEAP_REPEATS, GRID, REPEATS, lane_coverage, multinomial_coverage
from experiments.statistics.metrics import metric
from experiments.targets.populations import POPULATIONS, compare_population, scenario_named
from experiments.terminal import fitted, screen
from experiments.validation.baseline import HORIZON, arms_of, headline, inertia_map, placebo_table
from experiments.validation.document import (
    Section,
    contrast_section,
    coverage_section,
    headline_section,
    inertia_sections,
    limit_sections,
    markdown,
    mechanism_sections,
    posterior_sections,
    reading_sections,
    target_sections,
)
from experiments.validation.mechanisms import bases, effects

ROOT = Path(__file__).parents[2]
POSTERIORS = Path(str(files("conf"))) / "posterior"
BASELINE = "tovuz_2020"
KEPT = 0.95
"""Share of promised coverages that must be kept: of many counts a few fall outside by chance."""
COVERED = ("calm", "days_hot", "median_deaths")
NO_TESTS = 5
"""Exit code of pytest where it found nothing to run."""


def validate(
    quick: bool = False, seed: int = 1, workers: int = 0, write: Path | None = None, slow_tests: bool = True
) -> int:
    """Print every table of the validation; return the exit code.

    Missed targets are shown, not punished: the code is 1 only where a promise of the program itself is broken (the slow
    tests fail, or intervals cover too little).

    Parameters
    ----------
    quick : bool
        Few crises, and no slow tests: a look in some minutes rather than the real thing.
    seed : int
        Seed of all luck.
    workers : int
        Processes; 0 takes one per core. The tables do not depend on it.
    write : Path, optional
        Where to write the tables as a document.
    slow_tests : bool
        Whether to run the slow tests as well, where the tests are at hand.
    """
    console = screen()
    found = gather(quick, seed, workers, console)
    sections = told(found, quick)
    for section in sections:
        _print(console, section)
    passed = run_slow_tests(console) if slow_tests and not quick else True
    if write is not None:
        write_text(write, markdown([*sections, *limit_sections(), *reading_sections()]))
        console.print(str(write))
    return 0 if passed and all(_keeps_promise(table) for table in found["coverage"].values()) else 1


def gather(quick: bool, seed: int, workers: int, console: Console) -> dict[str, Any]:
    """Simulate everything; each task's result by its name."""
    work = tasks(quick, seed)
    done = Parallel(n_jobs=workers or cpu_count(), return_as="generator")(delayed(task)() for task in work.values())
    found = {}
    for name, result in zip(work, done, strict=True):
        console.print(f"{name}: done", style="dim")
        found[name] = result
    console.print("drawing studies to count how often intervals cover", style="dim")
    return {**found, "coverage": _coverage(found["arms"], quick)}


def tasks(quick: bool, seed: int) -> dict[str, Callable[[], Any]]:
    """What is simulated, by name; the tasks are independent of each other."""
    populations = {
        f"population {item.scenario}": partial(compare_population, item, quick, seed) for item in POPULATIONS
    }
    switched = {
        f"switching off: {name}": partial(effects, base, 20 if quick else 100, seed) for name, base in bases().items()
    }
    return {
        **populations,
        **switched,
        "arms": partial(arms_of, BASELINE, 200 if quick else 2000, seed),
        "inertia": partial(inertia_map, scenario_named(BASELINE), 40 if quick else 400, seed),
    }


def told(found: dict[str, Any], quick: bool) -> list[Section]:
    """The sections in reading order."""
    targets = {item.scenario: found[f"population {item.scenario}"] for item in POPULATIONS}
    switched = {name.partition(": ")[2]: table for name, table in found.items() if name.startswith("switching off: ")}
    arms: Sequence[Arm] = found["arms"]
    return [
        headline_section(headline(arms)),
        *inertia_sections(found["inertia"]),
        *target_sections(targets, quick),
        *posterior_sections(POSTERIORS),
        contrast_section(placebo_table(arms)),
        *mechanism_sections(switched),
        coverage_section(found["coverage"]),
    ]


def _coverage(arms: Sequence[Arm], quick: bool) -> dict[str, pl.DataFrame]:
    """Coverage over yes-or-no pairs, and over lanes of two arms of the baseline."""
    pairs = multinomial_coverage(GRID[::20] if quick else GRID, 200 if quick else CHEAP_REPEATS)
    chosen = [metric(name, HORIZON, arms[0].lanes.schema) for name in COVERED]
    lanes = lane_coverage(arms[2], arms[0], chosen, 100 if quick else 500, 50 if quick else REPEATS)
    return {"yes-or-no pairs": pairs, "lanes of the baseline": lanes}


def _keeps_promise(table: pl.DataFrame) -> bool:
    promised = table.filter(pl.col("promised"))
    kept: Any = promised["kept"].mean()
    return promised.height == 0 or kept >= KEPT


def run_slow_tests(console: Console) -> bool:
    """Run the tests marked slow (faults injected, workers killed); True where there are none at hand."""
    if not (ROOT / "tests").is_dir():
        return True
    console.print("running the slow tests", style="dim")
    finished = subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "slow", "tests"], cwd=ROOT, check=False)
    return finished.returncode in (0, NO_TESTS)


def _print(console: Console, section: Section) -> None:
    console.print(f"\n{section.title}", style="bold")
    if section.text:
        console.print(section.text)
    if section.columns:
        table = Table(*section.columns)
        for row in section.rows:
            table.add_row(*row)
        console.print(fitted(table, console.width))
