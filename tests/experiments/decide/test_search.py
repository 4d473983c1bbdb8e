"""A search from its block to its files: repeatable, resumable, honest where crises fail or nothing is feasible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from joblib.externals.loky.process_executor import TerminatedWorkerError

import experiments.decide.evaluation as evaluation
from experiments import robustness, search
from experiments.cli.app import run_command
from experiments.config.compose import Composer, Configuration, composer
from experiments.decide.directory import read_record
from experiments.decide.plan import read_plan
from experiments.decide.sampling import make_sampler
from experiments.errors import UserError
from experiments.files import read_table
from tests.support.quick_engine import quick
from tests.support.searches import BLOCK, LEVERS, SETTINGS, configured, deadly, resume_search, run_search

SIMPLE = {
    **BLOCK,
    "levers": {"mediation.delay": {"from": 0, "to": 60}, "mediation.effort": {"from": 0.1, "to": 1}},
    "cost": {"mediation.effort": 1},
    "second_cost": None,
    "arms": {"placebo": {"mediation": "placebo"}},
}
TABLES = ("candidates", "front", "against", "arms", "progress", "states")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "run_chunk", quick)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished search on the stand-in for the model."""
    place = tmp_path_factory.mktemp("searches") / "done"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "run_chunk", quick)
        made = search(*SETTINGS, search=BLOCK, directory=place)
    assert made.directory == place and made.front is not None and set(made.mediations) == set(made.front["name"])
    return place


@pytest.fixture(scope="module")
def shipped() -> Iterator[tuple[Composer, Configuration]]:
    """Hydra held open, and a configuration with a sound block."""
    with composer() as made:
        yield made, configured(made)


def tables_of(directory: Path) -> dict[str, pl.DataFrame]:
    return {name: read_table(directory / f"{name}.parquet") for name in TABLES}


def test_a_search_leaves_tables_figures_and_a_page(done: Path) -> None:
    made = tables_of(done)
    assert made["candidates"].height == 12 and made["states"].height == 7
    front = made["front"]
    for name in ("limited_war_or_worse", "war"):
        assert (front[f"{name}_low"] <= front[name]).all() and (front[name] <= front[f"{name}_high"]).all()
    assert front["dominated"].is_between(0, 1).all() and front["meets war <= 0.9"].is_between(0, 1).all()
    assert front["on_front"].any() and "on_front_second" in front.columns
    assert made["against"]["arm"].unique().sort().to_list() == ["hotline", "placebo"]
    assert {path.stem for path in (done / "figures").glob("*.svg")} == {
        "front",
        "levers",
        "progress",
        "levers_against_objectives",
    }
    page = (done / "README.md").read_text(encoding="utf-8")
    assert read_record(done)["answer"] in page and "What may not be concluded" in page
    assert "```python\nfrom experiments import search\n\nsearch('mediation=formulation'" in page


def test_a_kept_policy_can_be_chosen_as_a_mediation(done: Path) -> None:
    row = read_table(done / "front.parquet").row(0, named=True)
    with composer(str(done)) as with_policies:
        scenario = with_policies.compose([f"mediation={row['name']}", f"talks={row['talks']}"]).scenario
    for path in ("mediation.delay", "mediation.effort", "mediation.severity_trigger"):
        assert scenario.get(path) == pytest.approx(row[path])
    assert scenario.get("mediation.cover") == 0.4  # of the mediation whose levers were searched
    text = (done / "mediation" / f"{row['name']}.yaml").read_text(encoding="utf-8")
    assert f"talks={row['talks']}" in text and yaml.safe_load(text)["label"] == row["name"]


def test_kept_policies_are_held_against_each_other_in_every_state(done: Path) -> None:
    made = robustness(done, metrics="war")
    front, arms = read_table(done / "front.parquet"), read_table(done / "arms.parquet")
    levels = made.table.filter(pl.col("measure") == "mean").sort("arm")
    assert levels["arm"].to_list() == sorted([*front["name"], *arms["arm"]])
    known = dict(zip([*front["name"], *arms["arm"]], [*front["war"], *arms["war"]], strict=True))
    assert levels["value"].to_list() == pytest.approx([known[name] for name in levels["arm"]])


