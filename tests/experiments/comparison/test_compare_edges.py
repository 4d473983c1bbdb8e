"""Comparisons at their edges: few crises, few days, names as people write them, folders of any name."""

import re
import subprocess
import warnings

import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.cli.report import report
from experiments.cli.trace import command as trace
from experiments.comparison.compare import compare
from experiments.comparison.rendering import as_markdown, as_text, headline_lines
from experiments.config.overrides import parse_overrides
from experiments.figures import style
from experiments.files import write_parquet
from experiments.study.results import load
from experiments.text import markdown, printable, wrapped
from tests.support.faults import OFFRAMP
from tests.support.studies import make_study
from tests.support.synthetic_outcomes import outcomes
from tests.support.synthetic_studies import write_study

NAMES = (
    "Baseline (cost $5k, $0 aid)",
    "a_b^c {x} 100% [bold]r[@] :smile:",
    "n" * 170,
    "\u4e2d\u6587\u540d\u5b57",
    "<b>|`h` *i*\\",
    "red \x1b[31m and\nnext\t",
)


WITHOUT_WARNINGS = pytest.mark.filterwarnings(
    "error", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""No warning of its own; what the garbage collector happens to say of other tests meanwhile does not count."""


def told(found) -> str:
    return as_text(headline_lines(found.headlines), found.summary, found.notes)


@WITHOUT_WARNINGS
def test_one_crisis_an_arm_is_told_as_one_crisis(tmp_path):
    pair = [
        write_study(tmp_path / name, mediation=name, lanes=[outcomes(1, seed=seed, effect=seed)])
        for seed, name in enumerate(("none", "facilitation"))
    ]
    found = compare(pair)
    text = told(found)
    assert re.search(r"days with shots +mediation=none +\d+\.0 \(one crisis\)", text)
    assert not re.search(r"\[(?!95 %)|unbounded|nan", text)
    assert set(found.tables.contrasts["reading"]) == {""}
    assert "convergence" not in found.drawings
    assert "nan" not in str(found.drawings.words())


@WITHOUT_WARNINGS
@pytest.mark.parametrize("days", [(1,), (14,), (7, 120)])
def test_studies_too_short_for_a_calm_are_compared_without_it(tmp_path, days):
    base = outcomes(40)
    never = base.with_columns(pl.lit(None, pl.Int32).alias("days_to_calm"), days_hot=pl.lit(days[0], pl.Int32))
    places = [
        write_study(tmp_path / f"h{horizon}", horizon=horizon, lanes=[never if horizon < 15 else base])
        for horizon in days
    ]
    found = compare(places)
    seen = any(horizon >= 14 for horizon in days)
    text, words = told(found), {name: found.drawings[name].alt for name in ("days", "incidence")}
    assert "day -" not in text + str(words)
    assert ("takes 14 days to be seen" in text) == (min(days) < 14)
    assert ("days until calm" in words["days"]) == seen
    assert ("calm:" in words["incidence"]) == seen


@WITHOUT_WARNINGS
def test_a_study_of_one_day_can_be_run_reported_and_traced(tmp_path, capsys):
    study = make_study(tmp_path / "day", "horizon_days=1", "mediation=none")
    assert "P(calm (takes 14 days to be seen) | no mediator)" in report([study.directory])
    trace(study.directory, output=tmp_path / "out")
    assert "Day 0 is shown in full" in capsys.readouterr().out


@pytest.fixture(scope="module")
def odd_names(tmp_path_factory):
    place = tmp_path_factory.mktemp("names")
    for number, name in enumerate(NAMES):
        mediation = "facilitation" if number else "none"
        write_study(place / name, mediation=mediation, lanes=[outcomes(40, 0.1 * number)])
    return place


def test_names_reach_every_medium_as_they_were_written(odd_names, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare([odd_names], by=["study"])
        style.save(found.drawings["severity"], tmp_path, "severity")
    arms = [arm.name for arm in found.grouping.arms]
    assert "study=Baseline (cost $5k, $0 aid)" in arms
    assert sum("No installed font has" in note for note in found.notes) <= 1
    text = told(found)
    assert "[bold]r[@]" in text and ":smile:" in text
    assert "\x1b[31m" not in text and "red \\x1b[31m and\\nnext\\t" in text
    page = as_markdown(headline_lines(found.headlines, markdown), found.summary, [])
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(re.findall(r"\|", rows[1]))}
    assert "study=Baseline (cost $5k, $0 aid)" in (tmp_path / "severity.svg").read_text(encoding="utf-8")


def test_names_are_text_in_figures_and_long_ones_are_wrapped():
    figure = style.styled(lambda: style.Drawing(style.canvas(2, title="$5k " + "n" * 170), ""))().figure
    title = figure._suptitle
    assert not title.get_parse_math()
    assert max(map(len, title.get_text().splitlines())) <= 90
    assert len(wrapped("n" * 170, 24, 3).splitlines()) == 3
    assert wrapped("n" * 170, 24, 3).endswith("\u2026")
    assert max(map(len, wrapped("\u4e2d" * 60, 24).splitlines())) == 12
    assert wrapped("mediation=facilitation talks=none", 24) == "mediation=facilitation\ntalks=none"


def test_ticks_of_shares_are_the_shares():
    assert [style.percent_text(share) for share in (0, 0.025, 0.05, 0.125, 1)] == [
        "0 %",
        "2.5 %",
        "5 %",
        "12.5 %",
        "100 %",
    ]
    assert style.percent_text(0.02, 1) == "2.0 %"


def test_letters_without_a_font_are_said_once():
    assert style.letters_without_a_font(["plain", "\u00e9\u2013"]) == ""
    assert style.letters_without_a_font(["a\U0001f9ff", "\U0001f9ff\U0001f9ff"]).count("\U0001f9ff") <= 1


def test_control_characters_move_no_cursor():
    assert printable("a\x1b[31m\r\n\x9b\x7f") == "a\\x1b[31m\\r\\n\\x9b\\x7f"
    assert markdown("a|b_c _d_ `e`") == "a\\|b_c \\_d\\_ \\`e\\`"


@pytest.mark.parametrize("name", ["proj [2026]", "a*b?{c,d}", "draw=3", "~"])
def test_a_study_lies_in_a_folder_of_any_name(tmp_path, monkeypatch, name):
    place = write_study(tmp_path / name / "study", daily=True)
    found = load(place)
    assert (found.outcomes.height, found.paths.is_empty(), found.failures.height) == (150, False, 0)
    assert found.design.columns == ["point"]
    assert "draw" not in found.outcomes.columns
    compare(place, figures=False).save(tmp_path / name / "out")
    assert (tmp_path / name / "out" / "comparison.csv").is_file()
    monkeypatch.chdir(place.parent)
    assert load("study").outcomes.height == 150


@pytest.mark.parametrize("path", ["/a/proj [2026]/x", "/a/draw=3/q'u{o,b}", "x y"])
def test_any_legal_path_can_be_resumed_and_written_to(path):
    for key in ("resume", "hydra.run.dir"):
        (override,) = parse_overrides([f"{key}={path}"])
        assert override.values == (path,)


def typed(words):
    """Run a command as it is typed: in a process of its own, from which the packages of no use are hidden."""
    done = subprocess.run([OFFRAMP, *words], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.returncode


@pytest.mark.parametrize(("kind", "run"), [("morris", run_command), ("saltelli", typed)])
def test_a_sampled_study_is_swept_and_its_factors_are_compared(kind, run, tmp_path):
    factors = "{government.a.resolve: {from: 1, to: 3}, mediation.delay: {from: 0, to: 20}}"
    size = ["replicates=30", "horizon_days=15", "citizens=10", "backend=serial", f"hydra.run.dir={tmp_path / 'study'}"]
    sweep = ["sweep", f"design.{kind}={{samples: 16, seed: 1, factors: {factors}}}", "mediation=formulation", *size]
    assert run(sweep) == 0
    words = compare(tmp_path / "study", metrics=["days_heavy"]).drawings["influence_days_heavy"].alt
    assert "mediation.delay" in words and "government.a.resolve" in words


def test_truces_that_never_break_have_no_figure_and_their_days_are_told(tmp_path):
    place = write_study(tmp_path / "study", daily=True)
    assert "truces" in compare(place).drawings
    path = place / "paths" / "part-000000.parquet"
    lasting = (pl.col("quantity") == "agreement") & (pl.col("day") > 20)
    table = pl.read_parquet(path).with_columns(pl.when(lasting).then(2.0).otherwise("value").alias("value"))
    write_parquet(path, table.to_arrow())
    found = compare(place)
    assert "truces" not in found.drawings and "fans" in found.drawings
    days = 20 * (table["day"].max() - 20)
    text = f"No truce broke, so no figure shows how often truces break by age. Days of truce watched: .*: {days:,}."
    assert any(re.fullmatch(text, note) for note in found.notes)


def test_an_arm_of_no_values_has_no_figure(tmp_path):
    place = write_study(
        tmp_path / "study", lanes=[outcomes(40).with_columns(pl.lit(None, pl.Float64).alias("audience_cost_a"))]
    )
    found = compare(place, metrics=["audience_cost_a"])
    assert not {"contrasts", "convergence"} & set(found.drawings)
    assert any("No crisis has a value, so there is no figure: audience cost a" in note for note in found.notes)
