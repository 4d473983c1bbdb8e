"""``offramp protocols``: from what is typed to replies beside their ranges, as lines, tables, a document and a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from experiments.config.compose import Configuration, composer
from experiments.config.overrides import parse_overrides
from experiments.config.yaml_files import read_text, read_tree
from experiments.design.posterior import POPULATION, left_open, posterior_rows
from experiments.design.priors import PUBLICS_PRIORS, prior_of, values_at
from experiments.errors import UserError
from experiments.figures.palette import INK, SIDES
from experiments.figures.parts import OUTLINED, as_rows
from experiments.figures.style import NOTES, Drawing, canvas, key, save, styled
from experiments.files import copy_figures, write_csv, write_parquet, write_text
from experiments.protocols.asking import Item, Passing, ask, items, judged, settings_of_rows
from experiments.study.identity import model_fingerprint
from experiments.study.location import default_directory
from experiments.text import render
from sim.scenario import Scenario

PRIOR_DRAWS = 1000
UNUSED = (
    *("replicates", "precision", "max_replicates", "horizon_days", "luck", "dtype", "trajectories", "records"),
    *("workers", "on_error", "resume", "backend", "search", "budget"),
)
"""Settings of a study that asking publics does not read."""
TABLE = "replies"
PRIOR = "prior"
SAMPLES = 20
"""Draws of citizens behind the interval where nothing else is drawn."""
SHARES = ("cover", "inconsistency_share")
"""Items in shares of a cost; the others are in shares of a public that approves."""
BAND = "#d9d9d9"
MARKS, SHIFT = {"a": "o", "b": "D"}, {"a": -0.14, "b": 0.14}
WORDS = Path(__file__).with_name("words.yaml")
COLUMNS = (
    *("reply", "item", "side", "value", "low", "high", "range_low", "range_high", "inside", "share_inside"),
    *("design", "source"),
)


@dataclass(frozen=True)
class Request:
    """What publics are asked of: a scenario, where its uncertain values come from, how many citizens, whose luck."""

    name: str
    scenario: Scenario
    uncertainty: str
    citizens: int
    seed: int
    settings: dict[str, np.ndarray]
    draws: int

    @property
    def source(self) -> str:
        """Where the values come from, in words."""
        if not self.settings:
            return f"values of the scenario; intervals over {SAMPLES} samples of citizens"
        prior = self.uncertainty.partition(":")[0] == PRIOR
        return f"{self.draws:,} draws of the {PRIOR if prior else f'posterior ({self.uncertainty})'}"


def requested(texts: Sequence[str], config_dir: str | None = None) -> Request:
    """What is asked for by overrides as on the command line; the population where no scenario is named.

    UserError or ParameterError in one line naming what is wrong.
    """
    parsed = parse_overrides(texts)
    for override in parsed:
        if override.key.startswith("design") or override.key == "experiment":
            raise UserError(f"{override.text}: publics are asked of one scenario; a design has no place here")
    if idle := [override.text for override in parsed if override.key.split(".")[0] in UNUSED]:
        raise UserError(f"{', '.join(idle)}: not used by protocols, which simulates no crisis; citizens and seed are")
    named = any(override.key == "scenario" for override in parsed)
    with composer(config_dir) as open_composer:
        configuration = open_composer.compose([*([] if named else [f"scenario={POPULATION}"]), *texts])
        population = open_composer.compose([f"scenario={POPULATION}"]).scenario
    study = configuration.settings
    settings, draws = _drawn(configuration, population, config_dir)
    name, scenario = str(configuration.choices["scenario"]), configuration.scenario
    return Request(name, scenario, study.uncertainty, study.citizens, study.seed, settings, draws)


def _drawn(
    configuration: Configuration, population: Scenario, config_dir: str | None
) -> tuple[dict[str, np.ndarray], int]:
    """Values by path, and how many draws of them there are."""
    uncertainty, case = configuration.settings.uncertainty, (configuration.scenario, population)
    kind, _, draws = uncertainty.partition(":")
    if kind == PRIOR:
        if draws and (not draws.isdigit() or int(draws) < 2):
            raise UserError(f"uncertainty={uncertainty}: draws must be a whole number, 2 or more")
        count = int(draws or PRIOR_DRAWS)
        table = (*prior_of(POPULATION), *prior_of(PUBLICS_PRIORS))
        where = np.random.default_rng(configuration.settings.seed).random((count, len(table)))
        settings = settings_of_rows(table, values_at(table, where))
        return {path: settings[path] for path in left_open(settings, *case)}, count
    rows = posterior_rows(uncertainty, config_dir, configuration.choices["scenario"], case)
    if rows is None:
        return {}, 1
    numbers = {
        path: np.asarray(values, float)
        for path, values in rows.columns.items()
        if path != "draw" and all(isinstance(value, (int, float)) for value in values)
    }
    return numbers, rows.length


def run(request: Request, directory: Path | None, document: Path | None) -> Iterator[str]:
    """Ask, write and yield the lines to print, the directory last."""
    folder = directory or default_directory("protocols")
    if (folder / f"{TABLE}.csv").exists():
        raise UserError(f"{folder}: holds replies already; choose another --output")
    replies = replies_of(request)
    rows = table_of(request, replies)
    frame = as_frame(rows)
    write_csv(folder / f"{TABLE}.csv", frame)
    write_parquet(folder / f"{TABLE}.parquet", frame.to_arrow())
    if request.settings:
        write_parquet(folder / "draws.parquet", _draws_frame(request, replies).to_arrow())
    figures = save(beside_ranges(rows, request), folder / "figures", TABLE)
    made = f"{datetime.now():%Y-%m-%d}, model {model_fingerprint()}"
    write_text(folder / "README.md", markdown(rows, request, replies.shares, made))
    if document is not None:
        copy_figures(figures, document, "protocols.svg")
        text = markdown(rows, request, replies.shares, made, files=False)
        write_text(document, text.replace("(figures/replies.svg)", "(figures/protocols.svg)"))
    yield f"{request.name}: {request.source}; {request.citizens} citizens in each public"
    yield from (line(row, bool(request.settings)) for row in rows)
    shares = ", ".join(f"{name} {share:.3f}" for name, share in replies.shares.items())
    yield f"share of draws inside: {shares}" if request.settings else verdict(rows)
    yield str(folder)


def replies_of(request: Request) -> Passing:
    """The replies, a row a draw, or a sample of citizens where nothing is drawn."""
    scenario, citizens, seed = request.scenario, request.citizens, request.seed
    if request.settings:
        return ask(scenario, request.settings, request.draws, citizens, seed)
    samples = [ask(scenario, {}, 1, citizens, seed + number).values for number in range(SAMPLES)]
    return judged({name: np.concatenate([values[name] for values in samples]) for name in samples[0]})


def table_of(request: Request, replies: Passing) -> list[Row]:
    """A row an item and side: median, interval (90 % of draws, 95 % of samples), range, whether it is inside."""
    ends = (0.05, 0.95) if request.settings else (0.025, 0.975)
    rows = []
    for item in items():
        for number, side in enumerate(SIDES):
            values = replies.values[item.item][:, number]
            known = values[~np.isnan(values)]
            low, middle, high = np.quantile(known, [ends[0], 0.5, ends[1]]) if len(known) else [np.nan] * 3
            inside, share = bool(item.inside(np.array(middle))), float(item.inside(values).mean())
            rows.append(Row(item, side, float(middle), float(low), float(high), inside, share))
    return rows


def _draws_frame(request: Request, replies: Passing) -> pl.DataFrame:
    values = {
        f"{name}_{side}": replies.values[name][:, number]
        for name in replies.values
        for number, side in enumerate(SIDES)
    }
    inside = {f"inside_{name.replace(' ', '_')}": within for name, within in replies.inside.items()}
    return pl.DataFrame({"draw": np.arange(request.draws), **values, **inside, "inside_all": replies.joint})


# -- replies beside their ranges ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """An item of a reply of one side's public, beside its range."""

    item: Item
    side: str
    value: float
    low: float
    high: float
    inside: bool
    share_inside: float

    @property
    def interval(self) -> str:
        """The value with its interval."""
        return f"{_number(self.value)} ({_number(self.low)} to {_number(self.high)})"

    def verdict(self, drawn: bool) -> str:
        """Whether it is inside, or how many draws are."""
        if isnan(self.value):
            return "nobody to propose" if self.item.item == "cover" else "no cost to share"
        return f"{self.share_inside:.2f} of draws inside" if drawn else "inside" if self.inside else "outside"