def test_a_search_that_was_killed_finds_the_same_to_the_bit(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """What no handler of the program expects."""

    left = [5]  # in the midst of a generation

    def dying(*arguments, **others):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return quick(*arguments, **others)

    monkeypatch.setattr(evaluation, "run_chunk", dying)
    with pytest.raises(Killed):
        run_search(tmp_path / "cut")
    (tmp_path / "cut" / "asked" / ".part-000002.parquet.1.tmp").write_bytes(b"half")
    monkeypatch.setattr(evaluation, "run_chunk", quick)
    resume_search(tmp_path / "cut")
    for name, table in tables_of(tmp_path / "cut").items():
        assert table.equals(tables_of(done)[name]), name
    assert not list((tmp_path / "cut").rglob(".*.tmp"))


def test_a_worker_killed_in_the_midst_of_a_generation_costs_no_result(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "measured", partial(deadly, tmp_path / "note"))
    run_search(tmp_path / "cut", None, "workers=2")
    assert (tmp_path / "note").exists()
    for name, table in tables_of(tmp_path / "cut").items():
        assert table.equals(tables_of(done)[name]), name


def test_where_workers_die_twice_what_is_finished_is_kept(
    done: Path, engine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths, measured = iter(range(2)), evaluation.measured

    def dying(*task):
        if 5 in task[1] and next(deaths, None) is not None:
            raise TerminatedWorkerError
        return measured(*task)

    monkeypatch.setattr(evaluation, "measured", dying)
    with pytest.raises(UserError, match="worker processes died twice; what is finished is kept; to continue: offramp"):
        run_search(tmp_path / "cut")
    kept = {part: part.stat().st_mtime_ns for part in (tmp_path / "cut").rglob("part-*.parquet")}
    resume_search(tmp_path / "cut")
    assert kept and all(part.stat().st_mtime_ns == time for part, time in kept.items())
    for name, table in tables_of(tmp_path / "cut").items():
        assert table.equals(tables_of(done)[name]), name


def test_a_search_is_completed_as_it_was_begun(done: Path, engine: None) -> None:
    with pytest.raises(UserError, match="seed=2: a search is completed as it was begun"):
        resume_search(done, "seed=2")
    part = done / "asked" / "part-000001.parquet"
    kept = part.read_bytes()
    other = read_table(part).with_columns(pl.lit(0.5).alias("mediation.effort"))
    try:
        other.write_parquet(part)
        with pytest.raises(UserError, match="generation 1 is not asked for as it was"):
            resume_search(done)
    finally:
        part.write_bytes(kept)


def test_candidates_whose_crises_fail_are_left_out_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def frail(points, point, replicate, settings):
        delays = points.columns.get("mediation.delay", np.zeros(len(points)))
        if (delays[point] > 15).any():
            raise FloatingPointError("too late")
        return quick(points, point, replicate, settings)

    monkeypatch.setattr(evaluation, "run_chunk", frail)
    result = run_search(tmp_path / "frail", SIMPLE, "uncertainty=none")
    candidates = read_table(tmp_path / "frail" / "candidates.parquet")
    late = candidates["mediation.delay"] > 15
    assert late.any() and candidates.filter(late)["limited_war_or_worse_seen"].is_nan().all()
    assert candidates.filter(~late)["limited_war_or_worse_seen"].is_not_nan().all()
    assert not set(result.contenders) & set(candidates.filter(late)["policy"])
    failures = read_table(tmp_path / "frail" / "failures.parquet")
    assert set(failures["policy"]) == set(candidates.filter(late)["policy"])
    assert failures["error"].str.contains("FloatingPointError: too late").all()


def test_a_measure_that_does_not_exist_in_every_crisis_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_agreements(points, point, replicate, settings):
        made = quick(points, point, replicate, settings)
        made.lanes["first_agreement_day"][:] = -1
        return made

    monkeypatch.setattr(evaluation, "run_chunk", without_agreements)
    block = {**SIMPLE, "constraints": [], "candidates": 1}
    block |= {"objectives": {"first_agreement_day": "down", "cost": "down"}}
    result = run_search(tmp_path / "never", block, "uncertainty=none")
    assert result.judged is None
    assert "No candidate could be measured" in read_record(tmp_path / "never")["answer"]
    failures = read_table(tmp_path / "never" / "failures.parquet")
    assert failures["error"].unique().to_list() == ["first_agreement_day: never happened"]
    block |= {"objectives": {"cost": "down"}, "constraints": ["first_agreement_day <= 9"]}
    with pytest.raises(UserError, match="the reference placebo has failures: first_agreement_day: never happened"):
        run_search(tmp_path / "reference", block, "uncertainty=none")


def test_kept_policies_that_fail_on_fresh_luck_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def frail(points, point, replicate, settings):
        delays = points.columns.get("mediation.delay", np.zeros(len(points)))
        if (replicate % evaluation.LUCKS_OF_A_STATE >= evaluation.FRESH_LUCK).any() and (delays[point] < 30).any():
            raise FloatingPointError("too early") if (delays[point] > 0).any() else FloatingPointError("an arm")
        return quick(points, point, replicate, settings)

    monkeypatch.setattr(evaluation, "run_chunk", frail)
    result = run_search(tmp_path / "frail", {**SIMPLE, "constraints": []})
    failed = set(read_table(tmp_path / "frail" / "failures.parquet")["policy"])
    assert -1 in failed and max(failed) >= 0 and not failed & set(result.kept)
    assert "placebo has crises that failed" in (tmp_path / "frail" / "README.md").read_text(encoding="utf-8")


def test_where_every_kept_policy_fails_on_fresh_luck_the_answer_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def frail(points, point, replicate, settings):
        if (replicate % evaluation.LUCKS_OF_A_STATE >= evaluation.FRESH_LUCK).any():
            raise FloatingPointError("too late")
        return quick(points, point, replicate, settings)

    monkeypatch.setattr(evaluation, "run_chunk", frail)
    result = run_search(tmp_path / "late", {**SIMPLE, "constraints": ["war <= 0.9"], "candidates": 4})
    assert result.judged is None and result.contenders and not result.kept
    answer = read_record(tmp_path / "late")["answer"]
    assert answer.startswith("No kept policy could be measured on fresh luck") and "too late" in answer


def test_where_nothing_is_feasible_the_answer_says_so(tmp_path: Path, engine: None) -> None:
    block = {**SIMPLE, "constraints": ["war <= -1"], "candidates": 4}
    result = run_search(tmp_path / "none", block, "uncertainty=none")
    assert result.judged is None and not result.kept
    answer = read_record(tmp_path / "none")["answer"]
    assert answer.startswith("No candidate meets the constraints") and "war <= -1 by" in answer
    assert not list((tmp_path / "none" / "mediation").glob("*"))
    with pytest.raises(UserError, match="has no front.parquet; No candidate meets the constraints"):
        robustness(tmp_path / "none")


def test_with_one_state_a_constant_objective_and_no_price_list_a_search_still_ends(
    tmp_path: Path, engine: None
) -> None:
    block = {
        "levers": {"mediation.effort": {"from": 0, "to": 1}},
        "objectives": {"regional_war": "down"},
        "constraints": ["war <= reference + 0.5"],
        "arms": {"placebo": {"mediation": "placebo"}},
        "candidates": 4,
        "population": 4,
        "sampler": "latin_hypercube",
    }
    result = run_search(tmp_path / "plain", block, "uncertainty=none")
    assert result.judged is not None and result.judged.front.height == 1
    page = (tmp_path / "plain" / "README.md").read_text(encoding="utf-8")
    assert "One state of the world a case" in page and "regional_war is the same for every candidate" in page


WRONG = [
    ({"cost": None, "constraints": [], "objectives": {"calm_14": "up"}}, "neither a cost nor a constraint"),
    ({"objectives": {"cost": "down"}, "constraints": []}, "cost alone is known without a crisis"),
    ({"levers": {}}, "levers: {PATH:"),
    ({"levers": {"mediation.effrt": {"from": 0, "to": 1}}}, "did you mean mediation.effort"),
    ({"levers": {"leverge": {"from": 0, "to": 1}}}, "did you mean mediation.leverage"),
    ({"levers": {"mediation.effort": {"from": 0, "to": 2}}}, "search.levers.mediation.effort=2"),
    ({"levers": {"mediation.effort": {"from": 1, "to": 0}}}, "from must be less than to"),
    ({"levers": {"mediation.effort": 0.5}}, "{from: LOW, to: HIGH}"),
    ({"levers": {"mediation.severity_trigger": [4]}}, "two values or more"),
    ({"levers": {"talks": ["none", "hot_line"]}}, "did you mean hotline"),
    ({"levers": {"scenario": ["tovuz_2020", "april_2016"]}}, "nobody chooses a scenario"),
    ({"levers": {"mediation.label": ["a", "b"]}}, "no such parameter"),
    ({"objectives": {"calm_14": "higher"}}, "choose up or down"),
    ({"objectives": {"clam": "up", "cost": "down"}}, "did you mean 'calm'"),
    ({"objectives": {"median:deaths": "down", "cost": "down"}}, "a quantile is no mean"),
    ({"objectives": {"lasting_calm": "up", "cost": "down"}}, "takes 75 days to be seen"),
    ({"constraints": ["war < 0.02"]}, "cannot be read"),
    ({"constraints": ["war <= much"]}, "cannot be read"),
    ({"constraints": ["typical_deaths <= 3"]}, "no bound of its own"),
    ({"cost": {"mediation.cover": 1}}, "only levers have a price"),
    ({"cost": {"mediation.effort": "dear"}}, "a number per unit"),
    ({"cost": {"talks": 1}}, "a price for each of none, hotline"),
    ({"sampler": "best"}, "choose one of nsga2"),
    ({"candidates": 0}, "a whole number from 1"),
    ({"states": {"draw": 3}}, "a mapping of draws, scenarios"),
    ({"states": {"scenarios": ["atlantis"]}}, "no scenario"),
    ({"lever": {}}, "did you mean levers"),
    ({"arms": {}}, "search.arms"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message[:30] for _, message in WRONG])
def test_a_wrong_block_is_refused_in_one_line(
    shipped: tuple[Composer, Configuration], change: dict, message: str
) -> None:
    block = {name: part for name, part in {**BLOCK, **change}.items() if part is not None}
    if "levers" in change and "cost" not in change:
        block = {name: part for name, part in block.items() if name not in ("cost", "second_cost")}
        block["objectives"] = {"calm_14": "up"}
    with pytest.raises(ValueError) as caught:
        read_plan(replace(shipped[1], tree={**shipped[1].tree, "search": block}), shipped[0])
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_case_may_be_named_without_a_list(shipped: tuple[Composer, Configuration]) -> None:
    block = {**BLOCK, "states": {"scenarios": "april_2016"}}
    plan = read_plan(replace(shipped[1], tree={**shipped[1].tree, "search": block}), shipped[0])
    assert plan.scenarios == ("april_2016",)


def test_commands_that_do_not_fit_are_refused(capsys: pytest.CaptureFixture) -> None:
    for words, message in (
        (["sweep", "experiment=search_mediation"], "part of a search; use offramp search"),
        (["search", "experiment=four_arms"], "nothing to search"),
        (["search", "experiment=search_mediation", "replicates=50"], "not used by a search"),
        (["search", "experiment=search_mediation", "mediation.effort=0.2,0.4"], "search.levers"),
        (["search", "resume=nowhere"], "not a search"),
    ):
        assert run_command(words) == 2
        assert message in capsys.readouterr().err


def test_prices_count_from_the_cheaper_end(shipped: tuple[Composer, Configuration]) -> None:
    plan = read_plan(shipped[1], shipped[0])
    cheapest = {"mediation.delay": 60.0, "mediation.effort": 0.1, "mediation.severity_trigger": 4, "talks": "none"}
    assert plan.cost(cheapest) == 0
    assert plan.cost({**cheapest, "mediation.delay": 10.0, "talks": "hotline"}) == pytest.approx(1.1)
    assert plan.cost({**cheapest, "mediation.delay": 10.0}, plan.second_prices) == pytest.approx(2.0)


@pytest.mark.parametrize("kind", ["nsga2", "tpe", "latin_hypercube", "random"])
def test_a_sampler_asks_the_same_when_it_is_told_the_same(kind: str) -> None:
    def asked() -> list:
        sampler = make_sampler(kind, LEVERS, 2, 24, 8, seed=3)
        made = []
        for number in range(3):
            made += sampler.ask(8)
            values = np.random.default_rng(number).random((8, 2))
            values[0] = np.nan  # a candidate that failed
            sampler.tell(values, np.full((8, 1), -1.0))
        return made

    assert asked() == asked()
    assert len({str(policy) for policy in asked()}) > 12


def test_a_latin_hypercube_has_one_candidate_in_every_slice() -> None:
    asked = make_sampler("latin_hypercube", LEVERS, 2, 20, 5, seed=1).ask(20)
    for lever in LEVERS:
        values = np.array([policy[lever.path] for policy in asked], float)
        assert (np.abs(np.sort(values) - (np.arange(20) + 0.5) / 20) < 0.04).all()
