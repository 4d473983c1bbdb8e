"""The results as Markdown, and the document made of them."""

from __future__ import annotations

import json
from importlib.resources import files
from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from experiments.statistics.arms import Arm
from experiments.targets.targets import POPULATIONS, Comparison, targets_of
from experiments.validation import running
from experiments.validation.effects import MEASURES
from experiments.validation.running import (
    ARMS,
    arms_of,
    coverage_summary,
    document,
    headline,
    inertia_map,
    interval,
    placebo_table,
    print_markdown,
    results_markdown,
)
from sim.scenario import Scenario
from tests.support.golden import check_golden
from tests.support.made_up_checks import checks
from tests.support.synthetic_outcomes import outcomes


def mechanism(name: str, changed: float, idle: bool = False) -> dict:
    return {
        "mechanism": name,
        "meaning": "",
        "idle": idle,
        "changed": changed,
        **{f"{measure}{end}": 0.1 for measure in MEASURES for end in ("", "_low", "_high")},
    }


def comparison(target, inside: bool) -> Comparison:
    return Comparison(target, 1.0, 0.9, 1.1, inside, True, 9, 9)


def made_up(**changes) -> dict:
    """Results of every task, made up."""
    inertia = {
        "step_up": [0.1, 0.1],
        "step_down": [0.2, 0.7],
        "value": [0.5, 0.25],
        "low": [0.4] * 2,
        "high": [0.6] * 2,
    }
    coverage = {"method": ["wilson", "wilson", "paired"], "coverage": [0.95, 0.8, 0.94]}
    promised = {"promised": [True, False, True], "kept": [True, False, True]}
    return {
        **{
            f"population {item.scenario}": [comparison(target, False) for target in targets_of(item.scenario)]
            for item in POPULATIONS
        },
        "switching off: baseline": pl.DataFrame([mechanism("x", 0.5), mechanism("z", 0.0, idle=True)]),
        "inertia": pl.DataFrame({"arm": ["alone", "alone"], **inertia, "lanes": [10, 10]}),
        "arms": [Arm(name, outcomes(60, effect=number * 0.1)) for number, name in enumerate(ARMS)],
        "coverage": {"pairs": pl.DataFrame({**coverage, **promised})},
        **checks(),
        **changes,
    }


def section(text: str, title: str) -> str:
    """What stands below a heading, up to the next of any level."""
    return text.partition(f"# {title}\n")[2].partition("\n#")[0]


@pytest.fixture
def one_posterior(monkeypatch):
    """One posterior of two targets in place of those that ship."""
    facts = json.loads((files("conf") / "posterior" / "dispute_population.json").read_text(encoding="utf-8"))
    few = [{**facts["targets"][0], "value": 0.1}, {**facts["targets"][1], "id": "T7", "inside": False}]
    monkeypatch.setattr(running, "shipped_posteriors", lambda: [{**facts, "targets": few, "inside": 1, "of": 2}])


def test_results_read_as_they_did(one_posterior):
    check_golden("validation.md", results_markdown(made_up(), quick=True))


def printed(text: str) -> list[str]:
    console = Console(file=StringIO(), width=120)
    print_markdown(console, text)
    return console.file.getvalue().splitlines()


def test_the_terminal_shows_every_heading_and_table(one_posterior):
    text = results_markdown(made_up(), quick=True)
    lines = printed(text)
    headings = [line.lstrip("# ") for line in text.splitlines() if line.startswith("#")]
    assert [line for line in lines if line in headings] == headings
    assert sum(line.startswith("┏") for line in lines) == text.count("\n| --- |")
    assert any(line.startswith("* **T7** is missed") for line in lines)


def test_paragraphs_stand_apart_and_bars_in_cells_are_shown_as_bars():
    lines = printed("## One\n\nWords.\n\nMore.\n\n| a |\n| --- |\n| x \\| y |\n")
    assert lines[:5] == ["", "One", "Words.", "", "More."]
    assert "│ x | y │" in lines


