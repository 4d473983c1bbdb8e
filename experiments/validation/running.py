"""``offramp validate``: simulate, compare, print, and write ``docs/validation.md``.

Beside targets and effects stand headline checks, to which nothing is fitted: calm over the map of inertia, a channel alone,
each change of the third edition, how fighting begins and ends.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from math import isnan
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from joblib import Parallel, cpu_count, delayed
from rich.console import Console
from rich.table import Table

from experiments.calibration.document import predicted, reasons
from experiments.cases.requests import cases
from experiments.claims.catalogue import laid_over
from experiments.files import write_text
from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrast, contrasts
from experiments.statistics.coverage import CHEAP_REPEATS, GRID, REPEATS, lane_coverage, multinomial_coverage
from experiments.statistics.estimates import estimate, levels
from experiments.statistics.intervals import wilson
from experiments.statistics.metrics import metric
from experiments.statistics.vocabulary import HEADLINE_DAY
from experiments.study.identity import model_fingerprint
from experiments.targets.readings import READINGS, outcome_frame
from experiments.targets.targets import POPULATIONS, Target, compare_population, scenario_named
from experiments.terminal import fitted, screen
from experiments.text import known, one_blank_line, render, supported
from experiments.validation import effects
from experiments.validation.effects import HORIZON, SETTINGS
from sim import records
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin, simulate
from sim.ladder import ARTILLERY
from sim.records import casualties, icb, mid, mie
from sim.scenario import Scenario

BASELINE = "tovuz_2020"
KEPT = 0.95
"""Share of promised coverages that must be kept: of many counts a few fall outside by chance."""
COVERED = ("calm", "days_hot", "median_deaths")
PARTS = {"course of the crisis": effects.COURSE, "governments and publics": effects.POLITICS}
"""The two tables in which the effects of mechanisms are shown."""
SWITCHED_OFF = "switching off: "
"""Prefix of the names of results that hold the effects of mechanisms in one base scenario."""
SIGNS = "signs: "
"""Prefix of the names of results that hold effects from end to end of the ranges in one base scenario."""


def validate(quick: bool = False, seed: int = 1, workers: int = 0, write: Path | None = None) -> int:
    """Print every table of the validation; return the exit code.

    Missed targets are shown, not punished: the code is 1 only where intervals cover less than they promise. ``quick``
    simulates few crises; ``workers`` are processes, 0 one per core, and change no table; ``write`` is where the tables go
    as a document.
    """
    console = screen()
    results = gather(quick, seed, workers, console)
    text = results_markdown(results, quick)
    print_markdown(console, text)
    if write is not None:
        write_text(write, document(text))
        console.print(str(write))
    promised = [table.filter("promised")["kept"] for table in results["coverage"].values()]
    return 0 if all(kept.is_empty() or cast(float, kept.mean()) >= KEPT for kept in promised) else 1


def gather(quick: bool, seed: int, workers: int, console: Console) -> dict[str, Any]:
    """Simulate everything; each task's result by its name."""
    work = tasks(quick, seed)
    done = Parallel(n_jobs=workers or cpu_count(), return_as="generator")(delayed(task)() for task in work.values())
    results = {}
    for name, result in zip(work, done, strict=True):
        console.print(f"{name}: done", style="dim")
        results[name] = result
    console.print("drawing studies to count how often intervals cover", style="dim")
    return {**results, "coverage": _coverage(results["arms"], quick)}


def tasks(quick: bool, seed: int) -> dict[str, Callable[[], Any]]:
    """Independent simulations by name."""
    return {
        **{f"population {item.scenario}": partial(compare_population, item, quick, seed) for item in POPULATIONS},
        **{
            f"{SWITCHED_OFF}{name}": partial(effects.effects_of_mechanisms, scenario, 20 if quick else 100, seed)
            for name, scenario in effects.bases().items()
        },
        **{
            f"{SIGNS}{name}": partial(
                effects.sign_tests, name, 30 if quick else 1200 if name in effects.SPECIAL else 300, seed
            )
            for name in effects.sign_settings()
        },
        "peace": partial(peace, 400 if quick else 20_000, seed),
        "spell": partial(spell, 200 if quick else 2000, seed),
        "quartiles": partial(quartiles, 50 if quick else 400, seed),
        "third edition": partial(third_edition, BASELINE, 100 if quick else 800, seed),
        "harm": partial(effects.harm, 60 if quick else 800, seed),
        "arms": partial(arms_of, BASELINE, 200 if quick else 2000, seed),
        "inertia": partial(inertia_map, scenario_named(BASELINE), 40 if quick else 400, seed),
    }


