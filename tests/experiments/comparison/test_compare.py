"""`offramp compare` from directories to table, figures and files."""

import json
import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.comparison.arms import parse_filter
from experiments.comparison.compare import compare
from experiments.comparison.rendering import COLUMNS, against_lines, as_markdown, as_text, headline_lines
from experiments.errors import UserError
from experiments.figures.lazy_figures import Drawings
from experiments.statistics.arms import DRAW
from experiments.statistics.metrics import HEADLINES
from tests.support.studies import make_study
from tests.support.synthetic_outcomes import outcomes
from tests.support.synthetic_studies import write_study

ARMS = ("none", "facilitation", "placebo")


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    place = tmp_path_factory.mktemp("studies")
    return [write_study(place / name, mediation=name, daily=True) for name in ARMS]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    rows = [(name, up) for name in ("none", "facilitation") for up in (0.1, 0.7, 2.0)]
    design = pl.DataFrame(
        {"point": range(6), "mediation": [m for m, _ in rows], "government.a.step_up": [u for _, u in rows]},
        schema_overrides={"point": pl.Int32},
    )
    lanes = [outcomes(120, 0.4 * (m != "none") + 0.1 * u, point, m != "none") for point, (m, u) in enumerate(rows)]
    return write_study(tmp_path_factory.mktemp("sweep") / "study", design, lanes)


def test_calm_without_a_mediator_comes_first(studies):
    found = compare(studies, figures=False)
    assert {line.arm for line in found.headlines} == {found.baseline} == {"mediation=none"}
    assert tuple(line.metric.name for line in found.headlines) == HEADLINES
    text = as_text(headline_lines(found.headlines), found.summary, found.notes)
    assert text.startswith("P(calm by day 14 | no mediator) = ")
    assert "\nP(calm by day 60 | no mediator) = " in text and "\nheavy days (rung 5 or above), no mediator = " in text
    assert "\x1b" not in text
    assert all(
        line in as_markdown(headline_lines(found.headlines), found.summary, []) for line in ("| quantity |", "**P(calm")
    )


def test_headlines_set_every_arm_against_nobody_and_the_placebo(tmp_path):
    places = []
    for number, name in enumerate(("none", "placebo", "facilitation")):
        design = pl.DataFrame({"point": [0], "mediation": [name]}, schema_overrides={"point": pl.Int32})
        places.append(write_study(tmp_path / name, design, [outcomes(80, 0.3 * number, 0, name != "none")]))
    found = compare(places, figures=False)
    lines = against_lines(found.against)
    assert [line.partition(":")[0] for line in lines] == [
        "mediation=placebo against nobody",
        "mediation=facilitation against nobody",
        "mediation=none against the placebo",
        "mediation=facilitation against the placebo",
    ]
    for words in ("calm by day 14", "calm by day 60", "heavy days", "military deaths, typical times"):
        assert all(words in line for line in lines)
    written = found.content["against"]
    assert {row["arm"] for row in written["the placebo"]} == {"mediation=none", "mediation=facilitation"}


def test_older_studies_without_the_newer_columns_are_compared(tmp_path):
    newer = ["days_heavy", "days_to_silence"]
    design = pl.DataFrame({"point": [0], "mediation": ["none"]}, schema_overrides={"point": pl.Int32})
    old = write_study(tmp_path / "old", design, [outcomes(30).drop(newer)])
    found = compare([old], figures=False)
    told = set(found.summary["metric"])
    assert {"calm", "days_hot"} <= told and not {"days_heavy", "silence"} & told
    assert [line.metric.name for line in found.headlines] == ["calm_14", "calm", "typical_deaths"]


def _with_draws(place, uncertainty):
    """Write a study of two policies and two values of `draw`."""
    rows = [(name, draw) for name in ("none", "facilitation") for draw in ("0", "1")]
    design = pl.DataFrame(
        {"point": range(4), "mediation": [m for m, _ in rows], "draw": [d for _, d in rows]},
        schema_overrides={"point": pl.Int32},
    )
    lanes = [outcomes(60, 0.4 * (m != "none") + 0.5 * int(d), point, m != "none") for point, (m, d) in enumerate(rows)]
    return write_study(place / uncertainty.partition(":")[0], design, lanes, uncertainty=uncertainty)


