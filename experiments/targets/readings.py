"""The reading of each target off simulated tables.

One entry a target: the rows it is taken over, the number of each row, and how the numbers are put together. What a row
means is defined in :mod:`sim.records`; which rows count follows the record's own population.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.statistics.metrics import Kind, Metric
from experiments.statistics.samples import Sample
from experiments.statistics.vocabulary import WARS
from experiments.targets.tables import Tables
from sim.records.mie import EVENT_DAYS, GAP_DAYS

Reader = Callable[[Tables], Sample]


@dataclass(frozen=True)
class Reading:
    """The reading of one target.

    ``words`` stand in the document, ``sample`` gives the numbers, ``metric`` says how they are put together.
    """

    words: str
    sample: Reader
    metric: Metric


SCALE = {"T3b": 30.0}
"""Factor from the unit in which a number is read to the target's unit."""


def _reading(words: str, kind: Kind, sample: Reader, at: float = 0.5) -> Reading:
    return Reading(words, sample, Metric(words, words, pl.lit(None), kind, at=at))


def _records(value: pl.Expr, where: pl.Expr) -> Reader:
    return lambda tables: tables.sample(tables.records.filter(where), value)


def _outcomes(value: pl.Expr) -> Reader:
    return lambda tables: tables.sample(tables.outcomes, value)


def _runs(value: pl.Expr, kind: str, where: pl.Expr | None = None) -> Reader:
    chosen = (pl.col("reading") == "run") & (pl.col("kind") == kind) & (True if where is None else where)
    return lambda tables: tables.sample(tables.events.filter(chosen), value)


def _links(value: pl.Expr, hostility: int, followed: bool) -> Reader:
    """Events of the first episode of a given hostility, early enough that what follows was seen to the end."""

    def read(tables: Tables) -> Sample:
        last = tables.horizon - GAP_DAYS - EVENT_DAYS
        kept = (
            (pl.col("reading") == "event")
            & (pl.col("episode") == 0)
            & (pl.col("hostility") == hostility)
            & (pl.col("day") <= last)
        )
        where = kept & pl.col("next_hostility").is_not_null() if followed else kept
        return tables.sample(tables.events.filter(where), value)

    return read


def _gaps(tables: Tables) -> Sample:
    """Days from one event to the next of the first episode, for events so early that a gap of any length was seen."""
    last = tables.horizon - GAP_DAYS - EVENT_DAYS
    events = tables.events.filter((pl.col("reading") == "event") & (pl.col("episode") == 0))
    gap = pl.col("day").shift(-1).over("unit") - pl.col("day")
    return tables.sample(events.with_columns(gap.alias("gap")).filter(pl.col("day") <= last), pl.col("gap"))


def _days(event: str, of: str) -> Reader:
    """A count of days or deaths per day or per deadly day: each of the latter is a case."""

    def read(tables: Tables) -> Sample:
        rows = tables.records.select("unit", event, of).to_numpy().astype(np.int64)
        unit, happened, cases = rows[rows[:, 2] > 0].T
        return Sample.of(np.repeat(happened / cases, cases), np.repeat(unit, cases), tables.units)

    return read


ANSWERED = pl.col("icb_response").is_not_null()
FORCE = pl.col("mid_hostility") >= 4
BILATERAL = FORCE & (pl.col("mid_joiners") == 0)
FATAL = BILATERAL & pl.col("mid_deaths").is_between(1, 100)
TWO_SIDED = BILATERAL & pl.col("mid_two_sided")
ONE_SIDED = BILATERAL & ~pl.col("mid_two_sided")
TWO_SIDED_FATAL = TWO_SIDED & pl.col("mid_deaths").is_between(1, 25)
DURATION = pl.col("mid_duration")
CRISIS = pl.col("icb_violence").is_not_null()
LAG = pl.col("icb_response_day") + 1
BLOODLESS = pl.col("deaths") == 0

