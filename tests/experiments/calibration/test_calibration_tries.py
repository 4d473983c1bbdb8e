"""What is tried on a population: it sets what exists, is paired with the untouched one, and is told as it came out."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from experiments.calibration import tried, trying
from experiments.calibration.document import FIGURES, WHY, figure_of, renew, show, text
from experiments.calibration.tries import TRIES, UNTOUCHED, Try, file_name
from experiments.calibration.tuning import untuned
from experiments.design.hyperparameters import lay_over
from experiments.errors import UserError
from sim.scenario import parameters

NAME = "dispute_population"


@pytest.mark.parametrize("scenario", sorted(TRIES))
def test_every_try_changes_something_and_nothing_that_is_drawn(scenario: str) -> None:
    base = untuned(scenario)
    names = [item.name for item in TRIES[scenario]]
    assert len({UNTOUCHED.name, *names}) == 1 + len(names)
    for item in TRIES[scenario]:
        laid = lay_over(base, item.overrides(base))
        assert laid != base, item.name
        assert laid.varies == base.varies, f"{item.name} fixes what the population draws"
        assert item.aims


def test_a_factor_is_one_on_what_the_scenario_has() -> None:
    path, base = "alliance.first.deed_pace", untuned(NAME)
    assert Try("t", "", times={path: 2}).overrides(base) == {path: 2 * base.get(path)}


def test_new_mechanisms_are_off_wherever_nothing_is_tried() -> None:
    base = untuned(NAME)
    for path, parameter in parameters().items():
        if path.endswith(("answer_in_kind", "lull_share")):
            assert base.get(path) == parameter.neutral == parameter.default


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    directory = tmp_path_factory.mktemp("tries") / "some"
    patch = pytest.MonkeyPatch()
    lulls = {"dyad.combat.lull_share": 0.8, "dyad.combat.lull_days": 40}
    patch.setitem(
        trying.TRIES,
        NAME,
        (Try("same", "the same", times={"dyad.combat.lull_days": 2}), Try("lulls", "many lulls", ("T5d",), lulls)),
    )
    try:
        yield directory, trying.try_all(directory, NAME, draws=2, crises=8, workers=1)
    finally:
        patch.undo()


def lulls_of(directory: Path) -> Path:
    (found,) = directory.glob("lulls-*.parquet")
    return found


def test_tries_meet_the_luck_of_the_untouched_population(small) -> None:
    directory, facts = small
    kept = {item["name"]: item for item in facts["tries"]}
    assert kept["same"]["targets"] == kept["as it is"]["targets"], "what changes nothing differs in nothing"
    assert kept["lulls"]["targets"] != kept["as it is"]["targets"]
    assert all(row["change"] == 0 for row in kept["as it is"]["targets"] if row["change"] is not None)
    assert pl.read_parquet(lulls_of(directory))["population"].to_list() == [0, 1]
    assert json.loads((directory / file_name(NAME)).read_text())["of"] == facts["of"] == 16


def test_an_interrupted_run_goes_on_and_another_one_is_refused(small) -> None:
    directory, facts = small
    lulls_of(directory).unlink()
    again = trying.try_all(directory, NAME, draws=2, crises=8, workers=1)
    assert json.dumps(again) == json.dumps(facts)
    with pytest.raises(UserError, match="are kept there"):
        trying.try_all(directory, NAME, draws=3, crises=8)
    with pytest.raises(UserError, match="nothing to try"):
        trying.try_all(directory, "tovuz_2020")


def test_the_lines_name_every_try_and_target(small) -> None:
    told = trying.as_text(small[1])
    assert "lulls (many lulls)" in told and told.count("T5d") == 3


def row(name: str, value: float, inside: bool, change: float = 0.0) -> dict:
    return {
        "id": name,
        "value": value,
        "low": 0.0,
        "high": 1.0,
        "inside": inside,
        "judged": True,
        "change": change,
        "change_error": 0.01,
    }


MADE = {
    "scenario": NAME,
    "draws": 2,
    "crises": 8,
    "of": 2,
    "tries": [
        {
            "name": "as it is",
            "meaning": "nothing",
            "aims": [],
            "overrides": {},
            "inside": 1,
            "targets": [row("T1a", 0.4, False), row("T6d", 0.3, True)],
        },
        {
            "name": "other",
            "meaning": "something",
            "aims": ["T1a"],
            "inside": 1,
            "overrides": {"government.a.answer_in_kind": 0.1, "government.b.answer_in_kind": 0.1},
            "targets": [row("T1a", 0.6, True, 0.2), row("T6d", 0.29, False, -0.01)],
        },
    ],
}


def test_what_is_gained_and_lost_is_said() -> None:
    lines = "\n".join(tried.chapter(MADE, {"T1a": "0.587"})).splitlines()
    summary = next(line for line in lines if line.startswith("| other"))
    assert summary.endswith("| T1a | 1 | T1a | T6d |") and summary.count("answer_in_kind") == 1
    assert "| T1a | 0.587 | **0.4** | 0.6 ↑ |" in lines
    assert "| T6d |  | 0.3 | **0.29** |" in lines
    assert tried.aimed_at(MADE, "T1a").endswith("other: 0.6 (inside)")
    assert tried.aimed_at(MADE, "T6d") == tried.aimed_at(None, "T1a") == ""


def test_the_document_tells_what_was_tried_where_something_was(tmp_path: Path) -> None:
    source = files("conf") / "posterior" / f"{NAME}.json"
    facts = json.loads(source.read_text(encoding="utf-8"))
    (tmp_path / f"{NAME}.json").write_text(json.dumps(facts), encoding="utf-8")
    (tmp_path / file_name(NAME)).write_text(json.dumps(MADE), encoding="utf-8")
    renew(tmp_path / "made.md", tmp_path)
    assert "### What was tried" in (tmp_path / "made.md").read_text(encoding="utf-8")
    assert "### What was tried" not in text({NAME: facts})


def test_the_document_shows_the_figures_that_stand_beside_it(tmp_path: Path) -> None:
    facts = json.loads((files("conf") / "posterior" / f"{NAME}.json").read_text(encoding="utf-8"))
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    for name in FIGURES:
        (drawn / f"{NAME}_{name}{figure_of(NAME, name).suffix}").write_bytes(name.encode())
    assert "![" not in text({NAME: facts}, beside=tmp_path)
    show(drawn, NAME, tmp_path / "made.md")
    told = text({NAME: facts}, beside=tmp_path)
    for name in FIGURES:
        assert f"]({figure_of(NAME, name)})" in told
        assert (tmp_path / figure_of(NAME, name)).read_text() == name


def test_no_number_of_a_result_is_typed_by_hand() -> None:
    for name, reason in WHY.items():
        bare = reason
        for target in WHY:
            bare = bare.replace(target, "")
        assert not any(letter.isdigit() for letter in bare), name
