"""``make validate``: simulate, compare, print, and write the document."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from experiments.statistics.arms import Arm
from experiments.statistics.coverage import GRID, lane_coverage, multinomial_coverage
from experiments.statistics.metrics import metric
from experiments.store import write_text
from experiments.validation.baseline import HORIZON, arms_of, headline, inertia_map, placebo_table
from experiments.validation.document import (
    Section,
    contrast_section,
    coverage_section,
    headline_section,
    inertia_sections,
    markdown,
    mechanism_sections,
    reading_sections,
    target_sections,
)
from experiments.validation.mechanisms import bases, effects
from experiments.validation.populations import Tell, compare_all, scenario_named

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "validation.md"
BASELINE = "tovuz_2020"
KEPT = 0.95
"""Share of promised coverages that must be kept: of many counts a few fall outside by chance."""
COVERED = ("calm", "days_hot", "median_deaths")


def validate(quick: bool = False, seed: int = 1, write: Path | None = None, slow_tests: bool = True) -> int:
    """Print every table of the validation; return the exit code.

    Missed targets are shown, not punished: the code is 1 only where a promise of the program itself is broken (the slow
    tests fail, or intervals cover too little).

    Parameters
    ----------
    quick : bool
        Few crises: a look in a minute or two rather than the real thing.
    seed : int
        Seed of all luck.
    write : Path, optional
        Where to write the tables as a document.
    slow_tests : bool
        Whether to run the slow tests as well, where the tests are at hand.
    """
    console = Console()
    sections, kept = collect(quick, seed, lambda text: console.print(f"[dim]{text}[/dim]"))
    for section in sections:
        _print(console, section)
    if write is not None:
        write_text(write, markdown([*sections[:4], *reading_sections(), *sections[4:]]))
    passed = run_slow_tests(console) if slow_tests and not quick else True
    if write is not None:
        console.print(str(write))
    return 0 if kept and passed else 1


def collect(quick: bool, seed: int, tell: Tell) -> tuple[list[Section], bool]:
    """Simulate everything; return the sections and whether the intervals keep their promise."""
    found = target_sections(compare_all(quick, seed, tell), quick)
    tell("simulating the baseline's arms")
    arms = arms_of(BASELINE, 200 if quick else 2000, seed)
    tell("simulating the inertia map")
    inertia = inertia_map(scenario_named(BASELINE), 40 if quick else 400, seed)
    tell("switching every mechanism off in turn")
    switched = {name: effects(base, 20 if quick else 100, seed) for name, base in bases().items()}
    tell("drawing studies to count how often intervals cover")
    coverage = _coverage(arms, quick)
    sections = [*found, headline_section(headline(arms)), *inertia_sections(inertia),
                contrast_section(placebo_table(arms)), *mechanism_sections(switched), coverage_section(coverage)]
    return sections, all(_keeps_promise(table) for table in coverage.values())


def _keeps_promise(table: pl.DataFrame) -> bool:
    promised = table.filter(pl.col("promised"))
    return bool(promised.height == 0 or promised["kept"].mean() >= KEPT)


def _coverage(arms: Sequence[Arm], quick: bool) -> dict[str, pl.DataFrame]:
    """Coverage over yes-or-no pairs, and over lanes of two arms of the baseline."""
    pairs = multinomial_coverage(GRID[::20] if quick else GRID, 200 if quick else 1000)
    chosen = [metric(name, HORIZON, arms[0].lanes.schema) for name in COVERED]
    lanes = lane_coverage(arms[2], arms[0], chosen, 100 if quick else 500, 50 if quick else 400)
    return {"yes-or-no pairs": pairs, "lanes of the baseline": lanes}


def run_slow_tests(console: Console) -> bool:
    """Run the tests marked slow (faults injected, every worker killed); True where there are none at hand."""
    if not (ROOT / "tests").is_dir():
        return True
    console.print("[dim]running the slow tests[/dim]")
    finished = subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "slow", "tests"], cwd=ROOT, check=False)
    return finished.returncode in (0, 5)


def _print(console: Console, section: Section) -> None:
    console.print(f"\n[bold]{section.title}[/bold]")
    if section.text:
        console.print(section.text)
    if section.columns:
        table = Table(*section.columns)
        for row in section.rows:
            table.add_row(*row)
        console.print(table)
