"""``offramp cases``: every coded case runs, is set beside its record, and says what of it is in sample."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from experiments.cases.beside import HEADLINES, predicted, quantiles, set_beside, summary
from experiments.cases.records import Known, Record
from experiments.cases.requests import FULL, IN_SAMPLE, Request, cases, chosen, horizon_of
from experiments.cases.running import composed, panel_of, source_of
from experiments.cli.app import run_command
from experiments.config.compose import Composer, composer
from experiments.design.designs import build_design
from experiments.errors import UserError
from experiments.figures.predictive import records_beside
from experiments.figures.style import settle
from sim.ladder import CALM_DAYS
from tests.support.synthetic_outcomes import HORIZON, outcomes

SIZES = ["--draws", "2", "--crises", "3", "--citizens", "10", "--horizon", "75", "--workers", "1"]
EVENTS = "date,kind,deaths_a,deaths_b\n2020-07-12,heavy,2,1\n2020-07-14,heavy,0,4\n2020-09-02,end,,\n"


def crises(number: int) -> pl.DataFrame:
    """Made-up outcomes with the columns that cases read."""
    return outcomes(number).with_columns(last_heavy_day=pl.col("days_heavy") - 1)


@pytest.fixture(scope="module")
def opened() -> Iterator[Composer]:
    with composer() as made:
        yield made


def test_all_cases_are_there_and_the_population_is_not_one():
    assert cases()[0] == "tovuz_2020" and "dispute_population" not in cases()
    assert {"april_2016", "autumn_2020", "georgia_2008", "kargil_1999", "simmer_2015"} <= set(cases())
    assert len(cases()) == 10 and set(IN_SAMPLE) <= set(cases())
    with pytest.raises(UserError, match="kargil_1999"):
        chosen(["kargil_1998"])
    with pytest.raises(UserError, match="dispute_population: no such case"):
        chosen(["dispute_population"], ["dispute_population", "own"])
    assert chosen(["own"], ["own"]) == ["own"]


FEW = ("galwan_2020",)


@pytest.mark.parametrize(
    "name", [*FEW, *(pytest.param(name, marks=pytest.mark.slow) for name in cases() if name not in FEW)]
)
def test_every_case_is_a_draw_of_the_population_with_its_mediators_and_without(opened: Composer, name: str):
    configuration = composed(opened, replace(FULL, names=(name,), draws=2, citizens=64), name, 75)
    design = build_design(opened, configuration)
    arms = set(design.table["mediation"])
    assert configuration.settings.uncertainty == "posterior:2" and configuration.settings.luck == "own"
    assert len(design) == 2 * len(arms) and "none" in arms
    assert any(path.startswith("varies.") for path in design.table)


def test_values_as_coded_draw_nothing(opened: Composer):
    configuration = composed(opened, Request(("galwan_2020",), "none"), "galwan_2020", 75)
    assert configuration.settings.uncertainty == "none" and configuration.settings.replicates == 1000
    assert configuration.design == {"choices": {"mediation": ["none"]}}


def test_structures_of_as_many_draws_are_named_in_one_order():
    structures = [*["none", "stocks", "hope", "all"] * 9, "hope"]
    design = pl.DataFrame({"draw": [str(number) for number in range(37)], "structure": structures})
    texts = {
        source_of(
            SimpleNamespace(manifest={}), SimpleNamespace(design=design.sample(fraction=1, shuffle=True, seed=seed))
        )
        for seed in range(20)
    }
    (text,) = texts
    assert text.endswith("structures hope 10, all 9, none 9, stocks 9")


def test_a_record_that_ends_early_ends_the_simulation():
    whole = Record("x", None)
    known = replace(whole, begin=date(2020, 7, 12), end=date(2020, 9, 26))
    assert horizon_of(FULL, None) == horizon_of(FULL, whole) == 120
    assert horizon_of(FULL, known) == 77 and horizon_of(replace(FULL, horizon=60), known) == 60
    with pytest.raises(UserError, match="covers 20 days"):
        horizon_of(FULL, replace(known, end=date(2020, 7, 31)))


def test_a_record_lies_where_its_crises_put_it():
    sample = {name: np.arange(100.0) for name in predicted(crises(20), 60)}
    statements = {
        "days_heavy": Known(25, 25, 25, "x"),
        "deaths": Known(None, 10, 50),
        "days_to_calm": Known(float("inf")),
        "deaths_a": Known(None, 40, None),
    }
    beside = set_beside(Record("x", None, statements=statements), sample, 60)
    rows = beside["known"]
    assert (rows["days_heavy"]["below"], rows["days_heavy"]["up_to"]) == (0.25, 0.26)
    assert rows["deaths"]["percentile"] == pytest.approx(0.305) and rows["deaths"]["crps"] is None
    assert rows["days_to_calm"]["never"] and rows["days_to_calm"]["below"] == 1
    assert not rows["deaths_a"]["bounded"] and rows["deaths_a"]["percentile"] is None
    assert rows["days_heavy"]["crps"] > 0 and "days_hot" in beside["silent"]


def test_scores_over_cases_tell_what_knowing_the_case_was_worth():
    generator = np.random.default_rng(3)
    samples = {name: {what: generator.normal(at, 1, 300) for what in HEADLINES} for name, at in (("x", 5), ("y", 50))}
    made = []
    for name, value in (("x", 5.0), ("y", 50.0)):
        record = Record(name, None, statements={"days_heavy": Known(value)})
        beside = set_beside(record, {**samples[name]}, 120)
        made.append({"case": name, "horizon": 120, "record": beside})
    score = summary(made, samples)["days_heavy"]
    assert score.records == score.ranked == 2 and sum(score.histogram) == pytest.approx(2)
    assert score.crps < 1 < score.pooled
    assert summary(made, samples)["deaths"].records == 0


def test_the_command_writes_figures_tables_and_records_and_says_what_is_in_sample(tmp_path, capsys):
    out = tmp_path / "run"
    assert run_command(["cases", "tovuz_2020", *SIZES, "--output", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    heads = [text for text in said if not text.startswith(" ")]
    assert len(heads) == 2 and heads[0].startswith("tovuz_2020") and heads[-1] == str(out)
    assert heads[0].endswith("[in sample]")
    assert "  heavy days: record 5 (4 to 6)" in "\n".join(said)
    drawn = {path.name for path in (out / "figures").iterdir()}
    assert drawn == {"cases.svg", "cases.png", "ranks.svg", "ranks.png"}
    assert pl.read_csv(out / "cases.csv").height == 1
    assert set(pl.read_csv(out / "records.csv")["case"]) == {"tovuz_2020"}
    kept = json.loads((out / "cases.json").read_text())
    assert kept["cases"][0]["horizon"] == 75 and kept["cases"][0]["record"]["known"]["deaths"]["value"] == 16
    page = (out / "cases.md").read_text()
    assert "offramp cases tovuz_2020 --draws 2" in page and "The choice of mechanisms" in page
    assert (out / "studies" / "tovuz_2020" / "outcomes").is_dir()


def test_a_users_own_record_stands_beside_the_distribution_and_an_interrupted_run_goes_on(tmp_path, capsys):
    own = tmp_path / "my_conf" / "scenario"
    own.mkdir(parents=True)
    (own / "my_crisis.yaml").write_text(
        "# @package _global_\n# Mine.\ndefaults:\n  - /population@_global_: [dyads]\nname: my_crisis\n"
        "title: Mine\ndyad: {start_rung_a: 5, start_rung_b: 5}\n"
    )
    events = tmp_path / "events.csv"
    events.write_text(EVENTS)
    out = tmp_path / "run"
    words = ["my_crisis", "--config-dir", str(own.parent), "--record", str(events), *SIZES[:6], "--workers", "1"]
    document = tmp_path / "page.md"
    assert run_command(["cases", *words, "--output", str(out), "--document", str(document)]) == 0
    said = capsys.readouterr().out
    assert "  heavy days: record 2, model" in said and "  military dead: record 7, model" in said
    assert "  days to calm: record 3" in said and "civilian dead" in said
    assert json.loads((out / "cases.json").read_text())["cases"][0]["horizon"] == 53
    assert document.read_text() == (out / "cases.md").read_text()
    assert (tmp_path / "figures" / "cases.svg").is_file()
    assert run_command(["cases", "--resume", str(out), "--workers", "1", "--record", str(events)]) == 0
    assert capsys.readouterr().out == said
    for typed, words in (
        (["--quick"], "begun with draws="),
        (["--begin", "2020-07-13"], "not 2020-07-13"),
        (["tovuz_2020"], "names=[my_crisis]"),
        (["--output", str(tmp_path / "other")], "output="),
    ):
        assert run_command(["cases", *typed, "--resume", str(out)]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "no such case"),
        (["tovuz_2020", "--horizon", "20"], "at least 30 days"),
        (["tovuz_2020", "galwan_2020", "--record", "EVENTS"], "name the one case"),
        (["tovuz_2020", "--record", "missing.csv"], "missing.csv: cannot be read"),
        (["tovuz_2020", "--record", "EVENTS", "--until", "July"], "--until July: a date"),
        (["tovuz_2020", "--record", "EVENTS", "--until", "2020-07-20"], "covers 9 days"),
        (["tovuz_2020", "--record", "EVENTS", "--sides", "x,y"], "plain form"),
        (["tovuz_2020", "--sides", "x,y"], "needs a record"),
        (["tovuz_2020", "--draws", "99999"], "draws must be a number from 1 to"),
    ],
)
def test_wrong_requests_are_refused_in_one_line_before_anything_is_made(tmp_path, capsys, words, told):
    events = tmp_path / "events.csv"
    events.write_text(EVENTS)
    out = tmp_path / "x"
    words = [str(events) if word == "EVENTS" else word for word in words]
    assert run_command(["cases", *words, "--output", str(out)]) == 2
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1 and not out.exists()


def test_a_directory_that_holds_no_run_is_not_resumed(tmp_path, capsys):
    assert run_command(["cases", "--resume", str(tmp_path)]) == 2
    assert run_command(["cases", "--help"]) == 0


def test_panels_have_words_and_ticks_that_can_be_told_apart():
    sample = predicted(crises(60), 75)
    record = set_beside(Record("x", None, statements={"deaths": Known(None, 3, 900)}), sample, 75)
    levels = {name: quantiles(values) for name, values in sample.items()}
    made = [{"case": name, "in_sample": "", "horizon": 75, "quantities": levels, "record": record} for name in "xy"]
    figure = records_beside(["x", "y"], [panel_of(name, made) for name in HEADLINES], "Title", "Note").figure
    settle(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["heavy days", "days to calm", "military dead"]
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
        boxes = [tick.label1.get_window_extent(renderer) for tick in ticks]
        assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))


def test_what_came_not_in_time_lies_beyond_every_day():
    frame = crises(40)
    sample = predicted(frame, HORIZON)
    never = frame["days_to_calm"].is_null().to_numpy()
    assert np.isinf(sample["days_to_calm"][never]).all()
    assert (sample["days_to_calm"][~never] <= HORIZON - CALM_DAYS).all()
    assert (sample["deaths_all"] >= sample["deaths"]).all()
