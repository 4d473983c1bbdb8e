"""Made-up outcome tables with the columns of a study, for tests of statistics, figures and `compare`."""

from __future__ import annotations

import numpy as np
import polars as pl

HORIZON = 120


def outcomes(
    replicates: int = 400,
    effect: float = 0.0,
    point: int = 0,
    mediated: bool = False,
    seed: int = 5,
    luck: str = "shared",
) -> pl.DataFrame:
    """Return lanes whose luck depends on seed and replicate alone; `effect` shifts how grave the crises are.

    The mediator and the effect change what happens under each luck, so two calls with one seed make a paired study.
    """
    draw = np.random.default_rng(seed if luck == "shared" else [seed, point])
    temper, blood, patience, chance, toss = (draw.normal(size=replicates) for _ in range(5))
    share = draw.random((8, replicates))
    gravity = temper - effect
    hot = gravity + 0.6 * chance > -1.2
    dead = np.where(hot & (share[0] < 0.8), np.floor(np.exp(2.2 + 2.2 * (0.9 * gravity + 0.6 * blood))), 0)
    dead = np.minimum(dead, 60_000).astype(np.int64)
    calm = np.where(hot, np.floor(np.exp(2.9 + 0.9 * gravity + 0.5 * patience)), 0)
    calm_seen = calm <= HORIZON - 14
    agreed = hot & (share[1] < (0.5 if mediated else 0.15)) & (calm > 2)
    by = np.where(mediated & (share[2] < 0.8), "mediated", "direct")
    relapsed = calm_seen & hot & (share[3] < 0.12)
    severity = np.select(
        [~hot, dead < 100, dead < 1000, (dead >= 1000) & (share[4] > 0.1)],
        ["none", "clash", "limited_war", "war"],
        "regional_war",
    )
    termination = np.select(
        [~calm_seen, agreed & calm_seen, share[5] < 0.05, share[5] < 0.3],
        ["ongoing", by, "imposed", "unilateral"],
        "tacit",
    )
    peak = np.clip(np.round(5 + gravity + 0.5 * chance), 1, 9).astype(np.int32)
    number = np.arange(replicates, dtype=np.int32)
    half = np.floor(dead * share[6]).astype(np.int64)
    audience = np.where(hot, 0.1 + 0.03 * toss, np.nan)
    table = {
        "point": np.full(replicates, point, np.int32),
        "replicate": number,
        "luck": number.astype(np.int64) + (0 if luck == "shared" else 1_000_000 * (point + 1)),
        "severity": severity,
        "termination": termination,
        "hostility": np.where(dead >= 1000, 5, np.where(hot, 4, 3)).astype(np.int32),
        "peak_rung_a": peak,
        "peak_rung_b": np.clip(peak - 1, 0, 9).astype(np.int32),
        "deaths_a": half,
        "deaths_b": dead - half,
        "civilian_deaths_a": half // 10,
        "civilian_deaths_b": (dead - half) // 12,
        "days_hot": np.where(hot, np.minimum(calm * 0.7 + 1, HORIZON), 0).astype(np.int32),
        "days_to_calm": pl.Series(np.where(calm_seen, calm, -1).astype(np.int32)).replace(-1, None),
        "relapsed": relapsed,
        "relapse_day": _days(relapsed, calm + 20),
        "hot_days_after_calm": np.where(relapsed, 3, 0).astype(np.int32),
        "mediated": np.full(replicates, mediated) & hot,
        "mediation_day": _days(np.full(replicates, mediated) & hot, 1 + 3 * share[7]),
        "agreements": agreed.astype(np.int32),
        "first_agreement_day": _days(agreed, calm * 0.8),
        "first_agreement_by": pl.Series(np.where(agreed, by, "")).replace("", None),
        "collapses": (agreed & (share[7] < 0.2)).astype(np.int32),
        "leader_falls_a": (share[6] < 0.05).astype(np.int32),
        "leader_falls_b": (share[6] > 0.98).astype(np.int32),
        "min_approval_a": np.clip(0.5 - 0.1 * gravity, 0, 1),
        "min_approval_b": np.clip(0.6 - 0.1 * gravity, 0, 1),
        "max_protest_a": np.clip(0.01 + 0.01 * gravity, 0, 1),
        "max_protest_b": np.clip(0.02 + 0.01 * gravity, 0, 1),
        "audience_cost_a": pl.Series(audience).fill_nan(None),
        "audience_cost_b": pl.Series(audience + 0.02).fill_nan(None),
        "step_down_penalty_a": pl.Series(audience / 2).fill_nan(None),
        "step_down_penalty_b": pl.Series(audience / 3).fill_nan(None),
        "territory": np.where(dead > 1000, 0.1, 0.0),
        "ally_support": (dead > 500).astype(np.int32),
        "ally_entries": (severity == "regional_war").astype(np.int32),
        "tension": calm * 8.0,
        "days_to_silence": pl.Series(np.where(calm + 6 <= HORIZON - 14, calm + 6, -1).astype(np.int32)).replace(
            -1, None
        ),
        "days_heavy": np.where(hot, np.minimum(calm * 0.3, HORIZON), 0).astype(np.int32),
    }
    return pl.DataFrame(table)


def _days(happens: np.ndarray, day: np.ndarray) -> pl.Series:
    return pl.Series(np.where(happens, day, -1).astype(np.int32)).replace(-1, None)


def trajectories(points: int = 1, horizon: int = HORIZON) -> pl.DataFrame:
    """Return daily bands of the tracked quantities, a row a point, day and quantity."""
    days = np.arange(horizon, dtype=np.int32)
    ranges = {"rung": 9.0, "approval": 1.0, "protest": 0.05}
    frames = []
    for point in range(points):
        for stem, top in ranges.items():
            for side, lag in (("a", 20), ("b", 30)):
                middle = top * (0.2 + 0.4 * np.exp(-days / (lag * (1 + point))))
                bands = {f"q{q:02d}": np.clip(middle * (0.4 + q / 80), 0, top) for q in (5, 25, 50, 75, 95)}
                frames.append(
                    pl.DataFrame(
                        {
                            "point": np.full(horizon, point, np.int32),
                            "day": days,
                            "quantity": [f"{stem}_{side}"] * horizon,
                            "mean": middle,
                            **bands,
                        }
                    )
                )
    return pl.concat(frames)


def paths(points: int = 1, horizon: int = HORIZON, replicates: int = 20) -> pl.DataFrame:
    """Return the daily rungs, approval, protest and agreements of a few replicates of each point."""
    draw = np.random.default_rng(3)
    days = np.arange(horizon, dtype=np.int32)
    frames = []
    for point in range(points):
        for replicate in range(replicates):
            fade = np.exp(-days / draw.uniform(5, 40))
            truce = np.where((days > 20) & (days < draw.integers(25, 200)), 2.0, 0.0)
            series = {
                "rung_a": np.round(6 * fade),
                "rung_b": np.round(5 * fade),
                "approval_a": 0.5 + 0.1 * fade,
                "approval_b": 0.6 - 0.1 * fade,
                "protest_a": 0.01 * fade,
                "protest_b": 0.02 * fade,
                "agreement": truce,
            }
            for name, values in series.items():
                frames.append(
                    pl.DataFrame(
                        {
                            "point": np.full(horizon, point, np.int32),
                            "replicate": np.full(horizon, replicate, np.int32),
                            "day": days,
                            "quantity": [name] * horizon,
                            "value": values,
                        }
                    )
                )
    return pl.concat(frames)
