"""The page of `offramp view` in a Chromium: what a reader does with it, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("playwright")

from tests.support.browser import find_browser
from tests.support.keyboard import Keyboard
from tests.support.served_page import LONGEST, SMALL, Page, Served, chromium
from tests.support.studies import make_study

if find_browser() is None:
    pytest.skip("no Chromium here", allow_module_level=True)

EXPLORE = f"#page=explore&scenario=tovuz_2020&{SMALL}"
COMMAND, TILE, STATUS = "#command", ".tile[data-metric=calm]", "#status"
FIRST = re.compile(r"crises a side")
ALL = "2,000 crises a side, the same luck in both."


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    grid = "++design={grid: {mediation.delay: [0, 10, 30]}}"
    return make_study(tmp_path_factory.mktemp("studies") / "onset", "citizens=16", grid, command="sweep").directory


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("search")
    goals = {"calm_14": [0.2, 0.5, 0.9]}
    ends = {f"{name}{end}": values for name, values in goals.items() for end in ("_low", "_high")}
    goals["cost"] = [0.1, 0.4, 0.8]
    levers = {
        "name": ["p1", "p2", "p3"],
        "talks": ["none", "hotline", "none"],
        "mediation.delay": [0, 5, 9],
        "mediation.effort": [0.1, 0.5, 0.9],
    }
    pl.DataFrame({**levers, **goals, **ends}).write_parquet(place / "front.parquet")
    laid_over = {"choices": {"scenario": "galwan_2020", "mediation": "formulation", "talks": "none"}}
    laid_over["overrides"] = ["citizens=20", "mediation.delay=3", "government.a.discount=0.9"]
    (place / "search.json").write_text(json.dumps(laid_over), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("claims")
    finding = {"unit": "odds ratio", "smallest": 1.5, "effect": 2.0, "low": 1.6, "high": 2.5, "assumption": True}
    for name, verdict in (("P1", "holds"), ("P2", "undecided")):
        finding |= {"name": name, "claim": f"What {name} says.", "verdict": verdict, "why": "It is larger."}
        (place / f"{name}.json").write_text(json.dumps(finding), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, study: Path, claims: Path, front: Path) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("desk"), [study, claims, front])
    yield made
    made.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def opened(browser, served: Served) -> Iterator[Page]:
    page = Page(browser, served.address)
    yield page
    page.close()


def expect(locator):
    """Playwright's expectation, patient with a busy machine."""
    from playwright.sync_api import expect as expecting

    expecting.set_options(timeout=LONGEST)
    return expecting(locator)


def explored(served: Served, tab: Page, more: str = ""):
    """Open Explore, wait for the first answer, return the page."""
    tab.page.goto(served.address + EXPLORE + more)
    expect(tab.page.locator(STATUS)).to_contain_text(FIRST)
    expect(tab.page.locator(TILE)).to_be_visible()
    return tab.page


def test_a_moved_lever_changes_numbers_figure_address_and_command(served, opened):
    page = explored(served, opened)
    before = page.locator(TILE).inner_text()
    drawn = page.locator("figure").first.locator("svg").inner_html()
    page.get_by_role("slider", name="delay", exact=True).press("End")
    expect(page.locator(COMMAND)).to_contain_text("mediation.delay: 450")
    expect(page.locator(TILE)).not_to_have_text(before)
    assert page.locator("figure").first.locator("svg").inner_html() != drawn
    expect(page).to_have_url(re.compile(r"moved%3Amediation\.delay=450"))
    assert opened.problems == []


@pytest.mark.slow
def test_what_is_moved_while_choices_are_fetched_is_not_lost(served, opened):
    page, held = explored(served, opened), []
    page.route("**/base*", lambda route: held.append(route))
    page.get_by_role("button", name="Reset all").click()
    page.get_by_role("slider", name="delay", exact=True).press("End")
    page.route("**/base*", lambda route: route.continue_())  # the later handler answers first
    assert held
    for route in held:
        route.continue_()
    expect(page.locator(COMMAND)).to_contain_text("mediation.delay: 450")
    expect(page.get_by_label("delay, exact", exact=True)).to_have_value("450")
    assert opened.problems == []


