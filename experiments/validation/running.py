"""``offramp validate``: simulate, compare, print, and write the document."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

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
from experiments.validation.baseline import HORIZON, arms_of, inertia_map, peace, quartiles, spell, third_edition
from experiments.validation.document import SIGNS, SWITCHED_OFF, document, results_markdown
from experiments.validation.mechanisms import bases, effects
from experiments.validation.signs import SPECIAL, harm, sign_settings, sign_tests

BASELINE = "tovuz_2020"
KEPT = 0.95
"""Share of promised coverages that must be kept: of many counts a few fall outside by chance."""
COVERED = ("calm", "days_hot", "median_deaths")


def validate(quick: bool = False, seed: int = 1, workers: int = 0, write: Path | None = None) -> int:
    """Print every table of the validation; return the exit code.

    Missed targets are shown, not punished: the code is 1 only where intervals cover less than they promise.

    ``quick`` simulates few crises; ``workers`` are processes, 0 one per core, and change no table; ``write`` is where the
    tables go as a document.
    """
    console = screen()
    results = gather(quick, seed, workers, console)
    text = results_markdown(results, quick)
    print_markdown(console, text)
    if write is not None:
        write_text(write, document(text))
        console.print(str(write))
    promised = [table.filter("promised")["kept"] for table in results["coverage"].values()]
    return 0 if all(kept.is_empty() or cast(float, kept.mean()) >= KEPT for kept in promised) else 1


def gather(quick: bool, seed: int, workers: int, console: Console) -> dict[str, Any]:
    """Simulate everything; each task's result by its name."""
    work = tasks(quick, seed)
    done = Parallel(n_jobs=workers or cpu_count(), return_as="generator")(delayed(task)() for task in work.values())
    results = {}
    for name, result in zip(work, done, strict=True):
        console.print(f"{name}: done", style="dim")
        results[name] = result
    console.print("drawing studies to count how often intervals cover", style="dim")
    return {**results, "coverage": _coverage(results["arms"], quick)}


def tasks(quick: bool, seed: int) -> dict[str, Callable[[], Any]]:
    """Independent simulations by name."""
    return {
        **{f"population {item.scenario}": partial(compare_population, item, quick, seed) for item in POPULATIONS},
        **{f"{SWITCHED_OFF}{name}": partial(effects, own, 20 if quick else 100, seed) for name, own in bases().items()},
        **{
            f"{SIGNS}{name}": partial(sign_tests, name, 30 if quick else 1200 if name in SPECIAL else 300, seed)
            for name in sign_settings()
        },
        "peace": partial(peace, 400 if quick else 20_000, seed),
        "spell": partial(spell, 200 if quick else 2000, seed),
        "quartiles": partial(quartiles, 50 if quick else 400, seed),
        "third edition": partial(third_edition, BASELINE, 100 if quick else 800, seed),
        "harm": partial(harm, 60 if quick else 800, seed),
        "arms": partial(arms_of, BASELINE, 200 if quick else 2000, seed),
        "inertia": partial(inertia_map, scenario_named(BASELINE), 40 if quick else 400, seed),
    }


def _coverage(arms: list[Arm], quick: bool) -> dict[str, pl.DataFrame]:
    """Coverage over yes-or-no pairs, and over lanes of two arms of the baseline."""
    pairs = multinomial_coverage(GRID[::20] if quick else GRID, 200 if quick else CHEAP_REPEATS)
    chosen = [metric(name, HORIZON, arms[0].lanes.schema) for name in COVERED]
    lanes = lane_coverage(arms[2], arms[0], chosen, 100 if quick else 500, 50 if quick else REPEATS)
    return {"yes-or-no pairs": pairs, "lanes of the baseline": lanes}


def print_markdown(console: Console, text: str) -> None:
    """Print headings, paragraphs and tables of a Markdown text, tables as wide as the terminal allows."""
    after_paragraph = False
    for block in text.strip().split("\n\n"):
        is_paragraph = not block.startswith(("#", "|"))
        if block.startswith("#"):
            console.print(f"\n{block.lstrip('# ')}", style="bold")
        elif block.startswith("|"):
            columns, _, *rows = (_cells(line) for line in block.splitlines())
            table = Table(*columns)
            for row in rows:
                table.add_row(*row)
            console.print(fitted(table, console.width))
        else:
            console.print(f"\n{block}" if after_paragraph else block)
        after_paragraph = is_paragraph


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
