"""The publics that are asked: those of a scenario as it stands, or one a draw of what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.design.hyperparameters import VARIES, Table, argument_of
from sim.engine import distributions
from sim.engine.lanes import Points
from sim.scenario import Scenario, parameters

QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
DIFFERING = ("public.a.hawkishness", "public.b.hawkishness")
OF_PUBLICS = ("public", "government", "mediation", "talks")
"""Records that a public's answers depend on."""
TOLD_APART = {"talks.leak": 0.0, "public.a.media_noise": 0.0, "public.b.media_noise": 0.0}
"""What is luck of a day in a crisis and has no place in an experiment: a leak of secret talks, noise of the media."""


def asked_points(base: Scenario, settings: Mapping[str, np.ndarray], count: int) -> tuple[Points, int]:
    """The publics to ask, and how many of them there are a draw; those of one draw follow each other.

    What a scenario lets vary stands at its median, given the draw, but hawkishness: a sample of respondents is taken at
    :data:`QUANTILES` of it, since it is what publics of the population differ in most.

    Parameters
    ----------
    base : Scenario
    settings : mapping of str to array (count,)
        Values by path, or by ``varies.`` and the path of an argument of a distribution; paths that no public's answers
        depend on are left out.
    count : int
        Number of draws.

    Raises
    ------
    ParameterError
        Where a value is out of its range.
    """
    drawn = [path for path in base.varies if _matters(path) and path not in settings]
    publics = len(QUANTILES) if any(path in DIFFERING for path in drawn) else 1
    lanes = {path: np.repeat(values, publics) for path, values in settings.items() if _matters(path)}
    columns = {path: values for path, values in lanes.items() if not path.startswith(VARIES)}
    for path in drawn:
        quantile = np.tile(QUANTILES, count) if path in DIFFERING else np.full(count * publics, 0.5)
        columns[path] = distributions.draw(parameters()[path], _with(path, base.varies[path], lanes), quantile)
    columns |= {path: np.full(count * publics, value) for path, value in TOLD_APART.items()}
    return Points.cross(base, np.zeros(count * publics, np.int64), columns), publics


def _matters(path: str) -> bool:
    return path.removeprefix(VARIES).split(".")[0] in OF_PUBLICS


def _with(path: str, spec: Mapping[str, Any], given: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """A distribution with arguments replaced by arrays over draws; lists of weights stay as they are."""
    own = {argument_of(name)[1:]: values for name, values in given.items() if name.startswith(f"{VARIES}{path}.")}
    return {**spec, **{argument: values for (argument, place), values in own.items() if place is None}}


def settings_of_rows(table: Table, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Path -> values (draws,) that rows of numbers, (draws, numbers of the table), set."""
    made: dict[str, np.ndarray] = {}
    for item, values in zip(table, np.asarray(rows, float).T, strict=True):
        if item.shape == "value":
            made |= dict.fromkeys(item.paths, values)
    return made
