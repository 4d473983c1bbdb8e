"""Regret, worst tenth and value of information on planted arms whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.decide.robustness import (
    Crossed,
    Threshold,
    information,
    perfect_information,
    regret_of_best,
    robustness,
    satisficing,
    worst_tenth,
)

STATES, LUCKS = 60, 30


def planted(seed: int, common: bool = False) -> tuple[Crossed, np.ndarray, np.ndarray]:
    """Three arms of shares in states told apart by z; the true means (states, arms), and z."""
    generator = np.random.default_rng(seed)
    z = generator.standard_normal(STATES)
    truth = np.clip(0.5 + np.column_stack([0.12 * z, -0.12 * z, -0.1 + 0.02 * z]), 0.02, 0.98)
    uniforms = generator.random((1 if common else STATES, LUCKS))
    crises = (uniforms[None] < truth.T[:, :, None]).astype(float)
    return Crossed(["rising", "falling", "low"], crises, True, common), truth, z


def averaged(measure, times: int = 12) -> tuple[float, float, float]:
    """Truth, what is read off means as they were observed, and with the noise taken out; means over worlds."""
    rows = []
    for seed in range(times):
        crossed, truth, _ = planted(seed)
        rows.append([np.mean(measure(some)) for some in (truth, crossed.seen, crossed.cleaned)])
    true, naive, cleaned = np.mean(rows, axis=0)
    return true, naive, cleaned


@pytest.mark.parametrize("measure", [perfect_information, regret_of_best, worst_tenth])
def test_taking_noise_out_brings_measures_nearer_to_the_truth(measure) -> None:
    true, naive, cleaned = averaged(measure)
    assert abs(cleaned - true) < abs(naive - true)
    assert cleaned == pytest.approx(true, abs=0.03)


@pytest.mark.parametrize("common", [False, True])
def test_intervals_hold_the_truth_and_tell_luck_from_states(common: bool) -> None:
    crossed, truth, _ = planted(3, common)
    table = robustness(crossed)
    rows = {(row["arm"], row["measure"]): row for row in table.iter_rows(named=True)}
    for at, arm in enumerate(crossed.names):
        row = rows[arm, "mean"]
        assert row["low"] <= truth.mean(axis=0)[at] <= row["high"]
        widths = [row[f"{kind}high"] - row[f"{kind}low"] for kind in ("luck_", "states_", "")]
        assert widths[2] >= 0.8 * max(widths[:2])
    wide = rows["rising", "mean"]
    # A few lucks that all states met blur levels much more than luck of each state's own.
    assert ((wide["luck_high"] - wide["luck_low"]) > 0.15) == common


def test_an_arm_that_is_better_everywhere_has_no_regret() -> None:
    generator = np.random.default_rng(1)
    base = generator.random((1, 20, 10))
    table = robustness(Crossed(["good", "bad"], np.concatenate([base + 1, base])))
    values = {(row["arm"], row["measure"]): row["value"] for row in table.iter_rows(named=True)}
    assert values["good", "regret_best"] == pytest.approx(0, abs=1e-9) and values["good", "best"] == 1
    assert values["bad", "regret_best"] == pytest.approx(1) and values["bad", "best"] == 0


def test_information_names_the_parameter_that_decides_and_merges_twins() -> None:
    crossed, truth, z = planted(5)
    other = np.random.default_rng(9).standard_normal(STATES)
    labels = np.where(other > 0, "one form", "another form").astype(object)
    table = information(
        crossed, {"x.a.z": z, "x.b.z": 3 * z + 1, "other": other, "form": labels, "fixed": np.ones(STATES)}
    )
    assert table["parameter"].to_list()[:2] == ["everything", "x.a|b.z"]
    assert set(table["parameter"][2:]) == {"other", "form"}
    first = table.row(1, named=True)
    assert first["value"] > first["chance"] and first["low"] <= perfect_information(truth) <= first["high"] + 0.02
    assert all(row["value"] < 0.5 * first["value"] for row in table.slice(2).iter_rows(named=True))


def test_satisficing_has_a_band_of_states_that_luck_leaves_open() -> None:
    crossed, truth, _ = planted(7)
    table = satisficing({"calm": crossed}, [Threshold("calm >= 0.5", "calm", 0.5)])
    row = table.row(0, named=True)
    assert row["low"] <= (truth[:, 0] >= 0.5).mean() <= row["high"]
    assert row["low"] <= row["value"] <= row["high"] and row["close"] > 0.2


def test_one_state_says_nothing_of_states() -> None:
    crossed = Crossed(["one", "other"], np.random.default_rng(2).random((2, 1, 40)))
    row = robustness(crossed).row(0, named=True)
    assert np.isnan(row["states_low"]) and row["luck_low"] < row["value"] < row["luck_high"]


def test_arms_without_common_luck_are_not_taken_for_paired() -> None:
    generator = np.random.default_rng(4)
    values = generator.random((2, 30, 20))
    apart = Crossed(["one", "other"], values, paired=False)
    assert apart.noise[0, 1] == 0 and Crossed(["one", "other"], np.repeat(values[:1], 2, axis=0)).noise[0, 1] > 0
