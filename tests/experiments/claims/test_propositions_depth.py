"""Claims taken apart: shares that add up, boundaries that are found, studies that can be told."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.claims.arms import SampleSize, Spread, points_of
from experiments.claims.depth import calm, selection, shares, studies, threshold
from experiments.claims.depth.estimates import coalitions, estimate, ratio, shapley, total_index
from experiments.claims.store import ArmStore
from experiments.cli.app import run_command
from experiments.errors import UserError
from sim.engine.lanes import Points

TOY = SampleSize(draws=2, crises=3, citizens=5, horizon=16)


def test_shapley_values_add_up_and_know_a_free_rider():
    worth = {
        some: np.array([2.0 * ("a" in some) + 3 * ("b" in some) + 4 * ({"a", "b"} <= some)])
        for some in coalitions(("a", "b", "c"))
    }
    found = shapley(("a", "b", "c"), worth)
    assert {name: float(value[0]) for name, value in found.items()} == pytest.approx({"a": 4, "b": 5, "c": 0})


def test_a_channel_without_which_nothing_flows_takes_part_of_every_lever():
    worth = {
        some: np.array([float("channel" in some) * (1 + 2 * ("lever" in some))])
        for some in coalitions(("channel", "lever"))
    }
    assert {k: float(v[0]) for k, v in shapley(("channel", "lever"), worth).items()} == {"channel": 2, "lever": 1}


def test_intervals_come_from_luck_and_from_draws_apart():
    generator = np.random.default_rng(1)
    by_draw, by_luck = generator.normal(size=(200, 1)), generator.normal(size=(1, 400))
    alike = estimate(np.broadcast_to(by_draw, (200, 400)))
    assert alike.high - alike.low < 1e-9 and alike.most - alike.least > 3
    lucky = estimate(np.broadcast_to(by_luck, (200, 400)))
    assert 0.15 < lucky.high - lucky.low < 0.25
    assert np.isnan(estimate(np.full((2, 3), np.nan)).mean)
    assert ratio(np.full((4, 5), 1.0), np.full((4, 5), 4.0)).mean == 0.25


def test_total_indices_share_out_what_draws_explain_and_leave_luck_aside():
    generator = np.random.default_rng(2)
    strong, weak, strong_again, weak_again = generator.normal(size=(4, 3000, 1))
    luck = generator.normal(0, 3, size=(2, 3000, 40))
    base = 2 * strong + weak + luck[0]
    assert total_index(base, 2 * strong_again + weak + luck[0]).mean == pytest.approx(0.8, abs=0.05)
    found = total_index(base, 2 * strong + weak_again + luck[1])
    assert found.mean == pytest.approx(0.2, abs=0.05) and found.low < 0.2 < found.high
    assert np.isnan(total_index(np.zeros((5, 4)), np.zeros((5, 4))).mean)


def test_a_factor_that_is_spread_takes_every_stratum_and_another_copy_another_order():
    some = Spread(("alliance.first.alignment",), 0, 1)
    values, again = some.values(10, 1), some._replace(copy=1).values(10, 1)
    assert sorted((values * 10).astype(int)) == sorted((again * 10).astype(int)) == list(range(10))
    assert (values != again).any() and (values == some.values(10, 1)).all()


def test_a_boundary_is_where_the_line_crosses():
    line = np.linspace(0.5, 0, len(calm.PRESSURES))[:, None].repeat(5, axis=1)
    assert calm._crossing(line, 0.25).startswith("5.0 [5.0, 5.0]")
    assert calm._crossing(line + 1, 0.25).startswith("nowhere")
    assert calm._crossing(line * 0, 0.25).startswith("everywhere")


def test_the_rung_that_brings_help_follows_from_the_threshold():
    assert threshold.first_rung(0.35) == 7 and threshold.first_rung(0.5) == 9 and threshold.first_rung(0.6) is None


@pytest.mark.parametrize("name", list(studies.STUDIES))
def test_what_a_study_changes_can_be_changed(name):
    found = {id(one): points_of(one, TOY) for one in studies.STUDIES[name].arms()}
    assert all(isinstance(points, Points) and len(points) == TOY.draws for points in found.values())


def test_flows_are_switched_off_one_by_one():
    arms = shares.FLOWS.arms()
    assert len(arms) == 32 and len(set(arms.values())) == 17
    only = dict(arms[frozenset((shares.CHANNEL, "trust"))].changes)
    assert only["mediation.cover"] == only["talks.fog_relief"] == 0 and "talks.messages" not in only


def test_a_naive_comparison_is_fooled_by_selection():
    cells = np.where(np.arange(40) < 10, 1.0, 0.0)[None, :].repeat(3, axis=0)
    assert selection.naive(cells, cells == 1).mean == 1
    assert np.isnan(selection.naive(cells, cells > 2).mean)


@pytest.mark.parametrize("name", ["P23", "P33"])
def test_a_study_is_told(name, tmp_path):
    section = studies.STUDIES[name].section(ArmStore(TOY))
    drawn = section.write(tmp_path, name)
    assert section.text.startswith(f"## {name} in depth") and section.headline
    assert {path.suffix for path in drawn} == {".svg", ".png"} and list((tmp_path / "tables").glob("*.csv"))


def test_unknown_studies_are_refused():
    assert studies.chosen(["p15"]) == ["P15"] and studies.chosen([]) == list(studies.STUDIES)
    with pytest.raises(UserError, match="P7"):
        studies.chosen(["P7"])


def test_the_command_writes_a_section(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(studies, "QUICK", TOY)
    monkeypatch.setattr("experiments.claims.session.seconds_a_lane_day", lambda *_: 1e-5)
    document = tmp_path / "claims.md"
    asked = ["propositions", "P33", "--depth", "--quick", "--workers", "1", "--output", str(tmp_path / "run")]
    assert run_command([*asked, "--document", str(document)]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("P33 in depth: ")
    text = document.read_text()
    assert "<!-- depth: P33 -->" in text and "](figures/p33_mechanisms.svg)" in text
    assert (tmp_path / "figures" / "p33_mechanisms.svg").exists()
