"""The whole page of a report of made-up studies, element by element, names that look like markup included."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import polars as pl
import yaml

from experiments.cli.report import report
from experiments.config.settings import StudyRecord, settings_of
from experiments.study.directory import write_part_of_failures
from tests.support.golden import check_golden, skeleton
from tests.support.synthetic_outcomes import outcomes
from tests.support.synthetic_studies import write_study

MADE = {
    "offramp": "0.0",
    "model": "0123456789abcdef",
    "python": "3.11.0",
    "libraries": {"mesa": "3.3.1", "numpy": "2.0.0"},
    "processor": {
        "name": "A <processor> & more",
        "numba_target": "generic",
        "numpy_features": ["X86_V2"],
        "numba_features": ["avx"],
    },
    "command": "run",
    "config_dir": None,
    "config_hash": "feedbeef",
    "base": [[0, 1]],
    "replicates": 150,
    "blocks": [[0, 150]],
    "started": "2026-01-02T03:04:05+00:00",
    "finished": "2026-01-02T03:05:05+00:00",
}
VALUES = {
    "name": "made_up",
    "talks.present": 0,
    **{f"government.{side}.{name}": 0.5 for name in ("step_up", "step_down") for side in "ab"},
    "government.a.label": '<b>One</b> | & "two"',
    "title": "A <script>title</script>",
}


def make(directory: Path, manifest: dict, config: dict, **options) -> Path:
    """A made-up study whose manifest and configuration lack nothing that a report tells."""
    write_study(directory, values=VALUES, **options)
    write_part_of_failures(directory, [])
    path = directory / "manifest.json"
    whole = {**json.loads(path.read_text()), **MADE, **manifest}
    whole["overrides"] = [*whole["overrides"], *manifest.get("more", [])]
    path.write_text(json.dumps(whole))
    path = directory / "config.yaml"
    defaults = {name: setting.default for name, setting in settings_of(StudyRecord).items()}
    path.write_text(yaml.safe_dump({**defaults, "design": {}, **yaml.safe_load(path.read_text()), **config}))
    return directory


def test_report_of_two_studies(tmp_path: Path) -> None:
    places = [
        make(tmp_path / "bare", {"more": ["citizens=500", "mediation.delay=2"]}, {"records": True}),
        make(
            tmp_path / "mediated <i>",
            {"state": "interrupted", "finished": None},
            {},
            mediation="manipulation",
            state="interrupted",
        ),
    ]
    row = {"chunk": 0, "point": 0, "first_replicate": 3, "last_replicate": 4, "lanes": 2, "traceback": ""}
    write_part_of_failures(places[1], [{**row, "error": "ValueError: <odd>\n& | more"}])
    check_golden("report_studies.html", skeleton(report(places)), tmp_path)


def test_report_of_a_design(tmp_path: Path) -> None:
    levels = (0.1, 0.5, 1.0)
    step, stop = [list(column) for column in zip(*product(levels, levels), strict=True)]
    design = pl.DataFrame(
        {"point": pl.Series(range(9), dtype=pl.Int32), "up": step, "government.a.step_up": step, "stop <x>": stop}
    )
    tie = {"up": ["government.a.step_up", "government.b.step_up"]}
    place = make(
        tmp_path / "study",
        {"command": "sweep", "base": [[0, 9]]},
        {"design": {"title": "Costs of <moving>", "tie": tie}},
        design=design,
        lanes=[outcomes(40, 0.1 * point, point) for point in range(9)],
    )
    check_golden("report_design.html", skeleton(report([place])), tmp_path)
