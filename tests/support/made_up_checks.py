"""Made-up results of the checks that a validation makes of the model's signs, and of how fighting begins and ends."""

from __future__ import annotations

import polars as pl

from experiments.cases.requests import cases


def checks() -> dict[str, pl.DataFrame]:
    """A result of each check, under the name of its task."""
    sign = {"parameter": "talks.rate", "base": "alone", "outcome": "agreements", "sign": "+", "source": "more attempts"}
    effect = {"changed": 0.5, "effect": 0.3, "low": 0.2, "high": 0.4, "verdict": "as expected"}
    level = {"metric": "heavy days", "value": 0.3, "low": 0.2, "high": 0.4}
    share = {"share": 0.25, "low": 0.2, "high": 0.3, "crises": 100}
    marks = {f"{what}_{at}": 1.0 for what in ("heavy_days", "days_to_calm", "dead") for at in (25, 50, 75)}
    return {
        "signs: alone": pl.DataFrame([{**sign, **effect}]),
        "harm": pl.DataFrame([{**sign, **effect, "verdict": "harms"}]),
        "third edition": pl.DataFrame([{"reference": "none", "arm": "none", **level, "differs": False}]),
        "peace": pl.DataFrame([{"what": "an operation begins", **share}]),
        "spell": pl.DataFrame([{"what": "a spell", **share}]),
        "quartiles": pl.DataFrame([{"case": name, **marks} for name in cases()]),
    }
