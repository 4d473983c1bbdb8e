"""P23: does an adversary stay just below the rung at which help would come? A sweep over the threshold."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from experiments.claims.arms import Arm, Bench
from experiments.claims.depth import drawing
from experiments.claims.depth.alliances import WORLDS
from experiments.claims.depth.common import sides, unmediated
from experiments.claims.depth.telling import Told, known, table, values
from experiments.claims.measures import Measure
from sim.ladder import RUNGS
from sim.scenario import parameters

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.95)
PEAK = Measure("highest rung of b", "rungs", 0.25, lambda lanes: lanes["peak_rung_b"])


def first_rung(threshold: float) -> int | None:
    """The lowest rung of the enemy that alone threatens a covered protege enough for help, if there is one."""
    threat = float(parameters()["dyad.territory.coverage_threat"].default) * np.arange(RUNGS) / (RUNGS - 1)
    beyond = np.flatnonzero(threat >= threshold - 1e-9)
    return int(beyond[0]) if beyond.size else None


@cache
def sweep_arms() -> dict[tuple[str, float], Arm]:
    """The threshold in three worlds, with heavy propaganda on both sides."""
    return {
        (world, at): unmediated(
            {
                **changes,
                **sides(1, "public.?.propaganda"),
                "alliance.first.alignment": 1,
                "alliance.first.threat_threshold": at,
            }
        )
        for (world, changes), at in product(WORLDS.items(), THRESHOLDS)
    }


def arms() -> list[Arm]:
    """Everything this needs."""
    return list(sweep_arms().values())


def tell(bench: Bench) -> Told:
    """Where the adversary stops."""
    peaks = {key: values(bench, one, PEAK) for key, one in sweep_arms().items()}
    rows, kinks, tables = [], {}, []
    changes: dict[str, list[np.ndarray]] = {"threshold only": [], "every rung": []}
    for at in THRESHOLDS:
        first = first_rung(at)
        row: list[object] = [f"{at:g}", first if first is not None else "none"]
        for world in changes:
            peak, null = peaks[world, at], peaks["no shadow", at]
            modal = int(np.bincount(peak.astype(int).ravel(), minlength=RUNGS).argmax())
            row.append(modal)
            if first is None:
                row.append("")
                continue
            below = known((peak == first - 1).astype(float) - (null == first - 1))
            changes[world].append((peak >= first).astype(float) - (null >= first))
            beyond = known(changes[world][-1])
            kinks[f"{world}, threshold {at:g}"] = beyond
            row.append(f"{below} / {beyond}")
            tables.append(
                {
                    "world": world,
                    "threshold": at,
                    "first_rung": first,
                    "modal_peak": modal,
                    "just_below": below.mean,
                    **beyond.columns(),
                }
            )
        rows.append(row)
    text = "\n".join(
        [
            "### Just below the threshold",
            "",
            "A sweep over the threat at which the patron's help is in the balance, at full alignment. The claim would "
            "show as crises that peak just below the rung that crosses it, more often than without any shadow, and as "
            "fewer crises at or beyond it. Modal highest rung of b; then the change, against no shadow, of the share that "
            "peaks just below the first rung at which help would come, and of the share that reaches it.",
            "",
            table(
                [
                    "threshold",
                    "first rung",
                    "mode, threshold only",
                    "just below / at or beyond",
                    "mode, every rung",
                    "just below / at or beyond",
                ],
                rows,
            ),
        ]
    )
    # All thresholds together: the largest of many changes would be large by chance.
    pooled = {world: known(np.mean(found, axis=0)) for world, found in changes.items() if found}
    return Told(
        "change in the share at or beyond the rung that brings help, mean of all thresholds: "
        + "; ".join(f"{world} {one}" for world, one in pooled.items()),
        text,
        {"threshold": drawing.intervals(kinks, "change in the share at or beyond it", "Does the threshold bind?")},
        {"threshold": tables},
    )
