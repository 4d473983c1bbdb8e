"""Records read from exports of two event data sets: UCDP's Georeferenced Event Dataset and ACLED.

GED holds deadly events only, dates each by the earliest and the latest day it can have been, and counts the dead by
side with a low and a high total (Sundberg and Melander 2013). ACLED dates events by the day, tells shelling and strikes
from armed clashes, and gives one number of dead an event (Raleigh, Linke, Hegre and Karlsen 2010).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from experiments.cases.records import COLUMNS, Event, Record, day_of, number_of, read_plain, rows_of
from experiments.errors import UserError

GED = ("date_start", "date_end", "side_a", "side_b", "best")
ACLED = ("event_date", "event_type", "sub_event_type", "actor1", "fatalities")
HEAVY = (
    *("shelling/artillery/missile attack", "air/drone strike", "chemical weapon"),
    *("government regains territory", "non-state actor overtakes territory"),
)
"""ACLED's sub-events that are fire of rung 5 and above: artillery, strikes from the air, ground that changed hands."""
VIOLENT = ("battles", "explosions/remote violence", "violence against civilians")
"""ACLED's types of events with fire; protests, riots and strategic developments have none."""
CIVILIANS = "civilian"
NAMES_SHOWN = 8
Row = Mapping[str, str]


class Sides(NamedTuple):
    """What the names of the actors of sides a and b contain; ``|`` stands between words of which one is enough."""

    a: str
    b: str

    def of(self, actor: str) -> str:
        """The side an actor belongs to: ``a``, ``b``, ``civilian``, ``both`` where the words fit either, else nothing."""
        plain = actor.casefold()
        if plain.startswith(CIVILIANS) or not plain:
            return CIVILIANS
        fits = [
            name
            for name, words in zip("ab", self, strict=True)
            if any(word.strip() and word.strip() in plain for word in words.casefold().split("|"))
        ]
        return "both" if len(fits) == 2 else fits[0] if fits else ""


def read_record(path: Path, sides: str | None = None) -> Record:
    """A record in the plain form, or from an export of GED or ACLED, told apart by their columns.

    ``sides`` is ``NAME,NAME``, words of the names of the actors that are sides a and b; exports need it. UserError in one
    line that says which columns, names or dates would do.
    """
    header, rows = rows_of(path)
    if set(GED) <= set(header):
        events, left_out = _read(path, rows, _ged_event, ("side_a", "side_b"), sides)
        notes = ["GED holds deadly events only: days of fire are at least so many, and silence begins no earlier."]
        if spread := sum(event.first != event.last for event in events):
            several = "may be of any of several days: their dead are spread over them."
            notes.append(f"{spread} of {len(events)} events {several}")
        known: dict[str, Any] = {"complete": False, "armed": False}
    elif set(ACLED) <= set(header):
        events, left_out = _read(path, rows, _acled_event, ("actor1", "actor2"), sides)
        notes = ["ACLED gives one number of dead an event: the dead of each side are not known."]
        if vague := sum(row.get("time_precision", "1").strip() in ("2", "3") for row in rows):
            notes.append(f"{vague} events are dated to a week or a month only; each counts on the day it was given.")
        known = {"sides": False}
    elif "date" not in header:
        raise UserError(
            f"{path}: neither the plain form ({', '.join(COLUMNS[:8])}, ...) nor an export of GED "
            f"({', '.join(GED)}, ...) or ACLED ({', '.join(ACLED)}, ...)"
        )
    elif sides:
        raise UserError(f"--sides {sides}: {path} is in the plain form, whose columns name the sides a and b")
    else:
        return read_plain(path)
    begin = min(event.first for event in events)
    return Record(path.stem, begin, events=events, notes=tuple(notes), left_out=left_out, **known)


