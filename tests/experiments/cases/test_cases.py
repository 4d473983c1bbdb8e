"""``offramp cases``: every coded case runs, says where its draws come from and what of it is in sample."""

from __future__ import annotations

import json
from importlib.resources import files

import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from experiments.cases.catalogue import IN_SAMPLE, cases, chosen
from experiments.cases.running import TERMINATIONS, arms_of, read
from experiments.cases.telling import line, markdown, side_by_side
from experiments.claims.arms import SampleSize, points_of
from experiments.claims.store import ArmStore
from experiments.claims.uncertainty import PRIOR, case_draws, draws
from experiments.cli.app import run_command
from experiments.design.hyperparameters import argument_of
from experiments.errors import UserError
from experiments.figures.style import settle
from experiments.statistics.vocabulary import SEVERITIES
from experiments.targets.populations import scenario_named
from sim.scenario import Scenario

TINY = SampleSize(draws=3, crises=4, citizens=10, horizon=75)
SIZES = ["--draws", "2", "--crises", "3", "--citizens", "10", "--horizon", "75", "--workers", "1"]


def test_all_cases_are_there_and_the_population_is_not_one():
    assert cases()[0] == "tovuz_2020" and "dispute_population" not in cases()
    assert {"april_2016", "autumn_2020", "georgia_2008", "kargil_1999"} <= set(cases())
    assert set(IN_SAMPLE) <= set(cases())
    with pytest.raises(UserError, match="kargil_1999"):
        chosen(["kargil_1998"])


@pytest.mark.parametrize("name", cases())
def test_every_case_can_be_drawn(name):
    for one in arms_of(name, "case", 75).values():
        assert len(points_of(one, TINY)) == TINY.draws


@pytest.mark.parametrize("name", cases())
def test_a_case_keeps_what_it_codes_and_is_a_draw_of_the_population_in_the_rest(name):
    scenario, population, default = scenario_named(name), scenario_named("dispute_population"), Scenario()
    drawn = case_draws(scenario, name, 4)
    shipped = set(pl.read_parquet(files("conf") / "posterior" / "dispute_population.parquet").columns)
    assert "dispute_population" in drawn.source and {"government.a.resolve", "government.b.resolve"} <= drawn.fitted
    assert drawn.fitted <= shipped
    for path in drawn.fitted & set(drawn.columns):
        assert scenario.get(path) in (population.get(path), default.get(path)), path
    for path in drawn.varied:
        trait = argument_of(path)[0]
        assert scenario.varies[trait] == population.varies[trait]


def test_rates_of_a_line_of_contact_are_those_of_the_venue():
    for kind in (PRIOR, "posterior"):
        drawn = draws(kind, scenario_named("simmer_2015"), "simmer_2015", 4)
        assert not any(
            "incidents.rate" in path or "lethality_middle" in path for path in (*drawn.columns, *drawn.varied)
        )


def test_a_case_is_read_and_told():
    found = read("galwan_2020", "case", ArmStore(TINY))
    assert tuple(found["severity"]) == tuple(SEVERITIES) and tuple(found["termination"]) == TERMINATIONS
    for kind in ("severity", "termination"):
        assert sum(one["mean"] for one in found[kind].values()) == pytest.approx(1)
    assert not found["in_sample"] and not found["mediators_on_offer"]
    assert line(found).startswith("galwan_2020") and "none on offer" in markdown([found], TINY, "today")


def test_the_command_writes_figure_tables_and_says_what_is_in_sample(tmp_path, capsys):
    out = tmp_path / "run"
    assert run_command(["cases", "april_2016", "galwan_2020", *SIZES, "--output", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [text.split()[0] for text in said[:2]] == ["april_2016", "galwan_2020"] and said[-1] == str(out)
    assert "[in sample]" in said[0] and "[in sample]" not in said[1]
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg", ".png"}
    assert pl.read_csv(out / "cases.csv").height == 2
    kept = json.loads((out / "cases.json").read_text())["cases"]
    assert kept[0]["in_sample"] and "scaled with it in view" in (out / "cases.md").read_text()
    assert run_command(["cases", "--resume", str(out), "--workers", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == said[:2]


def test_wrong_requests_are_refused(tmp_path, capsys):
    assert run_command(["cases", "nowhere", "--output", str(tmp_path / "x")]) == 2
    assert run_command(["cases", "--horizon", "40", "--output", str(tmp_path / "x")]) == 2
    assert run_command(["cases", "--resume", str(tmp_path)]) == 2
    assert not (tmp_path / "x").exists()
    assert run_command(["cases", "--help"]) == 0
    assert "in sample" not in capsys.readouterr().err


def test_every_panel_of_the_figure_has_words_and_ticks_that_can_be_told_apart():
    found = [read(name, "case", ArmStore(TINY)) for name in ("april_2016", "galwan_2020")]
    figure = side_by_side(found, TINY.horizon).figure
    settle(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert [axes.get_xlabel().replace("\n", " ") for axes in figure.axes] == [
        "dead of both sides (logarithmic)",
        "day on which the first calm began",
        "share of crises",
        "share of crises",
    ]
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
        boxes = [tick.label1.get_window_extent(renderer) for tick in ticks]
        assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