def _coverage(arms: list[Arm], quick: bool) -> dict[str, pl.DataFrame]:
    pairs = multinomial_coverage(GRID[::20] if quick else GRID, 200 if quick else CHEAP_REPEATS)
    chosen = [metric(name, HORIZON, arms[0].lanes.schema) for name in COVERED]
    lanes = lane_coverage(arms[2], arms[0], chosen, 100 if quick else 500, 50 if quick else REPEATS)
    return {"yes-or-no pairs": pairs, "lanes of the baseline": lanes}


def print_markdown(console: Console, text: str) -> None:
    """Print headings, paragraphs and tables of a Markdown text, tables as wide as the terminal allows."""
    after_paragraph = False
    for block in text.strip().split("\n\n"):
        is_paragraph = not block.startswith(("#", "|"))
        if block.startswith("#"):
            console.print(f"\n{block.lstrip('# ')}", style="bold")
        elif block.startswith("|"):
            columns, _, *rows = (_cells(line) for line in block.splitlines())
            table = Table(*columns)
            for row in rows:
                table.add_row(*row)
            console.print(fitted(table, console.width))
        else:
            console.print(f"\n{block}" if after_paragraph else block)
        after_paragraph = is_paragraph


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


# -- headline checks ---------------------------------------------------------------------------------------------------

STEPS = (0.1, 0.4, 0.7, 1.2, 2.0)
"""Costs of climbing and of coming down one rung, in utility, on both sides alike."""

NO_MEDIATOR = {f"mediation.{which}present": 0 for which in ("", "second.", "third.")}
ALONE = {**NO_MEDIATOR, "talks.present": 0, "alliance.shadow_weight": 0}
WITHOUT = {"without a mediator": NO_MEDIATOR, "without mediator, direct talks or fear of allies": ALONE}
"""The two arms in which calm has to come from the two governments."""

ARMS: dict[str, list[str]] = SETTINGS["baseline"]["arms"]
METRICS, EDITION_METRICS = (SETTINGS["baseline"][name] for name in ("metrics", "edition_metrics"))

EDITION = Settings(horizon_days=76, citizens=64)
NOTHING, EVERYTHING = "none of the changes", "the scenario as it is"
AT_REST = ("mediation=none", "dyad.start_rung_a=1", "dyad.start_rung_b=1")
PEACE = (0.003, 0.25)
"""Range expected of the chance that an operation begins within a year from rest; from memory, low confidence."""
YEAR = 365
SPELL_DAYS, LOOKED_AT, QUIET_FROM, SEEN_TO = (3, 7), 10, 8, 31
"""A spell like July 2020: heavy on three to seven of the first ten days, and on none from day 8 to day 30."""
DEAD = (8, 30)
"""Military dead of both sides in such a spell, by the first month's end."""
CASE_DAYS = 76


def inertia_map(scenario: Scenario, replicates: int, seed: int = 1, steps: Sequence[float] = STEPS) -> pl.DataFrame:
    """P(calm by day 60) where nobody mediates, over the costs of stepping up and down, a row a cell.

    Columns: ``arm, step_up, step_down, value, low, high, lanes``.
    """
    names = list(WITHOUT)
    choice, up, down = (column.ravel() for column in np.meshgrid(range(len(names)), steps, steps, indexing="ij"))
    columns = {
        f"government.{side}.{name}": values for side in "ab" for name, values in (("step_up", up), ("step_down", down))
    }
    points = Points.cross([scenario.replaced(changes) for changes in WITHOUT.values()], choice, columns)
    lanes = simulate(points, replicates, Settings(seed=seed, horizon_days=HORIZON, citizens=200)).lanes
    calm = (lanes["days_to_calm"] >= 0) & (lanes["days_to_calm"] <= HEADLINE_DAY)
    share = np.bincount(lanes["point"], weights=calm, minlength=len(choice)) / replicates
    low, high = wilson(share, replicates)
    cells = [[names[arm] for arm in choice], up, down, share, low, high]
    table = pl.DataFrame(cells, schema=["arm", "step_up", "step_down", "value", "low", "high"], orient="col")
    return table.with_columns(lanes=pl.lit(replicates, pl.Int64))


def arms_of(scenario: str, replicates: int, seed: int = 1) -> list[Arm]:
    """The arms of :data:`ARMS` for a shipped scenario, under the same luck."""
    points = Points.of([scenario_named(scenario, *overrides) for overrides in ARMS.values()])
    table = outcome_frame(simulate(points, replicates, Settings(seed=seed, horizon_days=HORIZON)))
    return [Arm(name, table.filter(pl.col("point") == number), HORIZON) for number, name in enumerate(ARMS)]


def placebo_table(arms: Sequence[Arm]) -> pl.DataFrame:
    """Every arm against no mediator; the placebo's row is what a channel without any lever changes."""
    metrics = [metric(name, HORIZON, arms[0].lanes.schema) for name in METRICS]
    return contrasts(arms, arms[0], metrics)


