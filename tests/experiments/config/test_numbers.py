"""A number is the one that was written, wherever it was written, or it is refused."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.config.compose import composer
from experiments.config.overrides import parse_overrides
from experiments.config.plain_values import number_in, plain, with_numbers
from experiments.config.yaml_files import read_text, read_tree
from experiments.design.designs import build_design
from experiments.errors import UserError
from experiments.text import texts_apart
from sim.scenario import ParameterError

NO_DECIMALS = [
    "0x10",
    "0b1",
    "0o17",
    "1:30",
    "1:30.5",
    "2020-07-12",
    "1__0",
    "5%",
    "1,5",
    "yes",
    "on",
    "\uff15",
    "",
    ".",
]


def digits(most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=1, max_size=most)


DECIMALS = st.tuples(
    st.sampled_from(["", "+", "-"]),
    digits(6),
    st.sampled_from(["", ".", ".0", ".25", ".300"]),
    st.sampled_from(["", "e2", "E+1", "e-3"]),
).map("".join)


@settings(max_examples=30)
@given(DECIMALS)
@example("010")
@example("08")
@example("1e3")
def test_decimal_text_is_its_number_by_file_command_line_and_python(text: str) -> None:
    assert number_in(text) == float(Decimal(text))
    read = with_numbers(read_tree(f"design: {{grid: {{mediation.bias: [{text}]}}}}", Path("own.yaml")))
    assert read["design"]["grid"]["mediation.bias"] == [number_in(text)]
    (typed,) = parse_overrides([f"++design.grid={{mediation.bias:[{text}]}}"])
    assert with_numbers({"design": {"grid": typed.values[0]}}) == read
    assert with_numbers(plain({"mediation.bias": [text]}, "design")) == {"mediation.bias": [number_in(text)]}


@pytest.mark.parametrize("text", NO_DECIMALS)
def test_no_other_way_to_write_a_number_is_one(text: str) -> None:
    assert number_in(text) is None
    read = with_numbers(read_tree(f"delay: [{text!r}]\nseed: {text or 'x'}", Path("own.yaml")))
    assert read == {"delay": [text], "seed": text or "x"}


@pytest.mark.parametrize("text", ["0x10", "1:30", "08:00", "2020-07-12", "5%", "yes", "nan", "inf", "1e400"])
def test_command_line_refuses_what_is_no_decimal(text: str) -> None:
    with pytest.raises(ParameterError, match="mediation.delay"):
        parse_overrides([f"mediation.delay={text}"])


@pytest.mark.parametrize(("text", "value"), [("07", 7), ("010", 10), ("+5", 5), ("5.", 5), (".5e1", 5), ("1_0", 10)])
def test_command_line_reads_decimals(text: str, value: float) -> None:
    assert parse_overrides([f"mediation.delay={text}"])[0].values == (value,)


@pytest.mark.parametrize("key", ["mediation.label", "hydra.run.dir", "mediation"])
@pytest.mark.parametrize("name", ["010", "1_0", "1e3", "1.50"])
def test_names_that_look_like_numbers_stay_as_they_are(key: str, name: str) -> None:
    (override,) = parse_overrides([f"{key}={name}"])
    assert override.values == (name,)


def test_seed_that_a_float_cannot_hold_is_refused() -> None:
    assert parse_overrides(["seed=9007199254740993"])[0].values == (9007199254740993,)
    with pytest.raises(ParameterError, match="lost digits"):
        parse_overrides(["seed=9007199254740993.0"])


def test_range_holds_the_decimals_a_reader_would_write() -> None:
    (steps,) = parse_overrides(["mediation.effort=range(0.1,0.5,0.1)"])
    (down,) = parse_overrides(["mediation.effort=sort(range(0.1,0.8,0.1),reverse=true)"])
    assert steps.values == (0.1, 0.2, 0.3, 0.4)
    assert down.values == (0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
    assert parse_overrides(["seed=range(3)"])[0].values == (0, 1, 2)


OWN = """# @package _global_
seed: 007
horizon_days: 1e2
replicates: 0100
title: 1.50
mediation: {label: 010}
varies: {mediation.cover: {dist: values, values: [00, 1], weights: ['01', 3]}}
design:
  grid:
    mediation.delay: [000, 005, 010, 020]
    mediation.effort: {from: 0.1, to: 0.5, steps: 05}
