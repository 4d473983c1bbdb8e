"""What lies in a study's directory: every file is described, and a damaged one is named or made anew."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments import load
from experiments.cli.app import run_command
from experiments.config.compose import composer
from experiments.design.designs import build_design
from experiments.errors import UserError
from experiments.execution.resuming import prepare_extension
from experiments.files import write_parquet
from experiments.study.directory import FINISHED, Study, write_part_of_failures
from experiments.study.integrity import find_faults
from experiments.study.parts import read_arrays, write_arrays
from experiments.study.trajectories import merge_trajectories

TINY = ("citizens=10", "horizon_days=16", "backend=serial", "replicates=30")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _tables(study: Path) -> dict[str, bytes]:
    return {str(path.relative_to(study)): path.read_bytes() for path in sorted(study.rglob("*.parquet"))}


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


DAMAGE = {
    "no configuration": (lambda study: (study / "config.yaml").unlink(), "config.yaml is missing"),
    "no mapping": (lambda study: (study / "config.yaml").write_text("3"), "config.yaml is damaged"),
    "deep configuration": (lambda study: (study / "config.yaml").write_text("[" * 100_000), "config.yaml is damaged"),
    "nothing in the configuration": (lambda study: (study / "config.yaml").write_text("seed: 1"), "lacks"),
    "no design": (lambda study: (study / "design.parquet").unlink(), "design.parquet is missing"),
    "half a design": (lambda study: _cut_short(study / "design.parquet"), "design.parquet: not a whole Parquet file"),
    "no failures": (lambda study: (study / "failures.parquet").unlink(), "failures.parquet is missing"),
    "empty manifest": (lambda study: (study / "manifest.json").write_text(""), "manifest.json is damaged"),
    "deep manifest": (lambda study: (study / "manifest.json").write_text("[" * 100_000), "manifest.json is damaged"),
    "pipe for a manifest": (
        lambda study: ((study / "manifest.json").unlink(), os.mkfifo(study / "manifest.json")),
        "not a study (manifest.json is a pipe)",
    ),
    "word for a number": (
        lambda study: (study / "manifest.json").write_text(
            (study / "manifest.json").read_text().replace('"points": 1', '"points": "x"')
        ),
        "(points is 'x')",
    ),
    "bare manifest": (lambda study: (study / "manifest.json").write_text('{"format": 1}'), "manifest.json is damaged"),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study to be damaged in a copy."""
    place = tmp_path_factory.mktemp("finished") / "study"
    assert run_command(["run", *TINY, "records=true", "mediation=facilitation", f"hydra.run.dir={place}"]) == 0
    return place


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_study_is_one_line_naming_the_file(
    case: str, finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, expected = DAMAGE[case]
    shutil.copytree(finished, here / "D")
    damage(here / "D")
    for argv in (["run", "resume=D"], ["trace", "D", "--replicate", "1"]):
        assert run_command(argv) == 2
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert "D" in err and expected in err


@pytest.mark.parametrize("table", ["outcomes", "records", "mie", "paths", "trajectories"])
def test_damaged_part_is_named_and_made_anew(
    table: str, finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(finished, here / "D")
    part = here / "D" / table / "part-000000.parquet"
    part.write_bytes(b"junk")
    with pytest.raises(UserError, match=rf"{table}/part-000000.parquet.*offramp run resume="):
        load(here / "D").scan(table)
    with pytest.raises(UserError, match="complete the study first"):
        prepare_extension(here / "D", 50)
    assert run_command(["run", "resume=D"]) == 0
    assert f"{table}/part-000000.parquet: damaged, will be simulated again" in capsys.readouterr().err
    assert _tables(here / "D") == _tables(finished)
    assert Study.open(here / "D").manifest["state"] == FINISHED


def _changed(path: Path) -> None:
    """Change bytes in the middle, which leaves both ends of the file as they were; one might lie in a page's header."""
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 3, len(data) // 3 + 64):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))


def _rewritten(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    """Harm that leaves a whole file in the table's schema, but with something else in it."""
    return lambda path: write_parquet(path, change(pq.read_table(path)))


def _set(column: str, value: Any) -> Callable[[pa.Table], pa.Table]:
    """Set a column to one value in all rows."""

    def change(table: pa.Table) -> pa.Table:
        field = table.schema.field(column)
        return table.set_column(table.schema.get_field_index(column), field, pa.array([value] * len(table), field.type))

    return change


def _renamed(table: pa.Table) -> pa.Table:
    return table.rename_columns([f"{name}x" if name == "severity" else name for name in table.column_names])


def _twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, len(table) - 1), table.slice(0, 1)])


