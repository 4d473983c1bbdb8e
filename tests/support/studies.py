"""Tiny finished studies, made the way the command line makes them."""

from __future__ import annotations

from pathlib import Path

from experiments.config.compose import composer
from experiments.config.settings import BackendRecord
from experiments.design.designs import build_design
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.study.directory import Study

HOLDING = """import sys
from pathlib import Path
from experiments.study.location import study_lock
with study_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
"""A program that holds the study it is given until its input ends."""

TINY = ("citizens=20", "horizon_days=75", "replicates=30")


def make_study(directory: Path, *overrides: str, command: str = "run") -> Study:
    """Simulate a study in this process and return it; later overrides win over the tiny sizes."""
    with composer() as open_composer:
        configuration = open_composer.compose([*TINY, *overrides])
        design = build_design(open_composer, configuration)
    study = Study.create(directory, command, configuration, design)
    assert run_directory(study, ExecutionOptions(workers=1, backend=BackendRecord(kind="serial"))) == 0
    return Study.open(directory)


def files_of(study: Study) -> dict[str, bytes]:
    """All files of a study but its log."""
    return {
        str(path): path.read_bytes()
        for path in sorted(study.directory.rglob("*"))
        if path.is_file() and path.name != "study.log"
    }
