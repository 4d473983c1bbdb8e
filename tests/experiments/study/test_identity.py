"""What a study rests on is named in it, and studies of different models do not mix without a word."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

import sim
from experiments import load
from experiments.claims.catalogue import designs_hash
from experiments.claims.rule import rule_hash
from experiments.cli.app import run_command
from experiments.comparison.compare import compare
from experiments.study import identity
from experiments.study.identity import origin_notes, package_fingerprint, statements_hash, unlike

ROOT = Path(__file__).parents[3]
TINY = ("citizens=10", "horizon_days=16", "backend=serial", "replicates=30")
SOURCE = '''"""A module."""
import numpy as np

LEAST = 3
"""Days."""


def step(x):
    """One step."""
    from math import exp
    return exp(x) + LEAST  # the sum
'''


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the model's own source, to be changed."""
    shutil.copytree(Path(sim.__file__).parent, tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "sim"


def changed_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Change a constant in the copy of the model and make it the model that fingerprints are taken of."""
    path = folder / "outputs/outcomes.py"
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r"^CALM_DAYS = 14$", "CALM_DAYS = 7", text, flags=re.MULTILINE)
    if changed == text:
        changed = text + "\nCALM_DAYS_CHANGED = 7\n"
    path.write_text(changed, encoding="utf-8")
    monkeypatch.setattr(sim, "__file__", str(folder / "__init__.py"))
    return identity.model_fingerprint()


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda text: text.replace("  # the sum", "").replace("\n\n\ndef", "\ndef"), True),
        (lambda text: text.replace("One step.", "Another text.").replace('"""Days."""\n', ""), True),
        (lambda text: text.replace("import numpy as np\n", "import numpy\nimport os\n"), True),
        (lambda text: text.replace("LEAST = 3", "LEAST = 4"), False),
        (lambda text: text.replace("LEAST = 3", "LEAST = 3.0"), False),
        (lambda text: text.replace("exp(x) +", "exp(x) -"), False),
    ],
    ids=["formatting", "docstrings", "imports", "constant", "kind", "operator"],
)
def test_statements_alone_make_a_fingerprint(change, same):
    assert change(SOURCE) != SOURCE
    assert (statements_hash([change(SOURCE)]) == statements_hash([SOURCE])) == same


def test_a_definition_may_move_to_another_file_and_place():
    whole = statements_hash(["A = 1\n\n\ndef f():\n    return A\n", "B = 2\n"])
    assert statements_hash(["B = 2\n\n\ndef f():\n    return A\n\n\nA = 1\n"]) == whole


def test_the_model_is_named_by_its_statements_and_data(model: Path):
    before = package_fingerprint(model)
    assert before == identity.model_fingerprint()
    elsewhere = model.parent / ".hidden" / "sim"
    shutil.copytree(model, elsewhere)
    (elsewhere / "ladder.py").rename(elsewhere / "rungs.py")
    (elsewhere / "notes.txt~").write_text("an editor's copy")
    assert package_fingerprint(elsewhere) == before
    with_data = model.parent / "data" / "sim"
    shutil.copytree(model, with_data)
    (with_data / "table.csv").write_text("1\n")
    assert package_fingerprint(with_data) != before


def test_a_kept_fingerprint_is_taken_for_no_other_source(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    before = package_fingerprint(model)
    package_fingerprint.cache_clear()
    monkeypatch.setattr(identity, "statements_hash", lambda *_: "counted anew")
    assert package_fingerprint(model) == before
    package_fingerprint.cache_clear()
    (model / "ladder.py").write_text("X = 1\n")
    assert package_fingerprint(model) == "counted anew"
    package_fingerprint.cache_clear()


def test_a_study_names_what_it_rests_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tbilisi")
    assert run_command(["run", *TINY, f"hydra.run.dir={tmp_path / 'A'}"]) == 0
    manifest = load(tmp_path / "A").manifest
    assert manifest["model"] == identity.model_fingerprint()
    assert {"numpy", "numba", "llvmlite", "scipy", "mesa", "polars", "pyarrow"} <= set(manifest["libraries"])
    assert manifest["processor"]["name"] and manifest["processor"]["numba_target"]
    assert isinstance(manifest["processor"]["numpy_features"], list)
    for name in ("started", "finished"):
        assert datetime.fromisoformat(manifest[name]).utcoffset() is not None
    for line in (tmp_path / "A" / "study.log").read_text().splitlines():
        assert datetime.strptime(line.split()[0], "%Y-%m-%dT%H:%M:%S%z").utcoffset() is not None


def test_the_target_that_was_asked_for_is_named(monkeypatch: pytest.MonkeyPatch):
    native = identity.processor()
    monkeypatch.setattr("numba.core.config.CPU_NAME", "generic")
    monkeypatch.setattr("numba.core.config.CPU_FEATURES", "")
    generic = identity.processor()
    assert (generic["numba_target"], generic["numba_features"]) == ("generic", [])
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", 1)
    assert "(not compiled)" in unlike([{"processor": native}, {"processor": identity.processor()}])[0]
    (words,) = unlike([{"processor": native}, {"processor": generic}])
    assert "(generic)" in words and f"({native['numba_target']})" in words
    assert unlike([{"processor": native}, {"processor": native}, {}]) == []
    less = {**native, "numpy_features": native["numpy_features"][:-1]}
    assert native["numpy_features"][-1] in unlike([{"processor": native}, {"processor": less}])[0]


def test_a_study_does_not_go_on_with_another_model(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    place = tmp_path / "A"
    assert run_command(["run", *TINY, f"hydra.run.dir={place}"]) == 0
    made = identity.model_fingerprint()
    now = changed_model(model, monkeypatch)
    assert now != made
    before = {path: path.read_bytes() for path in place.rglob("*.parquet")}
    capsys.readouterr()
    for argv in (["run", f"resume={place}"], ["extend", str(place), "--replicates", "40"]):
        assert run_command(argv) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and made in said and now in said
    assert {path: path.read_bytes() for path in place.rglob("*.parquet")} == before
    monkeypatch.setattr(identity, "equivalents", lambda: {("model", made): now})
    assert run_command(["extend", str(place), "--replicates", "40"]) == 0
    assert capsys.readouterr().err == ""


def test_a_worker_with_another_model_ends_the_study(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    made = identity.model_fingerprint()
    monkeypatch.setattr("experiments.execution.scheduler.model_fingerprint", lambda: made)
    other = changed_model(model, monkeypatch)
    assert run_command(["run", *TINY, f"hydra.run.dir={tmp_path / 'A'}"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and made in said and other in said and "resume=" in said
    assert not list((tmp_path / "A").glob("outcomes/*"))


def test_another_machine_is_told_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    place = tmp_path / "A"
    assert run_command(["run", *TINY, f"hydra.run.dir={place}"]) == 0
    here = identity.machine()
    other = {**here, "libraries": {**here["libraries"], "numpy": "9.9"}}
    monkeypatch.setattr("experiments.execution.resuming.machine", lambda: other)
    capsys.readouterr()
    assert run_command(["extend", str(place), "--replicates", "40"]) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "numpy" in said and "9.9" in said
    assert load(place).manifest["continued"][0]["libraries"]["numpy"] == "9.9"
    assert any("9.9" in note for note in compare([place], figures=False).notes)
    assert run_command(["run", f"resume={place}"]) == 0
    assert capsys.readouterr().err == ""


def test_a_study_of_before_is_gone_on_with_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    place = tmp_path / "A"
    assert run_command(["run", *TINY, f"hydra.run.dir={place}"]) == 0
    manifest = json.loads((place / "manifest.json").read_text())
    old = {name: value for name, value in manifest.items() if name not in ("model", "processor")}
    (place / "manifest.json").write_text(json.dumps(old))
    capsys.readouterr()
    assert run_command(["extend", str(place), "--replicates", "40"]) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "does not name the model" in said and identity.model_fingerprint() in said
    assert load(place).manifest["continued"][0]["model"] == identity.model_fingerprint()


def test_comparing_says_where_models_and_machines_differ():
    one = {"model": "a" * 16, **identity.machine()}
    assert origin_notes({"A": one, "B": dict(one)}) == []
    (note,) = origin_notes({"A": one, "B": {**one, "model": "b" * 16}})
    assert "different models" in note and "A: " + "a" * 16 in note and "B: " + "b" * 16 in note
    old = {name: value for name, value in one.items() if name != "model"}
    assert "do not all name their model" in origin_notes({"A": one, "B": old})[0]
    assert origin_notes({"B": old}) == []
    (note,) = origin_notes({"A": one, "B": {**one, "python": "4.0"}})
    assert "Python" in note and "4.0" in note


def test_published_hashes_lead_to_what_is_here():
    """Documents name rule and designs as they are, or by a name recorded to be the same, or say that they are older."""
    text = (ROOT / "docs" / "propositions.md").read_text(encoding="utf-8")
    printed = re.search(r"Rule `(\w{16})`.*designs `(\w{16})`", text)
    assert printed
    assert identity.same("rule", printed[1], rule_hash()) or "**Not of this model.**" in text
    assert identity.same("designs", printed[2], designs_hash()) or "**Not of this model.**" in text


def test_a_document_of_the_second_edition_says_so_and_one_of_this_model_does_not():
    assert identity.edition_note([identity.model_fingerprint()]) == ""
    note = identity.edition_note([identity.SECOND_EDITION, identity.model_fingerprint()])
    assert "the second edition" in note and identity.SECOND_EDITION in note and "third edition differ" in note
    assert "earlier states" in identity.edition_note(["0123456789abcdef"])


def test_recorded_equivalents_are_names_and_end_somewhere():
    known = identity.equivalents()
    for what, old in known:
        assert what in ("model", "rule", "designs")
        end = identity._latest(what, old)
        assert re.fullmatch(r"[0-9a-f]{16}", old) and re.fullmatch(r"[0-9a-f]{16}", end)
        assert (what, end) not in known, "a circle"
