"""The story of a crisis on a terminal, or as plain text where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from experiments.terminal import fitted, on_terminal, screen
from experiments.text import printable
from experiments.trace.reasons import Decision, decision, why, words
from experiments.trace.story import Day, Story, ending, events
from sim.ladder import HOT, LADDER, SIDES

FOLDED = 3
"""Days in a row without any news that are told in one line."""

WIDE = 120
"""Columns a terminal needs for all there is to tell of a day; narrower ones get the essentials."""

LEGEND = (
    "rung: policy/fought where an incident went higher; dead: soldiers+civilians; told: own dead as reported at "
    "home; claims: enemy dead as claimed; both so far; hope, stocks: what is left"
)
DASH = "\N{EN DASH}"
NEWS = ("rung_before", "rung", "fought", "incident", "leader_falls")


def show(story: Story, day: int, reason: str, sides: str = "ab", every_day: bool = False) -> None:
    """Print the days, the decisions of some sides and the reckoning of the day told in full for this reason.

    Days on which nothing changed are printed where ``every_day`` is asked for.
    """
    console = screen()
    heading = Text(f"Point {story.point}, replicate {story.replicate}", "bold")
    factors = (
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in story.factors.items()
    )
    console.print(heading, printable(", ".join(factors)), sep="  ")
    console.print(printable(f"a = {story.sides['a']}, b = {story.sides['b']}; {ending(story.outcome)}"), end="\n\n")
    decided = [decision(story.days[day], side, story.rationality[side]) for side in sides]
    reckonings = (_reckoning(story, choice, console.width) for choice in decided)
    for table in (_days(story, every_day, console.width), _decisions(story, sides), *reckonings):
        prose = [at for at, column in enumerate(table.columns) if column.justify == "left"]
        console.print(fitted(table, console.width, prose))
        console.print()
    if console.width < WIDE:
        console.print(
            f"A terminal of {WIDE} columns also shows deaths as told and claimed, protest, hope and stocks.",
            style="dim",
        )
    console.print(f"Day {day} is shown in full: {reason}.")
    console.print("One crisis in a model under stated assumptions; no forecast, nor an account of events.", style="dim")


def _table(title: str, *columns: tuple[str, str]) -> Table:
    """A table with numbers on the right; ruled on a terminal, bare text elsewhere."""
    ruled = box.SIMPLE_HEAD if on_terminal(sys.stdout) else box.ASCII_DOUBLE_HEAD
    table = Table(
        title=printable(title), title_justify="left", title_style="bold", box=ruled, show_edge=False, pad_edge=False
    )
    for name, justify in columns:
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    return table


def _days(story: Story, every_day: bool, width: int) -> Table:
    shown = _shown(story.days, width)
    heads = [(f"{name}\n{side}", "right") for name in shown for side in SIDES]
    table = _table(f"Day by day ({LEGEND})", ("day", "right"), *heads, ("what happened", "left"))
    happened: dict[int, list[str]] = {day["day"]: [] for day in story.days}
    for event in events(story):
        happened[event.day].append(event.words)
    for spell in folded(story.days, {day for day, news in happened.items() if news}, every_day):
        first, last = spell[0], spell[-1]
        number = str(first["day"]) if len(spell) == 1 else f"{first['day']}{DASH}{last['day']}"
        words = "; ".join(happened[last["day"]]) if len(spell) == 1 else "nothing new"
        style = "bold" if max(last["a"]["fought"], last["b"]["fought"]) >= HOT else None
        cells = (WRITTEN[name](last[side]) for name in shown for side in SIDES)
        table.add_row(number, *cells, printable(words), style=style)
    return table


def folded(days: Sequence[Day], eventful: set[int], every_day: bool = False) -> Iterator[list[Day]]:
    """The days in order, runs of days without any news together."""
    runs: list[list[Day]] = []
    quiet = False
    for day in days:
        before, quiet = quiet, not every_day and day["day"] not in eventful and _still(day)
        if before and quiet and _same(runs[-1][-1], day):
            runs[-1].append(day)
        else:
            runs.append([day])
    for run in runs:
        yield from [run] if len(run) >= FOLDED else ([day] for day in run)


def _still(day: Day) -> bool:
    """Nobody moved, nobody died, nothing began."""
    return all(
        day[side]["rung"] == day[side]["rung_before"] == day[side]["fought"]
        and not (day[side]["deaths"] or day[side]["civilian_deaths"] or day[side]["incident"])
        for side in SIDES
    )


def _same(first: Day, second: Day) -> bool:
    return (
        all(first[side][name] == second[side][name] for side in SIDES for name in NEWS)
        and first["agreement"] == second["agreement"]
    )


def _dead(actor: dict[str, Any]) -> str:
    soldiers, civilians = actor["deaths"], actor["civilian_deaths"]
    return f"{soldiers}+{civilians}" if civilians else str(soldiers or ".")


WRITTEN: dict[str, Callable[[dict[str, Any]], str]] = {
    "rung": lambda actor: f"{actor['rung']}" + (f"/{actor['fought']}" if actor["fought"] != actor["rung"] else ""),
    "dead": _dead,
    "told": lambda actor: f"{actor['told_deaths']:,.0f}",
    "claims": lambda actor: f"{actor['claimed_enemy_deaths']:,.0f}",
    "approval": lambda actor: f"{actor['approval']:.0%}",
    "protest": lambda actor: f"{actor['protest']:.1%}",
    "hope": lambda actor: f"{actor['hope']:.0%}",
    "stocks": lambda actor: f"{actor['stocks']:.0%}",
}
"""Column of the days, one a side -> how it is written."""

NARROW_COLUMNS, RUNNING_DOWN = ("rung", "dead", "approval"), ("hope", "stocks")
"""Columns of a narrow terminal; those shown on a wide one only where they ever run down."""
NOTICED = 0.995


def _shown(days: Sequence[Day], width: int) -> tuple[str, ...]:
    """The columns of the days that fit and have something to tell."""
    if width < WIDE:
        return NARROW_COLUMNS
    still = {name for name in RUNNING_DOWN if all(day[side][name] >= NOTICED for day in days for side in SIDES)}
    return tuple(name for name in WRITTEN if name not in still)


def _decisions(story: Story, sides: str) -> Table:
    title = "Days of decision, by the clock or because an operation lapsed: why no step down (utility)"
    numbers = ((name, "right") for name in ("day", "side", "from", "chosen", "chance down"))
    table = _table(title, *numbers, ("why no step down", "left"))
    for day in story.days:
        for side in sides:
            choice = decision(day, side, story.rationality[side])
            if choice.decided:
                rungs = (str(choice.held), str(choice.chosen))
                table.add_row(str(choice.day), side, *rungs, f"{choice.chance_down:.0%}", printable(why(choice)))
    return table


def _reckoning(story: Story, choice: Decision, width: int) -> Table:
    """Every rung within reach, term by term; what holding has over stepping down stands last."""
    rungs = sorted(choice.utility)
    calm, crisis = story.clock[choice.side]
    clock = "" if choice.decided else f" (a chance of {crisis:.0%} a day in a crisis, {calm:.2%} in calm)"
    title = f"Day {choice.day}, {story.sides[choice.side]} at rung {choice.held}: {why(choice)}{clock}"
    table = _table(
        title,
        ("term of utility", "left"),
        *((_heading(choice, rung, width), "right") for rung in rungs),
        *((("held\nminus\nbest\nlower", "right"),) if choice.down is not None else ()),
    )
    for term in choice.terms[rungs[0]]:
        if any(abs(choice.terms[rung][term]) > 1e-9 for rung in rungs):
            last = (f"{choice.against[term]:+.2f}",) if choice.down is not None else ()
            table.add_row(words(term), *(f"{choice.terms[rung][term]:+.2f}" for rung in rungs), *last)
    table.add_section()
    total = (f"{choice.margin:+.2f}",) if choice.margin is not None else ()
    table.add_row("all together", *(f"{choice.utility[rung]:+.2f}" for rung in rungs), *total, style="bold")
    table.add_row("chance, if decided", *(f"{choice.chances[rung]:.0%}" for rung in rungs), *("" for _ in total))
    return table


def _heading(choice: Decision, rung: int, width: int) -> str:
    places = {"held": choice.held, "chosen": choice.chosen, "best other": choice.alternative, "best lower": choice.down}
    marks = [word for word, place in places.items() if place == rung]
    name = f"{rung} {LADDER[rung].name}" if width >= WIDE else str(rung)
    return "\n".join([name, *(marks if width >= WIDE else " ".join(marks).split())])