"""


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_users_file_is_read_as_written_with_or_without_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    place = tmp_path / "experiment"
    place.mkdir()
    (place / "own.yaml").write_bytes(mark + OWN.replace("\n", "\r\n").encode())
    with composer(str(tmp_path)) as open_composer:
        made = open_composer.compose(["experiment=own"])
        design = build_design(open_composer, made)
    assert (made.settings.seed, made.settings.horizon_days, made.settings.replicates) == (7, 100, 100)
    assert (made.scenario.title, made.scenario.mediation.label) == ("1.50", "010")
    assert made.scenario.varies["mediation.cover"] == {"dist": "values", "values": [0, 1], "weights": [1, 3]}
    assert sorted(set(design.table["mediation.delay"].tolist())) == [0, 5, 10, 20]
    assert design.table["mediation.effort"].tolist()[:5] == [0.1, 0.2, 0.3, 0.4, 0.5]


def test_words_of_older_yaml_are_no_truth_values(tmp_path: Path) -> None:
    place = tmp_path / "experiment"
    place.mkdir()
    (place / "own.yaml").write_text("# @package _global_\nrecords: yes\n")
    with composer(str(tmp_path)) as open_composer, pytest.raises(ParameterError, match="records='yes': neither true"):
        open_composer.compose(["experiment=own"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nseed: 2\n", "own.yaml, line 2: seed is set twice"),
        ("mediation:\n  delay: 1\n  cover: 1\n  delay: 2\n", "own.yaml, line 4: delay is set twice"),
        ("mediation:\n\tdelay: 1\n", "own.yaml, line 2: "),
        ("seed: 1\n---\nseed: 2\n", "own.yaml, line 2: "),
        ("seed: 1\x07\n", "own.yaml: cannot be read as YAML"),
        ("label: !!python/object/apply:os.getcwd []\n", "own.yaml, line 1: "),
    ],
)
def test_faults_of_a_file_name_its_line(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said.replace("(", r"\(")) as refused:
        read_tree(text, Path("own.yaml"))
    assert "\n" not in str(refused.value)


def test_anchors_and_merged_keys_are_no_repetition() -> None:
    text = "a: &a {x: 1, y: 010}\nb: &b\n  <<: *a\n  x: 2\nc: {<<: [*b], y: 3}\n"
    assert read_tree(text, Path("own.yaml")) == {
        "a": {"x": 1, "y": "010"},
        "b": {"x": 2, "y": "010"},
        "c": {"x": 2, "y": 3},
    }


@pytest.mark.parametrize(("data", "said"), [("é".encode("utf-16"), "UTF-16"), ("é".encode("latin-1"), "not UTF-8")])
def test_other_encodings_are_refused_by_name(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "own.yaml").write_bytes(data)
    with pytest.raises(UserError, match=f"own.yaml is {said}"):
        read_text(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(0, 1, 3),
        pl.Series([0.0, 0.5, 1.0]),
        (0, 0.5, 1),
        [np.int64(0), np.float32(0.5), Decimal(1)],
        [0, Fraction(1, 2), np.array(1)],
    ],
    ids=["array", "series", "tuple", "scalars", "fractions"],
)
def test_any_sequence_of_numbers_is_a_list_of_them(values: Any) -> None:
    assert plain(values, "x") == [0, 0.5, 1]
    assert {type(value) for value in plain(values, "x")} <= {int, float}


def test_single_precision_is_the_decimal_it_is_shown_as() -> None:
    assert plain([np.float32(0.1), pl.Series([0.2], dtype=pl.Float32), range(2), Path("a")], "x") == [
        0.1,
        [0.2],
        [0, 1],
        "a",
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: {1, 2},
        lambda: iter([1]),
        lambda: {1: 2}.values(),
        object,
        lambda: 1j,
        lambda: np.ma.array([1.0, 2.0], mask=[0, 1]),
    ],
)
def test_what_has_no_order_or_no_values_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(UserError, match=r"^x\.grid: "):
        plain({"grid": make()}, "x")


@given(st.lists(st.floats(allow_nan=False) | st.integers() | st.text() | st.none(), max_size=8))
@example([0.12341, 0.12344, 0.5])
@example([1e-7, 2e-7])
@example([100000.0, 100001.0, 100000.4])
@example([0.3, 0.1 + 0.2])
@example(["1", 1])
@example(["Late", "late", "late "])
def test_labels_differ_exactly_where_values_do(values: list[Any]) -> None:
    texts = texts_apart(values)
    for first in values:
        for second in values:
            assert (texts[first] == texts[second]) == (first == second)


def test_labels_are_no_longer_than_needed() -> None:
    assert list(texts_apart([0.123456, 0.5, 1000.0, 7, "x"]).values()) == ["0.1235", "0.5", "1000", "7", "x"]
    assert list(texts_apart([0.12341, 0.12344, 0.5]).values()) == ["0.12341", "0.12344", "0.5"]