@pytest.mark.parametrize("uncertainty", ["none", "defaults", "posterior", "posterior:2"])
def test_draws_are_filtered_as_they_stand_in_the_design(uncertainty, tmp_path):
    study = _with_draws(tmp_path, uncertainty)
    whole = compare([study], by=["mediation"], figures=False)
    drawn = "posterior" in uncertainty
    assert ("draws_low" in whole.tables.levels.columns) == drawn
    assert all((DRAW in arm.lanes.columns) == drawn for arm in whole.grouping.arms)
    for text, kept in (("draw = '1'", 60), ("draw = '0' OR draw = '1'", 120)):
        found = compare([study], by=["mediation"], where=text, figures=False)
        assert [arm.lanes.height for arm in found.grouping.arms] == [kept, kept]


@pytest.mark.parametrize("days", [1, 5, 14])
def test_studies_of_a_few_days_are_compared(days, tmp_path, capsys):
    places = [
        make_study(tmp_path / name, f"mediation={name}", f"horizon_days={days}", "replicates=10").directory
        for name in ("none", "facilitation")
    ]
    words = ["compare", *map(str, places), "--output", str(tmp_path / "out")]
    assert run_command([*words, "--no-figures"]) == 0, capsys.readouterr().err


def test_columns_of_the_table_have_names_of_their_own():
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_arms_are_named_by_what_differs_and_paired_where_luck_is_shared(studies):
    found = compare(studies, figures=False)
    assert [arm.name for arm in found.grouping.arms] == [
        "mediation=none",
        "mediation=facilitation",
        "mediation=placebo",
    ]
    assert set(found.tables.contrasts["basis"]) == {"paired"}
    assert found.tables.joint["arm"].n_unique() == 2


def test_a_study_against_itself_is_exactly_zero(studies):
    found = compare([studies[1], studies[1]], figures=False)
    assert len(found.grouping.arms) == 2
    assert found.tables.contrasts.select(pl.col("difference", "low", "high", "error").abs().sum()).row(0) == (
        0,
        0,
        0,
        0,
    )
    assert set(found.tables.contrasts["basis"]) == {"identical"}


@pytest.mark.parametrize("change", [{"luck": "own"}, {"seed": 2}])
def test_luck_that_is_not_shared_is_not_paired(studies, tmp_path, change):
    other = write_study(tmp_path / "other", mediation="facilitation", **change)
    found = compare([studies[0], other], metrics=["calm"], figures=False)
    assert found.tables.contrasts["basis"].to_list() == ["unpaired"]
    assert found.tables.joint is None
    assert any(note.startswith("Unpaired") for note in found.notes)


def test_parameters_that_differ_beyond_the_choices_are_named(studies, tmp_path):
    late = write_study(tmp_path / "late", mediation="facilitation", values={"mediation.delay": 20.0})
    by_delay = compare([studies[1], late], by=["mediation.delay"], figures=False)
    assert [arm.name for arm in by_delay.grouping.arms] == ["mediation.delay=1", "mediation.delay=20"]
    plain = compare([studies[1], late], figures=False)
    assert [arm.name for arm in plain.grouping.arms] == ["mediation.delay=1", "mediation.delay=20"]


def test_factors_of_a_sweep_make_the_arms(sweep):
    found = compare(sweep, by=["mediation"], metrics=["calm", "days_hot"], figures=False)
    assert [arm.name for arm in found.grouping.arms] == ["mediation=none", "mediation=facilitation"]
    assert found.headlines[0].value.lanes == 360
    assert found.headlines[0].value.units == 120
    assert found.tables.contrasts["units"].to_list() == [120, 120]
    assert found.tables.joint["pairs"][0] == 360


