"""`discover`: a planted box in a study, traits drawn for each crisis, and outcomes that set nothing apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments import discover
from experiments.cli.app import run_command
from experiments.comparison.arms import kept, parse_filter
from experiments.decide.discover import divided
from experiments.decide.worlds_of_crises import crises_of
from experiments.errors import UserError
from sim.engine.lanes import lane_values
from sim.engine.streams import Luck
from tests.support.studies import make_study
from tests.support.synthetic_outcomes import outcomes
from tests.support.synthetic_studies import write_study

POINTS, LUCKS = 400, 5
RELAPSED = "relapsed"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crises that relapse often where enforcement < .3 and side b's resolve > 3."""
    generator = np.random.default_rng(2)
    enforcement, resolve = generator.random(POINTS), generator.uniform(0, 5, POINTS)
    form = generator.choice(["ratio", "difference"], POINTS)
    chance = np.where((enforcement < 0.3) & (resolve > 3), 0.85, 0.1)
    frame = outcomes(POINTS * LUCKS)
    point = np.repeat(np.arange(POINTS), LUCKS)
    lanes = frame.with_columns(
        pl.Series("point", point, frame["point"].dtype),
        pl.Series("replicate", np.tile(np.arange(LUCKS), POINTS), frame["replicate"].dtype),
        pl.Series("luck", np.arange(POINTS * LUCKS), frame["luck"].dtype),
        pl.Series("relapsed", generator.random(POINTS * LUCKS) < chance[point]),
    )
    design = pl.DataFrame(
        {
            "point": pl.Series(np.arange(POINTS), dtype=pl.Int32),
            "mediation.enforcement": enforcement,
            "government.a.resolve": resolve,
            "government.b.resolve": resolve,
            "government.a.contest_form": form,
        }
    )
    return write_study(tmp_path_factory.mktemp("planted") / "study", design, [lanes], luck="own")


def test_a_planted_box_comes_out_in_words_and_as_a_filter(planted: Path, tmp_path: Path) -> None:
    made = discover(planted, RELAPSED)
    assert len(made.boxes) == 1
    box = made.boxes[0]
    assert set(box.box.limits) == {"mediation.enforcement", "government.a.resolve"}
    assert box.lift_low > 2 and box.density_low < box.box.density < box.density_high
    assert "mediation.enforcement < 0.3" in made.sentences[0] or "mediation.enforcement < 0.2" in made.sentences[0]
    assert "government.a|b.resolve >" in made.sentences[0]
    condition, drawn = made.filter_of(box.box.limits)
    assert not drawn
    expression = parse_filter(condition, "--where")
    assert expression is not None
    inner = kept(made.crises.lanes, expression, "--where")
    members = made.members()
    assert inner.height == members.height and members["interest"].mean() > 0.7
    made.save(tmp_path / "out")
    content = json.loads((tmp_path / "out" / "boxes.json").read_text(encoding="utf-8"))
    limits = content["boxes"][0]["limits"]
    assert limits["mediation.enforcement"]["high"] == pytest.approx(0.3, abs=0.05)
    assert limits["government.a.resolve"]["low"] == pytest.approx(3, abs=0.25)
    assert min(content["boxes"][0]["repeated"].values()) > 0.5
    assert {"trade_off.svg", "box_1.svg", "discovery.md"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert made.leaves["risk"][0] > 0.6 and made.leaves["leaf"][0].count("and") >= 1


def test_where_luck_alone_decides_there_is_no_box(planted: Path) -> None:
    made = discover(planted, "luck % 7 = 0")
    assert not made.boxes and made.sentences[0].startswith("No box")


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("deaths_a >= 0", "all of 2,000 crises meet it"),
        ("deaths_a < 0", "none of 2,000 crises meet it"),
        ("point = 3 and replicate = 1", "1 of 2,000 crises meet it, too few"),
        ("relapzed", "did you mean relapsed"),
        ("deaths_a +", "--outcome"),
        ("", "say which crises"),
    ],
)
def test_outcomes_that_set_nothing_apart_are_answered_in_one_line(planted: Path, outcome: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        discover(planted, outcome)


def test_factors_can_be_named_and_constant_ones_are_refused(planted: Path) -> None:
    made = discover(planted, RELAPSED, factors="mediation.enforcement")
    assert set(made.crises.columns) == {"mediation.enforcement"}
    with pytest.raises(UserError, match="does not vary here"):
        discover(planted, RELAPSED, factors="mediation.delay")


def test_crises_of_one_unit_stay_together_when_they_are_divided() -> None:
    units = np.repeat(np.arange(100), 7)
    part = divided(units)
    assert all(len(set(part[units == unit])) == 1 for unit in range(100))
    assert np.bincount(part).tolist() == [350, 175, 175]
    with pytest.raises(UserError, match="cannot be divided"):
        divided(np.arange(5))


def test_traits_drawn_for_each_crisis_are_those_the_model_had(tmp_path: Path) -> None:
    overrides = ("scenario=dispute_population", "replicates=40", "horizon_days=20", "citizens=10", "luck=own")
    study = make_study(tmp_path / "population", *overrides)
    made = crises_of([study.directory], "deaths_a + deaths_b > 0")
    path = next(iter(name for name in made.columns if name in study.design.scenarios[0].varies))
    values = lane_values(study.design.points(), np.zeros(40, int), Luck(1, np.arange(40), np.zeros(40, int)))
    node = values
    for name in path.split("."):
        node = getattr(node, name)
    assert np.allclose(np.sort(made.columns[path].astype(float)), np.sort(node)) and made.unit == "luck"
    assert path not in made.settable


def test_the_command_prints_boxes_and_the_directory_last(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"
    assert run_command(["discover", str(planted), "--outcome", RELAPSED, "--output", str(out)]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[-1] == str(out) and any(line.startswith("--where") for line in lines)
    assert run_command(["discover", str(planted), "--outcome", "deaths_a < 0"]) == 2
