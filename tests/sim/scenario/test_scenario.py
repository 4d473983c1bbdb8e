"""Scenarios: built from mappings, read by path, changed, exchanged between the sides, and refused in one line."""

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings

from sim.scenario import (
    GovernmentRecord,
    MediatorRecord,
    ParameterError,
    Scenario,
    parameters,
    swap_path,
    swap_value,
)
from tests.support.scenarios import scenarios


def nested(values):
    """A flat mapping by dotted path as nested mappings."""
    tree = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        place = tree
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return tree


@given(scenarios())
@settings(max_examples=40)
def test_values_and_mappings_are_two_forms_of_one_thing(world):
    assert Scenario.from_mapping(nested(world.values())) == world
    assert list(world.values()) == list(parameters())


def test_defaults_need_not_be_said():
    assert Scenario.from_mapping({}) == Scenario()
    assert Scenario.from_mapping({"government": {"b": {"fog": 0.8}}}) == Scenario()
    assert Scenario.from_mapping({"mediation": {"second": {}}}) == Scenario()


@given(scenarios())
@settings(max_examples=15)
def test_every_value_can_be_read_and_replaced_by_its_path(world):
    values = world.values()
    assert all(world.get(path) == value for path, value in values.items())
    changeable = {path: value for path, value in values.items() if not path.endswith("luck_slot")}
    assert Scenario().replaced(changeable) == world


def test_replacing_leaves_the_original_as_it_was():
    world = Scenario()
    assert world.replaced({"talks.rate": 1}).get("talks.rate") == 1
    assert world == Scenario()
    with pytest.raises(FrozenInstanceError):
        world.name = "another"


def test_numbers_take_the_kind_of_their_parameter():
    world = Scenario.from_mapping({"dyad": {"start_rung_a": 4.0}, "talks": {"rate": 1}})
    assert type(world.dyad.start_rung_a) is int and type(world.talks.rate) is float


# -- the other side's view --------------------------------------------------------------------------------------------


@given(scenarios())
@settings(max_examples=40)
def test_exchanged_twice_is_as_it_was(world):
    assert world.swapped().swapped() == world


def test_each_side_keeps_its_luck_and_its_label():
    swapped = Scenario().swapped()
    assert (swapped.government.a.luck_slot, swapped.government.b.luck_slot) == (1, 0)
    assert swapped.government.a.label == Scenario().government.b.label


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("government.a.resolve", "government.b.resolve"),
        ("public.b.honour", "public.a.honour"),
        ("dyad.start_rung_a", "dyad.start_rung_b"),
        ("dyad.combat.drones_b", "dyad.combat.drones_a"),
        ("alliance.knowledge_a", "alliance.knowledge_b"),
        ("talks.rate", "talks.rate"),
        ("deaths_b", "deaths_a"),
        ("mediation.second.bias", "mediation.second.bias"),
    ],
)
def test_paths_of_the_other_side(path, other):
    assert swap_path(path) == other and swap_path(other) == path


@pytest.mark.parametrize(
    ("path", "value", "other"),
    [
        ("alliance.first.protege", "a", "b"),
        ("dyad.trigger_side", "both", "both"),
        ("dyad.combat.salient_side", "b", "a"),
        ("mediation.third.bias", 0.5, -0.5),
        ("talks.rate", 0.5, 0.5),
    ],
)
def test_values_as_the_other_side_sees_them(path, value, other):
    assert swap_value(path, value) == other


def test_every_parameter_of_a_side_has_a_partner():
    for path in parameters():
        assert swap_path(path) in parameters()
        one, two = parameters()[path], parameters()[swap_path(path)]
        assert (one.kind, one.low, one.high, one.unit) == (two.kind, two.low, two.high, two.unit)


def test_what_varies_is_exchanged_with_the_rest():
    world = Scenario(
        varies={
            "government.a.fog": {"dist": "uniform", "low": 0, "high": 1},
            "mediation.bias": {"dist": "values", "values": [0.5, -0.25]},
            "alliance.first.protege": {"dist": "values", "values": ["a"]},
        }
    )
    assert world.swapped().varies == {
        "government.b.fog": {"dist": "uniform", "low": 0, "high": 1},
        "mediation.bias": {"dist": "values", "values": [-0.5, 0.25]},
        "alliance.first.protege": {"dist": "values", "values": ["b"]},
    }
    with pytest.raises(ParameterError, match="bias"):
        Scenario(varies={"mediation.bias": {"dist": "uniform", "low": 0, "high": 1}}).swapped()