def headline(arms: Sequence[Arm]) -> pl.DataFrame:
    """P(calm by day 60) in every arm, columns of :func:`experiments.statistics.estimates.levels`."""
    return levels(arms, [metric("calm", HORIZON, arms[0].lanes.schema)])


def changes() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Change of the third edition -> its values at its null, and at work, from the pilot fits, where it is off."""
    return {
        name: (laid_over(change["without"], ()), laid_over(change["with"], ()))
        for name, change in SETTINGS["third_edition"].items()
    }


def one_at_a_time(scenario: Scenario) -> dict[tuple[str, str], Scenario]:
    """Scenarios by what they compare with and what is changed; the first of each kind is the reference itself.

    Each change is on alone, over none of them (``none``), and off alone, from the scenario as it is (``as it is``) unless
    it is off there already.
    """
    values, nulls = scenario.values(), {name: null for name, (null, _) in changes().items()}
    known = {name: {path: values[path] for path in null} for name, null in nulls.items()}
    off = {name for name, null in nulls.items() if known[name] == null}
    none = scenario.replaced({path: value for null in nulls.values() for path, value in null.items()})
    alone = {name: at_work if name in off else known[name] for name, (_, at_work) in changes().items()}
    return {
        ("none", NOTHING): none,
        **{("none", f"only {name}"): none.replaced(values) for name, values in alone.items()},
        ("as it is", EVERYTHING): scenario,
        **{("as it is", f"without {name}"): scenario.replaced(null) for name, null in nulls.items() if name not in off},
    }


def third_edition(scenario: str, replicates: int, seed: int = 1) -> pl.DataFrame:
    """Levels of the headline numbers in each of :func:`one_at_a_time`, under the same luck, a row an arm and metric.

    Columns: ``reference, arm, metric, value, low, high`` and ``differs``, whether the interval of the difference from the
    reference leaves out 0.
    """
    scenarios = one_at_a_time(scenario_named(scenario))
    table = outcome_frame(simulate(Points.of(list(scenarios.values())), replicates, replace(EDITION, seed=seed)))
    rows, base = [], None
    for number, (reference, name) in enumerate(scenarios):
        arm = Arm(name, table.filter(pl.col("point") == number), EDITION.horizon_days)
        base = arm if base is None or name == EVERYTHING else base
        for item in (metric(name, EDITION.horizon_days, table.schema) for name in EDITION_METRICS):
            level, change = estimate(arm.sample(item), item), contrast(arm, base, item)
            differs = change.low > 0 or change.high < 0
            rows.append((reference, name, item.label, level.value, level.low, level.high, differs))
    return pl.DataFrame(rows, schema=["reference", "arm", "metric", "value", "low", "high", "differs"], orient="row")


def peace(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Share of years, begun at rest and without a trigger, in which an operation begins, with its Wilson interval."""
    settings = Settings(seed=seed, horizon_days=YEAR)
    outcomes = simulate(scenario_named(BASELINE, *AT_REST), lanes, settings).lanes
    begun = outcomes["operations_a"] + outcomes["operations_b"] > 0
    return _shares({"an operation begins within a year from rest": begun})


