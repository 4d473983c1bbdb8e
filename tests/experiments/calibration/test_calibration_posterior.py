"""A posterior as data: shipped, read back, and laid over a study."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments.calibration.document import ship
from experiments.calibration.emulator import fit, learned, unlearned
from experiments.calibration.requests import QUICK, claimed, reopened, requested
from experiments.calibration.screening import chosen_few
from experiments.calibration.simulation import wanted
from experiments.cli.app import run_command
from experiments.config.compose import composer
from experiments.design.designs import build_design
from experiments.design.posterior import VENUE, of_the_venue, posterior_rows, with_draws
from experiments.design.priors import prior_of, settings_of, values_at
from experiments.errors import UserError
from experiments.files import read_table
from experiments.study.identity import model_fingerprint
from experiments.targets.targets import scenario_named
from sim.scenario import Scenario

NAME = "dispute_population"


def made_up_draws(count: int) -> pl.DataFrame:
    base, table = scenario_named(NAME), prior_of(NAME)
    rows = values_at(table, np.random.default_rng(1).random((count, len(table))))
    return pl.DataFrame([settings_of(table, row, base) for row in rows])


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("configuration")
    ship([directory / "posterior"], "trial", made_up_draws(3), {"scenario": NAME})
    return directory


def test_draws_change_what_a_population_draws(shipped: Path) -> None:
    base = scenario_named(NAME)
    rows = posterior_rows("trial:2", str(shipped))
    assert rows is not None
    assert rows.length == 2
    scenarios, origin, number = with_draws([base], np.zeros(2, int), rows)
    assert origin == [0, 0]
    assert number.tolist() == [0, 1]
    for draw, scenario in enumerate(scenarios):
        assert scenario.varies["talks.present"]["p"] == rows.columns["varies.talks.present.p"][draw]
        assert sum(scenario.varies["mediation.severity_trigger"]["weights"]) == pytest.approx(1)


def test_a_study_is_crossed_with_the_draws_and_arms_stay_paired(shipped: Path) -> None:
    with composer(str(shipped)) as open_composer:
        texts = [f"scenario={NAME}", "uncertainty=trial:2", "+design.choices={mediation:[none,population]}"]
        made = build_design(open_composer, open_composer.compose(texts))
    assert len(made) == 4
    assert made.table["draw"].tolist() == ["0", "1", "0", "1"]
    assert made.table["mediation"].tolist() == ["none", "none", "population", "population"]
    spread = made.table["varies.dyad.incidents.rate.sigma"]
    assert spread[0] == spread[2] != spread[1]
    assert made.points().scenario(2).varies["dyad.incidents.rate"]["sigma"] == spread[2]


def test_the_word_posterior_means_the_scenarios_own(shipped: Path) -> None:
    (shipped / "posterior" / "own.parquet").write_bytes((shipped / "posterior" / "trial.parquet").read_bytes())
    rows = posterior_rows("posterior:1", str(shipped), "own")
    assert rows is not None
    assert rows.length == 1
    with pytest.raises(UserError, match="nowhere has no posterior of its own"):
        posterior_rows("posterior", str(shipped), "nowhere")
    assert posterior_rows("defaults") is None


@pytest.mark.parametrize("name", ["tovuz_2020", "kargil_1999"])
def test_the_posterior_of_a_case_is_that_of_the_population_under_what_it_codes(name: str) -> None:
    population = scenario_named(NAME)
    with composer() as open_composer:
        configuration = open_composer.compose(
            [f"scenario={name}", "uncertainty=posterior:3", "government.a.reciprocity=0.5"]
        )
        made = build_design(open_composer, configuration)
    case = configuration.scenario
    assert made.table["draw"].tolist() == ["0", "1", "2"]
    assert not {"government.a.reciprocity", "government.b.reciprocity"} & set(made.table), "typed, hence coded"
    assert len(set(made.table["government.a.resolve"])) == 3
    venue = {path for item in prior_of(VENUE) for path in item.paths} if of_the_venue(case) else set()
    assert venue <= set(made.columns)
    for path in set(made.columns) - venue:
        assert case.get(path) in (population.get(path), Scenario().get(path))
    for scenario in made.points().scenarios:
        for path, spec in scenario.varies.items():
            assert spec == case.varies[path] or case.varies[path] == population.varies[path]


def test_a_draw_of_the_line_lies_under_the_draw_of_the_population_that_it_was_fitted_under() -> None:
    case = scenario_named("simmer_2015"), scenario_named(NAME)
    rows = posterior_rows("posterior:8", None, "simmer_2015", case)
    shipped = {name: read_table(Path("conf/posterior") / f"{name}.parquet") for name in (NAME, VENUE)}
    assert rows is not None
    for memory, rate in zip(rows.columns["dyad.incidents.memory"], rows.columns["dyad.incidents.rate"], strict=True):
        (row,) = np.flatnonzero(shipped[NAME]["dyad.incidents.memory"].to_numpy() == memory)
        assert shipped[VENUE]["dyad.incidents.rate"][int(row)] == rate
    assert "dyad.combat.spell_sd" not in rows.columns, "coded for lines of contact"


def test_a_scenario_that_is_no_draw_of_the_population_has_none_of_its_posterior() -> None:
    with pytest.raises(UserError, match="does not rest on conf/population"):
        posterior_rows("posterior", None, "mine", (Scenario(), scenario_named(NAME)))


def test_a_study_says_where_its_posterior_was_fitted_to_another_model(
    tmp_path: Path, shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draws = made_up_draws(2)
    ship([tmp_path / "posterior"], "fresh", draws, {"model": model_fingerprint()})
    ship([tmp_path / "posterior"], "other", draws, {"model": "0123456789abcdef"})
    asked = ["run", "--config-dir", str(tmp_path), f"scenario={NAME}", "luck=own", "replicates=2", "citizens=10"]
    for name, said in (("fresh", False), ("other", True)):
        place = tmp_path / f"study_{name}"
        assert run_command([*asked, "horizon_days=3", f"uncertainty={name}", f"hydra.run.dir={place}"]) == 0
        manifest, page = json.loads((place / "manifest.json").read_text()), (place / "README.md").read_text()
        for text in (capsys.readouterr().err, manifest.get("posterior_note", ""), page):
            assert ("was fitted with another state of the model (0123456789abcdef" in text) == said
        assert ("**Provisional.**" in page) == said


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("government.a.resolve", 1e6, "resolve"),
        ("public.a.risk_aversion", 0.5, "risk_aversion"),
        ("government.a.resolv", 1.0, "resolv"),
        ("varies.talks.presence.p", 1.0, "presence"),
    ],
)
def test_a_bad_posterior_is_one_line(tmp_path: Path, column: str, value: float, word: str) -> None:
    (tmp_path / "posterior").mkdir()
    pl.DataFrame({column: [value]}).write_parquet(tmp_path / "posterior" / "bad.parquet")
    with pytest.raises(ValueError, match=word) as raised:
        posterior_rows("bad", str(tmp_path))
    assert "\n" not in str(raised.value)


def test_a_calibration_is_resumed_only_as_it_was_asked_for(tmp_path: Path) -> None:
    place = tmp_path / "fit"
    request = claimed(place, requested(**{**QUICK, "lanes": 7}))
    assert reopened(place, {"points": 90}).points == 90
    assert reopened(place, {}).lanes == request.lanes == 7
    with pytest.raises(UserError, match="lanes"):
        reopened(place, {"lanes": 8})
    with pytest.raises(UserError, match="exists"):
        claimed(place, request)
    with pytest.raises(UserError, match="no calibration"):
        reopened(tmp_path, {})
    with pytest.raises(UserError, match="lethality_lo"):
        requested(only=("lethality_lo",))
    with pytest.raises(UserError, match="did you mean hope"):
        requested(structures=("hop",))


def test_screening_takes_what_reaches_every_target() -> None:
    effects = pl.DataFrame(
        {
            "name": ["a", "b", "c"],
            "T1": [10.0, 9.0, 0.0],
            "T2": [10.0, 9.0, 0.5],
            "T3": [0.0, 0.0, 1.0],
            "influence": [0.4, 0.35, 0.25],
        }
    )
    assert chosen_few(effects, 2) == ["c", "a"] or chosen_few(effects, 2) == ["a", "c"]
    assert len(chosen_few(effects, 9)) == 3


@pytest.mark.parametrize(("module", "package"), [("sklearn", "scikit-learn"), ("SALib", "SALib")])
def test_a_library_that_is_missing_is_named_before_anything_is_made(
    module: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert run_command(["calibrate", "--trajectories", "4", "--output", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == (
        f"offramp: calibrate: needs {package}, which is not installed; it comes with the extra `calibrate`\n"
    )
    assert not (tmp_path / "out").exists()


def test_days_are_learned_in_the_logarithm_and_shares_as_they_are() -> None:
    value = np.array([0.0, 3.0, 182.0])
    assert unlearned("T6b", learned("T6b", value)) == pytest.approx(value)
    assert learned("T7", np.array([0.04])) == pytest.approx([0.04])


def test_an_emulator_learns_a_smooth_response() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(2)
    chosen = [target for target in wanted(NAME) if target.id in ("T2a", "T6b")]
    where = rng.random((120, 2))
    truth = {"T2a": 0.3 + 0.4 * where[:, 0], "T6b": np.exp(1 + 3 * where[:, 1])}
    found = {name: values * (1 + 0.02 * rng.standard_normal(120)) for name, values in truth.items()}
    found |= {f"{name}_error": 0.02 * values for name, values in truth.items()}
    made = fit(where, found, chosen)
    assert made.skill.min() > 0.95
    assert made(np.array([[0.5, 0.5]]))[0] == pytest.approx([0.5, np.log1p(np.exp(2.5))], rel=0.03)
