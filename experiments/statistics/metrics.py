"""Metrics: named quantities of a crisis, each with its unit and its smallest effect of interest.

A metric turns the outcome table into one number a lane. Besides the named ones, any category (`severity=clash`) is a
probability and any column is a mean (`tension`), a median (`median:deaths`) or another quantile (`q90:days_hot`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import polars as pl

from experiments.errors import UserError
from experiments.statistics.vocabulary import CATEGORIES, EARLY_DAY, HEADLINE_DAY, LIMITED_WAR_OR_WORSE, WARS
from sim.ladder import CALM_DAYS
from sim.outputs.columns import OUTCOMES

Kind = Literal["probability", "mean", "geometric", "quantile"]
Scale = Literal["difference", "ratio"]

RISK, DAYS, DEATHS = 0.05, 2.0, 1.10
"""Smallest effects of interest: 5 points of risk, 2 restricted-mean days, deaths by a tenth."""

LASTING = 60
"""Days from its start for which a calm must hold to count as lasting: whatever never calms cannot relapse."""

_UNITS = {item.name: item.unit if item.unit in ("days", "deaths") else "" for item in OUTCOMES}
"""Column of `outcomes` -> its unit, where that has a smallest effect; other tables' columns say it by their names."""

HEADLINES = ("calm_14", "calm", "days_heavy", "typical_deaths")
"""What a comparison and a report say first."""

MORE_IS_BETTER = ("calm_14", "calm", "silence", "lasting_calm", "agreement", "mediated_agreement")
"""Measures of which more is better; of all others less is."""

DEFAULT = (
    *("calm_14", "calm", "limited_war_or_worse", "war", "agreement", "relapse", "restricted_days_to_calm"),
    *("silence", "days_heavy", "days_hot", "typical_deaths", "deaths"),
)


@dataclass(frozen=True)
class Metric:
    """One quantity: what is typed, what is printed, and one number a lane from the columns of `outcomes`.

    The expression is null where it is not defined. The kind is `probability` (0 or 1 a lane), `mean`, `quantile`
    (``at``, 0-1), or `geometric`: the expression is log(1 + x), its mean is taken back to the scale of x, and ratios
    are of 1 + x. A few wars hardly move it, unlike the mean. ``smallest`` is the smallest effect of interest, an
    absolute difference, or a factor above 1 where the scale is `ratio`. ``needs`` are days that must be simulated for
    it to be seen; an arm of fewer days has no value.
    """

    name: str
    label: str
    expression: pl.Expr
    kind: Kind = "mean"
    unit: str = ""
    smallest: float | None = None
    scale: Scale = "difference"
    at: float = 0.5
    needs: int = 0

    @property
    def offset(self) -> float:
        """What is added to values before ratios are taken: 1 for geometric means of 1 + x."""
        return 1.0 if self.kind == "geometric" else 0.0


def observed_days(horizon: int) -> int:
    """Return the days on which a calm can be seen to begin, given that it must last 14 days within the horizon."""
    return max(horizon - CALM_DAYS + 1, 0)


def headline_day(horizon: int, day: int = HEADLINE_DAY) -> int:
    """The day by which a headline takes calm: that asked for or the last on which one can be seen to begin (-1: none)."""
    return min(day, observed_days(horizon) - 1)


def calm_label(horizon: int, day: int = HEADLINE_DAY, what: str = "calm") -> str:
    """Return the words for calm (or silence) by a headline's day, or that so few days cannot show any."""
    day = headline_day(horizon, day)
    return f"{what} by day {day}" if day >= 0 else f"{what} (takes {CALM_DAYS} days to be seen)"


def common_horizon(horizons: Iterable[int]) -> int:
    """Return the days over which studies can be compared: the fewest of those long enough to show a calm, or of all."""
    days = sorted(horizons)
    return next((horizon for horizon in days if horizon >= CALM_DAYS), days[0])


def in_war() -> pl.Expr:
    """Lanes that became a war, with or without an ally."""
    return pl.col("severity").is_in(WARS)


def deaths() -> pl.Expr:
    """Military deaths of both sides together."""
    return pl.col("deaths_a") + pl.col("deaths_b")


def calm_before_war(columns: Iterable[str]) -> pl.Expr:
    """Day of the first calm, null where war came first or where there was no calm.

    A table with a column `war_day` (the day the dead reached 1,000) is read exactly. Without it a lane that became a
    war at any time is taken to have done so before its calm, which can only make calm look later.
    """
    calm = pl.col("days_to_calm")
    if "war_day" in set(columns):
        return pl.when(pl.col("war_day").is_null() | (calm <= pl.col("war_day"))).then(calm)
    return pl.when(~in_war()).then(calm)


