"""Draws of uncertain parameters, kept as plain tables in ``conf/posterior``: small Parquet files, or CSV by hand.

A column is a parameter's dotted path, or ``varies.`` and the path of an argument of what the scenario draws;
``structure`` names the structure of the model that a draw belongs to, of which there are as many as its weight says. Each
draw becomes points of its own, crossed with everything else a study compares. Only the population of disputes is fitted;
its posterior is laid under what a case codes (:func:`left_open`), and a case on a line of contact has that venue's own,
too, draw by draw.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from experiments.config.overrides import nearest_name
from experiments.design.factors import Rows, cell_reader
from experiments.design.priors import POPULATION, VARIES, VENUE, argument_of, lay_over
from experiments.errors import UserError
from experiments.files import read_table
from sim.scenario import Scenario

NOTHING = ("none", "defaults")
OWN = "posterior"
"""The word for the posterior that bears the scenario's own name."""
ENDINGS = (".parquet", ".csv")
Case = tuple[Scenario, Scenario]
"""A case, and the population that it is a draw of."""
STRUCTURE = "structure"
"""The column of a posterior that names the structure of the model a draw was fitted in."""
ONE_STRUCTURE = "the model"
"""What the structure is called where a posterior knows only one."""
LEAST_WEIGHT = 0.01
"""Structures of less weight are not drawn from."""


