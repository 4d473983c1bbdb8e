"""What became of a crisis, as dated events and statements, read by the definitions of the model's outcomes.

The plain form is a CSV file, a row a dated event or a statement, with the columns that ``docs/cases/README.md`` tells; a
statement stands over what events say. A record cannot show what governments decided. Its calm is therefore fourteen days
without heavy fire; the model's asks for both policies at rung 3 or below, too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from math import inf, isfinite
from pathlib import Path
from typing import cast

from experiments.errors import UserError
from sim.ladder import CALM_DAYS
from sim.outputs.outcomes import TERMINATIONS

COLUMNS = (
    *("date", "until", "kind", "by", "deaths_a", "deaths_b", "deaths_civilian", "deaths_unknown"),
    *("quantity", "value", "low", "high", "source", "note"),
)
KINDS = ("begin", "end", "heavy", "fire", "other", "")
FIRING = ("a", "b", "both", "")
NUMBERS = (
    *("days_heavy", "last_heavy_day", "days_to_calm", "days_hot", "days_to_silence"),
    *("deaths", "deaths_a", "deaths_b", "civilian_deaths", "deaths_all", "deaths_per_30_days"),
)
"""Quantities of a record, columns of the model's outcomes or made of them; days count from 0."""
LABEL = "termination"
NEVER = "never"
DATE_FORMS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


