"""What a sample of citizens errs by: few that are spread evenly against more that are drawn independently.

Two publics of the baseline live through the same quarrel, in which nothing but the sample differs from lane to lane:
the noise of the media is off, and both governments are held where :data:`QUARRELS` has them. The truth is one public of
2^17 citizens. ``python -m benchmarks.sampling`` prints the errors themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.scenarios import baseline
from sim.agents.public import TRAITS, Public
from sim.crisis import Crisis
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck, Stream
from sim.ladder import RUNGS, SIDES

EVEN, INDEPENDENT, TRUTH = 128, 500, 2**17
LANES, DAYS, SEED = 1000, 14, 20_200_713
QUARRELS = {"a fight": (6, 6, 6.0), "a retreat": (3, 6, 7.0), "an assault": (7, 5, 4.0)}
"""Rung of both governments, the second the enemy's, and what the first stands committed to."""
QUANTITIES = ("approval", "step", "protest", "street")
"""Mean approval of policy, its change by one step down, the share in the street, and the change by one step down of what
protesters add to support."""


@contextmanager
def independent_draws(lanes: int) -> Iterator[None]:
    """Citizens whose traits are drawn independently of one another, as the second edition's were."""

    def uniform(public: Any, stream: Stream) -> np.ndarray:
        key = (SEED, SIDES.index(public.side), TRAITS.index(stream))
        return np.random.default_rng(key).uniform(size=(lanes, public.model.citizens))

    with patch.object(Public, "_uniform", uniform):
        yield


def quantities(citizens: int, lanes: int, quarrel: tuple[int, int, float]) -> np.ndarray:
    """The quantities of a's public after the quarrel, (quantities, lanes)."""
    columns = {f"public.{side}.media_noise": np.zeros(1) for side in SIDES}
    points = Points.cross(baseline(), np.zeros(1, int), columns)
    luck = Luck(SEED, np.arange(lanes))
    with patch("sim.crisis.MOST_CITIZENS", TRUTH):
        values = lane_values(points, np.zeros(lanes, int), luck)
        crisis = Crisis(lanes=(values, luck), citizens=citizens, dtype="float64", collect=False)
    crisis.today = luck.day(0)
    own, enemy, commitment = quarrel
    for side, rung in zip(SIDES, (own, enemy), strict=True):
        government = crisis.governments[side]
        government.rung, government.fought = np.full(lanes, rung), np.full(lanes, rung)
        government.commitment = np.full(lanes, commitment)
        government.beliefs.rung = np.full(lanes, float(own + enemy - rung))
    government, public = crisis.governments["a"], crisis.publics["a"]
    for _ in range(DAYS):
        public.update_public()
    government.weighs = government.weighs_all = government.decides = np.ones(lanes, bool)
    government.reachable = np.ones((lanes, RUNGS), bool)
    public.evaluate_options()
    approval = public.approval_of_options
    added = public.support[:, :RUNGS] - approval
    return np.stack(
        [
            approval[:, own],
            approval[:, own - 1] - approval[:, own],
            public.protest,
            added[:, own - 1] - added[:, own],
        ]
    )


@cache
def errors(lanes: int = LANES) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Quarrel -> truth, and root mean square errors of the even and of the independent sample, (quantities,) each."""
    result = {}
    for name, quarrel in QUARRELS.items():
        truth = quantities(TRUTH, 1, quarrel)
        even = quantities(EVEN, lanes, quarrel)
        with independent_draws(lanes):
            independent = quantities(INDEPENDENT, lanes, quarrel)
        rms = [np.sqrt(np.mean((sample - truth) ** 2, axis=1)) for sample in (even, independent)]
        result[name] = (truth[:, 0], rms[0], rms[1])
    return result


def _worst(quantity: str, scale: float) -> float:
    place = QUANTITIES.index(quantity)
    rows = errors(max(int(LANES * scale), 50)).values()
    return max(float(even[place] / independent[place]) for _, even, independent in rows)


def approval_error(scale: float) -> float:
    """Error of mean approval, 128 even citizens over 500 independent ones, in the worst of the quarrels."""
    return _worst("approval", scale)


def step_error(scale: float) -> float:
    """The same of the change of approval by one step down."""
    return _worst("step", scale)


def protest_error(scale: float) -> float:
    """The same of the share in the street."""
    return _worst("protest", scale)


def street_error(scale: float) -> float:
    """The same of what protesters add to the support of one step down."""
    return _worst("street", scale)


def main() -> None:
    """Print truth, errors and their ratio by quarrel and quantity."""
    lanes = int(sys.argv[1]) if len(sys.argv) > 1 else LANES
    print(f"| quarrel | quantity | truth | error of {EVEN} even | error of {INDEPENDENT} independent | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (truth, even, independent) in errors(lanes).items():
        for quantity, right, low, high in zip(QUANTITIES, truth, even, independent, strict=True):
            print(f"| {name} | {quantity} | {right:.5f} | {low:.6f} | {high:.6f} | {low / high:.2f} |")


if __name__ == "__main__":
    main()
