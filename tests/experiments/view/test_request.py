"""What a page asks for: checked, repeated bit for bit by the command it shows, and drawn as compare draws it."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.comparison.compare import compare
from experiments.errors import UserError
from experiments.figures.rows import rows_of, table_of
from experiments.study.results import load
from experiments.text import plain as plain_text
from experiments.view.answers import Answer, lanes_frame
from experiments.view.crisis_document import crisis_document
from experiments.view.request import ARMS, ViewRequest, command, read
from experiments.view.scenarios import LEVERS, Scenarios, sliders
from experiments.view.worker import Generations, crisis_of, lanes_of, parting_day, without_mediators
from sim.scenario import ParameterError, parameters

REPLICATES = 40
DATA = {
    "scenario": "tovuz_2020",
    "held": {"mediation": "none", "talks": "none"},
    "moved": {
        "mediation": "russia_2020",
        "talks": "hotline",
        "values": {"mediation.delay": 3, "government.a.step_down": 0.25, "alliance.first.label": 1},
    },
    "seed": 7,
    "horizon_days": 40,
    "citizens": 16,
}
DATA["moved"]["values"].pop("alliance.first.label")


@pytest.fixture(scope="module")
def scenarios() -> Scenarios:
    return Scenarios()


@pytest.fixture(scope="module")
def two_arms() -> ViewRequest:
    return read(DATA)


@pytest.fixture(scope="module")
def lanes(
    scenarios: Scenarios, two_arms: ViewRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pl.DataFrame]:
    generations = Generations.create(tmp_path_factory.mktemp("generations") / "numbers")
    points, stop = scenarios.points(two_arms), (generations.path, 0, 0)
    made = {}
    for at, name in enumerate(ARMS):
        parts = [lanes_of(points, at, *span, two_arms.settings, stop) for span in ((0, 25), (25, REPLICATES))]
        made[name] = lanes_frame([part for part in parts if part is not None])
    return made


@pytest.fixture(scope="module")
def study(two_arms: ViewRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("studies") / "repeated"
    words = shlex.split(command(two_arms, REPLICATES))
    assert words[0] == "offramp"
    assert run_command([*words[1:], "backend=serial", f"hydra.run.dir={place}"]) == 0
    return place


def test_the_command_on_the_page_gives_the_same_crises_bit_for_bit(study, lanes):
    outcomes = load(study).outcomes
    for at, name in enumerate(ARMS):
        assert outcomes.filter(pl.col("point") == at).equals(lanes[name])


def test_the_page_draws_the_rows_that_compare_draws(study, lanes, two_arms):
    document = Answer(lanes, two_arms.horizon_days).document()
    compared = compare(study)
    for name in ("severity", "termination", "incidence", "contrasts", "deaths"):
        assert document["figures"][name] == rows_of(compared.drawings.sketches[name])
    assert document["replicates"] == REPLICATES


def test_examples_are_crises_of_the_part_they_stand_for(lanes, two_arms):
    examples = Answer(lanes, two_arms.horizon_days).document()["examples"]
    for name, own in examples.items():
        rows = {row["replicate"]: row for row in lanes[name].to_dicts()}
        for column in ("severity", "termination"):
            for value, (_, replicate) in own[column].items():
                assert rows[replicate][column] == value
        most = max(row["deaths_a"] + row["deaths_b"] for row in rows.values())
        worst = rows[own["worst"][1]]
        assert worst["deaths_a"] + worst["deaths_b"] == most


@pytest.mark.parametrize("horizon", [1, 15])
def test_few_crises_of_few_days_are_answered_too(scenarios, horizon, tmp_path):
    two_arms, generations = read({**DATA, "horizon_days": horizon}), Generations.create(tmp_path / "numbers")
    points, stop = scenarios.points(two_arms), (generations.path, 0, 0)
    lanes = {name: lanes_frame([lanes_of(points, at, 0, 2, two_arms.settings, stop)]) for at, name in enumerate(ARMS)}
    document = Answer(lanes, horizon).document()
    json.dumps(document, allow_nan=False)
    assert set(document["figures"]) >= {"severity", "heavy"}


def test_numbers_are_worded_as_the_tables_have_them(lanes, two_arms):
    answer = Answer(lanes, two_arms.horizon_days)
    numbers = {row["metric"]: row for row in answer.document()["numbers"]}
    calm = answer.tables.levels.filter(metric="calm")["value"].to_list()
    assert numbers["calm"]["values"] == [f"{100 * value:.1f} %" for value in calm]
    assert all(
        level.startswith(value.removesuffix(" %")) for level, value in zip(*_levels(numbers["calm"]), strict=True)
    )
    change = answer.tables.contrasts.row(by_predicate=pl.col("metric") == "calm", named=True)
    assert numbers["calm"]["change"].startswith(plain_text(100 * change["difference"]))
    assert " points" in numbers["calm"]["change"] and numbers["calm"]["change"].endswith(change["reading"] or "points")


def _levels(row):
    return row["levels"], row["values"]


def test_heavy_days_are_drawn_by_both_renderers_and_saved(lanes, two_arms):
    answer = Answer(lanes, two_arms.horizon_days)
    sketch = answer.drawings.sketches["heavy"]
    assert answer.document()["figures"]["heavy"] == rows_of(sketch)
    share = (lanes["held"]["days_heavy"] == 0).mean()
    assert table_of(sketch).filter(arm="held")["value"][0] == pytest.approx(share, abs=1e-5)
    assert "heavy days" in sketch().alt


def test_work_for_an_older_number_is_left_off(scenarios, two_arms, tmp_path):
    generations = Generations.create(tmp_path / "numbers")
    generations[3] = 8
    assert lanes_of(scenarios.points(two_arms), 0, 0, 2, two_arms.settings, (generations.path, 3, 7)) is None
    assert lanes_of(scenarios.points(two_arms), 0, 0, 2, two_arms.settings, (generations.path, 3, 8)) is not None


def test_one_crisis_is_that_of_the_ensemble_and_its_twin_has_no_mediator(scenarios, two_arms, lanes):
    points = scenarios.points(two_arms)
    mediated = lanes["moved"].filter(pl.col("mediated"))["replicate"].to_list()
    partings = []
    for replicate in mediated[:4]:
        own = crisis_of(points, 1, replicate, two_arms.settings)
        twin = crisis_of(without_mediators(points, 1), 0, replicate, two_arms.settings)
        row = lanes["moved"].filter(pl.col("replicate") == replicate).row(0, named=True)
        for name in ("deaths_a", "deaths_b", "days_heavy", "severity", "agreements"):
            assert own["outcome"][name] == row[name]
        assert not any("mediated" in day["talks"] for day in twin["days"])
        partings.append(parting_day(own["days"], twin["days"]))
        for day in own["days"]:
            for side in ("a", "b"):
                shares = list(day[side]["segments"].values())
                assert min(shares) - 1e-3 <= day[side]["protest"] <= max(shares) + 1e-3
        shown = crisis_document(own, twin)
        assert shown["parting"] == partings[-1] and len(shown["days"]) == len(own["days"])
        heights = [share for story in shown["stories"] for panel in story["panels"] for share in _heights(panel)]
        assert min(heights) > -0.02 and max(heights) < 1.02
        for day, said in zip(own["days"], shown["days"], strict=True):
            for side, words in said["sides"].items():
                assert len(words["heads"]) == len(day[side]["options"])
                assert len(words["push"]) in (0, len(words["rows"]) - 1)
    assert any(day is not None and day > 0 for day in partings)
    assert parting_day(own["days"], own["days"]) is None


def _heights(panel):
    curves = (value for curve in panel["curves"] for value in curve["values"])
    bars = (end for *_, low, high in panel.get("bars", []) for end in (low, high))
    return [*curves, *bars, *(at for *_, at in panel.get("dots", [])), *(at for _, at in panel["marks"])]


def test_a_twin_shares_luck_also_where_every_point_has_its_own(scenarios):
    arm = {"mediation": "none", "talks": "none"}
    two_arms = read({**DATA, "held": arm, "moved": arm})
    points, own_luck = scenarios.points(two_arms), replace(two_arms.settings, luck="own")
    own = crisis_of(points, 1, 3, own_luck)
    twin = crisis_of(without_mediators(points, 1), 0, 3, own_luck, 1)
    assert parting_day(own["days"], twin["days"]) is None
    assert parting_day(own["days"], crisis_of(points, 0, 3, own_luck)["days"]) is not None


def test_what_one_arm_sets_is_set_in_the_other_too_and_drawn_in_neither(scenarios):
    drawn = scenarios.configuration("dispute_population").scenario.varies
    path = next(path for path in drawn if parameters()[path].kind == "float" and parameters()[path].low < 0.5)
    arm = {"mediation": "none", "talks": "none"}
    two_arms = read({"scenario": "dispute_population", "held": arm, "moved": {**arm, "values": {path: 0.5}}})
    points = scenarios.points(two_arms)
    assert path not in points.scenario(0).varies and path not in points.scenario(1).varies
    assert points.scenario(1).get(path) == 0.5
    assert scenarios.key(two_arms, "held") != scenarios.key(two_arms, "moved")


def test_a_slider_at_its_own_value_asks_for_nothing_new(scenarios):
    base = scenarios.configuration("tovuz_2020", "russia_2020", "none").scenario.get("mediation.delay")
    arm = {"mediation": "russia_2020", "talks": "none"}
    plain = read({"scenario": "tovuz_2020", "held": arm, "moved": arm})
    moved = read({"scenario": "tovuz_2020", "held": arm, "moved": {**arm, "values": {"mediation.delay": base}}})
    assert scenarios.key(plain, "moved") == scenarios.key(moved, "moved")


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"scenario": 3}, "scenario=3: a name is needed"),
        ({"scenario": "../secret"}, "a name is needed"),
        ({"held": None}, "held and moved are needed"),
        ({"moved": {"mediation": "none", "talks": "none", "values": {"mediation.delay": 999}}}, "out of range"),
        ({"moved": {"mediation": "none", "talks": "none", "values": {"name": "x"}}}, "nothing that can be set"),
        ({"seed": -1}, "seed"),
        ({"citizens": 50_000}, "at most 450 days and 1,024 citizens"),
    ],
)
def test_what_cannot_be_asked_is_answered_in_one_line(wrong, words):
    with pytest.raises((UserError, ParameterError), match=words) as caught:
        read({**DATA, **wrong})
    assert "\n" not in str(caught.value)


def test_choices_that_do_not_exist_are_named(scenarios):
    with pytest.raises(UserError, match="mediation=nobody: no such choice"):
        scenarios.configuration("tovuz_2020", "nobody", "none")


def test_sliders_are_made_from_the_schema_the_mediators_levers_first():
    made = sliders()
    assert made[0]["group"] == LEVERS and made[0]["path"].startswith("mediation.")
    known = parameters()
    for slider in made:
        parameter = known[slider["path"]]
        assert slider["about"].startswith(parameter.meaning) and slider["about"].endswith(
            f"source: {parameter.source})"
        )
        if slider["kind"] != "choice":
            assert (slider["low"], slider["high"]) == (known[slider["path"]].low, known[slider["path"]].high)
            assert np.isfinite([slider["low"], slider["high"]]).all()
    assert {path for path, item in known.items() if item.kind != "text" and not path.endswith("luck_slot")} == {
        slider["path"] for slider in made
    }
    assert 30 < sum(slider["main"] for slider in made) < len(made) / 3
