"""One crisis: its days, with both sides' rungs, the dead and the publics; and what stepping down was worth, by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.figures.palette import GREY, INK, SIDES
from experiments.figures.parts import as_rows, near
from experiments.figures.style import (
    NOTES,
    SIDE_LOOKS,
    Drawing,
    canvas,
    headed_by_sides,
    no_spines,
    percent_axis,
    styled,
)
from experiments.text import signed, wrapped
from experiments.trace.reasons import Decision, why, words
from experiments.trace.story import Event

TRUCE = "#e8efe6"
HOT_LINE = 3.5
WIDE_RANGE = 60
"""Above so many dead a day deaths are drawn on an axis that is logarithmic beyond ten."""

Days = Sequence[Mapping[str, Any]]
"""The days of a crisis, as `sim.ensemble.trace` gives them."""
Spells = Sequence[tuple[int, int, str]]
"""Spells with an agreement in force: first day, last day, kind."""
MARKS = {"attempt": "|", "agreement": "o", "collapse": "X", "lapse": "x", "renewal": "+", "fall": "v", "support": "^"}


@styled
def crisis_days(
    days: Days, happened: Sequence[Event], truces: Spells, sides: Mapping[str, str], title: str, shown: int
) -> Drawing:
    """Draw one crisis from its days, with what happened marked above; ``shown`` is a day to point out."""
    order = list(MARKS)
    first: dict[str, int] = {}
    for event in happened:
        first[event.row] = min(order.index(event.kind), first.get(event.row, len(order)))
    rows = [*sorted(first, key=lambda row: (first[row], row)), *(f"{side} decided" for side in SIDES)]
    heights = [0.17 * len(rows) + 0.12, 1.75, 1.05, 0.95, 0.95]
    figure = canvas(sum(heights) + 1.55, note=NOTES["crisis"])
    panels = list(figure.subplots(len(heights), 1, sharex=True, height_ratios=heights))
    _strip(panels[0], happened, days, rows)
    rungs, dead, approval, protest = panels[1:]
    _rungs(rungs, days)
    _deaths(dead, days)
    _shares(approval, days, "approval", "approval\n(of public)")
    _shares(protest, days, "protest", "in protest\n(of public)")
    for axes in panels:
        _backdrop(axes, truces, shown, named=axes is rungs)
    panels[-1].set(xlabel="day of the crisis", xlim=(-0.5, len(days) - 0.5))
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    headed_by_sides(figure, title, sides)
    figure.align_ylabels(panels[1:])
    return Drawing(figure, _alt(days, happened, truces, sides, title))


def _strip(axes: Axes, happened: Sequence[Event], days: Days, rows: list[str]) -> None:
    """Mark what happened, and the days on which each side decided."""
    for event in happened:
        agreed, attempt = event.kind != "attempt" or event.words.endswith("agreed"), event.kind == "attempt"
        look: dict[str, Any] = {"color": INK if agreed else GREY, "markeredgewidth": 1.6 if agreed else 0.9}
        size = 7 if attempt else 5
        axes.plot(event.day, rows.index(event.row), MARKS[event.kind], markersize=size, clip_on=False, **look)
    for side, hue in SIDES.items():
        for day in days:
            if day[side]["reconsidered"] or day[side]["lapsed"]:
                axes.plot(day["day"], rows.index(f"{side} decided"), "|", color=hue, markersize=5, clip_on=False)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0)
    no_spines(axes, "left", "bottom")


def _backdrop(axes: Axes, truces: Spells, shown: int, named: bool) -> None:
    for first, last, _ in truces:
        axes.axvspan(first - 0.5, last + 0.5, color=TRUCE, linewidth=0, zorder=0)
    axes.axvline(shown, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
    if named:
        near(axes, f"day {shown}", (shown, 9.3), (3, 0), color=GREY, va="top")


def _rungs(axes: Axes, days: Days) -> None:
    number = np.arange(len(days))
    axes.axhline(HOT_LINE, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)))
    for (side, look), nudge, form in zip(SIDE_LOOKS.items(), (0.07, -0.07), "os", strict=True):
        policy, fought = (np.array([day[side][name] for day in days], float) for name in ("rung", "fought"))
        edges = np.append(number - 0.5, len(days) - 0.5)
        axes.plot(edges, np.append(policy, policy[-1]) + nudge, drawstyle="steps-post", **look)
        higher = fought > policy
        dots: dict[str, Any] = {"color": look["color"], "markersize": 2.6, "markeredgewidth": 0}
        axes.plot(number[higher], fought[higher] + nudge, form, **dots)
    axes.set(ylabel="rung (0\N{EN DASH}9)", ylim=(-0.3, 9.4), yticks=[0, 3, 6, 9])
    axes.yaxis.grid(True)


def _deaths(axes: Axes, days: Days) -> None:
    most = max(1, *(day[side]["deaths"] for day in days for side in SIDES))
    for (side, hue), sign in zip(SIDES.items(), (1, -1), strict=True):
        axes.bar(range(len(days)), [sign * day[side]["deaths"] for day in days], width=0.85, color=hue, linewidth=0)
    axes.axhline(0, color=GREY, linewidth=0.7)
    if most > WIDE_RANGE:
        axes.set_yscale("symlog", linthresh=10)
        ticks = [value for value in (10, 30, 100, 300, 1000, 3000) if value <= most]
        axes.set_yticks([-value for value in ticks] + [0, *ticks])
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, symmetric=True))
    axes.set_ylabel("dead a day\n(log from 10)" if most > WIDE_RANGE else "dead a day\n(soldiers)")
    axes.set_ylim(-1.12 * most, 1.12 * most)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
    axes.yaxis.grid(True)


def _shares(axes: Axes, days: Days, name: str, label: str) -> None:
    for side, look in SIDE_LOOKS.items():
        axes.plot(range(len(days)), [day[side][name] for day in days], **look)
    top = max(0.0, *(day[side][name] for day in days for side in SIDES))
    axes.set_ylabel(label)
    axes.set_ylim(0, 1 if name == "approval" else max(1.1 * top, 0.005))
    percent_axis(axes.yaxis, 0 if top > 0.04 else 1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
    axes.yaxis.grid(True)


def _alt(days: Days, happened: Sequence[Event], truces: Spells, sides: Mapping[str, str], title: str) -> str:
    parts = []
    for side, name in sides.items():
        course = [day[side] for day in days]
        first, last = course[0], course[-1]
        parts.append(
            f"{name} begins at rung {first['rung_before']}, peaks at {max(day['fought'] for day in course)} and ends "
            f"at {last['rung']}; {sum(day['deaths'] for day in course)} soldiers dead, approval "
            f"{first['approval']:.0%} on day 0 and {last['approval']:.0%} on day {days[-1]['day']}, protest at "
            f"most {max(day['protest'] for day in course):.1%}"
        )
    marked = [f"day {event.day}: {event.words}" for event in happened if event.kind != "attempt"]
    attempts = sum(event.kind == "attempt" for event in happened)
    spells = [f"{kind} agreement in force from day {first} to {last}" for first, last, kind in truces]
    words = [f"{attempts} attempts at talks", *marked, *spells]
    return f"{title}, {len(days)} days. " + ". ".join(parts) + ". " + "; ".join(words) + "."


FOR, AGAINST, NET = "#009E73", "#D55E00", "#4d4d4d"
SMALL = 0.005
"""Terms below this in size on both sides are left out; they still count in the balance."""

LOPSIDED = 3
"""Where one side's bars reach so many times further, each panel has a scale of its own."""


