"""Write ``tests/baselines/baseline.json`` anew: ``python -m tests.update_baseline``.

The file holds what a handful of crises come to, exactly. A change of any result therefore shows in the diff of a
commit, where it can be judged. The arithmetic is done in double precision, so that the whole numbers do not depend
on the machine.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble import Settings, simulate
from sim.outputs.outcomes import COLUMNS
from sim.scenario import Scenario
from tests.support.worlds import ALL_MECHANISMS, DIRECT_TALKS, both, group, scenario

FILE = Path(__file__).parent / "baselines" / "baseline.json"
REPLICATES = 12
HOW = Settings(seed=20200712, horizon_days=40, citizens=25, dtype="float64", records=True)

MEDIATED = {
    "talks.present": 1,
    **group("mediation", present=1, bias=0.3),
    **group("mediation.second", present=1, delay=9),
}
ALLIED = {
    **group("alliance.first", present=1, treaty="border"),
    **group("alliance.second", present=1, protege="b", start_support=1),
}
WAR = {
    "dyad.venue": "line_of_contact",
    "dyad.trigger_rung": 9,
    "dyad.trigger_side": "b",
    "dyad.start_rung_a": 8,
    "dyad.combat.spell_sd": 1.5,
    **both("government", resolve=8),
}
VARIANTS = {
    **both("government", contest_form="ratio", action_set="any", clock_crisis=1, force_drift=0.01),
    **both("public", cascade_floor=1, bounded_confidence=0.4),
    "alliance.shadow": "threshold_only",
}
QUIET = {"dyad.start_rung_a": 1, "dyad.start_rung_b": 1, **group("dyad.incidents", rate=0.1)}

WORLDS: dict[str, Scenario] = {
    "default": scenario(),
    "mediated": scenario(MEDIATED),
    "allied": scenario(ALLIED),
    "war on a line of contact": scenario(WAR, MEDIATED, ALLIED),
    "structural variants": scenario(VARIANTS, MEDIATED, ALLIED),
    "operations culminate": scenario(WAR, ALL_MECHANISMS, DIRECT_TALKS),
    "a quiet year": scenario(QUIET),
    "varied": replace(
        scenario(MEDIATED),
        varies={
            "government.a.resolve": {"dist": "lognormal", "median": 3, "sigma": 0.5},
            "dyad.start_rung_b": {"dist": "values", "values": [3, 5, 7]},
        },
    ),
}


def measured() -> dict[str, Any]:
    """What the worlds come to now: totals to read, digests to be sure."""
    outcomes = simulate(list(WORLDS.values()), REPLICATES, HOW)
    result = {}
    for point, name in enumerate(WORLDS):
        lanes = {column: values[outcomes.lanes["point"] == point] for column, values in outcomes.lanes.items()}
        records = {column: values[outcomes.records["point"] == point] for column, values in outcomes.records.items()}
        result[name] = {**_totals(lanes), "digest": _digest(lanes), "digest of records": _digest(records)}
    return result


def _totals(lanes: dict[str, np.ndarray]) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for column, kind in COLUMNS.items():
        if kind == "label":
            labels, numbers = np.unique(lanes[column].astype(str), return_counts=True)
            totals[column] = {label or "-": int(number) for label, number in zip(labels, numbers, strict=True)}
        elif kind == "measure":
            totals[column] = round(float(np.nanmean(lanes[column])), 6)
        elif column not in ("point", "replicate", "luck"):
            totals[column] = int(lanes[column].sum())
    return totals


def _digest(table: dict[str, np.ndarray]) -> str:
    """Of every whole number, flag and label, lane by lane; measures are left to the totals."""
    exact = {column: values.tolist() for column, values in table.items() if values.dtype.kind != "f"}
    return hashlib.sha256(json.dumps(exact, sort_keys=True).encode()).hexdigest()[:16]


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(measured(), indent=1) + "\n")
    print(f"Written: {FILE.relative_to(Path.cwd())}. Say in the commit why the results changed.")
