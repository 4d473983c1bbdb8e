"""Calibration: what is moved, how a population is summarised, and a posterior that is known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.calibration.diagnostics import Checked, contraction, ranks_among
from experiments.calibration.emulator import Emulator
from experiments.calibration.inference import Likelihood, Observation, beyond, from_line, sampled, to_line
from experiments.calibration.requests import QUICK, requested
from experiments.calibration.simulation import PART, Plan, quantile_and_error, simulate_design
from experiments.calibration.stages import VenueFit
from experiments.design.posterior import weighted_draws
from experiments.design.priors import (
    CALIBRATED,
    POPULATION,
    Hyperparameter,
    argument_of,
    lay_over,
    nulls_of,
    positions,
    prior_of,
    settings_of,
    structures,
    table_of,
    values_at,
)
from experiments.statistics.arms import Sample
from experiments.study.parts import part_path
from experiments.targets.targets import scenario_named, targets
from sim.scenario import ParameterError, Scenario, parameters

READ_FROM = {"dispute_population": "dispute_population", "line_of_contact": "simmer_2015"}


@pytest.mark.parametrize("name", CALIBRATED)
def test_every_candidate_sets_something_the_scenario_has(name: str) -> None:
    base, table = scenario_named(READ_FROM[name]), prior_of(name)
    for edge in (0.0, 1.0):
        row = values_at(table, np.full((1, len(table)), edge))[0]
        settings = settings_of(table, row, base)
        laid = lay_over(base, settings)
        for path, value in settings.items():
            if not path.startswith("varies."):
                assert laid.get(path) == pytest.approx(value)
            else:
                parameter, argument, place = argument_of(path)
                drawn = laid.varies[parameter][argument]
                assert (drawn if place is None else drawn[place]) == pytest.approx(value)


def test_publics_are_never_muted_and_hawkishness_is_never_updated() -> None:
    known = {item.name: item for name in CALIBRATED for item in prior_of(name)}
    assert known["domestic_weight"].low >= 2.5
    assert not any("hawkishness" in path for name in CALIBRATED for item in prior_of(name) for path in item.paths)


def test_steps_up_and_down_cost_the_same_on_both_sides() -> None:
    for name in CALIBRATED:
        paths = next((item.paths for item in prior_of(name) if item.name == "step_cost"), ())
        if paths:
            names = {path.removeprefix("varies.").removesuffix(".median") for path in paths}
            assert names == {f"government.{side}.{step}" for side in "ab" for step in ("step_up", "step_down")}


@given(st.floats(0.01, 0.99))
def test_positions_and_values_are_inverse(position: float) -> None:
    table = prior_of("dispute_population")
    where = np.full((1, len(table)), position)
    assert np.allclose(positions(table, values_at(table, where)), where)


def test_weights_fall_and_add_up_and_odds_make_a_share() -> None:
    falling = Hyperparameter(
        "w", ("varies.x.weights.0", "varies.x.weights.1", "varies.x.weights.2"), 0.1, 0.9, "", shape="falling"
    )
    weights = list(falling.settings(0.5).values())
    assert weights == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    odds = Hyperparameter("p", ("varies.x.weights.0",), 0.1, 0.9, "", shape="odds").settings(0.25)["varies.x.weights.0"]
    assert odds / (odds + 1) == pytest.approx(0.25)


RIVALS = ("lull_share", "lapse_rate_middle", "lapse_rate_8", "lapse_rate_9", "hope_rate", "stock_cost", "contest_scope")
"""Mechanisms that compete to explain how fighting ends, each off at its default."""


def test_the_population_serves_the_heaviest_structure_and_its_other_mechanisms_are_off() -> None:
    weights = weighted_draws(Path("conf/posterior/dispute_population.parquet")).intervals
    base, heaviest = scenario_named("dispute_population"), max(weights, key=lambda name: weights[name][0])
    assert lay_over(base, nulls_of(heaviest)) == base
    assert lay_over(base, nulls_of("none")) != base or heaviest == "none"
    assert all(
        parameter.neutral == parameter.default for path, parameter in parameters().items() if path.endswith(RIVALS)
    )


def test_what_is_set_no_longer_varies_and_unknown_arguments_are_refused() -> None:
    base = Scenario(varies={"talks.present": {"dist": "bernoulli", "p": 0.5}})
    assert "talks.present" not in lay_over(base, {"talks.present": 1.0}).varies
    assert lay_over(base, {"varies.talks.present.p": 0.2}).varies["talks.present"]["p"] == 0.2
    assert lay_over(Scenario(), {"varies.talks.present.p": 0.2}) == Scenario()
    with pytest.raises(ParameterError, match="median"):
        lay_over(base, {"varies.talks.present.median": 1.0})
    with pytest.raises(ParameterError, match="talks.presence"):
        lay_over(base, {"varies.talks.presence.p": 0.5})


def test_factor_stays_in_the_range_of_its_parameter() -> None:
    path = "government.a.resolve"
    item = Hyperparameter("v", (path,), 0.1, 100, "", shape="factor")
    assert item.settings(2, Scenario())[path] == 2 * Scenario().get(path)
    assert item.settings(100, Scenario())[path] == parameters()[path].high


def test_error_of_a_quantile_shrinks_with_the_cases() -> None:
    rng = np.random.default_rng(1)
    errors = []
    for count in (50, 800):
        values = rng.normal(size=count)
        value, error = quantile_and_error(Sample.of(values, np.arange(count), count), 0.5)
        assert value == pytest.approx(np.median(values))
        errors.append(error)
    assert errors[1] < 0.6 * errors[0]
    assert errors[1] == pytest.approx(1.2533 / np.sqrt(800), rel=0.4)


def test_a_structure_leaves_its_own_mechanism_free_and_the_others_at_their_null() -> None:
    base = scenario_named(POPULATION)
    assert structures()["none"] == ()
    for name, free in structures().items():
        assert set(free) <= {item.name for item in table_of(name)}
        for path, value in nulls_of(name).items():
            if not path.startswith("varies.") and not path.endswith("renewal"):
                assert value == parameters()[path].neutral
        laid = lay_over(base, nulls_of(name))
        assert (laid.varies["dyad.operations.lapse_rate_middle"]["median"] == 0) or "lapse_middle" in free
    shared = set.intersection(*({item.name for item in table_of(name)} for name in structures()))
    assert shared == {item.name for item in table_of("none")}


def two_unknowns(error: float = 0.05) -> Likelihood:
    """Two unknowns seen as they are: the posterior of each lies around what was seen."""
    nothing = np.full(2, 1e-9)
    emulator = Emulator(("T7", "T12"), np.array, np.ones(2), nothing, np.eye(2), np.zeros((9, 2)), np.zeros((9, 2)))
    return Likelihood(emulator, Observation(("T7", "T12"), np.array([0.4, 0.6]), np.full(2, error), np.zeros(2)))


def test_draws_are_those_of_a_known_posterior() -> None:
    likelihood = two_unknowns()
    drawn = sampled(likelihood, 2, 4000, 1)
    axis = np.linspace(0.0005, 0.9995, 1000)
    density = np.exp(likelihood(np.column_stack([axis, np.full(1000, 0.6)])))
    mean = np.sum(axis * density) / density.sum()
    spread = np.sqrt(np.sum((axis - mean) ** 2 * density) / density.sum())
    assert drawn.positions[:, 0].mean() == pytest.approx(mean, abs=0.01)
    assert drawn.positions.std(axis=0) == pytest.approx([spread, spread], rel=0.12)
    grid = np.array(np.meshgrid(axis[::10], axis[::10])).reshape(2, -1).T
    assert drawn.log_evidence == pytest.approx(np.log(np.exp(likelihood(grid)).mean()), abs=0.15)
    assert contraction(drawn.positions) == pytest.approx(1 - spread * np.sqrt(12), abs=0.05)


def test_draws_stay_where_the_prior_allows() -> None:
    drawn = sampled(two_unknowns(), 2, 500, 2, lambda position: position[:, 0] > 0.45)
    assert drawn.positions[:, 0].min() > 0.45


def test_a_row_left_out_says_nothing() -> None:
    likelihood = two_unknowns()
    blind = Likelihood(likelihood.emulator, likelihood.observation.without(("T7",)))
    drawn = sampled(blind, 2, 2000, 3).positions
    assert drawn[:, 0].std() == pytest.approx(1 / np.sqrt(12), rel=0.1)
    assert drawn[:, 1].std() < 0.2


def test_a_row_out_of_reach_does_not_decide_among_the_rest() -> None:
    likelihood = two_unknowns()
    far = Observation(("T7", "T12"), np.array([30.0, 0.6]), np.full(2, 0.05), np.zeros(2))
    drawn = sampled(Likelihood(likelihood.emulator, far), 2, 2000, 4).positions
    assert drawn[:, 1].mean() == pytest.approx(0.6, abs=0.02)


def test_ranks_are_even_where_the_posterior_is_right_and_not_where_it_is_too_narrow() -> None:
    rng = np.random.default_rng(5)
    likelihood = two_unknowns(0.2)
    draws = sampled(likelihood, 2, 3000, 6).positions
    chosen = tuple(target for target in targets() if target.id in ("T7", "T12"))
    truth = draws[:150]
    noise = {"T7": rng.standard_t(4, 150), "T12": rng.standard_t(4, 150)}
    shown = {name: truth[:, number] + np.sqrt(2) * 0.2 * noise[name] for number, name in enumerate(("T7", "T12"))}
    columns = {**shown, **{f"{name}_error": np.full(150, 0.2) for name in shown}}
    chosen = tuple(sorted(chosen, key=lambda target: ("T7", "T12").index(target.id)))

    def drawn(both: Callable[[np.ndarray], np.ndarray], _truth: np.ndarray) -> np.ndarray:
        weight = np.exp(both(draws) - likelihood(draws))
        return draws[rng.choice(len(draws), 300, p=weight / weight.sum())]

    right = Checked(ranks_among(truth, columns, chosen, likelihood, drawn))
    assert right.worst_gap().max() < 1.6 / np.sqrt(150)
    assert right.coverage()[0.9] == pytest.approx(0.9, abs=0.1)
    assert right.histogram(10).sum(axis=1).tolist() == [150, 150]
    narrow = {**columns, **{f"{name}_error": np.full(150, 0.02) for name in shown}}
    assert Checked(ranks_among(truth, narrow, chosen, likelihood, drawn)).coverage()[0.9].max() < 0.6


def test_lines_of_contact_are_fitted_under_each_draw_of_the_population_by_itself(tmp_path: Path) -> None:
    known = weighted_draws(Path("conf/posterior/dispute_population.parquet")).columns
    draws = [{path: float(values[row]) for path, values in known.items()} for row in range(0, 1000, 10)]
    venue = VenueFit(tmp_path, requested(**QUICK), draws, np.ones(len(draws)), lambda text: None)
    shared = len(venue.table)

    def alike(where: np.ndarray) -> np.ndarray:  # a record that asks for one own number as large as one beneath
        return -(((where[:, 0] - where[:, shared]) / 0.05) ** 2) / 2

    vars(venue)["likelihood"] = alike
    assert np.abs(venue.draws[:, 0] - venue.under[:, 0]).max() < 0.25
    assert np.abs(np.quantile(venue.draws[:, 1], [0.25, 0.75]) - [0.25, 0.75]).max() < 0.15
    assert venue.beneath == [{path: draw[path] for path in venue.beneath[0]} for draw in draws]


def test_nothing_is_preferred_inside_a_range() -> None:
    observation = Observation(("x",), np.array([0.5]), np.array([0.1]), np.array([0.2]))
    assert beyond(np.array([[0.35], [0.69], [0.9], [0.1]]), observation).ravel() == pytest.approx([0, 0, 0.2, -0.2])


@given(st.floats(0.001, 0.999))
def test_the_line_and_the_unit_interval(position: float) -> None:
    assert from_line(to_line(np.array([position])))[0] == pytest.approx(position)


PLAN = Plan("simmer_2015", 3, 30, 10, 7, batch=2)


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, pl.DataFrame]:
    directory = tmp_path_factory.mktemp("calibration")
    table = prior_of("line_of_contact")
    rows = values_at(table, np.random.default_rng(3).random((5, len(table))))
    return directory, rows, simulate_design(directory, scenario_named("simmer_2015"), table, rows, PLAN, workers=1)


def test_populations_are_kept_in_order_with_what_they_were_simulated_at(design) -> None:
    _, rows, found = design
    assert found["population"].to_list() == list(range(5))
    names = [item.name for item in prior_of("line_of_contact")]
    assert np.allclose(found.select(names).to_numpy(), rows)
    assert {"T3a", "T3a_error", "T3a_cases"} <= set(found.columns)
    counted = found["T3a_cases"].to_list()  # days around a spell of more than 40 deaths do not count
    assert max(counted) == 90 and min(counted) > 0


def test_an_interrupted_design_goes_on_to_the_same_numbers(design) -> None:
    directory, rows, whole = design
    base, table = scenario_named("simmer_2015"), prior_of("line_of_contact")
    kept = part_path(directory, PART, 0).stat().st_mtime_ns
    part_path(directory, PART, 1).unlink()
    done: list[int] = []
    again = simulate_design(directory, base, table, rows, PLAN, 1, done.append)
    assert done == [2]
    assert again.equals(whole)
    assert part_path(directory, PART, 0).stat().st_mtime_ns == kept