def test_missed_targets_are_listed_as_missed():
    met, missed = (comparison(target, target.id == "B3") for target in targets_of("tovuz_2020")[2:4])
    others = {f"population {item.scenario}": [met] for item in POPULATIONS[:2]}
    text = results_markdown(made_up(**others, **{"population tovuz_2020": [met, missed]}), quick=False)
    assert "3 of 4 targets are met. Missed: B4." in text and "quick look" not in text
    rows = section(text, "`tovuz_2020`").splitlines()
    assert [row.split(" | ")[-1] for row in rows if row.startswith("| B")] == ["inside |", "outside |"]
    assert "This was a quick look" in results_markdown(made_up(), quick=True)


def test_how_records_are_read_comes_from_the_code():
    text = document("")
    for word in ("180 days", "seven days", "Decided before anything was tuned", "more than 40 died", "T13c"):
        assert word in text
    assert ":mod:" not in text


def test_mechanisms_that_change_nothing_are_named_and_idle_ones_left_out():
    table = pl.DataFrame([mechanism("x", 0.0), mechanism("y", 0.5), mechanism("z", 0.0, idle=True)])
    text = results_markdown(made_up(**{"switching off: baseline": table}), quick=False)
    assert "Change nothing anywhere: `x`, `z`." in text
    columns = set()
    for part in ("course of the crisis", "governments and publics"):
        head, _, *rows = section(text, f"Baseline: {part}").strip().splitlines()
        assert [row.split(" | ")[0] for row in rows] == ["| `y`", "| `x`"]
        columns |= set(head.strip("| ").split(" | ")[2:])
    assert columns == {measure.replace("_", " ") for measure in MEASURES}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.1234, 0.1, 0.15), "0.123 (0.1 to 0.15)"),
        ((float("nan"), 0, 0), "–"),
        ((None, None, None), "–"),
        ((0.0, 0.0, 0.0), "0"),
        ((0.05049, 0.04171, 0.06104), "0.05 (0.042 to 0.061)"),
        ((1234.5, 1101.2, 1399.9), "1230 (1100 to 1400)"),
        ((3.0, 3.0, 3.0), "3 (3 to 3)"),
        ((0.5, float("nan"), float("nan")), "0.5"),
    ],
)
def test_numbers_come_with_their_interval(numbers, text):
    assert interval(*numbers) == text


def test_another_order_of_summing_changes_no_digit():
    """Differences far below the Monte Carlo error, as between processors, leave every number as it was."""
    for value in (0.0613, 0.7481, 12.347, 843.2):
        error = value / 30
        texts = {
            interval(value + nudge, value - 2 * error, value + 2 * error + nudge, signed=True)
            for nudge in (0, 1e-12, -3e-9 * value, 1e-4 * error)
        }
        assert len(texts) == 1


def test_coverage_counts_promised_settings_alone():
    table = coverage_summary(made_up()["coverage"])
    assert table.select("population", "method", "settings", "lowest").rows() == [
        ("pairs", "wilson", 1, 0.95),
        ("pairs", "paired", 1, 0.94),
    ]


def test_the_inertia_map_covers_every_cell_of_both_arms():
    cells = inertia_map(Scenario().replaced({"dyad.start_rung_a": 4}), replicates=3, steps=(0.2, 1.0))
    assert cells.height == 8
    text = results_markdown(made_up(inertia=cells), quick=False)
    for arm in ("without a mediator", "without mediator, direct talks or fear of allies"):
        head, _, *rows = section(text, arm).strip().splitlines()
        assert head == "|  | down 0.2 | down 1 |"
        assert [row.count("±") for row in rows] == [2, 2]


def test_arms_are_compared_with_no_mediator_under_shared_luck():
    arms = arms_of("tovuz_2020", replicates=4)
    assert [arm.name for arm in arms] == list(ARMS)
    table = placebo_table(arms)
    assert set(table["arm"]) == set(ARMS) - {"no mediator"}
    assert set(table["basis"]) <= {"paired", "identical"}
    assert headline(arms).height == len(ARMS)