@pytest.mark.slow
def test_every_figure_and_table_of_explore_can_be_saved(served, opened):
    page = explored(served, opened)
    served.wait_until_idle()
    expect(page.locator(COMMAND)).to_contain_text("replicates=2000")
    figures = page.locator("#explore figure")
    assert figures.count() == 6
    for at in range(figures.count()):
        assert figures.nth(at).locator(".saved a").all_inner_texts() == ["svg", "png", "csv"]
    heavy = page.locator("figure", has_text="How many heavy days").get_by_role("link", name="csv")
    table = page.context.request.get(served.address + heavy.get_attribute("href").removeprefix("/"))
    assert table.status == 200 and table.text().startswith("arm,class,value,low,high")
    page.get_by_text("All numbers").click()
    with page.expect_download() as saved:
        page.locator(".levels").get_by_role("link", name="csv").click()
    assert saved.value.suggested_filename == "offramp_comparison.csv"
    assert opened.problems == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "address, words",
    [
        ("#page=explore&scenario=nowhere", "nowhere"),
        ("#page=explore&scenario=tovuz_2020&moved:mediation.delay=0x10", "not a number"),
        ("#page=explore&scenario=tovuz_2020&moved:mediation.delay=1e999", "mediation.delay"),
        ("#page=explore&scenario=tovuz_2020&moved:nothing=1", "nothing that can be set"),
        ("#page=explore&scenario=tovuz_2020&seed=99999999999999999999", "seed"),
        ("#page=explore&scenario=tovuz_2020&citizens=99999999", "citizens"),
        ("#page=crisis&scenario=tovuz_2020&replicate=99999999999", "replicate"),
        ("#page=crisis&study=/etc/\N{DRAGON}&point=1", "not among the studies"),
    ],
)
def test_addresses_of_no_sense_are_answered_in_one_line(served, opened, address, words):
    opened.page.goto(served.address + address)
    expect(opened.page.locator(STATUS)).to_contain_text(words)
    expect(opened.page.locator(STATUS)).to_have_class("wrong")
    assert "Traceback" not in opened.page.locator("body").inner_text()
    assert [problem for problem in opened.problems if "400" not in problem] == []


@pytest.mark.slow
def test_the_address_restores_the_view(served, opened, browser):
    page = explored(served, opened, "&seed=5&held:talks=hotline&moved:mediation.cover=0.9")
    expect(page.locator(COMMAND)).to_contain_text("mediation.cover: 0.9")
    assert "seed=5" in page.locator(COMMAND).inner_text()
    assert "talks: hotline" in page.locator(COMMAND).inner_text()
    expect(page).to_have_url(re.compile("held%3Atalks=hotline"))
    again = Page(browser, served.address)
    try:
        again.page.goto(page.url)
        expect(again.page.locator(COMMAND)).to_contain_text("mediation.cover: 0.9")
        expect(again.page.locator(TILE)).to_be_visible()
        expect(again.page).to_have_url(page.url)
        assert re.sub(r"replicates=\d+", "", again.page.locator(COMMAND).inner_text()) == re.sub(
            r"replicates=\d+", "", page.locator(COMMAND).inner_text()
        )
    finally:
        again.close()


