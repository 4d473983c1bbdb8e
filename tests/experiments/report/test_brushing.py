"""`offramp report --interactive`: crises packed into the page, brushed without any network."""

from __future__ import annotations

import re
import zlib
from base64 import b64decode
from typing import Any

import numpy as np
import polars as pl
import pytest

from experiments.comparison.arms import factors_of
from experiments.comparison.compare import Comparison, compare
from experiments.report.brushing import MOST, brushing, kept, packed, payload
from experiments.report.page import page
from tests.support.studies import make_study

LARGEST = 2_000_000
"""Bytes of a page about as many crises as it holds."""


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    place = tmp_path_factory.mktemp("studies") / "arms"
    arms = "++design={choices: {mediation: [none, manipulation]}}"
    return compare([make_study(place, "citizens=16", arms, command="sweep").directory], by=factors_of, figures=False)


def unpacked(column: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(zlib.decompress(b64decode(column["text"])), f"<u{column['bytes']}")


@pytest.mark.parametrize("values", [[0, 255], [0, 256, 65535], [70_000, 1], [0]])
def test_columns_come_back_from_as_few_bytes_as_they_need(values) -> None:
    column = packed(np.array(values))
    assert unpacked(column).tolist() == values
    assert column["bytes"] == (1 if max(values) < 256 else 2 if max(values) < 65536 else 4)


def test_the_page_holds_every_crisis_with_its_arm_and_parts(comparison) -> None:
    data = payload(comparison, comparison.grouping.lanes)
    lanes = comparison.grouping.lanes
    severity = next(panel for panel in data["panels"] if panel["name"] == "severity")
    assert [severity["keys"][at] for at in unpacked(data["columns"]["severity"])] == lanes["severity"].to_list()
    assert unpacked(data["columns"]["deaths_all"]).sum() == (lanes["deaths_a"] + lanes["deaths_b"]).sum()
    assert [data["arms"][at] for at in unpacked(data["columns"]["arm"])] == lanes["_arm"].to_list()
    calm = next(panel for panel in data["panels"] if panel["name"] == "calm")
    never = (unpacked(data["columns"]["calm"]) == len(calm["parts"]) - 1).sum()
    assert never == lanes["days_to_calm"].null_count()


def test_of_too_many_crises_those_of_the_first_replicates_are_kept(comparison, monkeypatch) -> None:
    monkeypatch.setattr("experiments.report.brushing.MOST", 21)
    lanes = kept(comparison.grouping.lanes)
    assert lanes.height == 20 and sorted(lanes["replicate"].unique()) == list(range(10))


def test_only_this_script_may_run_and_plain_pages_have_none(comparison) -> None:
    plain, brushed = page(comparison), page(comparison, interactive=True)
    assert "<script" not in plain and "script-src" not in plain
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', brushed)
    assert policy is not None and "unsafe-inline'; script" not in policy[1]
    assert policy[1].endswith(brushing(comparison)["policy"]) and "sha256-" in policy[1]
    assert not re.search(r'(?:src|href)="(?!#|data:)', brushed)


@pytest.mark.slow
def test_brushing_in_a_browser_without_a_network(comparison, tmp_path, monkeypatch) -> None:
    pytest.importorskip("playwright")
    pytest.importorskip("uvicorn")
    from tests.support.browser import find_browser
    from tests.support.served_page import LONGEST, Page, chromium

    if find_browser() is None:
        pytest.skip("no Chromium here")
    from playwright.sync_api import expect

    lanes = comparison.grouping.lanes.sample(MOST, with_replacement=True, seed=1)
    many = lanes.with_columns(pl.int_range(MOST).alias("replicate"))
    monkeypatch.setattr("experiments.report.brushing.kept", lambda _: many)
    drawn = compare([source.study.directory for source in comparison.grouping.sources], by=factors_of)
    text = page(drawn, interactive=True)
    assert len(text.encode()) < LARGEST
    place = tmp_path / "report.html"
    place.write_text(text, encoding="utf-8")
    expect.set_options(timeout=LONGEST)
    with chromium() as browser:
        tab = Page(browser, place.resolve().as_uri(), offline=True)
        tab.page.set_viewport_size({"width": 380, "height": 900})
        tab.page.goto(place.resolve().as_uri())
        status = tab.page.locator("#brushing [role=status]")
        expect(status).to_contain_text("40,000 of 40,000 crises kept")
        tab.page.locator("#brushing .pick").first.press("Enter")
        expect(status).not_to_contain_text("40,000 of 40,000")
        one = status.inner_text()
        tab.page.locator("#brushing").get_by_role("button", name="manipulation", exact=True).first.click()
        expect(status).not_to_have_text(one)
        tab.page.get_by_role("button", name="Keep all").click()
        expect(status).to_contain_text("40,000 of 40,000 crises kept")
        assert tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert tab.problems == []
        tab.close()