@dataclass(frozen=True)
class Known:
    """What a record says of a quantity: a number, the range it lies in, or both; None where it does not say."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: str = ""
    note: str = ""

    @property
    def span(self) -> tuple[float, float]:
        """The smallest and largest number that the record allows."""
        low = self.low if self.low is not None else self.value if self.value is not None else -inf
        high = self.high if self.high is not None else self.value if self.value is not None else inf
        return low, high

    @property
    def bounded(self) -> bool:
        """Whether the record gives a number or a range with two ends."""
        return self.value is not None or (self.low is not None and self.high is not None)


@dataclass(frozen=True)
class Event:
    """One event: days from ``first`` to ``last``, whether it was fire of a known kind, and who was killed.

    ``exact`` says that it went on every day from first to last; otherwise it fell on some of them. ``total`` is the
    number killed with its bounds, where the source gives that.
    """

    first: date
    last: date
    kind: str = ""
    deaths: Mapping[str, float] = field(default_factory=dict)
    exact: bool = True
    total: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Record:
    """A crisis as its record has it.

    ``complete`` says that all fire is in it, ``armed`` that it tells heavy from light, ``sides`` that it tells whose
    dead are whose. ``notes`` are lines for the reader; ``left_out`` one line on what could not be read, or nothing.
    """

    name: str
    begin: date | None
    end: date | None = None
    events: tuple[Event, ...] = ()
    statements: Mapping[str, Known] = field(default_factory=dict)
    termination: str | None = None
    complete: bool = True
    armed: bool = True
    sides: bool = True
    deaths_complete: bool = True
    notes: tuple[str, ...] = ()
    left_out: str = ""

    @property
    def days(self) -> int | None:
        """Days that the record covers, None where it does not say when it ends."""
        return (self.end - self.begin).days + 1 if self.begin and self.end else None


def day_of(text: str) -> date:
    """A date as people and data sets write it; ValueError where it is none."""
    plain = re.sub(r"\s+\d{1,2}:\d{2}.*$", "", text.strip().partition("T")[0])
    for form in DATE_FORMS:
        with suppress(ValueError):
            return datetime.strptime(plain, form).date()
    raise ValueError(f"{text.strip() or 'nothing'}: not a date")


def number_of(text: str) -> float | None:
    """A number, ``never`` as infinity, None for an empty cell; ValueError for anything else."""
    plain = text.strip()
    if plain in ("", NEVER):
        return inf if plain else None
    number = float(plain)
    if not isfinite(number) or number < 0:
        raise ValueError(f"{plain}: not a number of 0 or more")
    return number


def rows_of(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows of a CSV file with commas, semicolons or tabs; UserError where there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or 'unknown error').lower()})") from None
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=separator, restval="")
    header = [name.strip().lower() for name in reader.fieldnames or []]
    reader.fieldnames = header
    try:
        rows = [{name: cell or "" for name, cell in row.items() if isinstance(name, str)} for row in reader]
    except csv.Error as error:
        raise UserError(f"{path}: not a CSV file ({error})") from None
    if not rows:
        raise UserError(f"{path}: holds no rows")
    return header, rows


def read_plain(path: Path) -> Record:
    """A record in the plain form; UserError naming the row and what is allowed there."""
    header, rows = rows_of(path)
    unknown = [name for name in header if name not in COLUMNS]
    if "date" not in header or unknown:
        raise UserError(
            f"{path}: {f'no column {unknown[0]}' if unknown else 'a column date is needed'}; the plain form has "
            f"{', '.join(COLUMNS)}"
        )
    record = Record(path.stem, None)
    for number, row in enumerate(rows, 2):
        try:
            record = _with_row(record, {name: row.get(name, "").strip() for name in COLUMNS})
        except ValueError as error:
            raise UserError(f"{path}: row {number}: {error}") from None
    if late := [event.first for event in record.events if record.end and event.first > record.end]:
        raise UserError(f"{path}: an event of {late[0]} lies after the record's end, {record.end}")
    counted = {name for row in rows for name, cell in row.items() if name.startswith("deaths_") and cell.strip()}
    return replace(
        record,
        begin=record.begin or min((event.first for event in record.events), default=None),
        sides={"deaths_a", "deaths_b"} <= counted or not counted,
        deaths_complete=record.complete and bool(counted),
    )


def _with_row(record: Record, cell: Mapping[str, str]) -> Record:
    """A record with one more row; ValueError says what is wrong with it."""
    if cell["quantity"]:
        return _with_statement(record, cell)
    _check_allowed("kind", cell["kind"], KINDS)
    _check_allowed("by", cell["by"], FIRING)
    first = day_of(cell["date"])
    if cell["kind"] in ("begin", "end"):
        return replace(record, begin=first) if cell["kind"] == "begin" else replace(record, end=first)
    last = day_of(cell["until"]) if cell["until"] else first
    if last < first:
        raise ValueError(f"until {cell['until']}: before {cell['date']}")
    deaths = {name: number_of(cell[name]) for name in COLUMNS if name.startswith("deaths_")}
    if split := [name for name, value in deaths.items() if value is not None and value % 1 != 0]:
        raise ValueError(f"{split[0]} {cell[split[0]]}: people are counted in whole numbers")
    killed = {name.removeprefix("deaths_"): value for name, value in deaths.items() if value is not None}
    return replace(record, events=(*record.events, Event(first, last, cell["kind"], killed)))


def _check_allowed(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} {value}: allowed are {', '.join(word or 'nothing' for word in allowed)}")


def _with_statement(record: Record, cell: Mapping[str, str]) -> Record:
    name, value = cell["quantity"], cell["value"]
    if name == "events":
        _check_allowed(name, value, ("partial", "complete"))
        return replace(record, complete=value == "complete")
    if name == LABEL:
        _check_allowed(name, value, TERMINATIONS)
        return replace(record, termination=value)
    _check_allowed("quantity", name, (*NUMBERS, LABEL, "events"))
    known = Known(number_of(value), number_of(cell["low"]), number_of(cell["high"]), cell["source"], cell["note"])
    low, high = known.span
    if low > high or (known.value is not None and not low <= known.value <= high):
        raise ValueError(f"{name}: value {value}, low {cell['low']} and high {cell['high']} do not fit together")
    return replace(record, statements={**record.statements, name: known})


# -- what the events come to -------------------------------------------------------------------------------------------


def known_of(record: Record, horizon: int) -> tuple[dict[str, Known], dict[str, str]]:
    """What a record says within a horizon of so many days, by quantity, and why it says nothing of the rest."""
    silent = dict.fromkeys(NUMBERS, "not in the record")
    counted, why = _counted(record, horizon) if record.events and record.begin is not None else ({}, {})
    known = counted | {name: within(name, stated, horizon) for name, stated in record.statements.items()}
    known = {name: known[name] for name in NUMBERS if name in known and known[name].span != (-inf, inf)}
    return known, {name: why for name, why in (silent | why).items() if name not in known}


def within(name: str, known: Known, horizon: int) -> Known:
    """A statement as a horizon shows it: a calm or silence that came later never came."""
    if name not in ("days_to_calm", "days_to_silence"):
        return known
    ends = (known.value, known.low, known.high)
    value, low, high = (inf if end is not None and end > horizon - CALM_DAYS else end for end in ends)
    return replace(known, value=value, low=low, high=high)


def _counted(record: Record, horizon: int) -> tuple[dict[str, Known], dict[str, str]]:
    known, silent = _deaths(record, horizon)
    fire = [(("fire", "heavy"), "days_hot", "days_to_silence"), (("heavy",), "days_heavy", "days_to_calm")]
    for kinds, count, quiet in fire if record.armed else fire[:1]:
        fewest, maybe = _days(record, kinds, horizon)
        most = fewest | maybe
        known[count] = _between(len(fewest), len(most), record.complete)
        known[quiet] = _between(first_quiet(fewest, horizon), first_quiet(most, horizon), record.complete)
    if record.armed:
        known["last_heavy_day"] = _between(max(fewest, default=-1), max(most, default=-1), record.complete)
        return known, silent
    unarmed = ("days_heavy", "last_heavy_day", "days_to_calm")
    return known, silent | dict.fromkeys(unarmed, "the source does not say with what arms")


def _days(record: Record, kinds: Sequence[str], horizon: int) -> tuple[set[int], set[int]]:
    """Days on which such fire is certain, and on which it may have been."""
    sure: set[int] = set()
    maybe: set[int] = set()
    for event in record.events:
        first, last = ((day - cast(date, record.begin)).days for day in (event.first, event.last))
        days = range(max(first, 0), min(last + 1, horizon))
        deadly = not event.kind and sum(event.deaths.values()) > 0
        if event.kind in kinds or (deadly and "fire" in kinds):
            (sure if event.exact or first == last else maybe).update(days)
        elif not event.kind:
            maybe.update(days)
    return sure, maybe - sure


def first_quiet(days: Iterable[int], horizon: int) -> float:
    """First day of the first fourteen days in a row without any of the given ones, infinite where none end in time."""
    begins = 0
    for day in sorted(days):
        if day - begins >= CALM_DAYS:
            break
        begins = day + 1
    return begins if begins + CALM_DAYS <= horizon else inf


def _between(low: float, high: float, complete: bool) -> Known:
    """A number where both ends agree and all is known, else a range; from below alone where events are a selection."""
    if not complete:
        return Known(low=low if low > 0 else None)
    return Known(value=low if low == high else None, low=low, high=high)


def _deaths(record: Record, horizon: int) -> tuple[dict[str, Known], dict[str, str]]:
    """The dead within a horizon; an event of several days is spread evenly over them."""
    total, best = dict.fromkeys(("a", "b", "civilian", "unknown"), 0.0), [0.0, 0.0, 0.0]
    for event in record.events:
        first, last = ((day - cast(date, record.begin)).days for day in (event.first, event.last))
        share = max(min(last, horizon - 1) - max(first, 0) + 1, 0) / (last - first + 1)
        for name, number in event.deaths.items():
            total[name] += share * number
        for place, number in enumerate(event.total or (sum(event.deaths.values()),) * 3):
            best[place] += share * number
    both = total["a"] + total["b"]
    if not record.deaths_complete:
        low = {"deaths": both, "deaths_all": best[1]}
        return {name: Known(low=number) for name, number in low.items() if number > 0}, {}
    rates = {"deaths_all": 1.0, "deaths_per_30_days": 30 / horizon}
    known = {name: Known(rate * best[0], rate * best[1], rate * best[2]) for name, rate in rates.items()}
    counted = {"deaths": both, "deaths_a": total["a"], "deaths_b": total["b"], "civilian_deaths": total["civilian"]}
    if not record.sides:
        return known, dict.fromkeys(counted, "the source gives the dead of both sides and civilians in one number")
    known |= {name: _between(number, number + total["unknown"], True) for name, number in counted.items()}
    return known, {}