@styled
def weighing(decisions: Sequence[Decision], sides: Mapping[str, str], title: str) -> Drawing:
    """Draw what stepping down was worth against holding on one day, a panel a side, empty on the lowest rung."""
    terms = _terms(decisions)
    spans = [_span(decision, terms) for decision in decisions]
    alike = max(high - low for low, high in spans) <= LOPSIDED * min(high - low for low, high in spans)
    note = NOTES["terms"] + ("" if alike else " Each panel has a scale of its own.")
    figure = canvas(0.27 * max(len(terms), 5) + 2.45, title=title, note=note)
    panels = figure.subplots(1, len(decisions), sharey=True, sharex=alike, squeeze=False)[0]
    for axes, decision in zip(panels, decisions, strict=True):
        _terms_panel(axes, decision, terms)
        heading = wrapped(_heading(decision), 44 if len(decisions) > 1 else 90)
        axes.set_title(f"{sides[decision.side]}\n{heading}", fontsize=8.5, fontweight="normal")
    for axes, span in zip(panels, spans, strict=True):
        low, high = (min(spans)[0], max(high for _, high in spans)) if alike else span
        axes.set_xlim(low - 0.2 * (high - low), high + 0.2 * (high - low))
    panels[0].set_ylim(len(terms) + 0.55, -0.6)
    panels[0].set_yticks(range(len(terms) + 1), [*map(words, terms), "all together"])
    return Drawing(figure, _decision_words(decisions, sides, title))