def test_few_points_are_arms_of_their_own_without_being_asked(sweep):
    names = [arm.name for arm in compare(sweep, metrics=["calm"], figures=False).grouping.arms]
    assert names[0] == "mediation=none a.step_up=0.1"
    assert len(names) == 6


def test_responses_are_drawn_over_numeric_factors(sweep):
    one = compare(sweep, by=["government.a.step_up"], metrics=["calm"])
    two = compare(sweep, by=["mediation", "government.a.step_up"], metrics=["calm"])
    assert "response_calm" in one.drawings
    assert "mediation=none" in two.drawings["response_calm"].alt


def test_many_points_are_summed_up_by_what_moves_them(tmp_path):
    design = pl.DataFrame(
        {
            "point": range(16),
            "government.a.step_up": [k / 16 for k in range(16)],
            "mediation.delay": [float(k % 4) for k in range(16)],
        },
        schema_overrides={"point": pl.Int32},
    )
    lanes = [outcomes(30, 0.1 * k, k, luck="own") for k in range(16)]
    found = compare(write_study(tmp_path / "many", design, lanes, luck="own"), metrics=["days_hot"])
    assert [arm.name for arm in found.grouping.arms] == ["all points"]
    assert "tornado_days_hot" in found.drawings


def test_many_arms_over_two_factors_are_printed_as_grids(tmp_path, capsys):
    levels = [(up, down) for up in (0.1, 0.2, 0.4, 0.8) for down in (0.5, 1.0, 1.5, 2.0)]
    design = pl.DataFrame(
        {
            "point": range(16),
            "government.a.step_up": [up for up, _ in levels],
            "mediation.delay": [down for _, down in levels],
        },
        schema_overrides={"point": pl.Int32},
    )
    place = write_study(tmp_path / "grid", design, [outcomes(30, 0.1 * k, k) for k in range(16)])
    by = "government.a.step_up,mediation.delay"
    assert run_command(["compare", str(place), "--by", by, "--metric", "calm,days_hot", "--no-figures"]) == 0
    said = capsys.readouterr().out
    assert said.count("across: mediation.delay") == 2
    heads = [line.split() for line in said.splitlines() if line.startswith("government.a.step_up")]
    assert heads == [["government.a.step_up", "0.5", "1", "1.5", "2"]] * 2
    assert [line.split()[0] for line in said.splitlines() if line[:2] == "0."] == ["0.1", "0.2", "0.4", "0.8"] * 2
    assert run_command(["compare", str(place), "--by", by, "--metric", "calm", "--no-figures", "--format", "md"]) == 0
    assert capsys.readouterr().out.count("| a.step_up=") + 1 >= 16


def test_filters_keep_crises_and_say_so(sweep):
    found = compare(
        sweep, by=["mediation"], metrics=["calm"], where="government.a.step_up < 1 and severity <> 'war'", figures=False
    )
    assert found.headlines[0].value.lanes <= 240
    assert any("no longer hold the same crises" in note for note in found.notes)
    assert compare(sweep, by=["mediation"], metrics=["calm"], where="scenario = 'tovuz_2020'", figures=False).notes


def test_fans_can_be_drawn_for_one_outcome(studies):
    found = compare(studies[:2], metrics=["calm"], given="severity in ('clash', 'none')")
    assert "severity in" in found.drawings["fans"].alt
    assert "fans" in compare(studies[:2], metrics=["calm"]).drawings


def test_everything_is_written_and_listed(studies, tmp_path):
    found = compare(studies[:2], metrics=["calm", "days_hot"])
    assert {"severity", "termination", "incidence", "contrasts", "rescued", "deaths", "days", "fans"} <= set(
        found.drawings
    )
    few = {name: found.drawings.sketches[name] for name in ("severity", "contrasts")}
    found = replace(found, drawings=Drawings(few))
    paths = found.save(tmp_path / "out")
    names = {path.name for path in paths}
    assert {
        "comparison.csv",
        "comparison.json",
        "rescued.csv",
        "severity.svg",
        "severity.png",
        "contrasts.svg",
    } <= names
    assert all(path.stat().st_size for path in paths)
    read = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert set(read["figures"]) == set(found.drawings)
    assert pl.read_csv(tmp_path / "out" / "comparison.csv").height == 4


