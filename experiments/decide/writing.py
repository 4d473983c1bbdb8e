"""What a search leaves: tables, a mediation file for each kept policy, figures and a page that says what was found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from experiments.decide.judging import Judged
from experiments.decide.levers import Lever, Policy
from experiments.decide.plan import COST, Objective, Plan
from experiments.decide.search import Result
from experiments.decide.worlds import Worlds, mediation_values
from experiments.figures.lazy_figures import Drawings, Sketch
from experiments.files import write_parquet, write_text
from experiments.statistics.metrics import Metric
from experiments.text import as_typed, bracketed, percentage, plain, render, signed

STATES = "states"
"""The table of states of the world."""


def write_results(
    directory: Path,
    worlds: Worlds,
    result: Result,
    record: Mapping[str, Any],
    repeated_by: tuple[str, str],
    figures: bool = True,
) -> str:
    """Write everything a search has found into its directory and return its answer in two sentences.

    Parameters
    ----------
    record : mapping
        What ``search.json`` says.
    repeated_by : (str, str)
        The command or code that makes the same search, and its language.
    figures : bool
        Whether to draw.
    """
    plan, policies = result.plan, result.policies
    tables = {"candidates": _candidates(result), "progress": result.progress(), STATES: worlds.table}
    tables["failures"] = result.failures
    if result.judged:
        tables |= {"front": result.judged.front, "against": result.judged.against, "arms": result.judged.arms}
    for name, table in tables.items():
        write_parquet(directory / f"{name}.parquet", table.to_arrow())
    for old in (directory / "mediation").glob("*.yaml"):
        old.unlink()
    if result.judged:
        for row in result.judged.front.iter_rows(named=True):
            _write_mediation(directory, worlds, row, policies[row["policy"]], plan)
    if figures:
        Drawings(_sketches(result, tables)).save(directory / "figures")
    answer = answer_of(plan, result)
    text = render(
        "experiments.decide",
        "search.md.j2",
        title=plan.title or worlds.configuration.label,
        answer=answer,
        command=repeated_by[0],
        language=repeated_by[1],
        record=record,
        plan=plan,
        judged=result.judged,
        level=level_words,
        typed=as_typed,
        price=_price,
        range=_range,
        notes=notes_of(plan, worlds, result),
        directory=str(directory),
        example=_example(plan, result.judged) if result.judged else "",
        scenario=worlds.cases[0],
    )
    write_text(directory / "README.md", text)
    return answer


def answer_of(plan: Plan, result: Result) -> str:
    """The answer in two sentences: the cheapest policy that cannot be told apart from the best, and what it adds."""
    if result.judged is None and set(result.contenders or range(len(result.policies))) <= set(
        result.failures["policy"]
    ):
        error = result.failures["error"][0]
        return f"No candidate could be measured, since each has crises without a number; the first of them: {error}."
    if result.judged is None and any(result.contested.feasible[number] for number in result.contenders):
        error = result.failures.filter(pl.col("policy") >= 0)["error"][-1]
        return f"No kept policy could be measured on fresh luck and states; the last of their failures: {error}."
    if result.judged is None:
        closest = np.nanmin(result.contested.excess, axis=0, initial=np.inf)
        misses = (f"{item.text} by {amount:.3g}" for item, amount in zip(plan.constraints, closest, strict=True))
        return (
            f"No candidate meets the constraints; taken one at a time the closest ones miss {', '.join(misses)} (0 or "
            "less: met). Loosen them, or widen the levers."
        )
    front, first = result.judged.front, _first(plan)
    own = front.filter(pl.col("on_front"))
    if own.is_empty():
        return (
            "No kept policy meets the constraints on fresh luck and fresh states. Loosen them, or search with more "
            "candidates and states."
        )
    best = own.sort(first.name, descending=first.direction == "up")["group"][0]
    row = own.filter(group=best).row(0, named=True)
    item = plan.metrics[first.name]
    text = (
        f"{row['name']} ({_levers(plan, row)}) is the {'cheapest' if plan.prices else 'first'} policy that cannot be "
        f"told apart from the best in {item.label}: {level_words(item, row, first.name)}"
    )
    against = result.judged.against.filter(policy=row["name"], measure=first.name)
    gaps = (f"{gap_words(item, line)} against {line['arm']}" for line in against.iter_rows(named=True))
    count, groups = own.height, own["group"].n_unique()
    second = f"; under the second price list {int(front['on_front_second'].sum())} remain" if plan.second_prices else ""
    return (
        f"{text}, {', '.join(gaps)}. "
        f"{count} of {front.height} kept policies {'is' if count == 1 else 'are'} on the front, in "
        f"{groups} group{'' if groups == 1 else 's'} that fresh crises tell apart{second}."
    )


def _first(plan: Plan) -> Objective:
    """The first objective that is measured on crises, or a constraint's quantity where only the cost is lowered."""
    return next((own for own in plan.objectives if own.metric), None) or Objective(
        plan.constraints[0].metric.name, plan.constraints[0].direction, 0.0, plan.constraints[0].metric
    )


def level_words(item: Metric, row: Mapping[str, Any], name: str) -> str:
    """A level with its interval, shares in per cent."""
    ends = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return f"{percentage(*ends)} %" if item.kind == "probability" else bracketed(*ends)


def gap_words(item: Metric, line: Mapping[str, Any]) -> str:
    """A difference with its interval, in points for shares, as a ratio for typical values."""
    ends = line["value"], line["low"], line["high"]
    if line["scale"] == "ratio":
        return f"times {bracketed(*ends, decimals=2, form=plain)}"
    factor, unit = (100, " points") if item.kind == "probability" else (1, "")
    return bracketed(*(factor * end for end in ends), form=signed) + unit