def _tally(**changes: Any) -> Callable[[Path], None]:
    """Change arrays of a tally, or leave out those that are None."""

    def harm(path: Path) -> None:
        arrays = {**read_arrays(path), **changes}
        write_arrays(path, {name: values for name, values in arrays.items() if values is not None})

    return harm


FAULTS = {
    "changed bytes": ("outcomes/part-000000.parquet", _changed, "damaged"),
    "cut short": ("paths/part-000000.parquet", _cut_short, "damaged"),
    "too few lanes": ("outcomes/part-000000.parquet", _rewritten(lambda table: table.slice(0, 7)), "damaged"),
    "a lane twice": ("outcomes/part-000000.parquet", _rewritten(_twice), "damaged"),
    "other lanes": ("outcomes/part-000000.parquet", _rewritten(_set("point", 1)), "damaged"),
    "no lanes": ("outcomes/part-000000.parquet", _rewritten(_set("replicate", None)), "damaged"),
    "renamed column": ("outcomes/part-000000.parquet", _rewritten(_renamed), "damaged"),
    "others' records": ("records/part-000000.parquet", _rewritten(_set("point", 1)), "damaged"),
    "others' events": ("mie/part-000000.parquet", _rewritten(_set("replicate", 30)), "damaged"),
    "others' paths": ("paths/part-000000.parquet", _rewritten(_set("point", 1)), "damaged"),
    "others' days": ("trajectories/part-000000.parquet", _rewritten(_set("point", 1)), "damaged"),
    "half a tally": ("trajectories/tally-000000.npz", _cut_short, "damaged"),
    "others' tally": ("trajectories/tally-000000.npz", _tally(points=np.array([1])), "damaged"),
    "tally without sums": ("trajectories/tally-000000.npz", _tally(sums=None), "damaged"),
    "no tally": ("trajectories/tally-000000.npz", Path.unlink, "missing"),
    "no records": ("records/part-000000.parquet", Path.unlink, "missing"),
    "no events": ("mie/part-000000.parquet", Path.unlink, "missing"),
    "no paths": ("paths/part-000000.parquet", Path.unlink, "missing"),
    "no daily table": ("trajectories/part-000000.parquet", Path.unlink, "missing"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_fault_of_any_kind_is_said_and_mended(
    case: str, finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, harm, word = FAULTS[case]
    shutil.copytree(finished, here / "D")
    harm(here / "D" / name)
    assert run_command(["run", "resume=D"]) == 0
    assert [line for line in capsys.readouterr().err.splitlines() if "will be simulated again" in line] == [
        f"D/{name}: {word}, will be simulated again"
    ]
    assert _tables(here / "D") == _tables(finished)
    assert (here / "D" / "trajectories" / "tally-000000.npz").is_file()
    assert find_faults(Study.open(here / "D")) == {}


@pytest.mark.parametrize(
    "name",
    [
        "outcomes/part-000007.parquet",
        "mie/part-0.parquet",
        "paths/part-mine.parquet",
        "trajectories/part-000001.parquet",
        "trajectories/tally-000001.npz",
    ],
)
def test_file_of_no_chunk_is_put_away(
    name: str, finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(finished, here / "D")
    folder, _, kind = name.partition("/")
    shutil.copy(here / "D" / folder / f"{kind.partition('-')[0]}-000000{Path(name).suffix}", here / "D" / name)
    assert find_faults(Study.open(here / "D")) == {Path(here / "D" / name): "left over"}
    assert run_command(["run", "resume=D"]) == 0
    assert f"D/{name}: left over, deleted\n" in capsys.readouterr().err
    assert _tables(here / "D") == _tables(finished)
    assert Study.open(here / "D").manifest["state"] == FINISHED


def test_foreign_part_is_made_anew(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*TINY[:3], "records=true", "trajectories=true", "mediation.delay=0,5", "replicates=150"]
    assert run_command(["sweep", *words, "hydra.run.dir=W"]) == 0
    for table in ("outcomes", "records", "paths", "trajectories"):
        shutil.rmtree(here / "D", ignore_errors=True)
        shutil.copytree(here / "W", here / "D")
        first, second = (here / "D" / table / f"part-00000{number}.parquet" for number in (0, 1))
        shutil.copy(first, second)
        capsys.readouterr()
        assert run_command(["sweep", "resume=D"]) == 0
        assert f"D/{table}/part-000001.parquet: damaged, will be simulated again" in capsys.readouterr().err
        assert _tables(here / "D") == _tables(here / "W")


def test_part_of_a_study_of_the_same_shape_is_made_anew(
    finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["run", *TINY, "seed=2", "hydra.run.dir=other"]) == 0
    shutil.copytree(finished, here / "D")
    shutil.copy(here / "other" / "outcomes" / "part-000000.parquet", here / "D" / "outcomes" / "part-000000.parquet")
    capsys.readouterr()
    assert run_command(["run", "resume=D"]) == 0
    assert "D/outcomes/part-000000.parquet: damaged, will be simulated again" in capsys.readouterr().err
    assert _tables(here / "D") == _tables(finished)


CHANGED = {
    "settings": ("config.yaml", lambda text: text.replace("horizon_days: 16", "horizon_days: 17")),
    "seed": ("config.yaml", lambda text: text.replace("seed: 1", "seed: 2")),
    "scenario": ("manifest.json", lambda text: re.sub('("government.a.resolve"): [0-9.]+', r"\1: 0.5", text)),
}


@pytest.mark.parametrize("case", CHANGED)
def test_study_whose_settings_were_changed_is_not_gone_on_with(
    case: str, finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, change = CHANGED[case]
    shutil.copytree(finished, here / "D")
    text = (here / "D" / name).read_text()
    (here / "D" / name).write_text(change(text))
    assert (here / "D" / name).read_text() != text
    for argv in (["run", "resume=D"], ["extend", "D", "-n", "40"]):
        assert run_command(argv) == 2
        assert "was changed since the study was begun" in capsys.readouterr().err
    assert _tables(here / "D") == _tables(finished)


def test_lanes_of_a_chunk_with_failures_are_its_own(finished: Path, here: Path) -> None:
    shutil.copytree(finished, here / "D")
    study, part = Study.open(here / "D"), here / "D" / "outcomes" / "part-000000.parquet"
    row = {
        "chunk": 0,
        "point": 0,
        "first_replicate": 0,
        "last_replicate": 9,
        "lanes": 10,
        "error": "e",
        "traceback": "t",
    }
    write_part_of_failures(study.directory, [row])
    whole = pq.read_table(part)
    for table, found in [
        (whole.slice(10), {}),
        (_twice(whole.slice(10)), {part: "damaged"}),
        (_set("point", 1)(whole.slice(10)), {part: "damaged"}),
    ]:
        write_parquet(part, table)
        assert find_faults(Study.open(study.directory)) == found


def test_tally_that_is_lost_meanwhile_is_not_passed_over(finished: Path, here: Path) -> None:
    shutil.copytree(finished, here / "D")
    (here / "D" / "trajectories" / "tally-000000.npz").unlink()
    with pytest.raises(UserError, match=r"tally-000000.npz: missing; to make it again: offramp run resume=") as lost:
        merge_trajectories(Study.open(here / "D"))
    assert lost.value.exit_code == 1


DESCRIBED = {
    "plain": (["records=false"], {"outcomes", "trajectories", "paths"}, {"records", "mie"}),
    "without days": (["records=false", "trajectories=false"], {"outcomes"}, {"trajectories", "paths", "mie"}),
    "everything": (["records=true"], {"outcomes", "records", "mie", "trajectories", "paths"}, set()),
}


@pytest.mark.parametrize("case", DESCRIBED)
def test_readme_describes_what_is_there(case: str, tmp_path: Path) -> None:
    overrides, there, absent = DESCRIBED[case]
    with composer() as composing:
        made = composing.compose([*overrides, "replicates=30"])
        study = Study.create(tmp_path / "it is", "run", made, build_design(composing, made))
    text = (study.directory / "README.md").read_text()
    for table in there:
        assert f"## {table}\n" in text and f"`{table}/part-*.parquet`" in text
    for table in absent:
        assert f"## {table}\n" not in text and f"| `{table}/" not in text
    assert f"```sh\n{shlex.join(['offramp', 'run', *overrides, 'replicates=30'])}\n```" in text
    assert "\n1 point, seed 1" in text


def test_readme_lists_every_file(finished: Path) -> None:
    text = (finished / "README.md").read_text()
    for path in finished.rglob("*"):
        if path.is_file():
            name = re.sub(r"-\d+\.", "-*.", str(path.relative_to(finished)))
            assert f"| `{name}` |" in text
