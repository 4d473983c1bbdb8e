"""Arms that claims share, and runs that go on where they were cut short."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from experiments.claims import judging, session
from experiments.claims.arms import Arm, SampleSize, arm, identity, laid_by, simulated
from experiments.claims.catalogue import chosen
from experiments.claims.claim import UNMEDIATED
from experiments.claims.judging import _with_each_answer, find, has_answer
from experiments.claims.rule import HOLDS, UNDECIDED, Chances, Verdict
from experiments.claims.sections import kept_sections, put_section
from experiments.claims.specifications import plan, plan_refinement
from experiments.claims.store import ArmStore
from experiments.claims.structures import AS_IT_IS, admissible
from experiments.claims.uncertainty import POSTERIOR, PRIOR, draws
from experiments.cli.app import run_command
from experiments.targets.populations import scenario_named

TINY = SampleSize(draws=3, crises=4, citizens=10, horizon=20)
SIZES = ["--draws", "3", "--crises", "4", "--citizens", "10", "--workers", "1"]


def of(changes=(), **others) -> Arm:
    return arm("tovuz_2020", UNMEDIATED, dict(changes), **others)


def test_arms_with_the_same_crises_are_one():
    coded = scenario_named("tovuz_2020", *UNMEDIATED)
    threshold = "alliance.first.threat_threshold"
    assert identity(of(), TINY) == identity(of({threshold: coded.get(threshold)}), TINY)
    assert identity(of(), TINY) == identity(of(horizon=30), TINY)
    others = [of({threshold: 0.2}), of(source=PRIOR, watch="pushed_share"), of({"public.a.weakness": 0})]
    assert len({identity(one, TINY) for one in (of(), *others)}) == 4
    assert identity(of(), TINY) != identity(of(), replace(TINY, crises=5))
    # What is drawn differs from draw to draw: setting it to the scenario's own value is a change.
    drawn = next(iter(draws(POSTERIOR, coded, "tovuz_2020", 3).columns))
    assert identity(of(), TINY) != identity(of({drawn: coded.get(drawn)}), TINY)


def test_a_store_simulates_what_several_ask_for_once_and_for_the_longest():
    store = ArmStore(TINY)
    store.want([of(horizon=10), of(horizon=20), of()])
    assert [store.days(each) for _, each in store.missing] == [20]
    store.run()
    assert not store.missing
    assert np.array_equal(store.lanes(of(horizon=10))["deaths_a"], simulated(of(), TINY, 20)["deaths_a"])


def test_arms_of_one_run_meet_the_same_luck(tmp_path):
    store = ArmStore(TINY, tmp_path)
    first, again = store.lanes(of()), store.lanes(of())
    assert all(np.array_equal(first[name], again[name], equal_nan=first[name].dtype.kind == "f") for name in first)
    assert len(list((tmp_path / "arms").iterdir())) == 1
    finding = find(chosen(["P23"])[0], store, provisional=True, structures=False)
    assert finding.effort["draws"] == 3 and finding.provisional


def test_claims_share_arms():
    apart = 0
    for name in ("P26", "P18", "P15"):
        store = ArmStore(TINY)
        plan(chosen([name]), store)
        apart += len(store.missing)
    together = ArmStore(TINY)
    plan(chosen(["P26", "P18", "P15"]), together)
    assert len(together.missing) < apart


def test_every_specification_of_a_claim_with_an_answer_gets_as_many_crises(monkeypatch):
    store = ArmStore(replace(TINY, secondary_crises=2))
    answered, undecided = chosen(["P22", "P28"])
    plan([answered, undecided], store)
    store.run()
    monkeypatch.setattr(judging, "has_answer", lambda proposition, store: proposition is answered)
    plan_refinement([answered], store)
    refined = [each for _, each in store.missing]
    assert {each.structure or AS_IT_IS for each in refined} == {AS_IT_IS, *admissible(answered.scenario)}
    assert {each.source for each in refined} == {PRIOR, POSTERIOR} and not any(each.secondary for each in refined)
    store.run()
    assert find(answered, store, True).refined and not find(undecided, store, True).refined
    assert not store.missing


@pytest.mark.parametrize(("within", "expected"), [(0.97, True), (0.6, False)])
def test_only_the_model_as_it_is_says_whether_there_is_an_answer(monkeypatch, within, expected):
    store = ArmStore(TINY)
    monkeypatch.setattr(judging, "_chances", lambda *_: Chances(0, within, 1 - within))
    assert has_answer(chosen(["P22"])[0], store) == expected
    assert {each.structure for each in store._wanted.values()} == {""}


def test_an_undecided_claim_names_the_looks_that_come_to_an_answer():
    sure, torn = Verdict(HOLDS, "why"), Verdict(UNDECIDED, "because")
    assert _with_each_answer(torn, {"as it is": torn, "ratio contest": torn}) == torn
    told = _with_each_answer(torn, {"as it is": sure, "ratio contest": torn, "cascade floor": sure})
    assert told.verdict == UNDECIDED
    assert told.why == f"because; look by look: {HOLDS} in as it is, cascade floor; {UNDECIDED} in ratio contest"


def test_choosing_a_group_is_a_change_like_any_other():
    laid = laid_by("tovuz_2020", UNMEDIATED, ("talks=hotline",))
    assert laid["talks.present"] == 1 and not any(path.startswith("mediation") for path in laid)


def test_a_population_draws_the_arguments_of_its_own_distributions():
    found = draws(PRIOR, scenario_named("dispute_population"), "dispute_population", 3)
    assert "varies.dyad.incidents.rate.median" in found.varied
    assert "public.a.hawkishness" not in found.columns
    one = arm("dispute_population", ("talks=population", "mediation=none"), {}, source=PRIOR, horizon=5)
    assert len(simulated(one, TINY, 5)["severity"]) == 12


def test_the_command_prints_a_line_a_claim_and_resumes(tmp_path, capsys, monkeypatch):
    out = tmp_path / "run"
    assert run_command(["propositions", "P13", "P15", "--quick", *SIZES, "--output", str(out)]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["P13", "causal"], ["P15", "causal"]]
    assert all("(provisional)" in line for line in lines[:2]) and lines[-1] == str(out)
    assert "provisional" in said.err and "--resume" in said.err
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg", ".png"}
    arms = sorted((out / "arms").iterdir())
    before = (out / "P13.json").read_text()
    arms[0].unlink()
    (out / "P13.json").unlink()
    monkeypatch.setattr("experiments.claims.session.seconds_a_lane_day", lambda *_: 1e-5)
    assert run_command(["propositions", "--resume", str(out), "--workers", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == lines[:2]
    assert (out / "P13.json").read_text() == before


def test_a_run_does_not_go_on_with_another_model_or_over_another_run(tmp_path, capsys):
    out = tmp_path / "run"
    asked = session.Request.made(["P15"], True, False, {})
    session.begin(asked, None, out)
    assert run_command(["propositions", "P15", *SIZES, "--output", str(out)]) == 2
    request = json.loads((out / "request.json").read_text())
    (out / "request.json").write_text(json.dumps({**request, "model": "other"}))
    assert run_command(["propositions", "--resume", str(out)]) == 2
    assert run_command(["propositions", "--resume", str(tmp_path / "nothing")]) == 2
    assert "another state of the model" in capsys.readouterr().err


def test_a_dry_run_says_what_it_takes_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command(["propositions", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "200 draws x 200 crises" in said and "about" in said and "provisional" not in said
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
