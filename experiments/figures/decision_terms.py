"""The utility of stepping down against holding on one day, term by term, as a waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from experiments.figures.palette import GREY, INK
from experiments.figures.parts import as_rows, near
from experiments.figures.style import Drawing, canvas, styled
from experiments.text import signed, wrapped
from experiments.trace.reasons import why, words

if TYPE_CHECKING:
    from experiments.trace.reasons import Decision

FOR, AGAINST, NET = "#009E73", "#D55E00", "#4d4d4d"
SMALL = 0.005
"""Terms below this in size on both sides are left out; they still count in the balance."""

LOPSIDED = 3
"""Where one side's bars reach so many times further, each panel has a scale of its own."""

NOTE = (
    "From holding to the best lower rung within reach, in units of utility (about ten points of approval each): green "
    "favours the step down, orange opposes it, grey is the sum. A random draw is added when a rung is chosen. One crisis "
    "in a model under stated assumptions."
)


@styled
def weighing(decisions: Sequence[Decision], sides: Mapping[str, str], title: str) -> Drawing:
    """Draw what stepping down was worth against holding, a panel a side.

    Parameters
    ----------
    decisions : sequence of Decision
        Of one day, one a side; sides that stand on the lowest rung get an empty panel.
    sides : mapping
        Names of the sides.
    title : str
        Heading.
    """
    terms = _terms(decisions)
    spans = [_span(decision, terms) for decision in decisions]
    alike = max(high - low for low, high in spans) <= LOPSIDED * min(high - low for low, high in spans)
    note = NOTE + ("" if alike else " Each panel has a scale of its own.")
    figure = canvas(0.27 * max(len(terms), 5) + 2.45, title=title, note=note)
    panels = figure.subplots(1, len(decisions), sharey=True, sharex=alike, squeeze=False)[0]
    for axes, decision in zip(panels, decisions, strict=True):
        _panel(axes, decision, terms)
        heading = wrapped(_heading(decision), 44 if len(decisions) > 1 else 90)
        axes.set_title(f"{sides[decision.side]}\n{heading}", fontsize=8.5, fontweight="normal")
    for axes, own in zip(panels, spans, strict=True):
        low, high = (min(spans)[0], max(high for _, high in spans)) if alike else own
        axes.set_xlim(low - 0.2 * (high - low), high + 0.2 * (high - low))
    panels[0].set_ylim(len(terms) + 0.55, -0.6)
    panels[0].set_yticks(range(len(terms) + 1), [*map(words, terms), "all together"])
    return Drawing(figure, _alt(decisions, sides, title))


def _terms(decisions: Sequence[Decision]) -> list[str]:
    """Terms that matter to anybody, the weightiest objection first."""
    names = next((decision.against for decision in decisions if decision.against), {})
    objections = [{name: decision.against.get(name, 0.0) for name in names} for decision in decisions]
    scale = [max(map(abs, decision.against.values()), default=1.0) or 1.0 for decision in decisions]
    total = {name: sum(terms[name] / own for terms, own in zip(objections, scale, strict=True)) for name in names}
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


def _panel(axes: Axes, decision: Decision, terms: Sequence[str]) -> None:
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


def _alt(decisions: Sequence[Decision], sides: Mapping[str, str], title: str) -> str:
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
