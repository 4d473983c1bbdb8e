"""Objections are answered by runs, and structures judge only after they were fitted anew."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from experiments.calibration.stages import requested
from experiments.claims import structures
from experiments.claims.arms import SampleSize
from experiments.claims.catalogue import catalogue
from experiments.claims.judging import verdict_under
from experiments.claims.objections import answers, verdicts
from experiments.claims.objections.answering import OBJECTIONS, chosen
from experiments.claims.refitting import Refitted, cost
from experiments.claims.refitting import chosen as structures_chosen
from experiments.claims.rule import HOLDS
from experiments.claims.store import ArmStore
from experiments.cli.app import run_command
from experiments.errors import UserError
from experiments.targets.populations import scenario_named
from sim.scenario import parameters

TINY = SampleSize(draws=2, crises=3, citizens=10, horizon=20)


def test_every_objection_has_an_answer_and_a_command():
    assert [one.name for one in OBJECTIONS] == [
        "selection",
        "equifinality",
        "held_still",
        "forking_paths",
        "action_set",
        "finite_publics",
        "inertia",
        "time_step",
        "built_in",
    ]
    assert all(one.command.startswith("offramp ") and one.held.endswith(".") for one in OBJECTIONS)
    with pytest.raises(UserError, match="selection"):
        chosen(["selecton"])


@pytest.mark.parametrize("name", ["equifinality", "held_still", "action_set", "time_step"])
def test_an_answer_is_made_of_numbers(name):
    text = {one.name: one for one in OBJECTIONS}[name].answer(ArmStore(TINY))
    assert len(re.findall(r"\d\.\d\d", text)) > 4 and "nan" not in text


def test_half_a_day_halves_rates_and_doubles_durations():
    halved, known = answers.half_days(), parameters()
    assert halved["government.a.planning_days"] == 28
    clock = scenario_named("tovuz_2020").get("government.a.clock_crisis")
    assert halved["government.a.clock_crisis"] == pytest.approx(1 - (1 - clock) ** 0.5)
    assert halved["public.a.protest_memory"] ** 2 == pytest.approx(
        scenario_named("tovuz_2020").get("public.a.protest_memory")
    )
    assert halved["public.a.rally_decay"] == pytest.approx(np.sqrt(0.95))
    assert "public.a.weakness" not in halved and "government.a.reciprocity" not in halved
    for path, value in halved.items():
        known[path].check(path, int(value) if known[path].kind == "int" else value)


def test_another_rule_may_give_another_verdict():
    store = ArmStore(TINY)
    proposition = catalogue()["P15"]
    found = {how: verdict_under(proposition, store, *how) for how in ((1e-9, 0.0), (1e9, 0.9))}
    assert found[1e9, 0.9] == "negligible" and found[1e-9, 0.0] in (HOLDS, "built in")
    assert verdicts.RULES["as frozen"] == (1.0, 0.9)


def test_the_command_writes_and_renews_a_document(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = tmp_path / "objections.md"
    asked = ["objections", "action_set", "--draws", "2", "--crises", "3", "--citizens", "5", "--workers", "1"]
    assert run_command([*asked, "--document", str(document)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "action_set: answered"
    first = document.read_text()
    assert first.startswith("# Objections") and "offramp objections action_set --draws 2" in first
    assert run_command([*asked, "--resume", said[-1], "--document", str(document)]) == 0
    assert document.read_text() == first


# -- structures -------------------------------------------------------------------------------------------------------


def test_a_structure_judges_only_once_it_was_refitted_and_passed(tmp_path, monkeypatch):
    name = structures.posterior_name("tovuz_2020", "ratio contest")
    assert name == "tovuz_2020.ratio_contest"
    shipped = {name: tmp_path / f"{name}.parquet"}
    monkeypatch.setattr(structures, "posterior_file", shipped.get)
    (tmp_path / f"{name}.json").write_text(json.dumps({"inside": 2, "of": 5}))
    assert structures.admissible("tovuz_2020") == ["as it is"]
    (tmp_path / f"{name}.json").write_text(json.dumps({"inside": 4, "of": 5}))
    assert structures.admissible("tovuz_2020") == ["as it is", "ratio contest"]


@pytest.mark.parametrize("structure", [name for name in structures.STRUCTURES if name != structures.AS_IT_IS])
def test_a_structure_is_refitted_in_what_it_leaves_open(structure, tmp_path):
    work = Refitted(tmp_path, requested("tovuz_2020", True), structure)
    fixed = structures.STRUCTURES[structure]
    assert all(work.base.get(path) == value for path, value in fixed.items())
    assert work.table and not {path for item in work.table for path in item.paths} & set(fixed)


def test_structures_are_named_and_their_cost_told(capsys):
    assert structures_chosen("ratio_contest, cascade floor") == ["ratio contest", "cascade floor"]
    assert len(structures_chosen("all")) == len(structures.STRUCTURES) - 1
    with pytest.raises(UserError, match="ratio contest"):
        structures_chosen("ratio contes")
    assert "minutes a structure" in cost(["ratio contest"], "tovuz_2020", False, {}, 2)
    assert run_command(["propositions", "--refit", "all", "--dry-run"]) == 0
    assert "5 structures of tovuz_2020" in capsys.readouterr().out
