"""The coding sheets of known cases say what their scenarios say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments.config.compose import Composer, composer
from experiments.text import as_typed
from sim.scenario import Scenario

CONF = Path(__file__).parents[2] / "conf"
SHEETS = Path(__file__).parents[2] / "docs" / "cases"
CASES = sorted(path.stem for path in SHEETS.glob("*.md") if path.stem not in ("README", "expected"))
RULES = set(re.findall(r"^\| (R\d+) ", (SHEETS / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
BY_RULE = ("kargil_1999", "balakot_2019", "georgia_2008", "cenepa_1995", "galwan_2020", "eritrea_1998")


def _leaves(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _population() -> dict[str, set[Any]]:
    """Every value that the population sets: parameter -> values, of dyads at large and on a line of contact."""
    values: dict[str, set[Any]] = {}
    for name in ("dyads", "line_of_contact"):
        tree = yaml.safe_load((CONF / "population" / f"{name}.yaml").read_text(encoding="utf-8"))
        for path, value in _leaves({part: tree[part] for part in tree if part != "varies"}):
            values.setdefault(path, set()).add(value)
    return values


POPULATION = _population()


@pytest.fixture(scope="module")
def shipped() -> Iterator[Composer]:
    """Hydra, held open on the configurations that Offramp brings along."""
    with composer() as made:
        yield made


@cache  # composing takes a third of a second
def _scenario(shipped: Composer, name: str) -> Scenario:
    return shipped.compose([f"scenario={name}"]).scenario


def _rows(name: str) -> list[list[str]]:
    text = (SHEETS / f"{name}.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("name", CASES)
def test_every_value_of_a_sheet_is_that_of_its_scenario(shipped: Composer, name: str) -> None:
    values = _scenario(shipped, name).values()
    for parameter, value, *_ in _rows(name):
        assert as_typed(values[parameter.strip("`")]) == value, parameter


@pytest.mark.parametrize("name", CASES)
def test_every_row_of_a_sheet_names_its_rule(name: str) -> None:
    rows = _rows(name)
    assert len(rows) >= 15
    assert all(rule in RULES or rule == "not by rule" for _, _, rule, _ in rows)


@pytest.mark.parametrize("name", CASES)
def test_every_value_of_a_case_is_told_by_its_sheet_or_left_to_the_population(shipped: Composer, name: str) -> None:
    values, defaults = _scenario(shipped, name).values(), Scenario().values()
    told = {parameter.strip("`") for parameter, *_ in _rows(name)}
    silent = ("label", "present", "name", "title")
    own = {path for path, value in values.items() if value != defaults[path] and not path.endswith(silent)}
    left = {path for path in own if values[path] in POPULATION.get(path, ())}
    assert {path for path in own - left if not path.startswith(("mediation.", "talks."))} <= told


@pytest.mark.parametrize("name", CASES)
def test_what_a_sheet_codes_is_not_drawn(shipped: Composer, name: str) -> None:
    told = {parameter.strip("`") for parameter, *_ in _rows(name)}
    assert not told & set(_scenario(shipped, name).varies)


@pytest.mark.parametrize("name", CASES)
def test_stakes_and_costs_are_left_to_the_population(shipped: Composer, name: str) -> None:
    values = _scenario(shipped, name).values()
    for side in "ab":
        for trait in ("resolve", "resolve_sd", "material_cost", "domestic_weight"):
            path = f"government.{side}.{trait}"
            assert values[path] in POPULATION[path]
    assert not any(".resolve" in parameter for parameter, *_ in _rows(name))


@pytest.mark.parametrize("name", BY_RULE)
def test_the_rule_of_balance_is_kept(shipped: Composer, name: str) -> None:
    combat = _scenario(shipped, name).dyad.combat
    assert min(combat.force_line_a, combat.force_line_b) == 1
    assert max(combat.force_line_a, combat.force_line_b) <= 2.5