def _terms(decisions: Sequence[Decision]) -> list[str]:
    """Terms that matter to anybody, the weightiest objection first."""
    names = next((decision.against for decision in decisions if decision.against), {})
    objections = [{name: decision.against.get(name, 0.0) for name in names} for decision in decisions]
    scales = [max(map(abs, decision.against.values()), default=1.0) or 1.0 for decision in decisions]
    total = {name: sum(terms[name] / scale for terms, scale in zip(objections, scales, strict=True)) for name in names}
    large = (name for name in names if max(abs(terms[name]) for terms in objections) >= SMALL)
    return sorted(large, key=lambda name: -total[name])


def _span(decision: Decision, terms: Sequence[str]) -> tuple[float, float]:
    """The lowest and the highest end of a panel's bars, in utility."""
    changes = [-decision.against.get(name, 0.0) for name in terms]
    ends = [0.0, 0.1, *accumulate(changes), -(decision.margin or 0.0)]
    return min(ends), max(ends)


def _heading(decision: Decision) -> str:
    if decision.down is None:
        return f"at rung {decision.held}: nothing lower to step to"
    condition = "" if decision.decided else ", had it decided"
    chance = f"chance of a step down {decision.chance_down:.0%}{condition}"
    return f"from {decision.held} to {decision.down}? It {why(decision).split(':')[0]}; {chance}"


def _terms_panel(axes: Axes, decision: Decision, terms: Sequence[str]) -> None:
    axes.axvline(0, color=INK, linewidth=0.8)
    level = 0.0
    for row, name in enumerate(terms if decision.down is not None else ()):
        change = -decision.against[name]
        _bar(axes, row, level, change, FOR if change > 0 else AGAINST)
        axes.plot([level + change] * 2, [row - 0.36, row + 1.36], color=GREY, linewidth=0.6)
        level += change
    if decision.margin is not None:
        _bar(axes, len(terms), 0.0, -decision.margin, NET)
    axes.set_xlabel("worth of stepping down (utility)")
    as_rows(axes)


def _bar(axes: Axes, row: int, start: float, change: float, hue: str) -> None:
    axes.barh(row, change, left=start, height=0.72, color=hue, linewidth=0)
    ha, points = ("left", 3) if change >= 0 else ("right", -3)
    near(axes, signed(change, 2), (start + change, row), (points, 0), ha=ha, va="center", color=INK)


def _decision_words(decisions: Sequence[Decision], sides: Mapping[str, str], title: str) -> str:
    parts = []
    for decision in decisions:
        text = f"{sides[decision.side]} at rung {decision.held}: {why(decision)}"
        if decision.down is not None:
            listed = ", ".join(
                f"{words(name)} {signed(-value, 2)}" for name, value in decision.against.items() if abs(value) >= SMALL
            )
            together = signed(-(decision.margin or 0.0), 2)
            text += f". Worth of stepping down to {decision.down}, by term: {listed}; together {together}"
        parts.append(text)
    return f"{title}. " + ". ".join(parts) + "."