def as_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """The rows as a table, columns as ``README.md`` explains them."""
    table = [
        {**vars(row.item), "range_low": row.item.low, "range_high": row.item.high, **vars(row), "item": row.item.item}
        for row in rows
    ]
    return pl.DataFrame(table, infer_schema_length=None).select(COLUMNS)


def _number(value: float) -> str:
    return "none" if isnan(value) else f"{value:.3f}"


def line(row: Row, drawn: bool) -> str:
    """One line for standard output."""
    interval = f"{_number(row.value):>6} ({_number(row.low)} to {_number(row.high)})"
    return (
        f"{row.item.reply:<31} {row.item.item:<20} {row.side}  {interval:<28} range {row.item.range:<12} "
        f"{row.verdict(drawn)}"
    )


def markdown(rows: Sequence[Row], request: Request, shares: Mapping[str, float], made: str, files: bool = True) -> str:
    """The document of all replies; ``made`` says when, and by which model, ``files`` whether to explain the tables."""
    values = {"request": request, "made": made, "drawn": bool(request.settings), "shares": shares, "files": files}
    values |= {"pairs": list(zip(rows[::2], rows[1::2], strict=True)), "verdict": verdict(rows), "items": items()}
    return render("experiments.protocols", "protocols.md.j2", **values)


