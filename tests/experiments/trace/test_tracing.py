"""`offramp trace`: the story is the crisis the study wrote down, and every number in it adds up."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.errors import UserError
from experiments.files import write_json
from experiments.study.directory import Study
from experiments.trace.document import document
from experiments.trace.reasons import decision, telling_day, why
from experiments.trace.story import Story, agreement_spells, events, first_spell_without, outcome_from_days, tell
from experiments.trace.table import folded
from tests.support.studies import make_study

REPLICATES = 6
LAPSING = (
    "dyad.operations.lapse_rate_middle=0.3",
    "dyad.operations.lapse_rate_8=0.2",
    "dyad.operations.renewal=0",
    "government.a.hope_rate=0.1",
    "government.b.hope_rate=0.1",
    "government.a.rationality=0.5",
    "government.b.rationality=0.5",
)
"""Operations that culminate, and governments that go on with some, often enough for a few crises to show it."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two points with luck of their own, one of them with a mediator that presses hard."""
    return make_study(
        tmp_path_factory.mktemp("trace") / "study",
        "mediation=manipulation",
        f"replicates={REPLICATES}",
        "luck=own",
        "++design.grid={mediation.effort:[0.05,0.9]}",
        "horizon_days=40",
        *LAPSING,
        command="sweep",
    )


@pytest.fixture(scope="module")
def stories(study: Study) -> list[Story]:
    return [tell(study.directory, point, replicate) for point in range(2) for replicate in range(0, REPLICATES, 2)]


def _outcomes(study: Study) -> pl.DataFrame:
    return pl.read_parquet(study.directory / "outcomes" / "part-*.parquet")


def test_days_add_up_to_the_outcome_bit_for_bit(study: Study, stories: list[Story]) -> None:
    for story in stories:
        row = _outcomes(study).row(
            by_predicate=(pl.col("point") == story.point) & (pl.col("replicate") == story.replicate), named=True
        )
        found = outcome_from_days(story.days)
        assert found == {name: row[name] for name in found}
        assert story.outcome == row
    retellable = set(_outcomes(study).columns) - {"point", "replicate", "luck", "termination", "war_day"}
    assert retellable <= set(stories[0].confirmed)


def test_terms_add_up_to_the_margin_and_chances_to_one(stories: list[Story]) -> None:
    for story in stories[:2]:
        for day in story.days:
            for side in "ab":
                found = decision(day, side, story.rationality[side])
                assert sum(found.chances.values()) == pytest.approx(1)
                if found.down is not None:
                    assert sum(found.against.values()) == pytest.approx(found.margin, abs=1e-9)
                    assert found.down < found.held
                assert found.utility[found.chosen] is not None


def test_nobody_moves_without_a_decision_or_an_agreement(stories: list[Story]) -> None:
    for story in stories:
        for day in story.days:
            signed = any(told["agreed"] for told in day["talks"].values()) or day["agreement"] == "imposed"
            for side in "ab":
                own = day[side]
                assert own["rung"] == own["rung_before"] or own["reconsidered"] or own["lapsed"] or signed


def test_why_tells_apart_choice_clock_and_agreement(stories: list[Story]) -> None:
    said = {
        why(decision(day, side, story.rationality[side])).split(":")[0].split(" to ")[0]
        for story in stories
        for day in story.days
        for side in "ab"
    }
    assert "did not reconsider" in said
    assert "held" in said
    for story in stories:
        for day in story.days:
            for side in "ab":
                found = decision(day, side, story.rationality[side])
                assert found.stepped_down == ("stepped down" in why(found) or "brought down" in why(found))


def test_telling_day_is_the_nearest_miss(stories: list[Story]) -> None:
    for story in stories:
        number, reason = telling_day(story.days, story.rationality)
        missed = [
            found.margin
            for day in story.days
            for side in "ab"
            if (found := decision(day, side, story.rationality[side])).decided
            and found.held >= 3
            and not found.stepped_down
            and found.margin is not None
            and found.margin >= 0
        ]
        if missed:
            on_day = [decision(story.days[number], side, story.rationality[side]).margin for side in "ab"]
            assert min(missed) in on_day and "nearest" in reason


def test_telling_day_without_any_decision_is_the_first(stories: list[Story]) -> None:
    asleep = [
        {**day, **{side: {**day[side], "reconsidered": False, "lapsed": False} for side in "ab"}}
        for day in stories[0].days
    ]
    assert telling_day(asleep, stories[0].rationality)[0] == 0


def test_events_agree_with_the_outcome(stories: list[Story]) -> None:
    for story in stories:
        kinds = [event.kind for event in events(story)]
        assert kinds.count("collapse") == story.outcome["collapses"]
        assert kinds.count("fall") == story.outcome["leader_falls_a"] + story.outcome["leader_falls_b"]
        spells = agreement_spells(story.days)
        assert sum(last - first + 1 for first, last, _ in spells) == sum(
            day["agreement"] != "none" for day in story.days
        )


