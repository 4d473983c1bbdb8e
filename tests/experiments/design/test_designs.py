"""A ``design:`` block becomes the points it describes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.config.compose import Composer, composer
from experiments.design.designs import Design, build_design
from experiments.design.factors import Rows, crossed
from experiments.design.posterior import posterior_rows
from experiments.study.parts import cut
from experiments.study.trajectories import slabs


@pytest.fixture(scope="module")
def composing() -> Iterator[Composer]:
    with composer() as made:
        yield made


def design(composing: Composer, *overrides: str) -> Design:
    return build_design(composing, composing.compose(list(overrides)))


def test_plain_run_is_one_point(composing: Composer) -> None:
    made = design(composing, "mediation=none")
    assert len(made) == 1
    assert made.table["mediation"].tolist() == ["none"]
    assert made.points().scenario(0).mediation.present == 0


def test_grid_is_crossed_with_choices_the_last_changing_fastest(composing: Composer) -> None:
    made = design(
        composing, "+design.choices={mediation:[none,facilitation]}", "+design.grid={mediation.delay:[0,5,9]}"
    )
    assert list(zip(made.table["mediation"], made.table["mediation.delay"], strict=True)) == [
        ("none", 0),
        ("none", 5),
        ("none", 9),
        ("facilitation", 0),
        ("facilitation", 5),
        ("facilitation", 9),
    ]
    points = made.points()
    assert [points.scenario(number).mediation.present for number in range(6)] == [0, 0, 0, 1, 1, 1]
    assert [points.scenario(number).mediation.delay for number in range(6)] == [0, 5, 9, 0, 5, 9]


def test_steps_are_linear_or_logarithmic(composing: Composer) -> None:
    made = design(
        composing,
        "+design.grid={mediation.delay:{from:1,to:100,steps:3,scale:log},mediation.cover:{from:0,to:1,steps:2}}",
    )
    assert np.allclose(np.unique(made.table["mediation.delay"]), [1, 10, 100])
    assert set(made.table["mediation.cover"]) == {0.0, 1.0}


def test_points_name_arms_and_keep_the_base_elsewhere(composing: Composer) -> None:
    made = design(
        composing,
        "+design.points=[{name:nobody,mediation:none},{name:late,mediation:facilitation,"
        "mediation.delay:30},{mediation:facilitation}]",
    )
    facilitation = made.points().scenario(2).mediation.delay
    assert made.table["arm"].tolist() == ["nobody", "late", "2"]
    assert made.table["mediation.delay"].tolist()[1:] == [30, facilitation]
    assert made.table["mediation"].tolist() == ["none", "facilitation", "facilitation"]


def test_one_at_a_time_starts_with_the_base(composing: Composer) -> None:
    made = design(composing, "+design.one_at_a_time={mediation.cover:[0,1],dyad.venue:[line_of_contact]}")
    base = made.points().scenario(0)
    assert made.table["varied"].tolist() == ["nothing", "mediation.cover", "mediation.cover", "dyad.venue"]
    assert made.points().scenario(1) == base.replaced({"mediation.cover": 0})
    assert made.points().scenario(3) == base.replaced({"dyad.venue": "line_of_contact"})


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol"])
def test_samples_fill_the_ranges_and_repeat_with_their_seed(composing: Composer, kind: str) -> None:
    factors = "{mediation.cover:full,mediation.delay:{from:1,to:100,scale:log},dyad.start_rung_a:full,dyad.venue:full}"
    block = f"+design.{kind}={{samples:64,seed:4,factors:{factors}}}"
    first, second = (design(composing, block, "luck=own", "replicates=1") for _ in range(2))
    cover, rung = first.table["mediation.cover"], first.table["dyad.start_rung_a"]
    assert len(first) == 64
    assert 0 <= cover.min() < 0.05
    assert 0.95 < cover.max() <= 1
    assert set(rung) == set(range(10))
    assert 20 < (first.table["mediation.delay"] > 10).sum() < 44
    assert set(first.table["dyad.venue"]) == {"border", "line_of_contact"}
    for name, values in first.table.items():
        assert values.tolist() == second.table[name].tolist()


def test_tie_sets_several_parameters(composing: Composer) -> None:
    made = design(
        composing,
        "+design.tie={step:[government.a.step_up,{path:government.b.step_up,scale:2,shift:0.1}]}",
        "+design.grid={step:[0.2,0.7]}",
    )
    assert made.table["step"].tolist() == [0.2, 0.7]
    assert np.allclose(made.table["government.b.step_up"], [0.5, 1.5])
    assert made.points().scenario(1).government.a.step_up == 0.7


def test_few_replicates_are_fine_with_luck_of_their_own(composing: Composer) -> None:
    made = design(composing, "+design.grid={mediation.delay:[0,5]}", "luck=own", "replicates=1")
    assert len(made) == 2


def test_posterior_crosses_every_point_with_its_draws(tmp_path: Path) -> None:
    (tmp_path / "posterior").mkdir()
    table = "government.a.resolve,public.a.hawkishness\n2.0,0.1\n3.0,0.2\n4.0,0.3\n"
    (tmp_path / "posterior" / "narrow.csv").write_text(table)
    with composer(str(tmp_path)) as open_composer:
        made = design(open_composer, "+design.grid={mediation.delay:[0,5]}", "uncertainty=narrow:2")
    assert made.table["draw"].tolist() == ["0", "1", "0", "1"]
    assert made.points().scenario(3).government.a.resolve == 3.0
    rows = posterior_rows("narrow", str(tmp_path))
    assert rows is not None
    assert rows.length == 3


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_crossing_gives_every_combination_once(lengths: list[int]) -> None:
    parts = [Rows({f"f{number}": list(range(length))}, length) for number, length in enumerate(lengths)]
    made = crossed(parts)
    rows = list(zip(*made.columns.values(), strict=True))
    assert len(rows) == len(set(rows)) == made.length == int(np.prod(lengths))
    assert rows == sorted(rows)


@settings(max_examples=40)
@given(st.integers(1, 60), st.lists(st.integers(1, 3000), min_size=1, max_size=3), st.sampled_from([10, 500, 20_000]))
def test_chunks_hold_every_lane_once(points: int, sizes: list[int], citizens: int) -> None:
    edges = np.cumsum([0, *sizes]).tolist()
    chunks = cut(list(zip(edges, edges[1:], strict=False)), points, citizens)
    lanes = np.concatenate([chunk.point * edges[-1] + chunk.replicate for chunk in chunks])
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert np.array_equal(np.sort(lanes), np.arange(points * edges[-1]))
    assert all(set(chunk.point) == set(chunk.points) for chunk in chunks)


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 2000))
def test_no_point_is_spread_over_two_slabs(points: int, replicates: int) -> None:
    made = slabs(cut([(0, replicates)], points, 500))
    seen = [set().union(*(chunk.points for chunk in slab)) for slab in made]
    assert sum(len(one) for one in seen) == points


def test_more_replicates_keep_earlier_chunks() -> None:
    before = cut([(0, 700)], 3, 500)
    assert cut([(0, 700), (700, 900)], 3, 500)[: len(before)] == before
