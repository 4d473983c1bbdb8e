"""The coding sheets of known cases say what their scenarios say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.config.compose import Composer, composer
from experiments.text import as_typed

SHEETS = Path(__file__).parents[2] / "docs" / "cases"
CASES = sorted(path.stem for path in SHEETS.glob("*.md") if path.stem not in ("README", "expected"))
RULES = set(re.findall(r"^\| (R\d+) ", (SHEETS / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
BY_RULE = ("kargil_1999", "balakot_2019", "georgia_2008", "cenepa_1995", "galwan_2020", "eritrea_1998")


@pytest.fixture(scope="module")
def shipped() -> Iterator[Composer]:
    """Hydra, held open on the configurations that Offramp brings along."""
    with composer() as made:
        yield made


def _rows(name: str) -> list[list[str]]:
    text = (SHEETS / f"{name}.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("name", CASES)
def test_every_value_of_a_sheet_is_that_of_its_scenario(shipped: Composer, name: str) -> None:
    values = shipped.compose([f"scenario={name}"]).scenario.values()
    for parameter, value, *_ in _rows(name):
        assert as_typed(values[parameter.strip("`")]) == value, parameter


@pytest.mark.parametrize("name", CASES)
def test_every_row_of_a_sheet_names_its_rule(name: str) -> None:
    rows = _rows(name)
    assert len(rows) >= 15
    assert all(rule in RULES or rule == "not by rule" for _, _, rule, _ in rows)


@pytest.mark.parametrize("name", BY_RULE)
def test_a_case_coded_by_rule_explains_everything_it_sets(shipped: Composer, name: str) -> None:
    from sim.scenario import Scenario

    values, defaults = shipped.compose([f"scenario={name}"]).scenario.values(), Scenario().values()
    told = {parameter.strip("`") for parameter, *_ in _rows(name)}
    silent = ("label", "present", "name", "title")
    changed = {path for path, value in values.items() if value != defaults[path] and not path.endswith(silent)}
    assert {path for path in changed if not path.startswith(("mediation.", "talks."))} <= told


@pytest.mark.parametrize("name", BY_RULE)
def test_the_rules_of_balance_and_stakes_are_kept(shipped: Composer, name: str) -> None:
    scenario = shipped.compose([f"scenario={name}"]).scenario
    forces = (scenario.dyad.combat.force_line_a, scenario.dyad.combat.force_line_b)
    assert min(forces) == 1
    assert max(forces) <= 2.5
    assert scenario.government.a.resolve == scenario.government.b.resolve
    assert not scenario.varies