@pytest.mark.slow
def test_explore_and_one_crisis_by_keyboard_alone(served, opened):
    page, keys = opened.page, Keyboard(opened.page)
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    status, command, tile = page.locator(STATUS), page.locator(COMMAND), page.locator(TILE)
    explored(served, opened)
    served.wait_until_idle()
    expect(status).to_have_text(ALL)

    # From load: every stop shows the focus, nothing is left out, nothing holds it.
    assert keys.tab() == "Skip to the content"
    stops = keys.go_round()
    assert {"Explore", "Scenario", "delay", "delay, exact", "Reset all", "Copy"} - set(stops) == set()
    keys.press("Enter")
    assert page.evaluate("document.activeElement.className") == "results"
    expect(page).to_have_url(re.compile("page=explore"))

    # A scenario chosen; the focus stays on what was chosen.
    keys.tab_to("Scenario")
    keys.press("ArrowUp")
    expect(command).not_to_contain_text("scenario=tovuz_2020")
    assert keys.focused == "Scenario"
    keys.press("ArrowDown")
    expect(command).to_contain_text("scenario=tovuz_2020")
    keys.tab_to("talks of the arm moved")
    keys.press("ArrowDown")
    expect(page).to_have_url(re.compile("moved%3Atalks"))
    assert keys.focused == "talks of the arm moved"
    keys.tab_to("Reset all")
    keys.press("Enter")
    expect(status).to_have_text(ALL)
    assert keys.focused == "Reset all"

    # A lever moved, numbers change; taken back.
    before = tile.inner_text()
    keys.tab_to("delay")
    keys.press("ArrowRight", "ArrowRight", "End")
    expect(command).to_contain_text("mediation.delay: 450")
    expect(tile).not_to_have_text(before)
    assert keys.tab(back=True) == "reset delay"
    keys.press("Space")
    expect(command).not_to_contain_text("mediation.delay")
    assert keys.focused == "delay, exact"
    keys.type("7")
    keys.press("Enter")
    expect(command).to_contain_text("mediation.delay: 7")
    keys.tab_to("Reset levers", back=True)
    keys.press("Enter")
    expect(command).not_to_contain_text("mediation.delay")
    assert keys.focused == "Reset levers"

    # Levers searched; one found is moved.
    keys.tab_to("Search levers and uncertainties")
    keys.type("trust")
    keys.tab_to("trust.*")
    keys.tab_to("[^,]*")
    keys.press("End")
    expect(page.locator(".lever.changed")).to_have_count(1)
    keys.tab_to("Search levers and uncertainties", back=True)
    keys.type("")
    keys.tab_to("Seed, days and citizens")
    keys.press("Enter")
    keys.tab_to("Seed")
    keys.press("ArrowUp", "Enter")
    expect(command).to_contain_text("seed=2")

    # The command copied, a figure saved.
    expect(status).to_have_text(ALL)
    keys.tab_to("svg")
    with page.expect_download() as saved:
        keys.press("Enter")
    assert saved.value.suggested_filename.startswith("offramp_")
    keys.tab_to("All numbers")
    keys.press("Enter")
    keys.tab_to("Copy")
    keys.press("Enter")
    expect(status).to_have_text("The command was copied.")
    assert page.evaluate("navigator.clipboard.readText()") == command.inner_text()

    # A crisis picked from a distribution, played, stepped, rewound.
    keys.tab_to("moved, .*open the median crisis of these", back=True)
    keys.press("Enter")
    expect(page.locator(".reasons table").first).to_be_visible()
    assert keys.focused == "One crisis"
    day, shown = page.get_by_role("slider", name="Day of the crisis"), page.locator("#day")
    keys.go_round()
    keys.tab_to("Day of the crisis")
    keys.press("Home")
    expect(shown).to_have_text("day 0")
    keys.press("ArrowRight")
    expect(shown).to_have_text("day 1")
    expect(page.locator(".reasons")).to_contain_text("Why no step down today")
    keys.tab_to("next event", back=True)
    keys.press("Enter")
    keys.tab_to("Rewind", back=True)
    keys.press("Enter")
    expect(shown).to_have_text("day 0")
    keys.tab_to("Play")
    keys.press("Enter")
    expect(shown).not_to_have_text("day 0")
    assert keys.focused == "Pause"
    keys.press("Space")
    assert keys.focused == "Play"
    on = int(day.input_value())
    keys.tab_to("A day on")
    keys.press("Space")
    expect(shown).to_have_text(f"day {on + 1}")
    keys.tab_to("A day back", back=True)
    keys.press("Space")
    expect(shown).to_have_text(f"day {on}")
    assert page.locator(".twins svg[role=img]").count() == 2
    expect(page).to_have_url(re.compile("page=crisis.*day="))
    keys.tab_to("replicate", back=True)
    keys.type("3")
    keys.press("Enter")
    expect(page.locator(".crisis")).to_contain_text("Replicate 3 ")
    assert keys.focused == "replicate"
    assert opened.problems == []


