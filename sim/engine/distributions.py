"""Distributions a scenario may give a parameter, drawn once per replicate by their quantile functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.engine.elementwise import betaincinv, exp, ndtri
from sim.scenario.parameter import Parameter, ParameterError

Quantile = Callable[[np.ndarray, Mapping[str, Any]], np.ndarray]


def _uniform(u: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    return spec["low"] + (spec["high"] - spec["low"]) * u


def _normal(u: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    return spec["mean"] + spec["sd"] * ndtri(u)


def _lognormal(u: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    return spec["median"] * exp(spec["sigma"] * ndtri(u))


def _beta(u: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    mean, concentration = spec["mean"], spec["concentration"]
    return betaincinv(mean * concentration, (1 - mean) * concentration, u)


def _bernoulli(u: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    return (u < spec["p"]).astype(float)


def _values(u: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    weights = np.asarray(spec.get("weights", np.ones(len(spec["values"]))), float)
    edges = np.cumsum(weights / weights.sum())
    return np.asarray(spec["values"])[np.minimum(np.searchsorted(edges, u, side="right"), len(edges) - 1)]


QUANTILES: dict[str, tuple[Quantile, tuple[str, ...]]] = {
    "uniform": (_uniform, ("low", "high")),
    "normal": (_normal, ("mean", "sd")),
    "lognormal": (_lognormal, ("median", "sigma")),
    "beta": (_beta, ("mean", "concentration")),
    "bernoulli": (_bernoulli, ("p",)),
    "values": (_values, ("values",)),
}
"""Name -> quantile function and the arguments it must be given."""


def check(path: str, parameter: Parameter, spec: Any) -> None:
    """Raise ParameterError in one line where a distribution cannot be used for a parameter."""
    if not isinstance(spec, Mapping) or spec.get("dist") not in QUANTILES:
        raise ParameterError(f"varies.{path}: dist must be one of {', '.join(QUANTILES)}")
    if path.endswith(".luck_slot"):
        raise ParameterError(f"varies.{path}: cannot vary: two sides could come to share one stream of luck")
    _, needed = QUANTILES[spec["dist"]]
    allowed = {"dist", "with", "weights", *needed} if spec["dist"] == "values" else {"dist", "with", *needed}
    missing, unknown = set(needed) - set(spec), set(spec) - allowed
    if missing or unknown:
        raise ParameterError(
            f"varies.{path}: {spec['dist']} needs {', '.join(needed)}"
            + (f"; unknown: {', '.join(sorted(unknown))}" if unknown else "")
        )
    if spec["dist"] == "values":
        for value in spec["values"]:
            parameter.check(f"varies.{path}", value)
        if not _good_weights(spec):
            raise ParameterError(f"varies.{path}: weights must be as many as values, not negative, and not all zero")
        return
    if parameter.kind in ("choice", "text"):
        raise ParameterError(f"varies.{path}: a {parameter.kind} can only vary over a list of values")
    for name in needed:
        value = spec[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            raise ParameterError(f"varies.{path}.{name}={value!r}: not a finite number")
        if name in ("sd", "sigma", "concentration") and value <= 0 or name == "median" and value < 0:
            raise ParameterError(f"varies.{path}.{name}={value!r}: out of range")
        if name == "p" and not 0 <= value <= 1:
            raise ParameterError(f"varies.{path}.{name}={value!r}: out of range")
    if spec["dist"] == "beta" and not 0 < spec["mean"] < 1 or spec["dist"] == "uniform" and spec["low"] > spec["high"]:
        raise ParameterError(f"varies.{path}: impossible {spec['dist']} distribution")


def _good_weights(spec: Mapping[str, Any]) -> bool:
    weights = spec.get("weights", [1] * len(spec["values"]))
    return len(weights) == len(spec["values"]) > 0 and min(weights) >= 0 and sum(weights) > 0


def draw(parameter: Parameter, spec: Mapping[str, Any], u: np.ndarray) -> np.ndarray:
    """Values of a parameter at the quantiles ``u`` in (0, 1), clipped to its range; choices come as their number."""
    values = QUANTILES[spec["dist"]][0](u, spec)
    if parameter.kind == "choice":
        return np.array([parameter.options.index(option) for option in parameter.options])[
            np.array([parameter.options.index(str(value)) for value in values], int)
        ].astype(float)
    values = np.clip(np.asarray(values, float), parameter.low, parameter.high)
    return np.rint(values) if parameter.kind == "int" else values
