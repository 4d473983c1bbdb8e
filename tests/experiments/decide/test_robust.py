"""`compare --robust` on studies with planted arms, and on what they can get wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments import robustness
from experiments.cli.app import run_command
from experiments.errors import UserError
from tests.support.synthetic_outcomes import outcomes
from tests.support.synthetic_studies import write_study

STATES, LUCKS = 24, 20


def lanes_of(point: int, chance: float, luck: np.ndarray, uniforms: np.ndarray) -> pl.DataFrame:
    """Crises of one point: calm on day 5 with a chance, by the given luck."""
    frame = outcomes(len(luck))
    return frame.with_columns(
        pl.lit(point, frame["point"].dtype).alias("point"),
        pl.Series("replicate", np.arange(len(luck)), frame["replicate"].dtype),
        pl.Series("luck", luck, frame["luck"].dtype),
        pl.Series("days_to_calm", np.where(uniforms < chance, 5, None).tolist(), frame["days_to_calm"].dtype),
    )


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two mediations crossed with draws; the one helps where resolve is low, the other a little everywhere."""
    generator = np.random.default_rng(1)
    resolve = generator.uniform(0, 5, STATES)
    rows, lanes = [], []
    for mediation in ("formulation", "placebo"):
        for draw in range(STATES):
            point = len(rows)
            chance = 0.9 - 0.16 * resolve[draw] if mediation == "formulation" else 0.5
            uniforms = np.random.default_rng(draw).random(LUCKS)
            lanes.append(lanes_of(point, chance, draw * 1000 + np.arange(LUCKS), uniforms))
            rows.append((point, mediation, str(draw), resolve[draw]))
    design = pl.DataFrame(
        rows,
        {"point": pl.Int32, "mediation": pl.String, "draw": pl.String, "government.a.resolve": pl.Float64},
        orient="row",
    )
    place = tmp_path_factory.mktemp("robust") / "study"
    return write_study(place, design, lanes, uncertainty="posterior")


def test_a_measure_that_some_crises_lack_is_refused_in_one_line(crossed: Path) -> None:
    with pytest.raises(
        UserError, match="--metric relapse_day: no state has the same number of crises in every arm, each"
    ):
        robustness(crossed, metrics="relapse_day")


def test_arms_are_crossed_paired_and_their_regret_told(crossed: Path, tmp_path: Path) -> None:
    made = robustness(crossed, metrics="calm_14", thresholds="calm_14 >= 0.45")
    rows = {(row["arm"], row["measure"]): row for row in made.table.iter_rows(named=True)}
    assert rows["mediation=placebo", "regret_own_90"]["value"] < rows["mediation=formulation", "regret_own_90"]["value"]
    assert 0.3 < rows["mediation=formulation", "best"]["value"] < 0.7
    everything, resolve = made.information.rows(named=True)
    assert resolve["parameter"] == "government.a.resolve" and resolve["value"] > resolve["chance"]
    assert resolve["value"] == pytest.approx(everything["value"], abs=0.05)
    assert "government.a.resolve is worth finding out first" in made.answer
    assert made.satisficing is not None and made.satisficing["value"].is_between(0, 1).all()
    names = {path.name for path in made.save(tmp_path / "figures")}
    assert {"robustness.csv", "information.csv", "robustness.md", "robust_calm_14.svg", "regret_calm_14.png"} <= names
    page = (tmp_path / "figures" / "robustness.md").read_text(encoding="utf-8")
    assert made.answer in page and "] points |" in page  # regrets of shares


def test_the_command_prints_one_json(crossed: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    words = [
        "compare",
        str(crossed),
        "--robust",
        "--metric",
        "calm_14",
        "--format",
        "json",
        "--output",
        str(tmp_path / "o"),
    ]
    assert run_command(words) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["table"] and content["satisficing"] is None and "No threshold is declared" in content["notes"][-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thresholds": "calm_14 > half"}, "cannot be read"),
        ({"thresholds": "calm_14 <= 0.5"}, "of calm_14 more is better"),
        ({"thresholds": "war <= 0.5"}, "war is not measured here"),
        ({"metrics": "median:deaths"}, "a quantile is no mean"),
        ({"by": "seed"}, "one arm only"),
    ],
)
def test_what_cannot_be_held_against_each_other_is_refused(crossed: Path, options: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        robustness(crossed, **{"metrics": "calm_14", **options})


def test_one_state_of_the_world_says_so(tmp_path: Path) -> None:
    places = [write_study(tmp_path / name, mediation=name) for name in ("placebo", "formulation")]
    made = robustness(places, metrics="calm_14")
    assert any("One state of the world" in note for note in made.notes) and made.information.is_empty()


def test_options_of_plain_comparisons_are_refused(crossed: Path, capsys: pytest.CaptureFixture) -> None:
    assert run_command(["compare", str(crossed), "--robust", "--baseline", "placebo"]) == 2
    assert "--baseline: not used with --robust" in capsys.readouterr().err
    assert run_command(["compare", str(crossed), "--threshold", "calm_14 >= 0.5"]) == 2
    assert "only used with --robust" in capsys.readouterr().err
