"""Every value file composes into a checked scenario, and the arms of a comparison differ only where they should."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from experiments.config.compose import Composer, composer
from sim.engine import distributions
from sim.scenario import Scenario, parameters

CONF = Path(str(files("conf")))
IDEAL_TYPES = ("facilitation", "formulation", "manipulation")
STYLE = {
    "mediation.label",
    "mediation.facilitation",
    "mediation.formulation",
    "mediation.manipulation",
    "mediation.leverage",
}
LEVERS = (
    "facilitation",
    "formulation",
    "manipulation",
    "cover",
    "leverage",
    "secrecy",
    "bias",
    "verification",
    "enforcement",
)


def _names(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@pytest.fixture(scope="module")
def shipped() -> Iterator[Composer]:
    """Hydra, held open on the configurations that Offramp brings along."""
    with composer() as made:
        yield made


@cache  # composing takes a third of a second
def _scenario(shipped: Composer, *texts: str) -> Scenario:
    return shipped.compose(texts).scenario


@pytest.mark.parametrize("name", _names("scenario"))
def test_every_scenario_composes_and_bears_its_file_name(shipped: Composer, name: str) -> None:
    made = _scenario(shipped, f"scenario={name}")
    assert made.name == name
    assert made.title
    for path, spec in made.varies.items():
        distributions.check(path, parameters()[path], spec)


@pytest.mark.parametrize("group", ["mediation", "talks", "alliance"])
def test_every_choice_of_a_group_is_a_valid_part_of_a_scenario(group: str) -> None:
    for name in _names(group):
        content = yaml.safe_load((CONF / group / f"{name}.yaml").read_text(encoding="utf-8"))
        content.pop("defaults", None)
        made = Scenario.from_mapping(content if group in content else {group: content})
        for path, spec in made.varies.items():
            assert path.startswith(f"{group}."), "a draw would outlive the choice it belongs to"
            distributions.check(path, parameters()[path], spec)


@pytest.mark.parametrize("choice", ["mediation=three_capitals_2020", "alliance=csto_and_turkey_autumn_2020"])
def test_a_choice_can_be_laid_over_a_scenario(shipped: Composer, choice: str) -> None:
    group, name = choice.split("=")
    assert shipped.compose([choice]).choices[group] == name


@pytest.mark.parametrize("name", ["tovuz_2020", "dispute_population", "georgia_2008"])
def test_the_command_line_removes_a_scenarios_own_channels(shipped: Composer, name: str) -> None:
    made = _scenario(shipped, f"scenario={name}", "mediation=none", "talks=none", "alliance=none")
    values = made.values()
    channels = [path for path in values if path.endswith(".present")]
    assert len(channels) == 7
    assert all(values[path] == 0 for path in channels)
    assert not [path for path in made.varies if path.split(".")[0] in ("mediation", "talks", "alliance")]


def test_the_placebo_pulls_no_lever(shipped: Composer) -> None:
    mediation = _scenario(shipped, "mediation=placebo").mediation
    assert mediation.present == 1
    assert mediation.effort > 0
    assert all(getattr(mediation, lever) == 0 for lever in LEVERS)
    assert mediation.second.present == mediation.third.present == 0


@pytest.mark.parametrize("name", IDEAL_TYPES)
def test_ideal_types_differ_from_each_other_in_style_only(shipped: Composer, name: str) -> None:
    one = _scenario(shipped, f"mediation={name}").values()
    other = _scenario(shipped, f"mediation={IDEAL_TYPES[0]}").values()
    assert {path for path in one if one[path] != other[path]} <= STYLE


def test_the_placebo_arrives_when_the_ideal_types_do(shipped: Composer) -> None:
    placebo, other = (_scenario(shipped, f"mediation={name}").mediation for name in ("placebo", "facilitation"))
    for lever in ("delay", "severity_trigger", "effort", "mission"):
        assert getattr(placebo, lever) == getattr(other, lever)


@pytest.mark.parametrize("name", _names("scenario"))
def test_stepping_up_and_down_cost_the_same(shipped: Composer, name: str) -> None:
    made = _scenario(shipped, f"scenario={name}")
    for side in (made.government.a, made.government.b):
        assert side.step_up == side.step_down
    steps = [spec for path, spec in made.varies.items() if path.rsplit(".", 1)[-1].startswith("step_")]
    assert all(spec == steps[0] and "with" in spec for spec in steps)


def test_a_population_treats_both_sides_alike(shipped: Composer) -> None:
    made = _scenario(shipped, "scenario=dispute_population")
    swapped = made.swapped()
    unlike = {path for path, value in made.values().items() if swapped.values()[path] != value}
    exempt = ("label", "luck_slot", "protege", "trigger_side")
    assert not {path for path in unlike if not path.endswith(exempt)}
    for path, spec in made.varies.items():
        without = {key: value for key, value in swapped.varies[path].items() if key not in ("with", "values")}
        assert without == {key: value for key, value in spec.items() if key not in ("with", "values")}


@pytest.mark.parametrize("path", sorted(CONF.rglob("*.yaml")), ids=lambda path: path.relative_to(CONF).as_posix())
def test_every_file_says_in_its_first_words_what_it_is(path: Path) -> None:
    from experiments.config.yaml_files import describe

    assert describe(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("group", ["scenario", "mediation", "government", "public", "alliance"])
def test_values_without_a_source_are_marked_assumed(group: str) -> None:
    for path in (CONF / group).glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        told = any(word in text for word in ("assumed", "search", "docs/cases/"))
        assert path.stem in ("none", "placebo") or told, path
