"""A chunk that raises: on every backend the rest is done, the failure is told, and resuming mends it bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from experiments import load
from experiments.config.compose import composer
from experiments.config.settings import BackendRecord
from experiments.design.designs import build_design
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.study.directory import FINISHED, STOPPED, Study
from tests.support.faults import tables
from tests.support.quick_engine import choosy, quick

LANES = 640
"""In forty chunks: more than any backend is handed at once, so that a stop comes before the end."""
SERIAL = ExecutionOptions(1, BackendRecord(kind="serial"), engine=quick)
KINDS = ("serial", "processes", pytest.param("dask", marks=pytest.mark.slow))
Make = Callable[[str], Study]


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest) -> BackendRecord:
    if request.param == "dask":
        pytest.importorskip("distributed")
    return BackendRecord(kind=request.param)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Lay out a study of quick lanes: two points, and chunks of the smallest size."""

    def build(name: str) -> Study:
        with composer() as composing:
            configuration = composing.compose(
                [
                    f"replicates={LANES // 2}",
                    "trajectories=false",
                    "citizens=32000",
                    "+design.grid={mediation.delay:[0,5]}",
                    "mediation=facilitation",
                ]
            )
            design = build_design(composing, configuration)
        return Study.create(tmp_path / name, "sweep", configuration, design)

    return build


def workers(backend: BackendRecord) -> int:
    return 1 if backend.kind == "serial" else 2


def test_study_goes_on_and_what_failed_is_mended_on_resuming(make: Make, backend: BackendRecord) -> None:
    study, whole = make("study"), make("whole")
    assert run_directory(whole, SERIAL) == 0
    assert run_directory(study, ExecutionOptions(workers(backend), backend, engine=choosy)) == 1
    results = load(study.directory)
    assert results.manifest["state"] == FINISHED
    assert results.outcomes.height == LANES - 1
    row = results.failures.row(0, named=True)
    assert results.failures.height == 1
    assert (row["point"], row["first_replicate"], row["last_replicate"], row["lanes"]) == (0, 13, 13, 1)
    assert row["error"] == "FloatingPointError: replicate 13 is unlucky"
    assert "in choosy" in row["traceback"]
    assert run_directory(Study.open(study.directory), ExecutionOptions(workers(backend), backend, engine=quick)) == 0
    assert tables(study.directory) == tables(whole.directory)


def test_study_stops_at_once_where_that_is_asked_for(make: Make, backend: BackendRecord) -> None:
    study = make("study")
    assert run_directory(study, ExecutionOptions(workers(backend), backend, on_error="stop", engine=choosy)) == 1
    assert Study.open(study.directory).manifest["state"] == STOPPED
    results = load(study.directory)
    assert results.failures.height == 1
    assert results.outcomes.height < LANES - 1
    assert run_directory(Study.open(study.directory), SERIAL) == 0
    assert load(study.directory).outcomes.height == LANES
