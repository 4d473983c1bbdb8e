"""``docs/calibration.md``: what was fitted to what, how well, and what the data cannot tell."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.calibration.diagnostics import IDENTIFIED
from experiments.calibration.stages import DEFAULTS
from experiments.design.priors import CALIBRATED
from experiments.files import write_text
from experiments.study.identity import edition_note
from experiments.text import one_blank_line, render

Facts = Mapping[str, Any]

FIGURES = {
    "predictive": "What the posterior predicts, target by target, in standard errors of the record",
    "contraction": "From prior to posterior, parameter by parameter",
    "pairs": "Draws of the posterior in pairs",
    "ranks": "Ranks of the truth among the draws for populations held out",
    "coverage": "Share of intervals that hold the truth, against the share they promise",
}
"""Name -> what it shows."""


@cache
def reasons() -> dict[str, str]:
    """Target -> why it is missed, as far as that is known."""
    rows = (files("conf") / "evidence/missed_targets.csv").read_text(encoding="utf-8").splitlines()
    return {row["target"]: row["reason"] for row in csv.DictReader(rows)}


def renew(path: Path, directory: Path) -> None:
    """Write the document from every posterior in a directory."""
    kept = [file for name in CALIBRATED if (file := directory / f"{name}.json").exists()]
    write_text(path, text([json.loads(file.read_text(encoding="utf-8")) for file in kept], path.parent))


def show(drawn: Path, scenario: str, document: Path) -> None:
    """Copy the figures of a calibration from the directory where it drew them to beside the document."""
    for name in FIGURES:
        kept = document.parent / figure_of(scenario, name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes((drawn / f"{scenario}_{name}{kept.suffix}").read_bytes())


def figure_of(scenario: str, name: str) -> Path:
    """Where a figure stands, from the document's own directory; thousands of points are no drawing."""
    return Path("figures") / f"calibration_{scenario}_{name}.{'png' if name == 'pairs' else 'svg'}"


def text(posteriors: Iterable[Facts], directory: Path | None = None) -> str:
    """The whole document; it shows the figures that stand below ``directory``."""
    posteriors = list(posteriors)
    figures = {
        facts["scenario"]: {
            name: figure
            for name in FIGURES
            if directory is not None and (directory / (figure := figure_of(facts["scenario"], name))).exists()
        }
        for facts in posteriors
    }
    filled = render(
        "experiments.calibration",
        "calibration.md.j2",
        posteriors=posteriors,
        edition=edition_note(facts["model"] for facts in posteriors if "model" in facts),
        figures=figures,
        words=FIGURES,
        identified=IDENTIFIED,
        reasons=reasons(),
        limits=limits,
        moves=moves,
        number=format,
        predicted=predicted,
    )
    return one_blank_line(filled)


def predicted(targets: Iterable[Facts]) -> str:
    """A table of targets: each record's number, and what the posterior predicts of a record of the same size."""
    return render("experiments.calibration", "predicted.md.j2", targets=targets, number=format)


def limits(facts: Facts) -> list[str]:
    """Caveats about a posterior, a sentence each."""
    request, full = facts["request"], DEFAULTS[facts["scenario"]]
    done, meant = facts["populations"] * request["lanes"], full.points * full.lanes
    promised = [row["coverage_90"] for row in facts["parameters"] if "coverage_90" in row]
    edge = [row["name"] for row in facts["parameters"] if _at_edge(row)]
    lines = []
    if done < meant:
        lines.append(
            f"It rests on {done:,} simulated crises of the {meant:,} that a full calibration takes: **provisional**."
        )
    if promised:
        lines.append(
            f"Intervals that promise 90 % held {sum(promised) / len(promised):.0%} of truths, {min(promised):.0%} to "
            f"{max(promised):.0%} by parameter."
        )
    if edge:
        lines.append(f"Pressed against a bound of the prior: {', '.join(edge)}. A wider prior might say more.")
    if not facts.get("neural"):
        lines.append("Neural posterior estimation was not run beside it.")
    return lines


def _at_edge(row: Facts) -> bool:
    low, high, width = row["prior_low"], row["prior_high"], row["prior_high"] - row["prior_low"]
    return row["q95"] > high - 0.03 * width or row["q05"] < low + 0.003 * width


def moves(facts: Facts) -> str:
    """The targets that each calibrated parameter moves more than the others do, in words."""
    moved: dict[str, list[str]] = {row["name"]: [] for row in facts["parameters"]}
    calibrated = [row for row in facts["screening"] if row["name"] in moved]
    for target in (key for key in facts["screening"][0] if key not in ("name", "influence")):
        moved[max(calibrated, key=lambda row: row[target])["name"]].append(target)
    return "; ".join(f"{name} (moves {', '.join(most)} most)" if most else name for name, most in moved.items())
