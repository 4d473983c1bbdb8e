"""What a search leaves: tables, a mediation file for each kept policy, figures and a page that says what was found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import yaml

from experiments.config.compose import Configuration
from experiments.decide.judging import Judged
from experiments.decide.levers import Policy
from experiments.decide.plan import Objective, Plan
from experiments.decide.worlds import Worlds, mediation_values
from experiments.figures.lazy_figures import Drawings
from experiments.files import write_parquet, write_text
from experiments.statistics.metrics import Metric
from experiments.text import as_markdown, as_typed, bracketed, percentage, plain, render, signed

if TYPE_CHECKING:
    from experiments.decide.search import Result


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
    from experiments.decide.sketches import sketches

    plan, policies = result.plan, _policies(directory, result)
    configuration = worlds.configuration
    tables = {"candidates": _candidates(result, policies), "progress": result.progress(), STATES: worlds.table}
    failed = result.searched.lanes.filter(pl.col("error").is_not_null())
    tables["failures"] = failed.select("policy", "state", "luck", "error")
    if result.judged:
        tables |= {"front": result.judged.front, "against": result.judged.against, "arms": result.judged.arms}
    for name, table in tables.items():
        write_parquet(directory / f"{name}.parquet", table.to_arrow())
    for old in (directory / "mediation").glob("*.yaml"):
        old.unlink()
    if result.judged:
        for row in result.judged.front.iter_rows(named=True):
            _write_mediation(directory, worlds, row, policies[row["policy"]], plan, configuration)
    if figures:
        Drawings(sketches(result, policies, tables)).save(directory / "figures")
    answer = answer_of(plan, result)
    text = render(
        "experiments.decide",
        "search.md.j2",
        title=plan.title or configuration.label,
        answer=answer,
        command=repeated_by[0],
        language=repeated_by[1],
        record=record,
        plan=plan,
        levers=[(lever.path, _range(lever), _price(plan.prices.get(lever.path))) for lever in plan.levers],
        second={path: _price(price) for path, price in plan.second_prices.items()},
        front=front_table(plan, result.judged) if result.judged else "",
        arms=arms_table(plan, result.judged) if result.judged else "",
        groups=_groups(result.judged) if result.judged else [],
        notes=notes_of(plan, worlds, result),
        directory=str(directory),
        example=_example(plan, result.judged) if result.judged else "",
        scenario=worlds.cases[0],
    )
    write_text(directory / "README.md", text)
    return answer


def answer_of(plan: Plan, result: Result) -> str:
    """The answer in two sentences: the cheapest policy that cannot be told apart from the best, and what it adds."""
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
    chosen = own.filter(pl.col("group") == best)
    row = chosen.row(0, named=True)
    item = plan.metrics[first.name]
    text = (
        f"{row['name']} ({_levers(plan, row)}) is the {'cheapest' if plan.prices else 'first'} policy that cannot be "
        f"told apart from the best in {item.label}: {level_words(item, row, first.name)}"
    )
    gaps = [
        f"{gap_words(item, line)} against {line['arm']}"
        for line in result.judged.against.filter(
            (pl.col("policy") == row["name"]) & (pl.col("measure") == first.name)
        ).iter_rows(named=True)
    ]
    count = own.height
    return (
        f"{text}, {', '.join(gaps)}. "
        f"{count} of {front.height} kept policies {'is' if count == 1 else 'are'} on the front, in "
        f"{own['group'].n_unique()} group{'' if own['group'].n_unique() == 1 else 's'} that fresh crises tell apart"
        + (
            f"; under the second price list {int(front['on_front_second'].sum())} remain."
            if "on_front_second" in front.columns
            else "."
        )
    )


def _first(plan: Plan) -> Objective:
    """The first objective that is measured on crises, or a constraint's quantity where only the cost is lowered."""
    return next((own for own in plan.objectives if own.metric), None) or Objective(
        plan.constraints[0].metric.name, plan.constraints[0].direction, 0.0, plan.constraints[0].metric
    )


def front_table(plan: Plan, judged: Judged) -> str:
    """The judged policies as a Markdown table."""
    head = ["policy", *(lever.path.removeprefix("mediation.") for lever in plan.levers)]
    head += ["cost"] if plan.prices else []
    head += [item.label for item in plan.metrics.values()]
    head += [f"meets `{item.text}`" for item in plan.constraints]
    head += ["dominated", "group", "on the front"]
    second = "on_front_second" in judged.front.columns
    rows = [
        [
            row["name"],
            *(as_typed(row[lever.path]) for lever in plan.levers),
            *([f"{row['cost']:.2f}"] if plan.prices else []),
            *(level_words(item, row, name) for name, item in plan.metrics.items()),
            *(f"{100 * row[f'meets {item.text}']:.0f} %" for item in plan.constraints),
            f"{100 * row['dominated']:.0f} %",
            str(row["group"]),
            ("yes" if row["on_front"] else "no") + (_second(row) if second else ""),
        ]
        for row in judged.front.iter_rows(named=True)
    ]
    return as_markdown(head, rows)


def _second(row: Mapping[str, Any]) -> str:
    return "" if row["on_front"] == row["on_front_second"] else " (otherwise under the second prices)"


def arms_table(plan: Plan, judged: Judged) -> str:
    """The arms beside which policies are judged, as a Markdown table."""
    rows = [
        [row["arm"], *(level_words(item, row, name) for name, item in plan.metrics.items())]
        for row in judged.arms.iter_rows(named=True)
    ]
    return as_markdown(["arm", *(item.label for item in plan.metrics.values())], rows)


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
    failed = result.searched.lanes.filter(pl.col("error").is_not_null())
    if failed.height:
        count = failed["policy"].n_unique()
        notes.append(f"{count} candidates with crises that failed are left out; see failures.parquet.")
    if not result.contenders:
        notes.append("No candidate comes near the constraints.")
    return notes


def _policies(directory: Path, result: Result) -> list[Policy]:
    from experiments.decide.search import ASKED
    from experiments.files import read_table
    from experiments.study.parts import part_path

    frames = [
        read_table(part_path(directory, ASKED, number)).drop("policy") for number in range(len(result.plan.sizes))
    ]
    return [row for frame in frames for row in frame.iter_rows(named=True)]


def _candidates(result: Result, policies: list[Policy]) -> pl.DataFrame:
    """A row a candidate: number, generation, levers, cost, what was seen of it while searching, and how far it came."""
    plan, searched = result.plan, result.searched
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


def _write_mediation(
    directory: Path, worlds: Worlds, row: Mapping[str, Any], policy: Policy, plan: Plan, made: Configuration
) -> None:
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
        f"# Found by a search ({made.label}) over {worlds.cases[0]}; README.md beside this folder says how it was judged.",
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


def _range(lever: Any) -> str:
    if lever.values:
        return ", ".join(as_typed(value) for value in lever.values)
    return f"{as_typed(lever.low)} to {as_typed(lever.high)}"


def _price(price: Any) -> str:
    if price is None:
        return ""
    if isinstance(price, Mapping):
        return ", ".join(f"{name} {as_typed(value)}" for name, value in price.items())
    return as_typed(price)


def _groups(judged: Judged) -> list[str]:
    made = judged.front.group_by("group", maintain_order=True).agg(pl.col("name"))
    return [", ".join(names) for _, names in made.sort("group").iter_rows() if len(names) > 1]