READINGS: dict[str, Reading] = {
    "T1a": _reading(
        "crises whose trigger was a violent act of one side: the target's answer was violent",
        "probability",
        _records(pl.col("icb_response") == "violent", ANSWERED),
    ),
    "T1b": _reading(
        "the same, where the target answered at all: day of the answer, the trigger being day 1",
        "quantile",
        _records(LAG, ANSWERED),
    ),
    "T1c": _reading("as T1b", "quantile", _records(LAG, ANSWERED), 0.75),
    "T2a": _reading(
        "runs of days on which one side alone fires, seven at most: no military death",
        "probability",
        _runs(BLOODLESS, "attack"),
    ),
    "T2b": _reading(
        "runs of days on which both fire, seven at most: no military death", "probability", _runs(BLOODLESS, "clash")
    ),
    "T2c": _reading(
        "the same, those with a death: military deaths",
        "quantile",
        _runs(pl.col("deaths"), "clash", pl.col("deaths") > 0),
    ),
    "T3a": _reading(
        "days with a death of a soldier or civilian, per day", "mean", _days("days_deadly", "days_counted")
    ),
    "T3b": _reading("deaths of soldiers and civilians, per 30 days", "mean", _days("deaths_counted", "days_counted")),
    "T4a": _reading("deadly days: two deaths or more", "mean", _days("days_deadly_two", "days_deadly")),
    "T4b": _reading("deadly days: five deaths or more", "mean", _days("days_deadly_five", "days_deadly")),
    "T5a": _reading(
        "events at hostility 3 that another follows in the first episode: it is at 4",
        "probability",
        _links(pl.col("next_hostility") == 4, 3, True),
    ),
    "T5b": _reading(
        "events at hostility 4 that another follows: it is at 4",
        "probability",
        _links(pl.col("next_hostility") == 4, 4, True),
    ),
    "T5c": _reading(
        "events at hostility 4 that another follows: it is at 5",
        "probability",
        _links(pl.col("next_hostility") == 5, 4, True),
    ),
    "T5d": _reading(
        "events at hostility 4: none follows in 180 days", "probability", _links(pl.col("ends_episode"), 4, False)
    ),
    "T6a": _reading(
        "disputes with force and no joiner: duration", "quantile", _records(pl.col("mid_duration"), BILATERAL), 0.25
    ),
    "T6b": _reading("as T6a", "quantile", _records(pl.col("mid_duration"), BILATERAL)),
    "T6c": _reading("as T6a", "quantile", _records(pl.col("mid_duration"), BILATERAL), 0.75),
    "T6d": _reading(
        "disputes with force and no joiner: they last seven days or less",
        "probability",
        _records(pl.col("mid_duration") <= 7, BILATERAL),
    ),
    "T7": _reading(
        "disputes with force: 1,000 battle deaths", "probability", _records(pl.col("mid_hostility") == 5, FORCE)
    ),
    "T12": _reading(
        "disputes with force: an ally gives material support or more",
        "probability",
        _records(pl.col("mid_joiners") > 0, FORCE),
    ),
    "T13a": _reading("crises: a mediator makes an attempt", "probability", _records(pl.col("icb_mediated"), CRISIS)),
    "T13b": _reading(
        "mediated crises: days from the trigger to the first attempt",
        "quantile",
        _records(pl.col("icb_mediation_day"), CRISIS),
        0.25,
    ),
    "T13c": _reading("as T13b", "quantile", _records(pl.col("icb_mediation_day"), CRISIS)),
    "T6e": _reading("as T6d: they last more than 180 days", "probability", _records(DURATION > 180, BILATERAL)),
    "T8a": _reading(
        "disputes with force, no joiner and 1 to 100 deaths: they last seven days or less",
        "probability",
        _records(DURATION <= 7, FATAL),
    ),
    "T8b": _reading("as T8a: thirty days or less", "probability", _records(DURATION <= 30, FATAL)),
    "T8c": _reading("as T8a: duration", "quantile", _records(DURATION, FATAL)),
    "T9a": _reading("events of the first episode that another follows: days to its start", "quantile", _gaps),
    "T9b": _reading("as T9a", "quantile", _gaps, 0.75),
    "T9c": _reading("as T9a", "quantile", _gaps, 0.9),
    "T11a": _reading(
        "disputes with force and no joiner: both sides use it, in incidents and answers included",
        "probability",
        _records(pl.col("mid_two_sided"), BILATERAL),
    ),
    "T11b": _reading("the two-sided of them: seven days or less", "probability", _records(DURATION <= 7, TWO_SIDED)),
    "T11c": _reading("the two-sided of them: duration", "quantile", _records(DURATION, TWO_SIDED)),
    "T11d": _reading("the two-sided of them: more than 180 days", "probability", _records(DURATION > 180, TWO_SIDED)),
    "T11e": _reading("the one-sided of them: seven days or less", "probability", _records(DURATION <= 7, ONE_SIDED)),
    "T11f": _reading("the one-sided of them: duration", "quantile", _records(DURATION, ONE_SIDED)),
    "T11g": _reading(
        "the two-sided of them with 1 to 25 deaths: seven days or less",
        "probability",
        _records(DURATION <= 7, TWO_SIDED_FATAL),
    ),
    "T11h": _reading("as T11g: duration", "quantile", _records(DURATION, TWO_SIDED_FATAL)),
    "B1": _reading(
        "mean over crises and sides of the cost of backing down, on days at rung 3 or above",
        "mean",
        _outcomes(pl.mean_horizontal("audience_cost_a", "audience_cost_b")),
    ),
    "B2": _reading(
        "correlation over days of the rungs fought, mean over crises",
        "mean",
        _records(pl.col("rung_correlation"), pl.lit(True)),
    ),
    "B3": _reading("military deaths of both sides", "quantile", _outcomes(pl.col("deaths_a") + pl.col("deaths_b"))),
    "B4": _reading("severity war or regional war", "probability", _outcomes(pl.col("severity").is_in(WARS))),
    "B5": _reading("at least one agreement, direct or mediated", "probability", _outcomes(pl.col("agreements") > 0)),
}
"""Target -> its reading."""