def notes_of(plan: Plan, worlds: Worlds, result: Result) -> list[str]:
    """What a reader must know about how the numbers came about."""
    notes = []
    if not worlds.uncertain:
        notes.append(
            "One state of the world a case: nothing is uncertain but luck, so nothing here speaks of robustness; give "
            "`uncertainty=posterior`."
        )
    spread = result.searched.values
    for at, own in enumerate(plan.objectives):
        known = spread[:, at][~np.isnan(spread[:, at])]
        if len(known) and known.min() == known.max():
            notes.append(f"{own.name} is the same for every candidate; it chooses nothing.")
    failed = result.failures["policy"].unique()
    if (failed >= 0).any():
        notes.append(f"{(failed >= 0).sum()} candidates with crises that failed are left out; see failures.parquet.")
    notes += [
        f"{name} has crises that failed, see failures.parquet." for at, name in enumerate(plan.arms, 1) if -at in failed
    ]
    if not result.contenders:
        notes.append("No candidate comes near the constraints.")
    return notes


def _candidates(result: Result) -> pl.DataFrame:
    """A row a candidate: number, generation, levers, cost, what was seen of it while searching, and how far it came."""
    plan, searched, policies = result.plan, result.searched, result.policies
    table: dict[str, Any] = {"policy": range(len(policies)), "generation": result.generation}
    table |= {lever.path: [policy[lever.path] for policy in policies] for lever in plan.levers}
    if plan.prices:
        table["cost"] = [plan.cost(policy) for policy in policies]
    for at, own in enumerate(plan.objectives):
        if own.metric is not None:
            seen = own.sign * searched.values[:, at]
            table[f"{own.name}_seen"] = seen if own.metric.kind != "geometric" else np.expm1(seen)
    for at, item in enumerate(plan.constraints):
        table[f"excess {item.text}"] = searched.excess[:, at]
    stage = {**dict.fromkeys(result.contenders, "contender"), **dict.fromkeys(result.kept, "kept")}
    table["stage"] = [stage.get(number, "searched") for number in range(len(policies))]
    return pl.DataFrame(table)


def _write_mediation(directory: Path, worlds: Worlds, row: Mapping[str, Any], policy: Policy, plan: Plan) -> None:
    """The file that lets ``--config-dir DIR mediation=NAME`` choose a policy."""
    tree: dict[str, Any] = {}
    for path, value in mediation_values(worlds, policy).items():
        *parents, last = path.split(".")
        place = tree
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    tree["label"] = row["name"]
    others = {path: value for path, value in policy.items() if not path.startswith("mediation")}
    lines = [
        f"# {row['name']}: {_levers(plan, row)}",
        "#",
        f"# Found by a search ({worlds.configuration.label}) over {worlds.cases[0]}; README.md beside this folder says how "
        "it was judged.",
    ]
    if others:
        words = " ".join(f"{path}={as_typed(value)}" for path, value in others.items())
        lines.append(f"# It was found together with what is no part of a mediation: {words}")
    body = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    write_text(directory / "mediation" / f"{row['name']}.yaml", "\n".join(lines) + "\n" + body)


def _example(plan: Plan, judged: Judged) -> str:
    """The choices of the first policy on the front, as one types them."""
    chosen = judged.front.filter(pl.col("on_front"))
    row = (chosen if chosen.height else judged.front).row(0, named=True)
    others = [lever.path for lever in plan.levers if not lever.path.startswith("mediation")]
    return " ".join([f"mediation={row['name']}", *(f"{path}={as_typed(row[path])}" for path in others)])


def _levers(plan: Plan, row: Mapping[str, Any]) -> str:
    names = (f"{lever.path.removeprefix('mediation.')} {as_typed(row[lever.path])}" for lever in plan.levers)
    return ", ".join(names) + (f"; cost {row['cost']:.2f}" if plan.prices else "")


def _range(lever: Lever) -> str:
    if lever.values:
        return ", ".join(as_typed(value) for value in lever.values)
    return f"{as_typed(lever.low)} to {as_typed(lever.high)}"


def _price(price: Any) -> str:
    if isinstance(price, Mapping):
        return ", ".join(f"{name} {as_typed(value)}" for name, value in price.items())
    return "" if price is None else as_typed(price)


def _sketches(result: Result, tables: Mapping[str, pl.DataFrame]) -> dict[str, Sketch]:
    """Figure by name: the front, levers in parallel, hypervolume by generation, levers against objectives."""
    from experiments.figures.deciding import front, levers_against, parallel, progress

    plan = result.plan
    made: dict[str, Sketch] = {}
    words = {name: (item.label, item.kind) for name, item in plan.metrics.items()}
    levers = [lever.path for lever in plan.levers]
    positions = {lever.path: [lever.scaled(policy[lever.path]) for policy in result.policies] for lever in plan.levers}
    if result.judged is not None:
        made["front"] = partial(front, result.judged.front, result.judged.arms, words)
        values = {lever.path: lever.values or (lever.low, lever.high) for lever in plan.levers}
        ends = {path: (own[0], own[-1]) for path, own in values.items()}
        shown = result.judged.front
        places = [[positions[path][number] for path in levers] for number in shown["policy"]]
        made["levers"] = partial(parallel, shown, places, ends, next(iter(words.items())))
    if tables["progress"].height:
        made["progress"] = partial(progress, tables["progress"])
    numeric = [lever.path for lever in plan.levers if not any(isinstance(value, str) for value in lever.values)]
    seen = [f"{own.name}_seen" for own in plan.objectives if own.name != COST]
    if numeric and seen:
        made["levers_against_objectives"] = partial(levers_against, tables["candidates"], numeric, seen, words)
    return made