def named_metrics(horizon: int, columns: Iterable[str] = ()) -> list[Metric]:
    """The built-in metrics for studies of so many days, whose outcomes have these columns."""
    window = observed_days(horizon)
    early, broken = pl.col("days_to_calm") <= EARLY_DAY, pl.col("relapse_day")
    lasting = early & (broken.is_null() | (broken - pl.col("days_to_calm") > LASTING))
    return [
        _by_day("calm_14", "calm", horizon, EARLY_DAY),
        _by_day("calm", "calm", horizon, HEADLINE_DAY),
        _by_day("silence", "silence", horizon, HEADLINE_DAY),
        _probability(
            "lasting_calm", f"calm by day {EARLY_DAY} that lasts {LASTING} days", lasting, EARLY_DAY + 1 + LASTING
        ),
        _probability("clash_or_worse", "shots fired", pl.col("severity") != "none"),
        _probability("limited_war_or_worse", "limited war or worse", pl.col("severity").is_in(LIMITED_WAR_OR_WORSE)),
        _probability("war", "war", in_war()),
        _probability("regional_war", "regional war", pl.col("severity") == "regional_war"),
        _probability("agreement", "any agreement", pl.col("agreements") > 0),
        _probability("mediated_agreement", "first agreement mediated", pl.col("first_agreement_by") == "mediated"),
        _probability("mediation", "a mediator tried", pl.col("mediated")),
        _probability("collapse", "an agreement collapsed", pl.col("collapses") > 0),
        _probability("relapse", "calm, then force again", pl.col("relapsed"), CALM_DAYS + 1),
        _probability("leader_fall", "a leader fell", (pl.col("leader_falls_a") + pl.col("leader_falls_b")) > 0),
        _days(
            "restricted_days_to_calm",
            f"days to calm, of {window}, war competing" if window else "days to calm, war competing",
            calm_before_war(columns).fill_null(window).clip(0, window),
            max(window, 1) + CALM_DAYS - 1,
        ),
        _days("days_heavy", "heavy days (rung 5 or above)", pl.col("days_heavy")),
        _days("days_hot", "days with shots", pl.col("days_hot")),
        _deaths("typical_deaths", "military deaths, typical", deaths().log1p(), "geometric"),
        _deaths("deaths", "military deaths, mean", deaths()),
        _deaths("median_deaths", "military deaths, median", deaths(), "quantile"),
        _deaths("civilian_deaths", "civilian deaths, mean", pl.col("civilian_deaths_a") + pl.col("civilian_deaths_b")),
    ]


def default_metrics(columns: Iterable[str]) -> list[str]:
    """The names of :data:`DEFAULT` that tables with these columns hold; older studies lack some."""
    columns = set(columns)
    known = {item.name: item for item in named_metrics(HEADLINE_DAY, columns)}
    return [name for name in DEFAULT if columns.issuperset(known[name].expression.meta.root_names())]


def _by_day(name: str, what: str, horizon: int, day: int) -> Metric:
    seen = headline_day(horizon, day)
    begun = pl.col(f"days_to_{what}") <= seen
    return _probability(name, calm_label(horizon, day, what), begun, max(seen, 0) + CALM_DAYS)


def _probability(name: str, label: str, condition: pl.Expr, needs: int = 0) -> Metric:
    return Metric(name, label, condition.fill_null(False), "probability", "probability", RISK, needs=needs)


def _days(name: str, label: str, expression: pl.Expr, needs: int = 0) -> Metric:
    return Metric(name, label, expression, "mean", "days", DAYS, needs=needs)


def _deaths(name: str, label: str, expression: pl.Expr, kind: Kind = "mean") -> Metric:
    return Metric(name, label, expression, kind, "deaths", DEATHS, "ratio")


def metric(name: str, horizon: int, schema: pl.Schema | dict[str, pl.DataType]) -> Metric:
    """Return the metric a user named, for studies of so many days whose outcome table has this schema.

    The name is a built-in one, `severity=...`, `termination=...`, a numeric column, or `median:`, `mean:`, `qNN:` and
    one.

    Raises
    ------
    UserError
        For a name that is none of these; the message offers the nearest one.
    """
    named = {item.name: item for item in named_metrics(horizon, schema)}
    if name in named:
        return named[name]
    if "=" in name:
        column, value = name.split("=", 1)
        for what, word, known in (("category", column, CATEGORIES), (column, value, CATEGORIES.get(column, {}))):
            if word not in known:
                _refuse(what, word, list(known))
        return _probability(name, f"{column}: {CATEGORIES[column][value]}", pl.col(column) == value)
    statistic, _, column = name.rpartition(":")
    keys = ("point", "replicate", "luck", "unit", "cell", "draw")
    numeric = [key for key, kind in schema.items() if (kind.is_numeric() or kind == pl.Boolean) and key not in keys]
    numeric.append("deaths")
    if column not in numeric:
        if column not in schema and column in {item.name for item in OUTCOMES}:
            raise UserError(
                f"metric = {name!r}: a study was made without this column, by an earlier version; make it anew"
            )
        _refuse("metric", name, [*named, *numeric])
    return _column(name, statistic, column, schema)


def _column(name: str, statistic: str, column: str, schema: pl.Schema | dict[str, pl.DataType]) -> Metric:
    expression = deaths() if column == "deaths" else pl.col(column)
    words = "military deaths" if column == "deaths" else column.replace("_", " ")
    if schema.get(column) == pl.Boolean:
        if statistic not in ("", "mean"):
            raise UserError(f"metric = {name!r}: {column} is yes or no, which has a mean alone; write {column}")
        return Metric(name, words, expression, "probability", "probability", RISK)
    unit = _UNITS.get(column, "deaths" if "deaths" in column else "days" if "day" in column else "")
    smallest = {"days": DAYS, "deaths": DEATHS}.get(unit)
    scale: Scale = "ratio" if unit == "deaths" else "difference"
    if statistic in ("", "mean"):
        return Metric(name, f"{words}, mean", expression, "mean", unit, smallest, scale)
    match = re.fullmatch(r"q(\d{1,2})", "q50" if statistic == "median" else statistic)
    if not match or int(match[1]) == 0:
        raise UserError(f"statistic = {statistic!r}: give mean, median or q01 to q99, e.g. q90:days_hot")
    at = int(match[1]) / 100
    label = f"{words}, median" if at == 0.5 else f"{words}, {at:.0%} quantile"
    return Metric(name, label, expression, "quantile", unit, smallest, scale, at)


def _refuse(what: str, value: str, known: list[str]) -> None:
    near = get_close_matches(value, known, 1, 0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known[:8])}, ..."
    raise UserError(f"{what} = {value!r} is unknown; {hint}")