def test_command_prints_its_directory_last(studies, tmp_path, capsys):
    place = tmp_path / "out"
    assert (
        run_command(["compare", *map(str, studies[:2]), "--metric", "calm,war", "--no-figures", "--output", str(place)])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("P(calm by day 14 | no mediator)")
    assert lines[-1] == str(place)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_formats_for_programs_are_not_mixed_with_words(studies, tmp_path, capsys, form):
    place = tmp_path / form
    assert (
        run_command(
            [
                "compare",
                *map(str, studies[:2]),
                "--metric",
                "calm",
                "--format",
                form,
                "--no-figures",
                "--output",
                str(place),
            ]
        )
        == 0
    )
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == str(place)
    if form == "json":
        assert json.loads(printed.out)["headline"][0]["arm"] == "mediation=none"
    else:
        assert pl.read_csv(printed.out.encode()).height == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--metric", "calmness"], "calmness"),
        (["--by", "meditation"], "did you mean mediation"),
        (["--baseline", "nobody"], "nobody"),
        (["--where", "severity = "], "--where"),
        (["--where", "severtiy = 'war'"], "did you mean severity"),
        (["--where", "days_hot"], "--where"),
        (["--where", "days_hot > 1000"], "no crisis"),
        (["--where", "__import__('os').getcwd() = ''"], "--where"),
        (["--given", "1 = 1"], "--given"),
        (["--format", "xml"], "xml"),
    ],
)
def test_wrong_requests_end_in_one_line_and_leave_nothing(studies, tmp_path, capsys, arguments, named):
    place = tmp_path / "out"
    assert run_command(["compare", *map(str, studies[:2]), *arguments, "--output", str(place)]) == 2
    error = capsys.readouterr().err
    assert named in error
    assert len(error.splitlines()) == 1
    assert not place.exists()


def test_a_directory_without_a_study_is_refused(tmp_path, capsys):
    assert run_command(["compare", str(tmp_path)]) == 2
    assert "no study" in capsys.readouterr().err


def test_an_unfinished_study_is_said_to_be_one(tmp_path):
    found = compare(write_study(tmp_path / "a", state="running"), metrics=["calm"], figures=False)
    assert any("not finished" in note for note in found.notes)
    assert found.tables.contrasts is None


DAMAGES = {
    "empty manifest": lambda place: (place / "manifest.json").write_text(""),
    "no manifest": lambda place: (place / "manifest.json").unlink(),
    "manifest of nothing": lambda place: (place / "manifest.json").write_text("{}"),
    "settings lost": lambda place: (place / "config.yaml").write_text("seed: 1\n"),
    "no YAML": lambda place: (place / "config.yaml").write_text("seed: [\n"),
    "cut outcomes": lambda place: cut_short(place / "outcomes" / "part-000000.parquet"),
    "flipped outcomes": lambda place: flipped(place / "outcomes" / "part-000000.parquet"),
    "flipped failures": lambda place: flipped(place / "failures.parquet"),
    "nothing simulated": lambda place: (place / "outcomes" / "part-000000.parquet").unlink(),
}


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-20])


def flipped(path):
    content = bytearray(path.read_bytes())
    for at in range(4, len(content) - 8):
        content[at] ^= 255
    path.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_study_is_said_to_be_one_and_the_others_compared(damage, tmp_path):
    for name, mediation in (("a", "none"), ("b", "facilitation"), ("c", "facilitation")):
        write_study(tmp_path / "all" / name, mediation=mediation)
    DAMAGES[damage](tmp_path / "all" / "c")
    found = compare(tmp_path / "all", metrics=["calm"], figures=False)
    assert len(found.grouping.arms) == 2
    said = [note for note in found.notes if note.startswith("Left out: ")]
    assert len(said) == 1 and "\n" not in said[0] and "c" in said[0]
    with pytest.raises(UserError) as error:
        compare(tmp_path / "all" / "c", metrics=["calm"], figures=False)
    assert "\n" not in str(error.value)