def verdict(rows: Sequence[Row]) -> str:
    """How many of the replies are inside, and which are not; nobody can judge cover where nobody proposes."""
    inside: dict[str, bool] = {}
    for row in rows:
        if not (row.item.item == "cover" and isnan(row.value)):
            inside[row.item.reply] = inside.get(row.item.reply, True) and row.inside
    text = f"{sum(inside.values())} of {len(inside)} replies inside"
    outside = [name for name, good in inside.items() if not good]
    return f"{text}; outside: {', '.join(outside)}" if outside else text


@styled
def beside_ranges(rows: Sequence[Row], request: Request) -> Drawing:
    """Two panels, a row a number: grey bands for what experiments find, points with intervals for the model's publics."""
    note = NOTES["protocols"].format(over="nine tenths of draws" if request.settings else "95 % of samples of citizens")
    figure = canvas(5.2, title=f"Publics of {request.name} beside experiments", note=note)
    costs = [row for row in rows if row.item.item not in SHARES]
    shares = [row for row in rows if row.item.item in SHARES]
    above, below = figure.subplots(2, 1, height_ratios=(len(costs) + 1, len(shares) + 1))
    most = max([0.25, *(row.high for row in costs if not isnan(row.high))])
    _panel(above, costs, (min([-0.02, *(row.low for row in costs)]), min(most * 1.05, 0.6)))
    above.set_xlabel("change of approval (share of the public)")
    _panel(below, shares, (-0.25, 1.25))
    below.set_xlabel("share of the cost")
    marks = [above.plot([], [], MARKS[side], color=SIDES[side], markersize=5)[0] for side in MARKS]
    key(above, [Patch(color=BAND), *marks], ["experiments", "public of side a", "public of side b"])
    text = "; ".join(
        f"{row.item.item} of side {row.side} {row.interval}, range {row.item.range}, {row.verdict(bool(request.settings))}"
        for row in rows
    )
    return Drawing(figure, f"Replies of the model's publics beside the ranges of experiments. {text}.")


def _panel(axes: Axes, rows: Sequence[Row], limits: tuple[float, float]) -> None:
    names = list(dict.fromkeys(row.item.item for row in rows))
    words = read_tree(read_text(WORDS), WORDS)
    for row in rows:
        place = names.index(row.item.item)
        if row.side == "a":
            high = limits[1] if row.item.is_sign else row.item.high
            axes.barh(place, high - row.item.low, left=row.item.low, height=0.62, color=BAND, zorder=1)
        if not isnan(row.value):
            _mark(axes, row, place + SHIFT[row.side], limits)
    axes.axvline(0, color=INK, linewidth=0.7)
    axes.set_yticks(range(len(names)), [words[name] for name in names], fontsize=8, color=INK)
    axes.set(xlim=limits, ylim=(len(names) - 0.5, -0.5))
    as_rows(axes)


def _mark(axes: Axes, row: Row, place: float, limits: tuple[float, float]) -> None:
    left, right = limits
    low, high = max(row.low, left), min(row.high, right)
    if low <= high:
        axes.plot([low, high], [place, place], color=SIDES[row.side], linewidth=1.6, zorder=2)
    beyond = "<" if row.value < left else ">" if row.value > right else MARKS[row.side]
    axes.plot(min(max(row.value, left), right), place, beyond, color=SIDES[row.side], markersize=5, **OUTLINED)