# -- what is refused --------------------------------------------------------------------------------------------------

REFUSED = [
    ({"talks": {"rat": 1}}, ["talks.rat", "did you mean rate"]),
    ({"talk": {}}, ["talk", "did you mean talks"]),
    ({"talks": 3}, ["talks=3", "group"]),
    ({"government": {"a": {"resolve": 99}}}, ["government.a.resolve=99", "out of range", "0.2 to 12", "utility"]),
    ({"mediation": {"second": {"secrecy": -0.1}}}, ["mediation.second.secrecy=-0.1", "0 to 1"]),
    ({"talks": {"rate": "fast"}}, ["talks.rate='fast'", "not a number"]),
    ({"talks": {"rate": True}}, ["talks.rate=True", "not a number"]),
    ({"talks": {"rate": float("nan")}}, ["talks.rate=nan", "finite"]),
    ({"talks": {"rate": None}}, ["talks.rate=None", "not a number"]),
    ({"dyad": {"start_rung_a": 2.5}}, ["dyad.start_rung_a=2.5", "whole", "0 to 9"]),
    ({"dyad": {"start_rung_b": float("inf")}}, ["dyad.start_rung_b=inf", "finite"]),
    ({"dyad": {"venue": "sea"}}, ["dyad.venue='sea'", "border | line_of_contact"]),
    ({"name": 3}, ["name=3", "text"]),
    ({"government": {"a": {"luck_slot": 1}}}, ["luck_slot", "differ"]),
    ({"government": {"c": {}}}, ["government.c"]),
    ({"varies": {"talks.rat": {}}}, ["talks.rat", "did you mean talks.rate"]),
    ({"peak_odds": [[1.0]]}, ["peak_odds", "ten"]),
    ({"peak_odds": [[0.2] * 10] * 10}, ["peak_odds", "add up to 1"]),
]


@pytest.mark.parametrize(("mapping", "said"), REFUSED)
def test_what_is_wrong_is_said_in_one_line(mapping, said):
    with pytest.raises(ParameterError) as error:
        Scenario.from_mapping(mapping)
    message = str(error.value)
    assert "\n" not in message
    assert all(part in message for part in said), message


def test_records_built_by_hand_are_checked_too():
    with pytest.raises(ParameterError, match="secrecy=2"):
        MediatorRecord(secrecy=2)
    with pytest.raises(ParameterError, match="contest_form"):
        GovernmentRecord(contest_form="coin")


@pytest.mark.parametrize("path", ["talks.rat", "talks", "", "government.a"])
def test_paths_that_lead_nowhere(path):
    for use in (lambda: Scenario().get(path), lambda: Scenario().replaced({path: 1})):
        with pytest.raises(ParameterError, match="no such parameter"):
            use()


# -- what it takes ----------------------------------------------------------------------------------------------------

STANDARD_ONLY = """
import sys
before = set(sys.modules)
from sim.scenario import Scenario
Scenario.from_mapping({"talks": {"present": 1}}).swapped()
used = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(used - set(sys.stdlib_module_names) - {"sim"}))
"""
LAZY = """
import sys
import sim
heavy = {"mesa", "numpy", "numba", "scipy", "hydra", "omegaconf", "matplotlib", "polars"}
print(sorted(heavy & set(sys.modules)), set(sim.__all__) <= set(dir(sim)))
"""


@pytest.mark.parametrize(("code", "expected"), [(STANDARD_ONLY, "[]"), (LAZY, "[] True")])
def test_the_records_need_the_standard_library_only(code, expected):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_public_names_are_found_where_they_live():
    import sim
    from sim.crisis import Crisis

    assert sim.Crisis is Crisis and sim.Scenario is Scenario
    with pytest.raises(AttributeError, match="nonsense"):
        sim.nonsense  # noqa: B018