def spell(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Share of unmediated crises of the baseline that are a spell like July 2020, and that with as many dead."""
    points = Points.of(scenario_named(BASELINE, "mediation=none"))
    crisis = begin(points, np.zeros(lanes, np.int64), np.arange(lanes), Settings(seed=seed, horizon_days=SEEN_TO))
    heavy = np.zeros((SEEN_TO, lanes), bool)
    for day in range(SEEN_TO):
        crisis.step()
        heavy[day] = crisis.highest_fought_today >= ARTILLERY
    dead = sum(government.deaths for government in crisis.governments.values())
    crisis.close()
    days = heavy[:LOOKED_AT].sum(axis=0)
    alike = (days >= SPELL_DAYS[0]) & (days <= SPELL_DAYS[1]) & ~heavy[QUIET_FROM:].any(axis=0)
    bloody = alike & (dead >= DEAD[0]) & (dead <= DEAD[1])
    return _shares({"a spell like July 2020": alike, f"with {DEAD[0]} to {DEAD[1]} dead": bloody})


def quartiles(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Quartiles of heavy days, days to calm and dead of every coded case, mediators on offer as coded, a row a case.

    Days to calm are counted as the horizon where calm did not come.
    """
    rows = []
    for name in cases():
        outcomes = simulate(scenario_named(name), lanes, Settings(seed=seed, horizon_days=CASE_DAYS)).lanes
        calm = np.where(outcomes["days_to_calm"] < 0, CASE_DAYS, outcomes["days_to_calm"])
        dead = outcomes["deaths_a"] + outcomes["deaths_b"]
        marks = np.quantile([outcomes["days_heavy"], calm, dead], (0.25, 0.5, 0.75), axis=1).T.ravel()
        rows.append((name, *marks.tolist()))
    numbers = [f"{what}_{at}" for what in ("heavy_days", "days_to_calm", "dead") for at in (25, 50, 75)]
    return pl.DataFrame(rows, schema=["case", *numbers], orient="row")


def _shares(happened: dict[str, np.ndarray]) -> pl.DataFrame:
    shares, crises = np.array([flags.mean() for flags in happened.values()]), len(next(iter(happened.values())))
    columns = [list(happened), shares, *wilson(shares, crises), [crises] * len(happened)]
    return pl.DataFrame(columns, schema=["what", "share", "low", "high", "crises"], orient="col")


# -- the document ------------------------------------------------------------------------------------------------------


def results_markdown(results: Mapping[str, Any], quick: bool) -> str:
    """Every table of the results, see :func:`gather`, in reading order."""
    mechanisms = {
        name.removeprefix(SWITCHED_OFF): table for name, table in results.items() if name.startswith(SWITCHED_OFF)
    }
    signs = pl.concat([table for name, table in results.items() if name.startswith(SIGNS)])
    in_order = signs.sort(pl.col("parameter").cast(pl.Enum(list(effects.numbers()))))
    values = {name.replace(" ", "_"): result for name, result in results.items()}
    values["targets"] = [(item, results[f"population {item.scenario}"]) for item in POPULATIONS]
    values |= {"headline": headline(results["arms"]), "contrasts": placebo_table(results["arms"]), "horizon": HORIZON}
    values |= {"quick": quick, "posteriors": shipped_posteriors(), "reasons": reasons(), "parts": PARTS}
    values |= {"mechanisms": mechanisms, "dead": effects.dead_mechanisms(mechanisms), "signs": in_order}
    values |= {"special": effects.SPECIAL, "harmful": effects.HARM, "peace_range": PEACE}
    values["endings"] = pl.concat([results["peace"], results["spell"]])
    values["covered"] = coverage_summary(results["coverage"])
    values |= {"wanted": wanted, "interval": interval, "number": format, "predicted": predicted}
    return one_blank_line(render("experiments.validation", "results.md.j2", **values))


def document(results: str) -> str:
    """The whole document: results as Markdown, what they cannot say, and how records are read, from the code itself."""
    modules = {"": records, "MID": mid, "MIE": mie, "ICB": icb, "CASUALTIES": casualties}
    prose = {
        name: re.sub(r":[a-z]+:`~?([^`]+)`", r"`\1`", inspect.cleandoc(module.__doc__ or "")).replace("``", "`")
        for name, module in modules.items()
    }
    values = {"records": prose.items(), "readings": READINGS, "model": model_fingerprint()}
    return one_blank_line(render("experiments.validation", "validation.md.j2", results=results, **values))


def shipped_posteriors() -> list[dict[str, Any]]:
    """The facts beside every shipped posterior that was compared with targets."""
    paths = sorted((files("conf") / "posterior").glob("*.json"))  # type: ignore[attr-defined]
    posteriors = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [facts for facts in posteriors if facts.get("targets")]


def wanted(target: Target) -> str:
    """A record's number and interval in words."""
    if isnan(target.low):
        return f"{target.value:g} (n = {target.n})"
    middle = "" if isnan(target.value) else f"{target.value:g} "
    return f"{middle}({target.low:g} to {target.high:g})"


def coverage_summary(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Coverage in the settings where it is promised, a row a population and kind of interval.

    ``tables``: population -> a row a setting, ``method, coverage`` (share), ``promised`` and ``kept`` (Boolean).
    """
    promised = pl.concat(
        [
            table.filter("promised").select("method", "coverage", "kept", population=pl.lit(name))
            for name, table in tables.items()
        ]
    )
    coverage = pl.col("coverage")
    ends = {"lowest": coverage.min(), "median": coverage.median(), "highest": coverage.max()}
    groups = promised.group_by("population", "method", maintain_order=True)
    return groups.agg(settings=pl.len(), **ends, kept=pl.col("kept").mean())


def interval(value: float | None, low: float | None, high: float | None, signed: bool = False) -> str:
    """A number with its interval, in the digits that its draws support."""
    if value is None or isnan(value):
        return "–"
    if value == low == high == 0:
        return "0"
    if not known(low) or not known(high):
        return f"{value:{'+' if signed else ''}.3g}"
    middle, *ends = supported(value, low, high, signed)
    return f"{middle} ({ends[0]} to {ends[1]})"
