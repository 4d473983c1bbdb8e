"""``offramp protocols`` from what is typed to what is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from experiments.config.compose import Configuration, composer
from experiments.config.overrides import parse_overrides
from experiments.design.posterior import POPULATION, left_open, posterior_rows
from experiments.design.priors import PUBLICS_PRIORS, prior_of, values_at
from experiments.errors import UserError
from experiments.figures.style import save
from experiments.files import copy_figures, write_csv, write_parquet, write_text
from experiments.protocols.asking import Passing, ask, items, joined, settings_of_rows
from experiments.protocols.telling import PRIOR, SAMPLES, Asked, Row, as_frame, beside_ranges, line, markdown, verdict
from experiments.study.identity import model_fingerprint
from experiments.study.location import default_directory
from sim.ladder import SIDES
from sim.scenario import Scenario

PRIOR_DRAWS = 1000
UNUSED = (
    *("replicates", "precision", "max_replicates", "horizon_days", "luck", "dtype", "trajectories", "records"),
    *("workers", "on_error", "resume", "backend", "search", "budget"),
)
"""Settings of a study that asking publics does not read."""
TABLE = "replies"


def requested(texts: Sequence[str], config_dir: str | None = None) -> Asked:
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
        made = open_composer.compose([*([] if named else [f"scenario={POPULATION}"]), *texts])
        population = open_composer.compose([f"scenario={POPULATION}"]).scenario
    settings, draws = _drawn(made, population, config_dir)
    name = str(made.choices["scenario"])
    own = made.settings
    return Asked(name, made.scenario, own.uncertainty, own.citizens, own.seed, settings, draws)


def _drawn(made: Configuration, population: Scenario, config_dir: str | None) -> tuple[dict[str, np.ndarray], int]:
    """Values by path, and how many draws of them there are."""
    uncertainty, case = made.settings.uncertainty, (made.scenario, population)
    kind, _, wanted = uncertainty.partition(":")
    if kind == PRIOR:
        if wanted and (not wanted.isdigit() or int(wanted) < 2):
            raise UserError(f"uncertainty={uncertainty}: draws must be a whole number, 2 or more")
        count = int(wanted or PRIOR_DRAWS)
        table = (*prior_of(POPULATION), *prior_of(PUBLICS_PRIORS))
        where = np.random.default_rng(made.settings.seed).random((count, len(table)))
        settings = settings_of_rows(table, values_at(table, where))
        return {path: settings[path] for path in left_open(settings, *case)}, count
    rows = posterior_rows(uncertainty, config_dir, made.choices["scenario"], case)
    if rows is None:
        return {}, 1
    numbers = {
        path: np.asarray(values, float)
        for path, values in rows.columns.items()
        if path != "draw" and all(isinstance(value, (int, float)) for value in values)
    }
    return numbers, rows.length


def run(asked: Asked, directory: Path | None, document: Path | None) -> Iterator[str]:
    """Ask, write and yield the lines to print, the directory last."""
    place = directory or default_directory("protocols")
    if (place / f"{TABLE}.csv").exists():
        raise UserError(f"{place}: holds replies already; choose another --output")
    replied = replies_of(asked)
    rows = table_of(asked, replied)
    frame = as_frame(rows)
    write_csv(place / f"{TABLE}.csv", frame)
    write_parquet(place / f"{TABLE}.parquet", frame.to_arrow())
    if asked.settings:
        write_parquet(place / "draws.parquet", _draws_frame(asked, replied).to_arrow())
    drawn = save(beside_ranges(rows, asked), place / "figures", TABLE)
    made = f"{datetime.now():%Y-%m-%d}, model {model_fingerprint()}"
    write_text(place / "README.md", markdown(rows, asked, replied.shares, made))
    if document is not None:
        copy_figures(drawn, document, "protocols.svg")
        text = markdown(rows, asked, replied.shares, made, files=False)
        write_text(document, text.replace("(figures/replies.svg)", "(figures/protocols.svg)"))
    yield f"{asked.name}: {asked.source}; {asked.citizens} citizens in each public"
    yield from (line(row, bool(asked.settings)) for row in rows)
    shares = ", ".join(f"{name} {share:.3f}" for name, share in replied.shares.items())
    yield f"share of draws inside: {shares}" if asked.settings else verdict(rows)
    yield str(place)


def replies_of(asked: Asked) -> Passing:
    """The replies, a row a draw, or a sample of citizens where nothing is drawn."""
    if asked.settings:
        return ask(asked.scenario, asked.settings, asked.draws, asked.citizens, asked.seed)
    return joined([ask(asked.scenario, {}, 1, asked.citizens, asked.seed + number) for number in range(SAMPLES)])


def table_of(asked: Asked, replied: Passing) -> list[Row]:
    """A row an item and side: median, interval (90 % of draws, 95 % of samples), range, whether it is inside."""
    ends = (0.05, 0.95) if asked.settings else (0.025, 0.975)
    rows = []
    for item in items():
        for number, side in enumerate(SIDES):
            values = replied.values[item.item][:, number]
            known = values[~np.isnan(values)]
            low, middle, high = np.quantile(known, [ends[0], 0.5, ends[1]]) if len(known) else [np.nan] * 3
            inside, share = bool(item.inside(np.array(middle))), float(item.inside(values).mean())
            rows.append(Row(item, side, float(middle), float(low), float(high), inside, share))
    return rows


def _draws_frame(asked: Asked, replied: Passing) -> pl.DataFrame:
    values = {
        f"{name}_{side}": replied.values[name][:, number]
        for name in replied.values
        for number, side in enumerate(SIDES)
    }
    inside = {f"inside_{name.replace(' ', '_')}": within for name, within in replied.inside.items()}
    return pl.DataFrame({"draw": np.arange(asked.draws), **values, **inside, "inside_all": replied.joint})
