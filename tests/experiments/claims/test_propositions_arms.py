"""Arms that claims share, and runs that go on where they were cut short."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from experiments.claims import session, uncertainty
from experiments.claims.arms import Arm, ArmStore, SampleSize, Spread, arm, drawn_for, identity, laid_by, simulated
from experiments.claims.catalogue import UNMEDIATED, catalogue
from experiments.claims.effects import ReachSize, effects, needed
from experiments.claims.requests import kept_sections, put_section
from experiments.claims.uncertainty import POSTERIOR, PRIOR, draws
from experiments.cli.app import run_command
from experiments.design.posterior import ONE_STRUCTURE, posterior_rows, weighted_draws
from experiments.errors import UserError
from experiments.targets.targets import scenario_named

TINY = SampleSize(draws=3, crises=4, citizens=10, horizon=20)
SIZES = ["--draws", "3", "--crises", "4", "--secondary-crises", "2", "--citizens", "10", "--workers", "1"]
RENEWAL, LAPSE = "dyad.operations.renewal", "dyad.operations.lapse_rate_middle"
WEIGHTS = {"none": 0.1, "culmination": 0.6, "hope": 0.295, "stocks": 0.005}


def of(changes=(), **others) -> Arm:
    return arm("tovuz_2020", UNMEDIATED, dict(changes), **others)


@pytest.fixture
def several(tmp_path, monkeypatch):
    """A made-up posterior of four structures, of which one has hardly any weight."""
    rows = []
    for number, name in enumerate(WEIGHTS):
        lapses = name == "culmination"
        rows += [
            {"government.a.resolve": 1 + number, RENEWAL: 0.5 * lapses, LAPSE: 0.3 * lapses, "structure": name}
            for _ in range(10 + number)
        ]
    path = tmp_path / "dispute_population.parquet"
    pl.DataFrame(rows).write_parquet(path)
    told = {name: {"weight": weight, "low": 0.0, "high": 1.0} for name, weight in WEIGHTS.items()}
    path.with_suffix(".json").write_text(json.dumps({"structures": told}))
    monkeypatch.setattr(uncertainty, "posterior_file", {"dispute_population": path}.get)
    drawn_for.cache_clear()
    yield path
    drawn_for.cache_clear()


def test_draws_of_several_structures_have_the_weight_of_theirs(several):
    every = weighted_draws(several)
    assert {name: every.weight[every.structure == name].sum() for name in WEIGHTS} == pytest.approx(WEIGHTS)
    rows, weight = every.sample(30, equal=True, seed=1)
    counts = {name: int((every.structure[rows] == name).sum()) for name in WEIGHTS}
    assert counts == {"none": 10, "culmination": 10, "hope": 10, "stocks": 0}
    assert weight[every.structure[rows] == "culmination"].sum() == pytest.approx(0.6 / 0.995)
    rows, weight = every.sample(40, equal=False, seed=1)
    assert int((every.structure[rows] == "culmination").sum()) == 24 and np.ptp(weight) == 0


def test_uncertainty_draws_structures_by_weight(several):
    (several.parent / "posterior").mkdir()
    for path in (several, several.with_suffix(".json")):
        path.rename(several.parent / "posterior" / path.name.replace("dispute_population", "made_up"))
    rows = posterior_rows("made_up:40", str(several.parent))
    assert rows is not None and len(rows.columns["draw"]) == 40 and set(rows.columns["structure"]) <= set(WEIGHTS)
    assert rows.columns[LAPSE].count(0.3) == 24


def test_a_posterior_of_one_structure_weighs_its_draws_alike(several):
    path = several.with_name("other.parquet")
    pl.DataFrame({"government.a.resolve": [1.0, 2.0]}).write_parquet(path)
    plain = weighted_draws(path)
    assert plain.structure.tolist() == [ONE_STRUCTURE] * 2 and plain.weight.tolist() == [0.5, 0.5]
    several.with_suffix(".json").write_text("{}")
    with pytest.raises(UserError, match="no weight for structure"):
        weighted_draws(several)


def test_a_structure_leaves_out_its_mechanisms_before_the_data_too(several, monkeypatch):
    item = replace(next(iter(uncertainty.prior_of("dispute_population"))), paths=(LAPSE,), low=0.1, high=0.5)
    monkeypatch.setattr(uncertainty, "prior_of", lambda name: (item,) if name == "dispute_population" else ())
    drawn = draws(PRIOR, scenario_named("tovuz_2020"), "tovuz_2020", 30, equal=True)
    lapses = drawn.columns[LAPSE]
    assert (lapses[drawn.structure == "culmination"] > 0).all() and not lapses[drawn.structure == "hope"].any()


def test_effects_know_the_structures_of_their_draws(several):
    claim = catalogue()["P10"]
    found = effects(claim, claim.tests, ArmStore(replace(TINY, draws=12, horizon=28), several.parent))
    assert found is not None and set(found.structure) == {"none", "culmination", "hope"}
    assert found.fit.weight[found.structure == "none"].sum() == pytest.approx(0.1 / 0.995)


def test_arms_with_the_same_crises_are_one():
    coded = scenario_named("tovuz_2020", *UNMEDIATED)
    threshold = "alliance.first.threat_threshold"
    assert identity(of(), TINY) == identity(of({threshold: coded.get(threshold)}), TINY)
    assert identity(of(), TINY) == identity(of(horizon=30), TINY)
    others = [of({threshold: 0.2}), of(source=PRIOR, watch="rungs_of_b"), of({"public.a.weakness": 0}), of(rows=(1,))]
    assert len({identity(one, TINY) for one in (of(), *others)}) == 5
    assert identity(of(), TINY) != identity(of(), replace(TINY, crises=5))
    # What is drawn differs from draw to draw: setting it to the scenario's own value is a change.
    drawn = next(iter(draws(POSTERIOR, coded, "tovuz_2020", 3).columns))
    assert identity(of(), TINY) != identity(of({drawn: coded.get(drawn)}), TINY)


def test_a_store_simulates_what_several_ask_for_once_and_for_the_longest(tmp_path):
    store = ArmStore(TINY, tmp_path)
    store.want([of(horizon=10), of(horizon=20), of()])
    assert [TINY.days(each) for _, each in store.missing] == [20]
    store.run("arms")
    assert not store.missing
    assert np.array_equal(store.lanes(of(horizon=10))["deaths_a"], simulated(of(), TINY)["deaths_a"])


def test_some_draws_can_be_simulated_alone(tmp_path):
    store = ArmStore(TINY, tmp_path)
    assert store.values(of(rows=(2, 0)), "deaths").shape == (2, 4)
    assert store.size.lanes(of(rows=(2, 0))) == 8


def test_a_spread_takes_every_combination_of_ends_and_what_lies_between():
    first, second = (Spread((path,), 0, 5, place).values(32) for place, path in enumerate(("x", "y")))
    assert {*zip(first[:16].tolist(), second[:16].tolist(), strict=True)} == {(0, 0), (0, 5), (5, 0), (5, 5)}
    assert len({*first[16:]}) == 16 and 0 < first[16:].min() < 1 and 4 < first[16:].max() < 5


def test_claims_share_arms(tmp_path):
    apart = 0
    for name in ("P26", "P18", "P15"):
        store = ArmStore(TINY, tmp_path)
        store.want(needed(catalogue()[name]))
        apart += len(store.missing)
    together = ArmStore(TINY, tmp_path)
    for name in ("P26", "P18", "P15"):
        together.want(needed(catalogue()[name]))
    assert len(together.missing) < apart


def test_choosing_a_group_is_a_change_like_any_other():
    laid = laid_by("tovuz_2020", UNMEDIATED, ("talks=hotline",))
    assert laid["talks.present"] == 1 and not any(path.startswith("mediation") for path in laid)


def test_a_population_draws_the_arguments_of_its_own_distributions():
    found = draws(PRIOR, scenario_named("dispute_population"), "dispute_population", 3)
    assert "varies.dyad.incidents.rate.median" in found.varied
    assert "public.a.hawkishness" not in found.columns
    one = arm("dispute_population", ("talks=population", "mediation=none"), {}, source=PRIOR, horizon=5)
    assert len(simulated(one, TINY)["severity"]) == 12


def test_the_command_prints_a_line_a_claim_and_resumes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("experiments.claims.session.seconds_a_lane_day", lambda *_: 1e-5)
    monkeypatch.setattr("experiments.claims.session.QUICK_REACH", ReachSize(4, 1, (3, 4, 5)))
    out = tmp_path / "run"
    assert run_command(["propositions", "P10", "P15", "--quick", *SIZES, "--output", str(out)]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["P10", "causal"], ["P15", "causal"]]
    assert all("provisional" in line and " reach " in line and " power " in line for line in lines[:2])
    assert lines[-1] == str(out) and "provisional" in said.err and "--resume" in said.err
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg", ".png"}
    arms = sorted((out / "arms").iterdir())
    before = (out / "P10.json").read_text()
    arms[0].unlink()
    arms[-1].unlink()
    (out / "P10.json").unlink()
    for typed, words in (
        (["--draws", "99"], "not 99"),
        (["P12"], "names=[P10,P15], not [P12]"),
        (["--depth"], "depth=false, not true"),
        (["--output", str(tmp_path / "other")], "output="),
    ):
        assert run_command(["propositions", *typed, "--resume", str(out)]) == 2
        assert words in capsys.readouterr().err
    assert run_command(["propositions", "p10", "P15", "--quick", *SIZES, "--resume", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == lines[:2]
    assert (out / "P10.json").read_text() == before and sorted((out / "arms").iterdir()) == arms


def test_a_run_does_not_go_on_with_another_model_or_over_another_run(tmp_path, capsys):
    out = tmp_path / "run"
    asked = session.Request.made(["P15"], True, False, {})
    session.begin(asked, None, out)
    assert session.begin(asked, out, None)[0] == asked
    assert run_command(["propositions", "P15", *SIZES, "--output", str(out)]) == 2
    request = json.loads((out / "request.json").read_text())
    (out / "request.json").write_text(json.dumps({**request, "model": "other"}))
    assert run_command(["propositions", "--resume", str(out)]) == 2
    assert run_command(["propositions", "--resume", str(tmp_path / "nothing")]) == 2
    assert "another state of the model" in capsys.readouterr().err


def test_a_dry_run_says_what_it_takes_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiments.claims.session.seconds_a_lane_day", lambda *_: 1e-5)
    assert run_command(["propositions", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "250 draws x 80 crises" in said and "about" in said and "provisional" not in said
    assert not list(tmp_path.iterdir())


def test_sections_of_a_document_are_replaced_and_kept(tmp_path):
    document = tmp_path / "propositions.md"
    document.write_text("# Propositions\n\nverdicts\n")
    put_section(document, "P15", "first")
    put_section(document, "P2", "other")
    put_section(document, "P15", "second \\1")
    text = document.read_text()
    assert "first" not in text and "second \\1" in text and "other" in text
    made = kept_sections("# Propositions\n\nnew verdicts\n", document)
    assert "new verdicts" in made and "second" in made and "\nverdicts" not in made