def test_damaged_studies_alone_are_one_line(tmp_path, capsys):
    for name in ("a", "b"):
        DAMAGES["empty manifest"](write_study(tmp_path / "all" / name))
    for command in ("compare", "report"):
        assert run_command([command, str(tmp_path / "all")]) == 2
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1 and "manifest.json is damaged" in error and "1 more" in error
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["a", "b"]


def test_a_place_that_cannot_be_written_is_one_line(studies, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="write the comparison"):
        compare(studies[:1], metrics=["calm"], figures=False).save(tmp_path / "file" / "out")


def test_filters_are_read_as_sql_and_dotted_names_need_no_quotes():
    expression = parse_filter("mediation.delay > 3 and severity = 'a.b'", "--where")
    table = pl.DataFrame({"mediation.delay": [1.0, 5.0], "severity": ["a.b", "a.b"]})
    assert table.filter(expression).height == 1
    assert parse_filter("  ", "--where") is None


def test_importing_the_command_draws_nothing():
    code = "import sys, experiments.cli.compare; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _efforts(place, values):
    design = pl.DataFrame({"point": pl.arange(len(values), dtype=pl.Int32, eager=True), "mediation.effort": values})
    return write_study(place, design, [outcomes(60, 0.1 * point, point) for point in range(len(values))])


@pytest.mark.parametrize("by", [(), ("mediation.effort",)])
def test_values_that_round_alike_stay_arms_of_their_own(tmp_path, by):
    study = _efforts(tmp_path / "study", [0.12341, 0.12344, 0.5])
    found = compare([study], by=by, figures=False)
    names = [arm.name for arm in found.grouping.arms]
    assert names == [f"mediation.effort={text}" for text in ("0.12341", "0.12344", "0.5")]
    assert [arm.lanes.height for arm in found.grouping.arms] == [60, 60, 60]


def test_equal_values_of_two_studies_are_one_arm_and_labels_tell_the_others_apart(tmp_path):
    studies = [_efforts(tmp_path / "a", [0.25, 1e-7]), _efforts(tmp_path / "b", [0.25, 2e-7, 100000.4])]
    names = [arm.name for arm in compare(studies, by=["mediation.effort"], figures=False).grouping.arms]
    assert names == [f"mediation.effort={text}" for text in ("1e-07", "2e-07", "0.25", "1e+05")]


def test_filter_finds_a_number_by_the_value_it_is_shown_as(tmp_path):
    study = _efforts(tmp_path / "study", [0.1, 0.1 + 0.2, 0.3000001])
    for text in (
        "mediation.effort = 0.3",
        "mediation.effort = 0.30000000000000004",
        "mediation.effort < .25 + 0.05001 and mediation.effort > 0.2 and mediation.effort != 0.3000001",
    ):
        grouping = compare([study], where=text, figures=False).grouping
        assert grouping.lanes["point"].unique().to_list() == [1]


def test_choices_and_levers_varied_together_name_arms_of_their_own(tmp_path):
    rows = [(name, delay) for name in ("none", "facilitation") for delay in (0.0, 5.0)]
    design = pl.DataFrame(rows, schema=["mediation", "mediation.delay"], orient="row")
    design = design.with_row_index("point").cast({"point": pl.Int32})
    study = write_study(
        tmp_path / "study", design, [outcomes(60, 0.2, point, m != "none") for point, (m, _) in enumerate(rows)]
    )
    found = compare([study], figures=False)
    assert [arm.name for arm in found.grouping.arms] == [f"mediation={m} mediation.delay={d:.0f}" for m, d in rows]