@dataclass(frozen=True)
class WeightedDraws:
    """A posterior's draws: parameter path -> values (draws,), and the structure and the weight of each draw.

    Weights add up to 1, those of a structure to its weight; ``intervals`` holds a structure's weight and its bounds.
    """

    columns: Mapping[str, np.ndarray]
    structure: np.ndarray
    weight: np.ndarray
    intervals: Mapping[str, tuple[float, float, float]]

    def sample(self, number: int, equal: bool, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """So many rows, shape (number,), and their weights, in an order of their own.

        Structures get equally many rows where ``equal`` (so that each can be judged by itself; their weights then differ),
        else as many as their weights say (all weights alike). Fewer than two rows a structure: the heaviest alone.
        """
        total = {name: float(self.weight[self.structure == name].sum()) for name in dict.fromkeys(self.structure)}
        heaviest = sorted((name for name in total if total[name] >= LEAST_WEIGHT), key=lambda name: -total[name])
        names = heaviest[: max(1, number // 2)]
        shares = np.array([1.0 if equal else total[name] for name in names])
        targets = number * shares / shares.sum()
        counts = np.floor(targets).astype(int)
        counts[np.argsort(counts - targets, kind="stable")[: number - counts.sum()]] += 1
        generator = np.random.default_rng(seed)
        rows, weights = [], []
        for name, count in zip(names, counts, strict=True):
            rows.append(np.resize(generator.permutation(np.flatnonzero(self.structure == name)), count))
            weights.append(np.full(count, total[name] / max(count, 1) if equal else 1.0))
        together = np.concatenate(weights)
        return np.concatenate(rows), together / together.sum()


def weighted_draws(path: Path) -> WeightedDraws:
    """The draws of a shipped posterior, by default of one structure; UserError where a structure has no weight."""
    table = read_table(path)
    if STRUCTURE not in table.columns:
        structure, weights = np.full(table.height, ONE_STRUCTURE), {ONE_STRUCTURE: (1.0, 1.0, 1.0)}
    else:
        structure = table[STRUCTURE].to_numpy().astype(str)
        facts = _facts(path.with_suffix(".json")).get("structures", {})
        if missing := sorted(set(structure) - set(facts)):
            raise UserError(f"{path.with_suffix('.json')}: no weight for structure {missing[0]}")
        weights = {name: (row["weight"], row["low"], row["high"]) for name, row in facts.items()}
    names, structure_of, counts = np.unique(structure, return_inverse=True, return_counts=True)
    each = np.array([weights[name][0] for name in names]) / counts
    columns = {name: table[name].to_numpy() for name in table.columns if name != STRUCTURE}
    return WeightedDraws(columns, structure, each[structure_of] / each[structure_of].sum(), weights)


def posterior_rows(
    uncertainty: str, config_dir: str | None = None, scenario: str | None = None, case: Case | None = None
) -> Rows | None:
    """The draws named by ``uncertainty`` as rows with a column ``draw``, or None where there is none.

    ``uncertainty`` is ``none`` or ``defaults``; ``posterior`` for the scenario's own (``scenario`` is its name), of a case
    that of the population laid under what the case codes (``case`` is then needed); ``NAME`` for all draws of a posterior
    of that name; any of them followed by ``:DRAWS`` for the first so many. UserError if there is no such posterior, or it
    sets an unknown parameter or a value out of its range.
    """
    name, _, draws = uncertainty.partition(":")
    if name in NOTHING:
        return None
    source = _source(name, scenario, config_dir, case)
    header, lines = _read(source)
    if draws and (not draws.isdigit() or not 1 <= int(draws) <= len(lines)):
        raise UserError(f"uncertainty={uncertainty}: draws must be a number from 1 to {len(lines)}")
    number = int(draws or len(lines))
    rows = list(range(number))
    if STRUCTURE in header:  # rows of structures are as many as were fitted: their weights decide how many are drawn
        rows = weighted_draws(Path(str(source))).sample(number, equal=False, seed=0)[0].tolist()
    lines = [lines[row] for row in rows]
    under = case if name == OWN and source.name.rpartition(".")[0] == POPULATION != scenario else None
    columns: dict[str, list[Any]] = {"draw": [str(number) for number in range(len(lines))]}
    if STRUCTURE in header:
        columns[STRUCTURE] = [str(line[header.index(STRUCTURE)]) for line in lines]
    values = _checked(name, header, lines)
    columns |= {path: values[path] for path in (left_open(values, *under) if under else values)}
    known = _known(config_dir)
    if under and of_the_venue(under[0]) and VENUE in known:  # each of its draws was fitted under that of the same row
        header, lines = _read(known[VENUE])
        columns |= _checked(VENUE, header, [lines[row % len(lines)] for row in rows])
    return Rows(columns, number)


def of_the_venue(case: Scenario) -> bool:
    """Whether a scenario has the local fire of a line of contact as conf/population codes it."""
    values = case.values()
    return all(values[path] == value for path, value in _coded_of_the_venue().items())


@cache
def _coded_of_the_venue() -> dict[str, Any]:
    from omegaconf import OmegaConf

    coded = OmegaConf.load(str(files("conf") / "population" / f"{VENUE}.yaml"))
    values = {path: OmegaConf.select(coded, path) for path in Scenario().values()}
    return {path: value for path, value in values.items() if value is not None}


def left_open(paths: Iterable[str], case: Scenario, population: Scenario) -> list[str]:
    """Those of the paths of a posterior of the population on which a case codes nothing.

    A parameter is left open where the case has the population's value, or the default, on both sides; an argument of a
    distribution where the case draws the trait from the same distribution as the population. A mediator's levers are
    chosen, and never drawn for a case; nor is what is coded of a line of contact.
    """
    coded, shared, default = case.values(), population.values(), Scenario().values()
    of_the_line = _coded_of_the_venue() if of_the_venue(case) else {}

    def is_open(path: str) -> bool:
        if path.startswith(VARIES):
            drawn = argument_of(path)[0]
            return drawn in case.varies and case.varies[drawn] == population.varies.get(drawn)
        if path.startswith("mediation.") or path in of_the_line:  # a lever: whoever mediates a case chooses it
            return False
        twins = {path, path.replace(".a.", ".b."), path.replace(".b.", ".a.")}
        return path not in coded or all(coded[twin] in (shared[twin], default[twin]) for twin in twins)

    return [path for path in paths if is_open(path)]


def rests_on(case: Scenario, population: Scenario) -> bool:
    """Whether a scenario draws any trait as the population does."""
    return any(case.varies.get(path) == spec for path, spec in population.varies.items())


def facts_of(uncertainty: str, config_dir: str | None, scenario: str | None) -> tuple[str, dict[str, Any] | None]:
    """The name of the posterior that is meant, and the facts kept beside it; None where nothing is kept beside it."""
    source = _source(uncertainty.partition(":")[0], scenario, config_dir, None, or_population=True)
    name = source.name.rpartition(".")[0]
    beside = source.parent / f"{name}.json"
    return name, _facts(beside) if beside.is_file() else None


def _facts(path: Any) -> dict[str, Any]:
    """What is kept beside a posterior; UserError naming the file where it cannot be read."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: the facts beside a posterior cannot be read ({error})") from None
    if not isinstance(facts, dict):
        raise UserError(f"{path}: the facts beside a posterior are no mapping")
    return facts


def with_draws(
    scenarios: Sequence[Scenario], base: np.ndarray, rows: Rows
) -> tuple[list[Scenario], list[int], np.ndarray]:
    """Scenarios with the distributions of each draw, the number of the one each came from, and which a row rests on."""
    drawn = {path: values for path, values in rows.columns.items() if path.startswith(VARIES)}
    if not drawn:
        return list(scenarios), list(range(len(scenarios))), base
    keys = list(zip(base.tolist(), *drawn.values(), strict=True))
    distinct = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    laid_over = []
    for first, *values in distinct:
        settings = {path: value for path, value in zip(drawn, values, strict=True) if value is not None}
        laid_over.append(lay_over(scenarios[first], settings))
    return laid_over, [first for first, *_ in distinct], np.array([distinct[key] for key in keys], np.int64)


def _known(config_dir: str | None) -> dict[str, Any]:
    folders = [files("conf") / "posterior", *([Path(config_dir) / "posterior"] if config_dir else [])]
    return {
        entry.name.rpartition(".")[0]: entry
        for ending in reversed(ENDINGS)
        for folder in folders
        if folder.is_dir()
        for entry in folder.iterdir()
        if entry.name.endswith(ending)
    }


def _source(
    name: str, scenario: str | None, config_dir: str | None, case: Case | None, or_population: bool = False
) -> Any:
    known = _known(config_dir)
    available = f"available: {', '.join(['none', *sorted(known)])}"
    if name == OWN and OWN not in known:
        if scenario in known:
            return known[scenario]
        if POPULATION in known and (or_population or (case is not None and rests_on(*case))):
            return known[POPULATION]
        raise UserError(
            f"uncertainty=posterior: {scenario} has no posterior of its own and does not rest on conf/population; "
            f"{available}"
        )
    if name not in known:
        raise UserError(f"uncertainty={name}: no such posterior{nearest_name(name, known)}; {available}")
    return known[name]


def _read(source: Any) -> tuple[list[str], Sequence[Sequence[Any]]]:
    if source.name.endswith(".csv"):
        header, *lines = list(csv.reader(source.read_text(encoding="utf-8-sig").splitlines()))
        return header, [[cell.strip() for cell in line] for line in lines]
    import polars as pl

    table = pl.read_parquet(source.read_bytes())
    return table.columns, table.rows()


def _checked(name: str, header: Sequence[str], lines: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """The checked values of every path of a posterior, one a line."""
    columns: dict[str, list[Any]] = {}
    for place, path in enumerate(header):
        if path != STRUCTURE:
            where = f"posterior {name}: {path}"
            columns[path] = list(map(cell_reader(where, path, where), (line[place] for line in lines)))
    return columns
