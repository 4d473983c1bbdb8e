"""The tables as sections, and the document made of them."""

from __future__ import annotations

import polars as pl
import pytest

from experiments.targets.targets import Comparison, targets_of
from experiments.validation.baseline import ARMS, arms_of, headline, inertia_map, placebo_table
from experiments.validation.document import (
    Section,
    contrast_section,
    coverage_section,
    headline_section,
    inertia_sections,
    interval,
    markdown,
    mechanism_sections,
    reading_sections,
    target_sections,
)
from experiments.validation.mechanisms import MEASURES
from sim.scenario import Scenario


def comparison(number: int, value: float, inside: bool) -> Comparison:
    return Comparison(targets_of("tovuz_2020")[number], value, value - 1, value + 1, inside, True, 100, 50)


def test_missed_targets_are_listed_as_missed():
    sections = target_sections({"tovuz_2020": [comparison(2, 20, True), comparison(3, 0.5, False)]}, quick=False)
    assert "1 of 2 targets are met. Missed: B4." in sections[0].text
    assert [row[-1] for row in sections[1].rows] == ["inside", "outside"]


def test_a_quick_look_says_so():
    assert "quick" in target_sections({"tovuz_2020": [comparison(2, 20, True)]}, quick=True)[0].text


def test_how_records_are_read_comes_from_the_code():
    text = markdown(reading_sections())
    for word in ("180 days", "seven days", "Decided before anything was tuned", "more than 40 died", "T13c"):
        assert word in text
    assert ":mod:" not in text


def test_mechanisms_that_change_nothing_are_named_and_idle_ones_left_out():
    def row(name, changed, idle):
        return {
            "mechanism": name,
            "meaning": "",
            "idle": idle,
            "changed": changed,
            **{f"{measure}{end}": 0.0 for measure in MEASURES for end in ("", "_low", "_high")},
        }

    table = pl.DataFrame([row("x", 0.0, False), row("y", 0.5, False), row("z", 0.0, True)])
    sections = mechanism_sections({"baseline": table})
    assert "Change nothing anywhere: `x`, `z`." in sections[0].text
    assert [[line[0] for line in section.rows] for section in sections[1:]] == [["`y`", "`x`"]] * 2
    assert {name for section in sections[1:] for name in section.columns[2:]} == {
        measure.replace("_", " ") for measure in MEASURES
    }


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
    table = pl.DataFrame(
        {
            "method": ["wilson", "wilson", "paired"],
            "coverage": [0.95, 0.8, 0.94],
            "promised": [True, False, True],
            "kept": [True, False, True],
        }
    )
    section = coverage_section({"pairs": table})
    assert [(row[1], row[2], row[3]) for row in section.rows] == [("wilson", "1", "0.950"), ("paired", "1", "0.940")]


def test_sections_become_markdown():
    text = markdown([Section("One", "Words.", ("a", "b"), (("1", "2"),)), Section("Two", level=3)])
    assert "## One\n\nWords.\n" in text
    assert "| 1 | 2 |" in text
    assert "### Two" in text


def test_the_inertia_map_covers_every_cell_of_both_arms():
    found = inertia_map(Scenario().replaced({"dyad.start_rung_a": 4}), replicates=3, steps=(0.2, 1.0))
    assert found.height == 8
    sections = inertia_sections(found)
    assert [len(section.rows) for section in sections] == [0, 2, 2]
    assert sections[1].columns == ("", "down 0.2", "down 1")
    assert all("±" in cell for row in sections[1].rows for cell in row[1:])


def test_arms_are_compared_with_no_mediator_under_shared_luck():
    arms = arms_of("tovuz_2020", replicates=4)
    assert [arm.name for arm in arms] == list(ARMS)
    table = placebo_table(arms)
    assert set(table["arm"]) == set(ARMS) - {"no mediator"}
    assert set(table["basis"]) <= {"paired", "identical"}
    assert len(contrast_section(table).rows) == table.height
    assert len(headline_section(headline(arms)).rows) == len(ARMS)
