"""The results of all cases as lines, a document and a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.claims.arms import SampleSize
from experiments.figures.parts import stack
from experiments.figures.style import (
    CATEGORY_COLOURS,
    GREY,
    Drawing,
    canvas,
    colour,
    percent_axis,
    save,
    styled,
)
from experiments.statistics.vocabulary import CALM, LIMITED_WAR_OR_WORSE
from experiments.text import render

Case = Mapping[str, Any]
NEVER = "never"
PANELS = {
    "military deaths": "dead of both sides\n(logarithmic)",
    "days to calm": "day on which the\nfirst calm began",
    "severity": "share of crises",
    "how calm came": "share of crises",
}
"""Panels of the figure and the words of their axes."""

DEATH_TICKS = (0, 10, 100, 1_000, 10_000)
LEAST_WRITTEN = 0.12
"""Share from which on a bar has room for its number."""


def line(case: Case) -> str:
    """One line for standard output."""
    without = case["calm_without_mediator"]
    worse = sum(case["severity"][name]["mean"] for name in LIMITED_WAR_OR_WORSE)
    end = max(case["termination"], key=lambda name: case["termination"][name]["mean"])
    note = "  [in sample]" if case["in_sample"] else ""
    return (
        f"{case['case']:<14} P(calm | no mediator) {share(without)}; deaths {middle(case['deaths'])}; "
        f"days to calm {middle(case['days_to_calm'])}; limited war or worse {worse:.2f}; mostly {end}{note}"
    )


def share(known: Mapping[str, float]) -> str:
    """A share with its interval over draws of what is not known."""
    return f"{known['mean']:.2f} ({known['draws_low']:.2f} to {known['draws_high']:.2f})"


def middle(quantiles: Mapping[str, float | None]) -> str:
    """Median and the middle nine tenths."""
    low, half, high = (NEVER if quantiles[at] is None else f"{quantiles[at]:,.0f}" for at in ("5", "50", "95"))
    return f"{half} ({low} to {high})"


def markdown(cases: Sequence[Case], size: SampleSize, made: str) -> str:
    """The document of all cases; ``made`` says when, and by which model."""
    values = {"cases": cases, "size": size, "made": made, "share": share, "middle": middle, "calm": CALM}
    return render("experiments.cases", "cases.md.j2", **values)


@styled
def side_by_side(cases: Sequence[Case], horizon: float = 120) -> Drawing:
    """Four panels, a row a case: deaths, days to calm, severity, how calm came."""
    names = [case["case"] + (" *" if case["in_sample"] else "") for case in cases]
    figure = canvas(
        2.1 + 0.34 * len(cases),
        title="Coded cases, as the model expects them",
        note="Thin: the middle nine tenths of crises; thick: half; dot: median. A grey triangle: some end "
        "beyond the horizon. Shares of 12 per cent or more are written on their bars. Star: partly "
        "in sample.",
    )
    panels = figure.subplots(1, 4, sharey=True, width_ratios=(1, 0.9, 1.1, 1.1))
    places = -np.arange(len(cases), dtype=float)
    for place, case in zip(places, cases, strict=True):
        _bar(panels[0], place, {at: np.log10(1 + (value or 0)) for at, value in case["deaths"].items()})
        _bar(
            panels[1],
            place,
            {at: horizon if value is None else value for at, value in case["days_to_calm"].items()},
            open_end=case["days_to_calm"]["95"] is None,
        )
        for axes, kind in ((panels[2], "severity"), (panels[3], "termination")):
            shares = {name: share["mean"] for name, share in case[kind].items()}
            words = {name: name.replace("_", " ") for name in shares} if place == 0 else None
            stack(axes, place, shares, CATEGORY_COLOURS[kind], words, LEAST_WRITTEN, 6.5, height=0.66)
    panels[0].set_yticks(places, names)
    panels[0].set_xticks([np.log10(1 + count) for count in DEATH_TICKS], [_counted(count) for count in DEATH_TICKS])
    panels[0].set_xlim(left=0)
    panels[1].set_xlim(0, 1.06 * horizon)
    for axes, (title, label) in zip(panels, PANELS.items(), strict=True):
        axes.set_title(title)
        axes.set_xlabel(label)
        axes.xaxis.grid(True)
        axes.tick_params(axis="y", length=0)
    for axes in panels[2:]:
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1])
        percent_axis(axes.xaxis)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, fontsize=6.5, handlelength=1)
    lines = "; ".join(line(case) for case in cases)
    return Drawing(figure, f"Predictive distributions of {len(cases)} cases: {lines}.")


def _counted(count: int) -> str:
    """A count on an axis that has little room: 10,000 as 10k."""
    return f"{count // 1000}k" if count >= 1000 else str(count)


def _bar(axes, place: float, at: Mapping[str, float], open_end: bool = False) -> None:
    axes.plot([at["5"], at["95"]], [place] * 2, color=colour(0), lw=1)
    axes.plot([at["25"], at["75"]], [place] * 2, color=colour(0), lw=4, solid_capstyle="butt")
    axes.plot(at["50"], place, "o", color="white", mec=colour(0), ms=4, mew=1.2, clip_on=False, zorder=3)
    if open_end:
        axes.plot(1.03 * at["95"], place, ">", color=GREY, ms=4, clip_on=False)


def write_figure(cases: Sequence[Case], directory: Path) -> list[Path]:
    """Draw the cases into a directory; return the paths."""
    return save(side_by_side(cases), directory, "cases")