def _sides(path: Path, text: str | None, rows: Sequence[Row], columns: Sequence[str]) -> Sides:
    """The two sides; UserError naming the actors of the file where they are not given or do not fit."""
    names = Counter(row.get(column, "").strip() for row in rows for column in columns)
    common = [name for name, _ in names.most_common() if name and not name.casefold().startswith(CIVILIANS)]
    shown = ", ".join(common[:NAMES_SHOWN]) + (", ..." if len(common) > NAMES_SHOWN else "")
    say = f"{path}: say which actors are the scenario's a and b, as --sides 'NAME,NAME'; the file names {shown}"
    if not text:
        raise UserError(say)
    words = text.split(",")
    for cut in range(1, len(words)):  # names may hold commas themselves
        sides = Sides(",".join(words[:cut]).strip(), ",".join(words[cut:]).strip())
        fitting = {sides.of(name) for name in common}
        if all(sides) and fitting & {"a", "both"} and fitting & {"b", "both"}:
            return sides
    raise UserError(f"--sides {text}: no two actors fit; {say}")


def _ged_event(row: Row, sides: Sides) -> Event:
    first, last = day_of(row["date_start"]), day_of(row["date_end"])
    if last < first:
        raise ValueError("ends before it begins")
    deaths = {name: number_of(row.get(f"deaths_{name}", "")) or 0.0 for name in ("a", "b", "unknown")}
    if sides.of(row["side_a"]) == "b" or sides.of(row["side_b"]) == "a":
        deaths["a"], deaths["b"] = deaths["b"], deaths["a"]
    deaths["civilian"] = number_of(row.get("deaths_civilians", "")) or 0.0
    best, low, high = (number_of(row.get(name, "")) for name in ("best", "low", "high"))
    middle = best if best is not None else sum(deaths.values())
    total = (middle, min(low if low is not None else middle, middle), max(high or 0.0, middle))
    return Event(first, last, "fire", deaths, first == last, total)


def _acled_event(row: Row, sides: Sides) -> Event | None:
    kind = row["event_type"].strip().casefold()
    if kind not in VIOLENT:
        return None
    day, killed = day_of(row["event_date"]), number_of(row["fatalities"]) or 0.0
    whose = CIVILIANS if kind == VIOLENT[2] else "unknown"
    armed = "heavy" if row["sub_event_type"].strip().casefold() in HEAVY else "fire"
    return Event(day, day, armed, {whose: killed}, total=(killed,) * 3)


def _read(
    path: Path,
    rows: Sequence[Row],
    event: Callable[[Row, Sides], Event | None],
    actors: Sequence[str],
    text: str | None,
) -> tuple[tuple[Event, ...], str]:
    """Events between the sides, or of a side against civilians, and one line on the rest."""
    sides = _sides(path, text, rows, actors)
    events: list[Event] = []
    unread: list[str] = []
    others = peaceful = 0
    for number, row in enumerate(rows, 2):
        names = [row.get(column, "") for column in actors]
        involved = {sides.of(name) for name in names}
        if "both" in involved:
            raise UserError(
                f"--sides {sides.a},{sides.b}: row {number} of {path} has an actor that fits both "
                f"({' or '.join(names)}); give longer names"
            )
        if not involved <= {"a", "b", CIVILIANS} or not involved & {"a", "b"}:
            others += 1
            continue
        try:
            if (fire := event(row, sides)) is None:
                peaceful += 1
            else:
                events.append(fire)
        except ValueError as error:
            unread.append(f"row {number}: {error}")
    parts = [f"{others} of other actors"] * (others > 0) + [f"{peaceful} without fire"] * (peaceful > 0)
    parts += [f"{len(unread)} that cannot be read ({reason})" for reason in unread[:1]]
    left_out = others + peaceful + len(unread)
    note = f"{path}: {left_out} of {len(rows)} rows left out: {', '.join(parts)}" if left_out else ""
    if not events:
        raise UserError(f"{path}: no event between {sides.a} and {sides.b} is left; {note.rpartition(': ')[2]}")
    return tuple(events), note
