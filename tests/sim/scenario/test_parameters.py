"""Every parameter says what it is, in which unit, between which bounds and on what evidence."""

import math

import pytest

from sim.scenario import ParameterError, parameters
from sim.scenario.parameter import Parameter

KNOWN = parameters()
NUMBERS = {path: parameter for path, parameter in KNOWN.items() if parameter.is_number}
CHOICES = {path: parameter for path, parameter in KNOWN.items() if parameter.kind == "choice"}


def refused(parameter: Parameter, path: str, value) -> str:
    """What is said when a value is refused; empty where it is not."""
    try:
        parameter.check(path, value)
    except ParameterError as error:
        return str(error)
    return ""


def test_there_are_parameters_of_every_kind_and_group():
    assert {parameter.kind for parameter in KNOWN.values()} == {"float", "int", "choice", "text"}
    assert {path.split(".")[0] for path in KNOWN} == {
        "name",
        "title",
        "government",
        "public",
        "alliance",
        "dyad",
        "talks",
        "mediation",
    }


def test_each_has_a_meaning_a_source_and_a_unit():
    bare = [
        path
        for path, parameter in KNOWN.items()
        if len(parameter.meaning.split()) < 2 or not parameter.source or not parameter.unit
    ]
    assert bare == []


def test_descriptions_fit_a_table_and_a_line():
    untidy = [
        path
        for path, parameter in KNOWN.items()
        for words in (parameter.meaning, parameter.source)
        if words != words.strip() or set(words) & set("\n\t|")
    ]
    assert untidy == []


def test_numbers_have_finite_bounds_with_the_default_between_them():
    assert [
        path
        for path, parameter in NUMBERS.items()
        if not (
            math.isfinite(parameter.low)
            and math.isfinite(parameter.high)
            and parameter.low <= parameter.default <= parameter.high
            and parameter.low < parameter.high
        )
    ] == []


def test_neutral_values_lie_in_the_range():
    assert [
        path
        for path, parameter in NUMBERS.items()
        if parameter.neutral is not None and not parameter.low <= parameter.neutral <= parameter.high
    ] == []
    assert [path for path, parameter in CHOICES.items() if parameter.neutral not in (None, *parameter.options)] == []


def test_bounds_of_whole_numbers_are_whole():
    assert [
        path
        for path, parameter in NUMBERS.items()
        for value in (parameter.low, parameter.high, parameter.default)
        if parameter.kind == "int" and not float(value).is_integer()
    ] == []


def test_choices_have_options_and_a_default_among_them():
    assert [
        path
        for path, parameter in CHOICES.items()
        if len(set(parameter.options)) < max(2, len(parameter.options)) or parameter.default not in parameter.options
    ] == []


def test_presence_is_a_number_so_that_it_can_share_a_batch():
    present = [path for path in KNOWN if path.endswith(".present")]
    assert len(present) == 7
    assert all(KNOWN[path].kind == "int" and (KNOWN[path].low, KNOWN[path].high) == (0, 1) for path in present)


def test_defaults_and_bounds_are_accepted_as_they_are():
    assert [
        path for path, parameter in KNOWN.items() if parameter.check(path, parameter.default) != parameter.default
    ] == []
    assert [
        path
        for path, parameter in NUMBERS.items()
        for bound in (parameter.low, parameter.high)
        if parameter.check(path, bound) != bound
    ] == []


def test_values_beyond_the_bounds_are_refused_by_name_value_and_range():
    for path, parameter in NUMBERS.items():
        step = 1 if parameter.kind == "int" else (parameter.high - parameter.low) * 1e-6
        for value in (parameter.low - step, parameter.high + step):
            said = refused(parameter, path, value)
            assert all(part in said for part in (path, repr(value), parameter.range_text)), (path, value, said)


def test_options_that_do_not_exist_are_refused():
    assert all(
        option in refused(parameter, path, "nonsense")
        for path, parameter in CHOICES.items()
        for option in parameter.options
    )
    assert all(refused(parameter, path, 0) for path, parameter in CHOICES.items())


def test_ranges_as_readers_see_them():
    assert KNOWN["talks.rate"].range_text == "0 to 1 per day"
    assert KNOWN["dyad.venue"].range_text == "border | line_of_contact"
    assert KNOWN["mediation.bias"].range_text == "-1 to 1"
    assert KNOWN["name"].range_text == "text"


@pytest.mark.parametrize("value", ["2", None, True, float("nan"), 2.5, 6, [2]])
def test_a_parameter_gives_a_value_back_in_its_own_type_or_not_at_all(value):
    whole = Parameter("int", 1, "a number of things", "assumed", low=0, high=5)
    assert type(whole.check("x", 2.0)) is int
    assert refused(whole, "x", value).startswith("x=")
