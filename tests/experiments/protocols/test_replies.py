"""The replies of publics move as theory says, side by side, and out of the model's own views of options."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.design.priors import lay_over
from experiments.protocols.asking import QUANTILES, Respondents, Vignette, ask, asked_points
from experiments.targets.targets import scenario_named
from sim.scenario import Scenario

RISING = {
    ("public", "inconsistency", 1.0, 3.0): ("cost_after_threat", "cost_after_force", "inconsistency_share"),
    ("government", "posture_commitment", 0.6, 1.0): ("cost_after_threat", "cost_after_force"),
    ("public", "honour", 0.3, 0.7): ("cost_after_threat", "taunt"),
    ("public", "framing", 0.1, 1.0): ("taunt",),
    ("public", "weakness", 0.5, 3.0): ("taunt",),
    ("public", "casualty_weight", 0.005, 0.03): ("losses_at_8", "losses_at_9"),
    ("public", "burden_cap", 1.0, 5.0): ("losses_at_8", "losses_at_9"),
    ("public", "rally_weight", 0.1, 0.8): ("rally",),
    ("public", "rally_gain", 0.05, 0.5): ("rally",),
    ("public", "anger_pull", 0.0, 0.2): ("rally",),
}
"""What a parameter of publics or governments raises, from one value to a higher one."""
FALLING = {
    ("public", "belligerence", 0.0, 2.0): ("inconsistency_share",),
    ("public", "mismatch", 3.0, 5.0): ("inconsistency_share",),
}


@pytest.fixture(scope="module")
def population() -> Scenario:
    return scenario_named("dispute_population")


def replies(base: Scenario, group: str, name: str, *values: float) -> dict[str, np.ndarray]:
    settings = {f"{group}.{side}.{name}": np.array(values) for side in "ab"}
    return ask(base, settings, len(values), citizens=64).values


@pytest.mark.parametrize(("change", "items"), RISING.items())
def test_what_raises_a_reply(population: Scenario, change: tuple[str, str, float, float], items: tuple[str, ...]):
    found = replies(population, *change)
    for item in items:
        assert (found[item][1] > found[item][0] + 0.003).all(), item


@pytest.mark.parametrize(("change", "items"), FALLING.items())
def test_what_lowers_a_reply(population: Scenario, change: tuple[str, str, float, float], items: tuple[str, ...]):
    bound = lay_over(
        population, {f"government.{side}.posture_commitment": 1.0 for side in "ab"}
    )  # postures bind in full
    found = replies(bound, *change)
    for item in items:
        assert (found[item][1] < found[item][0] - 0.003).all(), item


def test_what_publics_do_not_mind_changes_no_reply(population: Scenario):
    mute = replies(population, "public", "inconsistency", 0.0)
    assert mute["cost_after_threat"] == pytest.approx(0, abs=1e-6)
    assert replies(population, "public", "framing", 0.0)["taunt"] == pytest.approx(0, abs=1e-6)
    assert replies(population, "public", "weakness", 0.0)["taunt"] == pytest.approx(0, abs=1e-6)
    assert replies(population, "public", "casualty_weight", 0.0)["losses_at_9"] == pytest.approx(0, abs=1e-6)


def test_cover_removes_a_growing_share_of_the_cost(population: Scenario):
    found = ask(population, {"mediation.cover": np.array([0.0, 0.3, 0.6, 1.0])}, 4).values["cover"][:, 0]
    assert found[0] == 0
    assert (np.diff(found) > 0.05).all()
    assert found[-1] < 1


def test_nobody_proposes_where_there_is_no_mediator(population: Scenario):
    answered = ask(scenario_named("dispute_population", "mediation=none"), {}, 1)
    assert np.isnan(answered.values["cover"]).all()
    assert not answered.inside["cover"].any()


def test_swapping_the_sides_swaps_the_replies():
    sides = {"a": {"hawkishness": 0.2, "inconsistency": 3.0}, "b": {"hawkishness": -0.1, "inconsistency": 1.0}}
    changes = {f"public.{side}.{name}": value for side, some in sides.items() for name, value in some.items()}
    world = Scenario().replaced(changes | {"mediation.present": 1})
    here, there = (ask(scenario, {}, 1).values for scenario in (world, world.swapped()))
    for item, values in here.items():
        assert values[0].tolist() == there[item][0, ::-1].tolist(), item


def test_the_cost_of_one_step_is_the_one_that_governments_reckon_with():
    base = Scenario().replaced({f"public.{side}.hardship_weight": 0 for side in "ab"})
    points, publics = asked_points(base, {}, 1)
    asked = Respondents(points)
    cost = asked.approval(Vignette(4)) - asked.approval(Vignette(4, pledged=5))
    asked.approval(Vignette(5, pledged=5))
    for number, (government, public) in enumerate(zip(asked.governments, asked.publics, strict=True)):
        government.commitment = np.full(publics, 5.0)
        government.weighs = government.weighs_all = government.decides = np.ones(publics, bool)
        government.reachable = np.ones((publics, 10), bool)
        public.evaluate_options()
        assert public.audience_cost == pytest.approx(cost[:, number], abs=1e-6)
    asked.close()


def test_what_respondents_live_through_leaves_no_trace(population: Scenario):
    points, _ = asked_points(population, {}, 1)
    asked, question = Respondents(points), Vignette(4, pledged=4, enemy=4)
    before = asked.approval(question)
    with asked.kept():
        asked.live_through_a_day(Vignette(4, pledged=4, enemy=4, deaths=50))
        assert (asked.approval(question) > before).all()
        war = Vignette(8, pledged=8, enemy=8)
        asked.bring_to_support(war, 0.65)
        assert asked.approval(war) == pytest.approx(0.65, abs=0.001)
    assert (asked.approval(question) == before).all()
    asked.close()


def test_a_population_is_asked_as_a_sample_of_publics_and_a_case_as_its_own(population: Scenario):
    points, publics = asked_points(population, {"public.a.weakness": np.array([1.0, 2.0])}, 2)
    assert publics == len(QUANTILES)
    assert points.columns["public.a.weakness"].tolist() == [1.0] * publics + [2.0] * publics
    hawkishness = points.columns["public.a.hawkishness"].reshape(2, publics)
    assert (np.diff(hawkishness) > 0).all()
    assert hawkishness[:, publics // 2] == pytest.approx(0)
    assert asked_points(scenario_named("tovuz_2020"), {}, 2)[1] == 1


def test_arguments_of_what_varies_move_its_median(population: Scenario):
    points, publics = asked_points(population, {"varies.mediation.cover.high": np.array([0.4, 1.0])}, 2)
    assert points.columns["mediation.cover"][::publics] == pytest.approx([0.2, 0.5])
