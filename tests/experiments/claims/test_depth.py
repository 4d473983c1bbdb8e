"""Claims taken apart and objections answered: designs that can be laid, shares that add up, texts that are told."""

from __future__ import annotations

import re

import numpy as np
import pytest

from experiments.claims import objections
from experiments.claims.arms import ArmStore, SampleSize, points_of
from experiments.claims.depth import tables
from experiments.claims.depth.designs import Design, coalitions, estimate, shapley
from experiments.claims.session import Request
from experiments.cli.app import run_command
from experiments.errors import UserError
from experiments.targets.targets import scenario_named
from sim.scenario import parameters

TOY = SampleSize(draws=4, crises=3, citizens=5, horizon=16)


def test_shapley_values_add_up_and_know_a_free_rider():
    worth = {
        some: np.array([2.0 * ("a" in some) + 3 * ("b" in some) + 4 * ({"a", "b"} <= some)])
        for some in coalitions(("a", "b", "c"))
    }
    found = shapley(("a", "b", "c"), worth)
    assert {name: float(value[0]) for name, value in found.items()} == pytest.approx({"a": 4, "b": 5, "c": 0})


def test_a_mean_has_an_interval_of_chance_and_another_over_draws():
    generator = np.random.default_rng(1)
    by_draw = generator.normal(size=(200, 1))
    found = estimate(by_draw + 0.01 * generator.normal(size=(200, 400)))
    assert found.high - found.low < 0.01 and found.draws_high - found.draws_low > 3
    lucky = estimate(generator.normal(size=(200, 400)))
    assert lucky.high - lucky.low == pytest.approx(4 / np.sqrt(200 * 400), rel=0.1)
    assert lucky.draws_high - lucky.draws_low < 0.2
    weighted = estimate(np.repeat([[0.0], [1.0]], 5, axis=1), np.array([0.25, 0.75]))
    assert weighted.mean == 0.75 and np.isnan(estimate(np.full((2, 3), np.nan)).mean)


@pytest.mark.parametrize("name", list(tables.studies()))
def test_what_a_study_changes_can_be_changed(name):
    arms = set(tables.arms(name))
    assert arms and all(len(points_of(one, TOY)) == TOY.draws for one in arms)


def test_what_flows_is_switched_off_and_without_the_channel_there_is_nobody():
    flows = next(design for design in tables.designs("P15") if design["title"].startswith("Through what"))
    arms = tables._shared(flows)
    assert len(arms) == 32
    nobody, whole = arms[frozenset(("trust",)), "of"], arms[frozenset(flows["players"]), "of"]
    assert not nobody and whole["mediation.present"] == 1 and "mediation.cover" not in whole
    only = arms[frozenset(("mere channel", "trust")), "of"]
    assert only["mediation.cover"] == only["talks.fog_relief"] == 0 and "talks.messages" not in only


def test_every_effect_stands_beside_the_placebo():
    measured = [design for design in tables.designs("P15") if design["kind"] == "arms"]
    assert measured and all(design["against"] == ["nobody", "placebo"] for design in measured)
    assert set(measured[0].measures) >= {"calm_early", "days_heavy", "deaths"}


@pytest.mark.parametrize("kind", ["arms", "by", "factorial", "curve", "shapley", "variants"])
def test_every_kind_of_section_is_told(kind, tmp_path):
    declared = {
        "arms": {"arms": {"nobody": {}, "placebo": {"mediation": "placebo"}}, "against": ["nobody"]},
        "factorial": {"factors": {"x": {"off": {}, "on": {"mediation": "placebo"}}, "y": {"a": {}, "b": {}}}},
        "curve": {
            "called": "rate",
            "across": ["mediation.effort"],
            "levels": [0.1, 0.5],
            "arms": {"bare": {"mediation": "placebo"}},
        },
        "shapley": {"players": {"cover": {"mediation.cover": 1}}, "base": {"mediation": "placebo"}},
        "by": {"thirds": ["government.a.resolve"]},
        "variants": {"variants": {"as it is": {}}},
    }[kind]
    measures = ["calm", "calm_early"] if kind in ("by", "variants") else ["days_heavy"]
    design = Design({"title": "A title", "text": "Words.", "kind": kind, "measures": measures, **declared})
    section = tables.KINDS[kind].make(design, ArmStore(TOY, tmp_path))
    assert section.text.startswith("### A title") and "Words." in section.text
    assert len(re.findall(r"\d\.\d\d", section.text)) > 3


