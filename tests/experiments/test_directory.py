"""What lies in a study's directory: every file is described, and a damaged one is named or made anew."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import polars as pl
import pytest

from experiments import load
from experiments.cli import run_command
from experiments.configuration import composer
from experiments.designs import build_design
from experiments.errors import UserError
from experiments.resuming import find_faults, prepare_extension
from experiments.store import write_parquet
from experiments.study import FINISHED, Study, claim
from experiments.tallies import merge_trajectories

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
    "nothing in the configuration": (lambda study: (study / "config.yaml").write_text("seed: 1"), "lacks"),
    "no design": (lambda study: (study / "design.parquet").unlink(), "design.parquet is missing"),
    "half a design": (lambda study: _cut_short(study / "design.parquet"), "design.parquet: not a whole Parquet file"),
    "no failures": (lambda study: (study / "failures.parquet").unlink(), "failures.parquet is missing"),
    "empty manifest": (lambda study: (study / "manifest.json").write_text(""), "manifest.json is damaged"),
    "bare manifest": (lambda study: (study / "manifest.json").write_text('{"format": 1}'), "manifest.json is damaged"),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study to be damaged in a copy."""
    place = tmp_path_factory.mktemp("finished") / "study"
    assert run_command(["run", *TINY, "records=true", "mediation=facilitation", f"hydra.run.dir={place}"]) == 0
    return place


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_study_is_one_line_naming_the_file(case: str, finished: Path, here: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    damage, expected = DAMAGE[case]
    shutil.copytree(finished, here / "D")
    damage(here / "D")
    for argv in (["run", "resume=D"], ["trace", "D", "--replicate", "1"]):
        assert run_command(argv) == 2
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert "D" in err and expected in err


@pytest.mark.parametrize("table", ["outcomes", "records", "mie", "paths", "trajectories"])
def test_damaged_part_is_named_and_made_anew(table: str, finished: Path, here: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(finished, here / "D")
    part = here / "D" / table / "part-000000.parquet"
    part.write_bytes(b"junk")
    with pytest.raises(UserError, match=rf"{table}/part-000000.parquet.*offramp run resume="):
        load(here / "D").scan(table)
    with pytest.raises(UserError, match="complete the study first"):
        prepare_extension(here / "D", 50)
    assert run_command(["run", "resume=D"]) == 0
    assert f"{table}/part-000000.parquet: damaged, made anew" in capsys.readouterr().err
    assert _tables(here / "D") == _tables(finished)
    assert Study.open(here / "D").manifest["state"] == FINISHED


def _changed(path: Path) -> None:
    """Change a byte in the middle, which leaves both ends of the file as they were."""
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(bytes(data))


def _other_lanes(path: Path) -> None:
    """A whole table that holds fewer lanes than its chunk."""
    write_parquet(path, pl.read_parquet(path).head(7).to_arrow())


FAULTS = {
    "changed byte": ("outcomes/part-000000.parquet", _changed, "damaged"),
    "cut short": ("paths/part-000000.parquet", _cut_short, "damaged"),
    "too few lanes": ("outcomes/part-000000.parquet", _other_lanes, "damaged"),
    "half a tally": ("trajectories/tally-000000.npz", _cut_short, "damaged"),
    "no tally": ("trajectories/tally-000000.npz", Path.unlink, "missing"),
    "no records": ("records/part-000000.parquet", Path.unlink, "missing"),
    "no events": ("mie/part-000000.parquet", Path.unlink, "missing"),
    "no paths": ("paths/part-000000.parquet", Path.unlink, "missing"),
    "no daily table": ("trajectories/part-000000.parquet", Path.unlink, "missing"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_fault_of_any_kind_is_said_and_mended(case: str, finished: Path, here: Path,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    name, harm, word = FAULTS[case]
    shutil.copytree(finished, here / "D")
    harm(here / "D" / name)
    assert run_command(["run", "resume=D"]) == 0
    assert [line for line in capsys.readouterr().err.splitlines() if "made anew" in line] == [
        f"D/{name}: {word}, made anew"]
    assert _tables(here / "D") == _tables(finished)
    assert (here / "D" / "trajectories" / "tally-000000.npz").is_file()
    assert find_faults(Study.open(here / "D")) == {}


def test_tally_that_is_lost_meanwhile_is_not_passed_over(finished: Path, here: Path) -> None:
    shutil.copytree(finished, here / "D")
    (here / "D" / "trajectories" / "tally-000000.npz").unlink()
    with pytest.raises(UserError, match=r"tally-000000.npz: missing; to make it anew: offramp run resume=") as lost:
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
        study = Study.create(claim(tmp_path / "it is", exact=True), "run", made, build_design(composing, made))
    text = (study.directory / "README.md").read_text()
    for table in there:
        assert f"## {table}\n" in text and f"`{table}/part-*.parquet`" in text
    for table in absent:
        assert f"## {table}\n" not in text and f"| `{table}/" not in text
    assert shlex.join(["offramp", "run", *overrides, "replicates=30", f"hydra.run.dir={study.directory}"]) in text
    assert "\n1 point, seed 1" in text


def test_readme_lists_every_file(finished: Path) -> None:
    text = (finished / "README.md").read_text()
    for path in finished.rglob("*"):
        if path.is_file():
            name = re.sub(r"-\d+\.", "-*.", str(path.relative_to(finished)))
            assert f"| `{name}` |" in text
