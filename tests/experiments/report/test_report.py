"""`offramp report`: one page that stands alone, says what was asked, and puts calm without a mediator first."""

from __future__ import annotations

import inspect
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.cli.report import report
from experiments.comparison import drawing
from experiments.comparison.arms import factors_of
from experiments.comparison.compare import Comparison, compare
from experiments.errors import UserError
from experiments.files import write_json
from experiments.report.inputs import CODE, failures
from experiments.report.page import CAPTIONS, bare_arms, headlines, step_axes, step_cost_drawings
from experiments.report.page import page as write_page
from experiments.study.directory import Study, write_part_of_failures
from tests.support.studies import make_study

MAP = (
    "++design={title: Costs of moving, grid: {up: [0.1,1.0], down: [0.1,1.0]}, tie: {up: [government.a.step_up,"
    "government.b.step_up], down: [government.a.step_down,government.b.step_down]}}"
)


def test_every_figure_with_a_name_of_its_own_has_a_caption() -> None:
    names = re.findall(r'sketches\["(\w+)"\]', inspect.getsource(drawing))
    assert len(names) > 6 and set(names) <= set(CAPTIONS)


class Reader(HTMLParser):
    """Notes what a page asks for, its names, its figures and what is left open."""

    VOID = ("meta", "br", "hr", "path", "use", "rect", "image", "line")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.figures: list[dict[str, str | None]] = []
        self.words: dict[str, str] = {}
        self._naming = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.addresses += [given[name] for name in ("src", "href", "xlink:href", "action", "data") if given.get(name)]
        self.figures += [given] if tag == "svg" else []
        self._naming = given.get("id") or "" if tag in ("title", "desc") else ""
        self.open += [tag] if tag not in self.VOID else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self._naming:
            self.words[self._naming] = data

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag
        self._naming = ""


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> list[Study]:
    """The same crises without a mediator and with one, as two studies."""
    place = tmp_path_factory.mktemp("arms")
    return [make_study(place / name, f"mediation={name}") for name in ("none", "manipulation")]


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study over the costs of stepping up and down, without a mediator."""
    return make_study(tmp_path_factory.mktemp("costs") / "study", "mediation=none", MAP, command="sweep")


@pytest.fixture(scope="module")
def comparison(arms: list[Study]) -> Comparison:
    return compare([study.directory for study in arms], by=factors_of, figures=False)


@pytest.fixture(scope="module")
def page(arms: list[Study]) -> str:
    return report([study.directory for study in arms])


def test_page_stands_alone(page: str) -> None:
    reader = Reader(page)
    assert not reader.open
    assert "http://" not in page and "https://" not in page and "<script" not in page and "@import" not in page
    assert all(address.startswith(("#", "data:")) for address in reader.addresses)
    assert all(name.startswith(("data:", "#")) for name in re.findall(r"url\(([^)]*)\)", page))


def test_names_are_unique_and_every_reference_is_kept(page: str) -> None:
    reader = Reader(page)
    assert len(reader.ids) == len(set(reader.ids))
    wanted = {name[1:] for name in reader.addresses if name.startswith("#")} | set(re.findall(r"url\(#([^)]*)\)", page))
    assert wanted <= set(reader.ids)


def test_every_figure_has_words(page: str) -> None:
    reader = Reader(page)
    assert len(reader.figures) >= 5
    for figure in reader.figures:
        assert figure["role"] == "img"
        assert len(reader.words[figure["aria-labelledby"] or ""]) > 10
        assert len(reader.words[figure["aria-describedby"] or ""]) > 40


def test_calm_without_a_mediator_comes_first_with_its_interval(comparison: Comparison, page: str) -> None:
    early, arm = bare_arms(comparison)
    assert [early.calm, arm.calm] == [line.value for line in comparison.headlines[:2]]
    large = f"<b>{arm.calm.value * 100:.1f} %</b>"
    assert page.index("no mediator)") < page.index(large) < page.index('id="asked"')
    assert f"[{arm.calm.low * 100:.1f}, {arm.calm.high * 100:.1f}]" in page
    assert "In the same crises: silence by day" in page and "heavy days (rung 5 or above)" in page
    assert "14 days in a row without a shot" in page and "against nobody: calm by day" in page


def test_page_says_what_was_asked_and_how_to_do_it_again(arms: list[Study], page: str) -> None:
    for study in arms:
        assert study.manifest["config_hash"] in page
        assert f"offramp run {' '.join(study.manifest['overrides'])}" in page
        assert all(f"{name} {version}" in page for name, version in study.manifest["libraries"].items())
    for words in (
        "What the model cannot tell",
        "What counts as an effect",
        "5 percentage points",
        "Monte Carlo",
        "What the columns mean",
        "days_to_calm",
        "no forecasts",
    ):
        assert words in page


def test_contrasts_are_those_of_compare(comparison: Comparison, page: str) -> None:
    contrasts = comparison.tables.contrasts
    assert contrasts is not None
    row = contrasts.row(by_predicate=pl.col("metric") == "calm", named=True)
    assert row["basis"] == "paired"
    assert f"{abs(row['difference']) * 100:.1f} [" in page


def test_map_of_step_costs_where_the_study_varies_step_costs(costs: Study) -> None:
    comparison = compare([costs.directory], by=factors_of, figures=False)
    (source,) = comparison.grouping.sources
    assert source.factors == ["up", "down"]
    assert sorted(step_axes(source).values()) == [
        "cost of a step down (both sides, utility)",
        "cost of a step up (both sides, utility)",
    ]
    (drawing,) = step_cost_drawings(comparison)
    assert drawing.alt.startswith("Heat map of calm by day")
    *_, arm = bare_arms(comparison)
    assert arm.points == 4 and arm.spread is not None and arm.spread[0].value <= arm.calm.value <= arm.spread[1].value
    text = write_page(comparison)
    assert "<h1>Costs of moving</h1>" in text and "These studies hold that cost fixed" not in text


def test_a_study_with_mediators_everywhere_says_so(arms: list[Study]) -> None:
    comparison = compare([arms[1].directory], by=factors_of, figures=False)
    assert headlines(comparison) == []
    text = write_page(comparison)
    assert "Every crisis reported here has a mediator" in text


def test_failures_are_told(arms: list[Study], tmp_path: Path) -> None:
    copy = tmp_path / "study"
    copy.mkdir()
    for name in ("config.yaml", "design.parquet", "outcomes", "trajectories", "paths"):
        (copy / name).symlink_to(arms[0].directory / name)
    write_json(copy / "manifest.json", {**arms[0].manifest, "state": "interrupted", "finished": None})
    write_part_of_failures(
        copy,
        [
            {
                "chunk": 0,
                "point": 0,
                "first_replicate": 3,
                "last_replicate": 4,
                "lanes": 2,
                "error": "ValueError: <odd>",
                "traceback": "",
            }
        ],
    )
    lost = failures(compare([copy], by=factors_of, figures=False))
    assert "2 crises failed" in lost["words"] and "is interrupted" in lost["words"]
    assert [row[-1] for row in lost["table"].rows] == ["ValueError: <odd>"]


def test_a_study_without_outcomes_is_one_line(arms: list[Study], tmp_path: Path) -> None:
    copy = tmp_path / "study"
    copy.mkdir()
    for name in ("config.yaml", "design.parquet", "failures.parquet"):
        (copy / name).symlink_to(arms[0].directory / name)
    write_json(copy / "manifest.json", arms[0].manifest)
    (copy / "outcomes").mkdir()
    with pytest.raises(UserError, match="holds no outcomes yet"):
        report([copy])


def test_a_damaged_study_is_said_to_be_one_and_the_others_reported(
    arms: list[Study], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.report.page.page", lambda comparison, interactive: "; ".join(comparison.notes))
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "manifest.json").write_text("")
    text = report([arms[0].directory, tmp_path / "damaged"])
    said = capsys.readouterr().err
    assert said.startswith("Left out: ") and said.count("\n") == 1 and said.strip() in text


def test_command_writes_where_the_studies_lie_or_where_asked(
    arms: list[Study], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "experiments.cli.report.report", lambda directories, interactive: f"page about {len(directories)}"
    )
    places = [str(study.directory) for study in arms]
    wanted = tmp_path / "deep" / "page.html"
    assert run_command(["report", *places, "--output", str(wanted)]) == 0 and wanted.read_text() == "page about 2"
    assert run_command(["report", *places]) == 0
    assert run_command(["report", places[0]]) == 0
    together = arms[0].directory.parent
    assert capsys.readouterr().out.splitlines() == [str(wanted.parent), str(together), places[0]]
    assert (together / "report.html").read_text() == "page about 2"
    assert (arms[0].directory / "report.html").read_text() == "page about 1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: no such directory"),
        (["{study}", "--output", "{place}/page.txt"], "ends in .html"),
    ],
)
def test_wrong_requests_are_one_line(
    arms: list[Study], arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [text.format(study=arms[0].directory, place=tmp_path) for text in arguments]
    assert run_command(["report", *filled]) == 2
    error = capsys.readouterr().err
    assert said in error and len(error.splitlines()) == 1 and not list(tmp_path.iterdir())


def test_labels_cannot_smuggle_markup() -> None:
    assert CODE.format("<script>alert(1)</script>") == "<code>&lt;script&gt;alert(1)&lt;/script&gt;</code>"


@pytest.mark.slow
def test_page_in_a_browser(arms: list[Study], tmp_path: Path, page: str) -> None:
    browser = pytest.importorskip("tests.support.browser")
    pytest.importorskip("playwright")
    if browser.find_browser() is None:
        pytest.skip("no Chromium here")
    place = tmp_path / "report.html"
    place.write_text(page, encoding="utf-8")
    assert [look.problems for look in browser.look_at([place])] == [[], []]
