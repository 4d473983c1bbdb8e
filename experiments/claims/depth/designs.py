"""A declared design: arms by name, what is measured on them, and what they are compared with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import numpy as np

from experiments.claims.arms import Arm, Changes, arm, drawn_for
from experiments.claims.catalogue import OVERRIDES, laid_over
from experiments.claims.depth.estimates import IntervalEstimate, estimate
from experiments.claims.measures import MEASURES
from experiments.claims.store import ArmStore
from experiments.claims.uncertainty import POSTERIOR, Draws
from experiments.statistics.random_effects import RandomEffects, contrasts_of

Key = TypeVar("Key", bound=Hashable)
BASELINE = "tovuz_2020"
NO_FEAR: Changes = {"alliance.shadow_weight": 0}
MIDDLING: Changes = {
    "mediation.present": 1,
    "mediation.delay": 1,
    "mediation.severity_trigger": 0,
    "mediation.effort": 0.5,
}
"""A mediator on the spot from the first day with every lever at its default, the middle of its range or near it."""


class Design:
    """A section as declared: ``title``, ``text``, ``kind``, and what its kind reads beside them."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields
        self.title, self.text, self.kind = fields["title"], fields["text"], fields["kind"]
        self.overrides = OVERRIDES[fields.get("pressure", "unmediated")]
        self.measures: list[str] = fields.get("measures", ["calm_early"])

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        """What is declared under a name, or a default."""
        return self.fields.get(name, default)

    def changes(self, *declared: Mapping[str, Any]) -> dict[str, float | str]:
        """Changes by path, later ones over earlier ones."""
        return {path: value for each in declared for path, value in laid_over(each, self.overrides).items()}

    def arm(self, changes: Changes, measured: str) -> Arm:
        """The baseline under the design's pressure, with some changes, for a measure."""
        measure = MEASURES[measured]
        return arm(BASELINE, self.overrides, changes, horizon=measure.horizon, watch=measure.watch)

    def drawn(self, store: ArmStore) -> Draws:
        """The draws that its arms rest on."""
        return drawn_for(BASELINE, self.overrides, POSTERIOR, store.size.draws)

    def cells(self, store: ArmStore, changes: Mapping[Key, Changes], measured: str) -> dict[Key, np.ndarray]:
        """A measure of several arms, each (draws, crises)."""
        return {key: store.values(self.arm(each, measured), measured) for key, each in changes.items()}

    def level(self, store: ArmStore, cells: np.ndarray, measured: str) -> IntervalEstimate:
        """A mean as a reader is given it."""
        scale = MEASURES[measured].scale
        if scale == "log":
            inner = self.estimate(store, cells)
            return IntervalEstimate(*(float(np.expm1(value)) for value in inner.columns().values()))
        return self.estimate(store, cells, "odds" if scale in ("odds", "risk") else "level")

    def estimate(self, store: ArmStore, cells: np.ndarray, scale: str = "level") -> IntervalEstimate:
        """The mean of values (draws, crises) over the draws, by their weights."""
        drawn = self.drawn(store)
        return estimate(cells, drawn.weight, drawn.structure, scale)

    def effect(self, store: ArmStore, with_: np.ndarray, without: np.ndarray, measured: str) -> RandomEffects | None:
        """The contrast of two arms on the scale of their measure."""
        drawn = self.drawn(store)
        weights = np.array([[1.0, -1.0]])
        return contrasts_of([with_, without], MEASURES[measured].scale, weights, drawn.structure, drawn.weight)

    def effect_in_words(self, store: ArmStore, with_: np.ndarray, without: np.ndarray, measured: str) -> str:
        """The same as :func:`told`."""
        return told(self.effect(store, with_, without, measured), MEASURES[measured].scale)


def told(fit: RandomEffects | None, scale: str, draws: np.ndarray | slice = slice(None)) -> str:
    """An effect with 95 % of draws, as a ratio or a difference, over all draws or some of them."""
    if fit is None or len(fit.weight[draws]) < 2:
        return "too few crises count"
    show: Callable[[float], float] = float if scale == "level" else np.exp
    value, low, high = (show(number) for number in fit.interval(0, fit.samples(), draws))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"
