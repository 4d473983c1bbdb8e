"""The whole README of a study, names that look like Markdown included."""

from __future__ import annotations

from pathlib import Path

from experiments.study.description import describe_tables, how_to_repeat
from tests.support.golden import check_golden

MANIFEST = {
    "points": 1200,
    "seed": 7,
    "offramp": "0.0",
    "model": "0123456789abcdef",
    "command": "sweep",
    "overrides": ["scenario=tovuz_2020", "title='<b> | `x`'"],
    "config_dir": "/a place/conf",
    "extended": 300,
}
FACTORS = {"mediation.delay": [], "mediation": [], "arm": [], "a|b *odd* `name` <i>": []}


def test_readme_of_a_command() -> None:
    repeated_by = how_to_repeat(MANIFEST, {}, Path("study"))
    check_golden("readme_command.md", describe_tables(MANIFEST, FACTORS, repeated_by))


def test_readme_of_a_design_from_python_without_records() -> None:
    manifest = {**MANIFEST, "design_from_python": True, "points": 1}
    del manifest["model"]
    repeated_by = how_to_repeat(manifest, {"grid": {"mediation.delay": [0, 5]}}, Path("study"))
    left_out = ("records", "mie", "trajectories", "paths")
    check_golden("readme_python.md", describe_tables(manifest, {"arm": []}, repeated_by, left_out))