@pytest.mark.slow
def test_studies_by_keyboard_alone(served, opened, study):
    page, keys = explored(served, opened), Keyboard(opened.page)
    status = page.locator(STATUS)

    # A study opened and filtered, a crisis of it reached.
    keys.tab_to("Studies")
    keys.press("Enter")
    expect(status).to_contain_text("90 crises, 3 arms")
    keys.go_round()
    keys.tab_to("where")
    keys.type("severity = 'clash'")
    keys.press("Enter")
    expect(status).not_to_contain_text("90 crises")
    keys.tab_to("median crisis")
    keys.press("Enter")
    expect(page.locator(".crisis")).to_contain_text(f"of {study}")
    expect(page.locator(".reasons table").first).to_be_visible()

    # Claims, and a search's front, brushed; a policy opened.
    keys.tab_to("Studies", back=True)
    keys.press("Enter")
    keys.tab_to("Study")
    keys.press("ArrowDown")
    expect(status).to_have_text("2 claims.")
    assert keys.focused == "Study"
    keys.press("ArrowDown")
    expect(status).to_have_text("3 policies of 3.")
    keys.tab_to("Ends of what is kept")
    keys.press("Enter")
    keys.tab_to("calm_14 from")
    keys.type("0.4")
    keys.press("Enter")
    expect(page.locator("caption").last).to_have_text("2 of 3 policies kept")
    keys.go_round()
    keys.tab_to("p2")
    keys.press("Enter")
    expect(page.get_by_label("effort, exact", exact=True)).to_have_value("0.5")
    for label, chosen in {
        "Scenario": "galwan_2020",
        "mediation of the arm moved": "formulation",
        "talks of the arm moved": "hotline",
    }.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(chosen)
    for name in ("held:government.a.discount=0.9", "moved:government.a.discount=0.9", "moved:mediation.delay=5"):
        assert name in unquote(page.url)
    assert "held:mediation.delay" not in unquote(page.url)
    assert keys.focused == "Explore"
    assert opened.problems == []


@pytest.mark.slow
def test_a_study_its_filter_and_a_wrong_one(served, opened, study, front):
    page = opened.page
    page.goto(f"{served.address}#page=studies&study={study}")
    expect(page.locator(STATUS)).to_contain_text("90 crises, 3 arms")
    expect(page.locator(".study figure svg").first).to_be_visible()
    page.get_by_label("where").fill("severity = 'clash'")
    page.get_by_label("where").press("Enter")
    expect(page.locator(STATUS)).not_to_contain_text("90 crises")
    page.get_by_role("button", name="median crisis").first.click()
    expect(page.locator(".crisis")).to_contain_text("of " + str(study))
    page.goto("about:blank")
    page.goto(f"{served.address}#page=studies&study={front}")
    expect(page.locator(STATUS)).to_have_text("3 policies of 3.")
    heard = "import('/page/page.js').then(({ app }) => app.heard.note({ do: 'explore', line: 'Still at work.' }))"
    page.evaluate(heard)  # what is under way in another part is not told in this one
    expect(page.locator(STATUS)).to_have_text("3 policies of 3.")
    page.get_by_text("Ends of what is kept").click()
    page.get_by_label("calm_14 from").fill("0.4")
    page.get_by_label("calm_14 from").press("Tab")
    expect(page.locator("caption")).to_have_text("2 of 3 policies kept")
    page.get_by_role("link", name="p2").click()
    expect(page.get_by_label("effort, exact", exact=True)).to_have_value("0.5")
    assert opened.problems == []
    page.goto("about:blank")
    page.goto(f"{served.address}#page=studies&study=/etc")
    expect(page.locator("p.wrong").first).to_contain_text("/etc: not among the studies")
    assert "Traceback" not in page.locator("body").inner_text()