def test_a_lapse_is_told_as_the_end_of_an_operation_or_its_renewal(stories: list[Story]) -> None:
    lapses = [(story, day, side) for story in stories for day in story.days for side in "ab" if day[side]["lapsed"]]
    assert {day[side]["renewed"] for _, day, side in lapses} == {True, False}
    for story, day, side in lapses:
        renewed = day[side]["renewed"]
        heard = [event for event in events(story) if event.day == day["day"] and event.kind in ("lapse", "renewal")]
        ended = f"the operation of {side} lapsed and {'was renewed' if renewed else 'ended'}"
        assert any(event.words.startswith(ended) for event in heard)
        choice = decision(day, side, story.rationality[side])
        assert choice.decided and why(choice).startswith("operation lapsed")
    for story in stories:
        kinds = [event.kind for event in events(story)]
        assert kinds.count("renewal") == story.outcome["renewals_a"] + story.outcome["renewals_b"]


def test_folding_keeps_every_day_in_order(stories: list[Story]) -> None:
    for every_day in (False, True):
        told = [day["day"] for spell in folded(stories[0].days, set(), every_day) for day in spell]
        assert told == list(range(len(stories[0].days)))


@pytest.mark.parametrize(
    ("marks", "first"),
    [([], 0), ([0] * 20, 0), ([1] + [0] * 13, None), ([1] + [0] * 14, 1), ([1, 0, 1] + [0] * 14 + [1], 3)],
)
def test_a_spell_counts_from_its_first_day(marks: list[int], first: int | None) -> None:
    assert first_spell_without([bool(mark) for mark in marks]) == first


def test_json_describes_itself(
    study: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.figures.style.save", lambda *_: [])
    code = run_command(["trace", str(study.directory), "--point", "1", "--replicate", "3", "--format", "json"])
    streams = capsys.readouterr()
    told = json.loads(streams.out)
    assert code == 0
    assert streams.err.splitlines()[-1] == str(study.directory / "figures")
    assert json.loads((study.directory / "figures" / "trace_point1_replicate3.json").read_text()) == told
    assert told["crisis"]["point"] == 1 and told["study"]["config_hash"] == study.manifest["config_hash"]
    for day in told["days"]:
        assert set(day) - {"a", "b"} <= set(told["fields"]["days"])
        for side in "ab":
            assert set(day[side]) <= set(told["fields"]["side"])
            assert {term for option in day[side]["options"] for term in option["terms"]} <= set(told["terms"])


def test_document_holds_no_number_that_json_lacks(stories: list[Story]) -> None:
    json.dumps(document(stories[0], (0, "")), allow_nan=False)


def test_table_is_plain_off_a_terminal_and_ends_with_the_directory(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_command(
        ["trace", str(study.directory), "--replicate", "2", "--day", "5", "--side", "a", "--output", str(tmp_path)]
    )
    text = capsys.readouterr().out
    assert code == 0 and text.splitlines()[-1] == str(tmp_path)
    assert "\x1b" not in text and "Day 5, side a" in text and "Day 5, side b" not in text
    assert {path.name for path in tmp_path.iterdir()} == {
        "trace_point0_replicate2.json",
        "trace_point0_replicate2.svg",
        "trace_point0_replicate2.png",
        "trace_point0_replicate2_day5_a.svg",
        "trace_point0_replicate2_day5_a.png",
    }


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (["--point", "2"], "--point 2: the study has 2 points, numbered 0 to 1"),
        (["--replicate", "6"], "--replicate 6: the study has 6 replicates, numbered 0 to 5"),
        (["--replicate", "-1"], "--replicate -1"),
        (["--day", "40"], "--day 40: the study simulated 40 days, numbered 0 to 39"),
        (["--side", "c"], "--side c: a, b or both"),
        (["--format", "jsn"], "did you mean json"),
    ],
)
def test_wrong_requests_are_one_line(
    study: Study, wrong: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "none"
    assert run_command(["trace", str(study.directory), *wrong, "--output", str(place)]) == 2
    said = capsys.readouterr().err
    assert named in said and len(said.splitlines()) == 1 and not place.exists()


def test_manifest_without_replicates_is_one_line(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = Path(copytree(study.directory, tmp_path / "study"))
    write_json(damaged / "manifest.json", {name: value for name, value in study.manifest.items() if name != "blocks"})
    assert run_command(["trace", str(damaged)]) == 2
    error = capsys.readouterr().err
    assert "manifest.json is damaged (it lacks blocks)" in error and len(error.splitlines()) == 1


def test_no_study_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["trace", str(tmp_path)]) == 2
    assert "no study in it" in capsys.readouterr().err


def test_a_crisis_that_comes_out_differently_is_not_told(study: Study, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("config.yaml", "design.parquet", "failures.parquet", "outcomes"):
        (copy / name).symlink_to(study.directory / name)
    write_json(copy / "manifest.json", study.manifest)
    (copy / "config.yaml").unlink()
    text = (study.directory / "config.yaml").read_text()
    (copy / "config.yaml").write_text(text.replace("seed: 1\n", "seed: 2\n"))
    with pytest.raises(UserError, match="comes out differently now"):
        tell(copy, 0, 0)
