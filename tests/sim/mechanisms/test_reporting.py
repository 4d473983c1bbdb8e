"""Reporting: what each public is told of its losses, what comes out, and what it is worth."""

import numpy as np
import pytest

from tests.support.worlds import FROZEN, after, group, scenario

WAR = {**FROZEN, "dyad.start_rung_a": 8, "dyad.start_rung_b": 8}


def told(days=6, **reporting):
    """A crisis of open war after some days, and the report of side a."""
    crisis = after(days, scenario(WAR, group("dyad.reporting", **reporting)), replicates=40)
    return crisis, crisis.reports.of("a")


def test_a_side_tells_its_share_of_its_deaths_and_its_multiple_of_the_enemys():
    crisis, report = told(disclosure_a=0.4, inflation_a=20, leak=0)
    np.testing.assert_allclose(report.told, 0.4 * crisis.governments["a"].deaths)
    np.testing.assert_allclose(report.claimed, 20 * crisis.governments["b"].deaths)
    np.testing.assert_allclose(crisis.reports.of("b").told, 0.95 * crisis.governments["b"].deaths)


def test_without_leaks_what_is_hidden_stays_hidden_and_costs_nothing():
    crisis, report = told(disclosure_a=0.3, leak=0, hiding_penalty=5)
    assert (report.leaked == 0).all() and (report.credit == 1).all() and (report.loss_hidden == 0).all()


def test_leaks_bring_out_what_is_hidden_bit_by_bit_and_cost_credit():
    crisis, report = told(disclosure_a=0.3, leak=0.3)
    hidden = 0.7 * crisis.governments["a"].deaths
    assert ((report.leaked > 0) & (report.leaked < hidden)).all()
    assert (report.credit < 1).all() and (report.credit >= 0).all()
    _, slow = told(disclosure_a=0.3, leak=0.05)
    assert (slow.leaked < report.leaked).all() and (slow.credit > report.credit).all()
    _, later = told(days=12, disclosure_a=0.3, leak=0.3)
    assert (later.leaked > report.leaked).all()


def test_nothing_to_hide_nothing_to_leak():
    _, open_ = told(disclosure_a=1, leak=0.3, hiding_penalty=5)
    assert (open_.leaked == 0).all() and (open_.credit == 1).all()


def test_without_a_penalty_credit_stays_whole():
    _, report = told(disclosure_a=0.3, leak=0.3, hiding_penalty=0)
    assert (report.leaked > 0).all() and (report.credit == 1).all()


def test_who_distrusts_the_media_reckons_with_more_dead():
    _, report = told(disclosure_a=0.3, leak=0.3, hiding_penalty=0)
    assert (report.loss_hidden > 0).all()
    np.testing.assert_allclose(report.loss_told + report.loss_hidden, np.log10(1 + report.told + report.leaked))


def test_lost_credit_turns_suspicion_into_common_knowledge():
    _, trusted = told(disclosure_a=0.3, leak=0.3, hiding_penalty=0)
    _, caught = told(disclosure_a=0.3, leak=0.3, hiding_penalty=2)
    assert (caught.loss_told > trusted.loss_told).all() and (caught.loss_hidden < trusted.loss_hidden).all()
    np.testing.assert_allclose(caught.loss_told + caught.loss_hidden, trusted.loss_told + trusted.loss_hidden)


def test_success_is_a_matter_of_claims():
    _, modest = told(inflation_a=1)
    _, boastful = told(inflation_a=25)
    assert (boastful.success >= modest.success).all() and boastful.success.mean() > modest.success.mean() + 0.5
    assert (np.abs(boastful.success) <= 1).all()


def test_claims_about_civilians_count_under_shelling_only():
    for rung, alleged in ((8, 3), (4, 0)):
        claims = {"dyad.reporting.civilian_claims": 3, "dyad.combat.civilian_share_border": 0}
        world = scenario(WAR, claims, {"dyad.start_rung_a": rung, "dyad.start_rung_b": rung})
        assert after(2, world).reports.of("a").new_civilian_deaths == alleged


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_hiding_calms_at_first_and_what_comes_out_angers_later(leak):
    """New deaths as heard of: fewer than there were on the first day, more than there were on a quiet day after it."""
    crisis, report = told(days=1, disclosure_a=0.3, leak=leak)
    bloody = crisis.combat.today["a"] > 0
    assert bloody.any() and (report.new_deaths < crisis.combat.today["a"])[bloody].all()
    for own in crisis.governments.values():
        own.new_rung = np.full(crisis.lanes, 1)
        own.enact_rung()
    crisis.combat.fight()
    crisis.reports.publish()
    assert (crisis.combat.today["a"] == 0).all()
    assert (report.new_deaths > 0)[bloody].all() == (leak > 0)
