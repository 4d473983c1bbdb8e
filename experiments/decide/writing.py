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
from experiments.decide.plan import Plan
from experiments.decide.search import Result
from experiments.decide.worlds import Worlds, arm_of
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
    tables |= {"failures": result.failures, **(vars(result.judged) if result.judged else {})}
    for name, table in tables.items():
        write_parquet(directory / f"{name}.parquet", table.to_arrow())
    for old in (directory / "mediation").glob("*.yaml"):
        old.unlink()
    for row in result.judged.front.iter_rows(named=True) if result.judged else ():
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
        notes=_notes(plan, worlds, result),
        directory=str(directory),
        example=_example(plan, result.judged) if result.judged else "",
        scenario=worlds.cases[0],
    )
    write_text(directory / "README.md", text)
    return answer


def answer_of(plan: Plan, result: Result) -> str:
    """The answer in two sentences: the cheapest policy that cannot be told apart from the best, and what it adds."""
    if result.judged is None:
        if set(result.contenders or range(len(result.policies))) <= set(result.failures["policy"]):
            error = result.failures["error"][0]
            return (
                f"No candidate could be measured, since each has crises without a number; the first of them: {error}."
            )
        if any(result.contested.feasible[number] for number in result.contenders):
            error = result.failures.filter(pl.col("policy") >= 0)["error"][-1]
            return f"No kept policy could be measured on fresh luck and states; the last of their failures: {error}."
        closest = np.nanmin(result.contested.excess, axis=0, initial=np.inf)
        misses = (f"{item.text} by {amount:.3g}" for item, amount in zip(plan.constraints, closest, strict=True))
        return (
            f"No candidate meets the constraints; taken one at a time the closest ones miss {', '.join(misses)} (0 or "
            "less: met). Loosen them, or widen the levers."
        )
    front, metric = result.judged.front, next(iter(plan.metrics.values()))
    leading = [part for part in plan.objectives if part.metric] or plan.constraints  # where only the cost is lowered
    kept = front.filter(pl.col("on_front"))
    if kept.is_empty():
        return (
            "No kept policy meets the constraints on fresh luck and fresh states. Loosen them, or search with more "
            "candidates and states."
        )
    best = kept.sort(metric.name, descending=leading[0].direction == "up")["group"][0]
    row = kept.filter(group=best).row(0, named=True)
    text = (
        f"{row['name']} ({_levers(plan, row)}) is the {'cheapest' if plan.prices else 'first'} policy that cannot be "
        f"told apart from the best in {metric.label}: {level_words(metric, row)}"
    )
    against = result.judged.against.filter(policy=row["name"], measure=metric.name)
    gaps = (f"{gap_words(metric, line)} against {line['arm']}" for line in against.iter_rows(named=True))
    count, groups = kept.height, kept["group"].n_unique()
    second = f"; under the second price list {int(front['on_front_second'].sum())} remain" if plan.second_prices else ""
    return (
        f"{text}, {', '.join(gaps)}. "
        f"{count} of {front.height} kept policies {'is' if count == 1 else 'are'} on the front, in "
        f"{groups} group{'' if groups == 1 else 's'} that fresh crises tell apart{second}."
    )


def level_words(metric: Metric, row: Mapping[str, Any]) -> str:
    """A level with its interval, shares in per cent."""
    ends = (row[metric.name + end] for end in ("", "_low", "_high"))
    return f"{percentage(*ends)} %" if metric.kind == "probability" else bracketed(*ends)


def gap_words(item: Metric, line: Mapping[str, Any]) -> str:
    """A difference with its interval, in points for shares, as a ratio for typical values."""
    ends = line["value"], line["low"], line["high"]
    if line["scale"] == "ratio":
        return f"times {bracketed(*ends, decimals=2, form=plain)}"
    factor, unit = (100, " points") if item.kind == "probability" else (1, "")
    return bracketed(*(factor * end for end in ends), form=signed) + unit


def _notes(plan: Plan, worlds: Worlds, result: Result) -> list[str]:
    """What a reader must know about how the numbers came about."""
    notes = []
    if not worlds.uncertain:
        notes.append(
            "One state of the world a case: nothing is uncertain but luck, so nothing here speaks of robustness; give "
            "`uncertainty=posterior`."
        )
    for objective, column in zip(plan.objectives, result.searched.values.T, strict=True):
        if len(set(column[~np.isnan(column)])) == 1:
            notes.append(f"{objective.name} is the same for every candidate; it chooses nothing.")
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
    for objective, values in zip(plan.objectives, searched.values.T, strict=True):
        if objective.metric is not None:
            seen = objective.sign * values
            table[f"{objective.name}_seen"] = np.expm1(seen) if objective.metric.kind == "geometric" else seen
    table |= {f"excess {item.text}": excess for item, excess in zip(plan.constraints, searched.excess.T, strict=True)}
    stage = {**dict.fromkeys(result.contenders, "contender"), **dict.fromkeys(result.kept, "kept")}
    table["stage"] = [stage.get(number, "searched") for number in range(len(policies))]
    return pl.DataFrame(table)


def _write_mediation(directory: Path, worlds: Worlds, row: Mapping[str, Any], policy: Policy, plan: Plan) -> None:
    """The file that lets ``--config-dir DIR mediation=NAME`` choose a policy."""
    arm = arm_of(0, policy, plan.levers)
    values = {**worlds.design(arm.choices, worlds.cases[0]).scenarios[0].values(), **dict(arm.values)}
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        node = tree
        for name in parents:
            node = node.setdefault(name, {})
        node[last] = value
    tree = {**tree["mediation"], "label": row["name"]}
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
    sketches: dict[str, Sketch] = {}
    words = {name: (item.label, item.kind) for name, item in plan.metrics.items()}
    if result.judged is not None:
        policies = result.judged.front
        sketches["front"] = partial(front, policies, result.judged.arms, words)
        values = {lever.path: lever.values or (lever.low, lever.high) for lever in plan.levers}
        ends = {path: (choices[0], choices[-1]) for path, choices in values.items()}
        places = [
            [lever.scaled(result.policies[number][lever.path]) for lever in plan.levers]
            for number in policies["policy"]
        ]
        sketches["levers"] = partial(parallel, policies, places, ends, next(iter(words.items())))
    if tables["progress"].height:
        sketches["progress"] = partial(progress, tables["progress"])
    numeric = [lever.path for lever in plan.levers if not any(isinstance(value, str) for value in lever.values)]
    seen = [f"{objective.name}_seen" for objective in plan.objectives if objective.metric]
    if numeric and seen:
        sketches["levers_against_objectives"] = partial(levers_against, tables["candidates"], numeric, seen, words)
    return sketches
