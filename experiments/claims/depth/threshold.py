"""P23: does an adversary stay just below the rung at which help would come? A sweep over the threshold."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from experiments.claims.arms import Arm
from experiments.claims.claim import setting
from experiments.claims.depth import drawing
from experiments.claims.depth.alliances import WORLDS
from experiments.claims.depth.baseline import unmediated
from experiments.claims.depth.estimates import cells_of, estimate
from experiments.claims.depth.section import Section, titled
from experiments.claims.store import ArmStore
from sim.ladder import RUNGS
from sim.scenario import parameters

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.95)
SHADOWS = ("threshold only", "every rung")


def first_rung(threshold: float) -> int | None:
    """The lowest rung of the enemy that alone threatens a covered protege enough for help, if there is one."""
    threat = float(parameters()["dyad.territory.coverage_threat"].default) * np.arange(RUNGS) / (RUNGS - 1)
    beyond = np.flatnonzero(threat >= threshold - 1e-9)
    return int(beyond[0]) if beyond.size else None


@cache
def threshold_arms() -> dict[tuple[str, float], Arm]:
    """World, threshold; with heavy propaganda on both sides."""
    common = {**setting(1, "public.?.propaganda"), "alliance.first.alignment": 1}
    return {
        (world, threshold): unmediated({**WORLDS[world], **common, "alliance.first.threat_threshold": threshold})
        for world, threshold in product(WORLDS, THRESHOLDS)
    }


def arms() -> list[Arm]:
    """Everything this needs."""
    return list(threshold_arms().values())


def section(store: ArmStore) -> Section:
    """Where the adversary stops."""
    peaks = cells_of(store, threshold_arms(), "peak_rung_of_b")
    beyond = {
        (world, threshold): (peaks[world, threshold] >= first).astype(float) - (peaks["no shadow", threshold] >= first)
        for threshold in THRESHOLDS
        for world in SHADOWS
        if (first := first_rung(threshold)) is not None
    }
    at_or_beyond = {key: estimate(cells) for key, cells in beyond.items()}
    below = {
        (world, threshold): estimate(
            (peaks[world, threshold] == first - 1).astype(float) - (peaks["no shadow", threshold] == first - 1)
        )
        for world, threshold in beyond
        if (first := first_rung(threshold)) is not None
    }
    modes = {key: int(np.bincount(peak.astype(int).ravel(), minlength=RUNGS).argmax()) for key, peak in peaks.items()}
    rows: list[list[object]] = []
    for threshold in THRESHOLDS:
        first = first_rung(threshold)
        rows.append([f"{threshold:g}", "none" if first is None else first])
        for key in product(SHADOWS, (threshold,)):
            rows[-1] += [modes[key], f"{below[key]} / {at_or_beyond[key]}" if key in below else ""]
    # All thresholds together: the largest of many changes would be large by chance.
    pooled = {
        world: estimate(np.mean([cells for key, cells in beyond.items() if key[0] == world], axis=0))
        for world in SHADOWS
    }
    kinks = {f"{world}, threshold {threshold:g}": each for (world, threshold), each in at_or_beyond.items()}
    return Section(
        "change in the share at or beyond the rung that brings help, mean of all thresholds: "
        + "; ".join(f"{world} {each}" for world, each in pooled.items()),
        titled(
            "Just below the threshold",
            "A sweep over the threat at which the patron's help is in the balance, at full alignment. Modal highest rung "
            "of b; then the change, against no shadow, of the share that peaks just below the first rung at which help "
            "would come, and of the share that reaches it. The claim expects a rise in the first and a fall in the second.",
            [
                "threshold",
                "first rung",
                *(head for world in SHADOWS for head in (f"mode, {world}", "just below / at or beyond")),
            ],
            rows,
        ),
        {"threshold": drawing.intervals(kinks, "change in the share at or beyond it", "Does the threshold bind?")},
        {
            "threshold": [
                {
                    "world": world,
                    "threshold": threshold,
                    "first_rung": first_rung(threshold),
                    "modal_peak": modes[world, threshold],
                    "just_below": below[world, threshold].mean,
                    **each.columns(),
                }
                for (world, threshold), each in at_or_beyond.items()
            ]
        },
    )
