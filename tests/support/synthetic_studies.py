"""Study directories written without simulating, for tests of what reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from experiments.files import write_parquet
from tests.support.synthetic_outcomes import outcomes, paths, trajectories

VALUES = {
    "government.a.label": "One",
    "government.b.label": "Other",
    "mediation.present": 0,
    "mediation.second.present": 0,
    "mediation.third.present": 0,
    "mediation.delay": 1.0,
    "government.a.step_up": 0.7,
    "mediation.label": "x",
}


def write_study(
    directory: Path,
    design: pl.DataFrame | None = None,
    lanes: Sequence[pl.DataFrame] = (),
    mediation: str = "none",
    values: Mapping[str, Any] | None = None,
    luck: str = "shared",
    seed: int = 1,
    horizon: int = 120,
    state: str = "finished",
    daily: bool = False,
    uncertainty: str = "none",
) -> Path:
    """Write a study of one base scenario; `lanes` holds the outcomes of each point."""
    lanes = list(lanes) or [outcomes(150, 0.5 if mediation != "none" else 0, mediated=mediation != "none", luck=luck)]
    design = pl.DataFrame({"point": pl.Series([0], dtype=pl.Int32)}) if design is None else design
    choices = {"scenario": "tovuz_2020", "mediation": mediation, "talks": "none"}
    present = {"mediation.present": 0 if mediation == "none" else 1}
    base = {"choices": choices, "values": {**VALUES, **present, **(values or {})}, "varies": {}, "peak_odds": []}
    manifest = {
        "format": 1,
        "overrides": [f"mediation={mediation}"],
        "state": state,
        "seed": seed,
        "points": design.height,
        "choices": {**choices, "experiment": None},
        "factors": design.columns[1:],
        "scenarios": _bases(base, design),
    }
    directory.mkdir(parents=True)
    config = {"seed": seed, "luck": luck, "horizon_days": horizon, "citizens": 500, "uncertainty": uncertainty}
    (directory / "config.yaml").write_text(yaml.safe_dump(config))
    (directory / "manifest.json").write_text(json.dumps(manifest))
    tables = {
        "design": design,
        "failures": pl.DataFrame(schema={"point": pl.Int32}),
        "outcomes/part-000000": pl.concat(lanes),
    }
    if daily:
        tables |= {"trajectories/part-000000": trajectories(design.height), "paths/part-000000": paths(design.height)}
    for name, table in tables.items():
        write_parquet(directory / f"{name}.parquet", table.to_arrow())
    return directory


def _bases(base: dict, design: pl.DataFrame) -> list[dict]:
    """One base scenario for each choice of mediation in the design."""
    if "mediation" not in design.columns:
        return [base]
    return [
        {
            **base,
            "choices": {**base["choices"], "mediation": name},
            "values": {**base["values"], "mediation.present": int(name != "none")},
        }
        for name in design["mediation"].unique(maintain_order=True)
    ]
