"""Draws of a prior are kept where their publics reply as experiments find."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.design.priors import PUBLICS_PRIORS, prior_of, values_at
from experiments.protocols.asking import ask, items, judged, passing
from experiments.targets.targets import scenario_named

TABLE = (*prior_of("dispute_population"), *prior_of(PUBLICS_PRIORS))


def drawn(count: int, seed: int = 5) -> np.ndarray:
    return values_at(TABLE, np.random.default_rng(seed).random((count, len(TABLE))))


def test_ranges_hold_their_ends_and_signs_do_not():
    by_name = {item.item: item for item in items()}
    cost, taunt = by_name["cost_after_threat"], by_name["taunt"]
    assert cost.inside(np.array([0.049, 0.05, 0.2, 0.201, np.nan])).tolist() == [False, True, True, False, False]
    assert taunt.inside(np.array([0.0, 1e-9])).tolist() == [False, True]
    assert len({item.reply for item in items()}) == 6


def test_a_reply_is_inside_where_all_its_numbers_are_on_both_sides():
    middle = {item.item: np.full((4, 2), (item.low + min(item.high, 0.5)) / 2) for item in items()}
    middle["losses_at_9"][1] = 0.5
    middle["rally"][2, 1] = -0.01
    middle["cover"][3] = np.nan
    found = judged(middle)
    assert found.inside["losses"].tolist() == [True, False, True, True]
    assert found.inside["rally"].tolist() == [True, True, False, True]
    assert found.inside["cover"].tolist() == [True, True, True, False]
    assert found.joint.tolist() == [True, False, False, False]
    assert found.all_of("losses", "cover").tolist() == [True, False, True, False]
    assert found.shares["all"] == 0.25


def test_a_draw_is_answered_alike_alone_and_among_others(monkeypatch: pytest.MonkeyPatch):
    base, rows = scenario_named("dispute_population"), drawn(6)
    together = passing(base, TABLE, rows, citizens=32)
    monkeypatch.setattr("experiments.protocols.asking.LANES", 2)
    apart = passing(base, TABLE, rows, citizens=32)
    alone = passing(base, TABLE, rows[3:4], citizens=32)
    for item in items():
        whole = together.values[item.item]
        assert np.array_equal(whole, apart.values[item.item], equal_nan=True), item.item
        assert np.array_equal(whole[3:4], alone.values[item.item], equal_nan=True), item.item


def test_the_values_of_a_draw_are_those_that_the_scenario_would_have():
    base, rows = scenario_named("dispute_population"), drawn(1)
    by_name = {item.name: value for item, value in zip(TABLE, rows[0], strict=True)}
    publics = {item.name: item.paths for item in TABLE if item.paths[0].startswith(("public", "government"))}
    changed = base.replaced(
        {path: float(by_name[name]) for name, paths in publics.items() for path in paths}
        | {"mediation.cover": by_name["cover"] / 2}
    )
    fixed = {**changed.varies}
    del fixed["mediation.cover"]
    object.__setattr__(changed, "varies", fixed)
    found, wanted = passing(base, TABLE, rows).values, ask(changed, {}, 1, citizens=64).values
    for item in items():
        assert found[item.item] == pytest.approx(wanted[item.item], abs=1e-9), item.item


def test_the_table_of_publics_is_met_by_some_draws_and_not_by_most():
    shares = passing(scenario_named("dispute_population"), TABLE, drawn(300), citizens=32).shares
    assert all(share > 0.1 for name, share in shares.items() if name != "all")
    assert 0 < shares["all"] < 0.3