def test_a_naive_comparison_and_a_causal_one_stand_side_by_side(tmp_path):
    design = Design({"title": "A title", "text": "Words.", "kind": "selection", "measures": ["days_heavy"]})
    store = ArmStore(SampleSize(draws=4, crises=6, citizens=5, horizon=30), tmp_path)
    text = tables.KINDS["selection"].make(design, store).text
    assert "Mediators came to" in text and "what mediation changed" in text


def test_unknown_studies_and_objections_are_refused():
    assert Request.made(["p15"], True, True, {}).names == ("P15",)
    assert Request.made([], True, True, {}).names == ("P15", "P2", "P23", "P26", "P33")
    with pytest.raises(UserError, match="P7: not taken apart"):
        Request.made(["P7"], True, True, {})
    with pytest.raises(UserError, match="no such objection; did you mean selection?"):
        next(objections.answer(["selecton"], {}, None, None, 1))


def test_the_command_writes_a_section(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tables, "QUICK", TOY)
    monkeypatch.setattr("experiments.claims.session.seconds_a_lane_day", lambda *_: 1e-5)
    document = tmp_path / "claims.md"
    asked = ["propositions", "P23", "--depth", "--quick", "--workers", "1", "--output", str(tmp_path / "run")]
    assert run_command([*asked, "--document", str(document)]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("P23 in depth: ")
    text = document.read_text()
    assert "<!-- depth: P23 -->" in text and "](figures/p23_threshold_just_below.svg)" in text
    assert (tmp_path / "figures" / "p23_threshold_just_below.svg").exists()


# -- objections -------------------------------------------------------------------------------------------------------


def test_every_objection_has_an_answer_and_a_command():
    for fields in objections.objections().values():
        assert fields["command"].startswith("offramp ") and fields["held"].endswith(".")
        assert fields["kind"] in {*tables.KINDS, *objections.OWN}


@pytest.mark.parametrize("name", ["action_set", "finite_publics", "time_step"])
def test_an_answer_is_made_of_numbers(name, tmp_path):
    text = objections.answered(objections.objections()[name], ArmStore(TOY, tmp_path))
    assert len(re.findall(r"\d\.\d\d", text)) > 4 and "nan" not in text


def test_another_rule_may_give_another_verdict(monkeypatch, tmp_path):
    monkeypatch.setattr(objections, "QUICK", TOY)
    few = {name: claim for name, claim in objections.catalogue().items() if name in ("P10", "P13")}
    monkeypatch.setattr(objections, "catalogue", lambda: few)
    text = objections.answered(objections.objections()["forking_paths"], ArmStore(TOY, tmp_path))
    assert all(rule in text for rule in objections.objections()["forking_paths"]["rules"]) and "The 2 claims" in text


def test_half_a_day_halves_rates_and_doubles_durations():
    halved, known, coded = objections.half_days(), parameters(), scenario_named("tovuz_2020")
    assert halved["government.a.planning_days"] == 28
    clock = coded.get("government.a.clock_crisis")
    assert halved["government.a.clock_crisis"] == pytest.approx(1 - (1 - clock) ** 0.5)
    assert halved["public.a.protest_memory"] ** 2 == pytest.approx(coded.get("public.a.protest_memory"))
    assert "public.a.weakness" not in halved and "government.a.reciprocity" not in halved
    for path, value in halved.items():
        known[path].check(path, int(value) if known[path].kind == "int" else value)


def test_the_command_writes_and_renews_a_document(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = tmp_path / "objections.md"
    asked = ["objections", "built_in", "--draws", "4", "--crises", "3", "--citizens", "5", "--workers", "1"]
    assert run_command([*asked, "--document", str(document)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "built_in: answered"
    first = document.read_text()
    assert first.startswith("# Objections") and "offramp objections built_in --draws 4" in first
    assert run_command([*asked, "--resume", said[-1], "--document", str(document)]) == 0
    assert document.read_text() == first
    assert run_command(["objections", "time_step", "--resume", said[-1]]) == 2
    assert "begun with names=[built_in], not [time_step]" in capsys.readouterr().err
    assert run_command(["objections", "--draws", "5", "--resume", said[-1]]) == 2
    assert "begun with draws=4, not 5" in capsys.readouterr().err
    assert run_command(["propositions", "--resume", said[-1]]) == 2
    assert "a run of objections, not of propositions" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run_command(["objections", "--resume", "empty"]) == 2
    assert "no run of objections here" in capsys.readouterr().err and not any((tmp_path / "empty").iterdir())
