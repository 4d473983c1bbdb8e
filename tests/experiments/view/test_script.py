"""The scripts of page and report: small, safe, and right where they reckon."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import Any

import pytest

PAGE = Path(str(files("experiments.view") / "page"))
DRAWING = Path(str(files("experiments.figures") / "draw.js"))
BRUSHING = Path(str(files("experiments.report") / "brush.js"))
SCRIPTS = [*sorted(PAGE.glob("*.js")), DRAWING]
ALL = [*SCRIPTS, BRUSHING]
STYLES = [PAGE / "style.css", DRAWING.with_suffix(".css")]
MOST_LINES, WIDEST = 1_200, 140
"""Lines of script and style of the page in all, blank ones and comments among them; letters of a line."""
UNSAFE = re.compile(
    r"\beval\(|\bnew Function\b|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\bvar\s|"
    r"javascript:|localStorage|sessionStorage|document\.cookie"
)
IMPORTS = re.compile(r"^import \{([^}]*)\} from \"([^\"]+)\";", re.MULTILINE)
EXPORTS = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_script_and_style_stay_small():
    counts = {path.name: len(text(path).splitlines()) for path in [*SCRIPTS, *STYLES]}
    assert sum(counts.values()) <= MOST_LINES, counts
    wide = {path.name: max(map(len, text(path).splitlines())) for path in [*ALL, *STYLES]}
    assert max(wide.values()) <= WIDEST, wide


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_scripts_hold_to_the_rules(path):
    source = text(path)
    code = "\n".join(line.partition(" // ")[0] for line in source.splitlines())
    assert source.startswith("// "), "the first line says what the file is for"
    assert UNSAFE.findall(code) == []
    loose = [code[at.start() : at.end() + 8] for at in re.finditer(r"(?<![=!<>])(==|!=)(?!=)", code)]
    assert all(" null" in words for words in loose), loose
    assert not re.search(r"[ \t]+$|\t|console\.", source, re.MULTILINE)
    for names, _ in IMPORTS.findall(source):
        for name in filter(None, (name.strip() for name in names.split(","))):
            assert len(re.findall(rf"\b{name}\b", code)) > 1, f"{path.name} imports {name} and does not use it"


def test_every_import_is_exported_there_and_every_export_used():
    exported = {path.name: set(EXPORTS.findall(text(path))) for path in SCRIPTS}
    used: dict[str, set[str]] = {name: set() for name in exported}
    for path in SCRIPTS:
        for names, place in IMPORTS.findall(text(path)):
            wanted = {name.strip() for name in names.split(",")} - {""}
            home = place.removeprefix("./")
            assert wanted <= exported[home], f"{path.name}: {wanted - exported[home]}"
            used[home] |= wanted
    assert {name for home in exported for name in exported[home] - used[home]} == set()


@pytest.mark.skipif(which("node") is None, reason="no node here")
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_scripts_are_read_by_a_second_engine(path):
    done = subprocess.run(
        ["node", "--input-type=module", "--check"], input=text(path), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


# -- what the scripts reckon, in a browser ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    pytest.importorskip("playwright")
    pytest.importorskip("uvicorn")
    from tests.support.browser import find_browser
    from tests.support.served_page import chromium

    if find_browser() is None:
        pytest.skip("no Chromium here")
    with chromium() as browser:
        page = browser.new_page()
        for path in (PAGE / "state.js", DRAWING):
            names = ", ".join(EXPORTS.findall(text(path)))
            page.add_script_tag(
                content=f"{re.sub('^export ', '', text(path), flags=re.MULTILINE)}\nObject.assign(window, {{{names}}});",
                type="module",
            )
        yield page


def test_an_address_stands_for_a_state_and_back(engine):
    state = {
        "page": "explore",
        "scenario": "tovuz_2020",
        "seed": 9,
        "held": {"mediation": "none", "talks": "none", "values": {}},
        "moved": {
            "mediation": "russia_2020",
            "talks": "none",
            "values": {"mediation.bias": -0.25, "talks.form": "x y"},
        },
        "where": "severity = 'war' and deaths_a > 3 & 1",
    }
    back = engine.evaluate("state => window.parse(window.format(state))", state)
    assert {name: back[name] for name in state} == state
    assert back["day"] is None and back["study"] is None


@pytest.mark.parametrize("hash_", ["", "#", "#seed=-1&day=x&held", "#moved:__proto__=1&page=%00", "#held:=3"])
def test_addresses_of_no_sense_are_harmless(engine, hash_):
    state = engine.evaluate("hash => window.parse(hash)", hash_)
    assert state["seed"] is None and state["held"]["mediation"] is None
    assert engine.evaluate("({}).polluted === undefined && Object.prototype.valueOf !== undefined")


@pytest.mark.parametrize("value, read", [("3", 3), ("-.5e1", -5), ("0x10", "0x10"), ("1:30", "1:30"), ("abc", "abc")])
def test_numbers_of_an_address_are_decimals_and_all_else_is_left_to_the_server_to_refuse(engine, value, read):
    state = engine.evaluate("value => window.parse(`#moved:mediation.delay=${value}`)", value)
    assert state["moved"]["values"] == {"mediation.delay": read}


def test_what_is_empty_in_an_address_is_not_nought_and_no_number_loses_digits(engine):
    state = engine.evaluate("window.parse('#moved:mediation.delay=&seed=9007199254740993&day=12')")
    assert state["moved"]["values"] == {} and state["seed"] == "9007199254740993" and state["day"] == 12


def test_ticks_are_round_and_within(engine):
    for low, high in ((0, 1), (-37, 12), (0, 0.03), (5, 5)):
        marks = engine.evaluate("([low, high]) => window.ticks(low, high, 5)", [low, high])
        assert all(low - 1e-9 <= mark <= high + 1e-9 for mark in marks) and len(marks) <= 11


def test_numbers_are_written_short_with_a_true_minus(engine):
    assert engine.evaluate("[1234.5, -0.12345, null].map((value) => window.number(value))") == ["1,235", "−0.123", "–"]


def test_a_figure_says_its_numbers(engine):
    rows = {
        "kind": "shares",
        "title": "How severe",
        "column": "severity",
        "words": {"none": "no shots", "war": "war"},
        "colours": {"none": "#e3edf3", "war": "#a03a20"},
        "arms": ["held"],
        "said": ["held: no shots 75.0 %, war 25.0 %"],
        "rows": [
            {"arm": "held", "category": "none", "value": 0.75, "low": 0.7, "high": 0.8},
            {"arm": "held", "category": "war", "value": 0.25, "low": 0.2, "high": 0.3},
        ],
    }
    words = engine.evaluate("rows => window.draw(rows, 400).getAttribute('aria-label')", rows)
    assert words == "How severe. held: no shots 75.0 %, war 25.0 %."
    roles = "rows => [null, () => {}].map((pick) => window.draw(rows, 400, pick).getAttribute('role'))"
    assert engine.evaluate(roles, rows) == ["img", "group"]  # an image has no buttons inside