@pytest.mark.slow
def test_fifty_quick_moves_leave_one_answer(served, opened):
    page = explored(served, opened)
    opened.sent.clear()
    page.get_by_role("slider", name="effort", exact=True).evaluate(
        "node => { for (let k = 1; k <= 50; k += 1) "
        "{ node.value = 2 * k; node.dispatchEvent(new Event('input', {bubbles: true})); } }"
    )
    expect(page.locator(COMMAND)).to_contain_text("mediation.effort: 0.5")
    served.wait_until_idle()
    assert sum('"explore"' in frame for frame in opened.sent) == 1
    assert sum('"stop"' in frame for frame in opened.sent) == 50
    expect(page.locator(COMMAND)).to_contain_text("replicates=2000")
    assert opened.problems == []


@pytest.mark.slow
def test_two_tabs_do_not_mix_and_a_closed_one_frees_its_work(served, browser):
    first, second = Page(browser, served.address), Page(browser, served.address)
    try:
        one = explored(served, first, "&seed=11")
        first.page.goto("about:blank")  # leaves while its refinement is under way
        other = explored(served, second, "&seed=22")
        assert "seed=22" in other.locator(COMMAND).inner_text()
        one.goto(f"{served.address}#page=explore&scenario=tovuz_2020&seed=33&citizens=1024&horizon_days=450")
        one.locator("#sliders .lever").first.wait_for()
        expect(other.locator(COMMAND)).to_contain_text("seed=22")
    finally:
        first.close()
        second.close()
    served.wait_until_idle()  # crises of 450 days and 1,024 citizens would take minutes


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_every_part_fits_is_named_and_is_readable(served, browser, study, scheme, width):
    tab = Page(browser, served.address, color_scheme=scheme)
    try:
        tab.page.set_viewport_size({"width": width, "height": 900})
        page = explored(served, tab)
        for part in ("explore", "crisis", "studies"):
            page.locator(f"#to-{part}").click()
            expect(page.locator(f"#{part} svg").first).to_be_visible()
            found = page.evaluate(LOOK)
            assert found["overflow"] <= 0, part
            assert found["nameless"] == [], part
            assert found["contrast"] >= 4.5, part
            assert found["headings"] == 1
            assert found["cut"] == [], part
        assert tab.problems == []
    finally:
        tab.close()


LOOK = """() => {
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => {
    const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const [text, paper] = ['color', 'backgroundColor'].map((name) => light(getComputedStyle(document.body)[name]));
  const quiet = light(getComputedStyle(document.querySelector('footer')).color);
  const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const named = (node) => node.getAttribute('aria-label') || node.labels?.length || node.textContent.trim()
    || node.getAttribute('aria-labelledby');
  const shown = (node) => node.getClientRects().length;
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    nameless: [...document.querySelectorAll('input, select, button, svg[role=img], section')]
      .filter((node) => shown(node) && !named(node)).map((node) => node.outerHTML.slice(0, 90)),
    cut: [...document.querySelectorAll('svg.drawn[viewBox] text')].filter((node) => shown(node) && (() => {
      const [own, all] = [node.getBoundingClientRect(), node.ownerSVGElement.getBoundingClientRect()];
      return own.left < all.left - 2 || own.right > all.right + 2; })()).map((node) => node.textContent),
    contrast: Math.min(ratio(text, paper), ratio(quiet, paper)), headings: document.querySelectorAll('h1').length,
  };
}"""
