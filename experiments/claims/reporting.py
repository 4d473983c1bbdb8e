"""Findings as lines, tables, a figure and a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import fill, shorten
from typing import Any

import numpy as np
from matplotlib.ticker import NullLocator

from experiments.claims.catalogue import MORE, NECESSITY
from experiments.claims.judging import Finding
from experiments.claims.rule import BUILT_IN, RECORD, declared
from experiments.design.posterior import facts_of
from experiments.design.priors import POPULATION
from experiments.figures.palette import GREY, PALETTE
from experiments.figures.style import NOTES, Drawing, canvas, styled
from experiments.text import render

CENTRAL, OF_MEDIATORS = "P15", "P33"


def line(finding: Finding) -> str:
    """One line for standard output: ``P13 causal undecided odds ratio 1.3 [0.9, 2] reach 0.8..4 power 0.62 (...)``."""
    reached = "reach {least:.3g}..{most:.3g} ".format(**finding.reached) if finding.reached else ""
    share = f"power {min(finding.power.values()):.2f} " if finding.power else ""
    notes = [
        f"P(above none) {finding.sign:.2f}" if finding.kind != RECORD and finding.expects != NECESSITY else "",
        "rests on assumption" if finding.assumption and finding.verdict not in (RECORD, BUILT_IN) else "",
        "provisional" if finding.provisional else "",
    ]
    words = f"({', '.join(filter(None, notes))})" if any(notes) else ""
    return f"{finding.name} {finding.kind} {finding.verdict} {size(finding)} {reached}{share}{words}".rstrip()


def size(part: Finding | Mapping[str, Any]) -> str:
    """An effect with its unit and interval."""
    values = vars(part) if isinstance(part, Finding) else part
    name = "N" if values.get("expects") == NECESSITY else values["unit"]
    return f"{name} {values['effect']:.3g} [{values['low']:.3g}, {values['high']:.3g}]".lstrip()


@styled
def forest(findings: Sequence[Finding]) -> Drawing:
    """All effects by theme in units of the smallest of interest, with the reach of each; the central claim in words."""
    ordered = sorted(findings, key=lambda finding: (finding.theme, int(finding.name[1:])))
    central = next((finding for finding in findings if finding.name == CENTRAL), None)
    title = "The article's claims, put to the model"
    if central is not None and central.chances:
        title += (
            f". Only through international mechanisms? {central.verdict}: calm without any by day 60, {size(central)}"
        )
    figure = canvas(1.9 + 0.33 * len(ordered), title=title, note=NOTES["claims"])
    axes = figure.subplots()
    axes.axvspan(-1, 1, color="#e6e6e6", lw=0)
    axes.axvline(0, color=GREY, lw=0.7)
    labels, place = [], 0.0
    for number, (theme, group) in enumerate(groupby(ordered, key=lambda finding: finding.theme)):
        place += 1.3
        side = axes.get_yaxis_transform()
        axes.text(0.005, -place, theme, transform=side, fontweight="bold", fontsize=8, va="center")
        place -= 0.1
        for finding in group:
            place += 1
            if np.isfinite(finding.smallest):
                _draw(axes, finding, -place, PALETTE[number % len(PALETTE)])
            labels.append((-place, f"{finding.name}  {shorten(finding.claim, 96, placeholder='...')}"))
            axes.text(1.01, -place, finding.verdict, transform=side, fontsize=6.5, va="center")
    axes.set_yticks([y for y, _ in labels], [fill(text, 52) for _, text in labels], fontsize=6)
    axes.set_ylim(-place - 0.8, 0)
    axes.set_xscale("symlog", linthresh=2)
    ticks = (-30, -10, -3, -1, 0, 1, 3, 10, 30)
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in ticks if low <= tick <= high], [f"{t:g}" for t in ticks if low <= t <= high])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("effect in units of the smallest effect of interest")
    verdicts = "; ".join(f"{finding.name} {finding.verdict}" for finding in ordered)
    return Drawing(figure, f"Forest of {len(ordered)} propositions: {verdicts}.")


def _draw(axes: Any, finding: Finding, y: float, colour: str) -> None:
    def place(value: float) -> float:
        return float(np.log(max(value, 1e-9)) / np.log(finding.smallest))

    axes.plot([place(finding.low), place(finding.high)], [y, y], color=colour, lw=3.2, solid_capstyle="butt")
    axes.plot(place(finding.effect), y, "o", color="white", mec=colour, ms=5, mew=1.4)
    for end in ("least", "most") if finding.reached else ():
        axes.plot(place(finding.reached[end]), y, "x", color="black", ms=5, mew=1.1, zorder=4)


def _held() -> float | None:
    """The share of truths that 90 % intervals of fitted numbers held when calibration was checked, None where unknown."""
    _, facts = facts_of(POPULATION, None, None)
    rows = [row for fit in (facts or {}).get("fits", {}).values() for row in fit["parameters"] if "coverage_90" in row]
    return float(np.mean([row["coverage_90"] for row in rows])) if rows else None


def markdown(findings: Sequence[Finding], manifest: str) -> str:
    """The document of all propositions, below whether the central claim holds, in which worlds, and how sure one can be."""
    by_name = {finding.name: finding for finding in findings}
    mediated = by_name[OF_MEDIATORS].parts if OF_MEDIATORS in by_name else []
    return render(
        "experiments.claims",
        "propositions.md.j2",
        findings=findings,
        first=findings[0],
        central=by_name.get(CENTRAL),
        mediated={part["what"]: part for part in mediated},
        manifest=manifest,
        rule=declared(),
        note=NOTES["claims"],
        alt=forest(findings).alt,
        one_sided=[each.name for each in findings if each.expects == MORE and each.reached.get("toward") is False],
        held=_held(),
        size=size,
    )
