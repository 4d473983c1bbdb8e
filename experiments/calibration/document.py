"""What is kept of a calibration: posteriors as data, and ``docs/calibration.md``.

A posterior is a small Parquet file of draws by dotted path, with all that is needed to judge them beside it. The document
says what was fitted to what, how well, and what the data cannot tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import polars as pl

from experiments.calibration.diagnostics import IDENTIFIED
from experiments.calibration.requests import Request
from experiments.design.priors import CALIBRATED, POPULATION, VENUE, structures
from experiments.files import json_value, shipped_rows, write_json, write_parquet, write_text
from experiments.study.identity import edition_note
from experiments.text import one_blank_line, render

FORMAT = 1
LIBRARIES = ("offramp", "numpy", "scipy", "polars", "scikit-learn", "SALib")
"""Libraries that a posterior rests on; their versions are kept beside it."""
Facts = Mapping[str, Any]

FIGURES = {
    "predictive": "What the posterior predicts, target by target, in standard errors of the record",
    "contraction": "From prior to posterior, parameter by parameter",
    "pairs": "Draws of the posterior in pairs",
    "ranks": "Ranks of the truth among the draws",
    "coverage": "Share of intervals that hold the truth, against the share they promise",
}
"""Name -> what it shows, for each structure and the venue."""
WEIGHTS = "structures_weights"
ADMISSIBLE = 0.1
"""Weight from which a structure counts in verdicts and is fitted at full size."""


def ship(directories: Iterable[Path | None], name: str, draws: pl.DataFrame, facts: Facts) -> None:
    """Write ``<name>.parquet`` and ``<name>.json`` to the directories that there are."""
    versions = {}
    for library in LIBRARIES:
        with suppress(PackageNotFoundError):
            versions[library] = version(library)
    for directory in filter(None, directories):
        write_parquet(directory / f"{name}.parquet", draws.to_arrow())
        write_json(directory / f"{name}.json", {"format": FORMAT, "name": name, **facts, "versions": versions})


def plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    """A table as plain rows for JSON: NaN becomes null, numbers keep four significant digits."""
    return json_value(table.to_dicts(), partial(short, digits=4))


def short(value: float, digits: int = 3) -> float:
    """A number rounded to so many significant digits."""
    return float(f"{value:.{digits}g}")


@cache
def reasons() -> dict[str, str]:
    """Target -> why it is missed, as far as that is known."""
    return {row["target"]: row["reason"] for row in shipped_rows("evidence/missed_targets.csv")}


def renew(path: Path, directory: Path) -> None:
    """Write the document from the posteriors in a directory."""
    facts = {name: json.loads((directory / f"{name}.json").read_text(encoding="utf-8")) for name in CALIBRATED}
    write_text(path, text(facts, path.parent))


def show(drawn: Path, document: Path) -> None:
    """Copy the figures of a calibration from the directory where it drew them to beside the document."""
    for source in sorted(drawn.iterdir()):
        copy = document.parent / figure_of(source.stem)
        if source.suffix == copy.suffix:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())


def figure_of(stem: str) -> Path:
    """Where a figure stands, from the document's own directory; thousands of points are no drawing."""
    return Path("figures") / f"calibration_{stem}.{'png' if stem.endswith('pairs') else 'svg'}"


def text(facts: Mapping[str, Facts], directory: Path | None = None) -> str:
    """The whole document from the facts of the population and of the venue, with the figures below ``directory``."""
    population, venue = facts[POPULATION], facts[VENUE]

    def figure(stem: str) -> str:
        return figure_of(stem).as_posix() if directory is not None and (directory / figure_of(stem)).exists() else ""

    values: dict[str, Any] = {"population": population, "venue": venue, "structures": structures()}
    values |= {"figure_of": figure, "weights": WEIGHTS, "words": FIGURES, "identified": IDENTIFIED}
    values |= {"number": _number, "predicted": predicted, "at_edge": at_edge, "crises_of": crises_of}
    values |= {"limits": limits(population), "reasons": reasons()}
    edition = edition_note([population["model"], venue["model"]])
    return one_blank_line(render("experiments.calibration", "calibration.md.j2", edition=edition, **values))


def predicted(targets: Iterable[Facts]) -> str:
    """A table of targets: each record's number, and what the posterior predicts of a record of the same size."""
    return render("experiments.calibration", "predicted.md.j2", targets=targets, number=_number)


def _number(value: float | None, form: str) -> str:
    """A number in some form; "none" where nothing could be counted."""
    return "none" if value is None else format(value, form)


def limits(facts: Facts) -> list[str]:
    """Caveats about the posterior of the population, a sentence each."""
    request, full = facts["request"], Request()
    lines = []
    meant = crises_of(full.points, asdict(full))
    done = {name: crises_of(fit["populations"], request) for name, fit in facts["fits"].items()}
    heavy = [name for name, row in facts["structures"].items() if row["weight"] >= ADMISSIBLE]
    if fewer := [name for name in heavy if done[name] < meant]:
        lines.append(
            f"**Provisional.** A full calibration simulates {meant:,} crises to learn a structure of weight "
            f"{ADMISSIBLE:.2f} or more from; fewer were done for {', '.join(fewer)}."
        )
    promised = [row["coverage_90"] for fit in facts["fits"].values() for row in fit["parameters"]]
    lines.append(
        f"Intervals that promise 90 % held {sum(promised) / len(promised):.0%} of truths, {min(promised):.0%} to "
        f"{max(promised):.0%} by structure and parameter."
    )
    if without := [name for name, fit in facts["fits"].items() if not fit.get("neural")]:
        lines.append(f"The cross-check by neural networks was not run beside: {', '.join(without)}.")
    return lines


def crises_of(populations: int, request: Facts) -> int:
    """The crises simulated to learn from that many populations."""
    first = min(populations, request["first"])
    return int(first * request["first_lanes"] + (populations - first) * request["lanes"])


def at_edge(parameters: Iterable[Facts]) -> list[str]:
    """The names of parameters pressed against a bound of their prior."""
    widths = ((row, row["prior_high"] - row["prior_low"]) for row in parameters)
    return [
        row["name"]
        for row, width in widths
        if row["q95"] > row["prior_high"] - 0.03 * width or row["q05"] < row["prior_low"] + 0.003 * width
    ]
