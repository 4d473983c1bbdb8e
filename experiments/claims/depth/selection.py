"""P15: how far a plain comparison of mediated and unmediated crises misleads about mediation."""

from __future__ import annotations

from functools import cache

import numpy as np

from experiments.claims.arms import Arm, arm
from experiments.claims.depth import drawing
from experiments.claims.depth.estimates import UNKNOWN, IntervalEstimate, cells_of, estimate, luck_weights
from experiments.claims.depth.section import Section, titled
from experiments.claims.measures import CALM_BY, MEASURES
from experiments.claims.store import ArmStore

POPULATION, HORIZON = "dispute_population", 450
COMPARED = ("calm", "days_hot", "deaths")
KINDS = {
    "naive": "mediated minus unmediated crises",
    "causal": "what mediation changed in the mediated",
    "selection": "the same crises before anybody came",
}


@cache
def selection_arms() -> dict[str, Arm]:
    """A population of disputes with mediators that come to some of them, and the same disputes without any."""
    return {
        name: arm(POPULATION, ("talks=population", f"mediation={mediation}"), {}, horizon=HORIZON)
        for name, mediation in (("with", "population"), ("without", "none"))
    }


def _mediated(store: ArmStore) -> np.ndarray:
    """Which crises a mediator came to, (draws, crises)."""
    return np.asarray(store.lanes(selection_arms()["with"])["mediated"], bool).reshape(store.size.draws, -1)


def comparisons(store: ArmStore, measured: str) -> dict[str, IntervalEstimate]:
    """Kind of comparison (see :data:`KINDS`) -> difference in a measure."""
    came, cells = _mediated(store), cells_of(store, selection_arms(), measured)
    return {
        "naive": naive(cells["with"], came),
        "causal": estimate(np.where(came, cells["with"] - cells["without"], np.nan)),
        "selection": naive(cells["without"], came),
    }


def naive(cells: np.ndarray, came: np.ndarray) -> IntervalEstimate:
    """Mean of the mediated minus mean of the others, with its interval over resampled luck."""
    weights = luck_weights(cells.shape[1])

    def means(group: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (weights @ (cells * group).sum(axis=0)) / (weights @ group.sum(axis=0))

    if not came.any() or came.all():
        return UNKNOWN
    low, high = np.nanquantile(means(came) - means(~came), [0.025, 0.975])
    return IntervalEstimate(float(cells[came].mean() - cells[~came].mean()), float(low), float(high))


def section(store: ArmStore) -> Section:
    """Naive and causal effects side by side."""
    by_outcome = {f"{MEASURES[name].label} ({MEASURES[name].unit})": comparisons(store, name) for name in COMPARED}
    shown = {KINDS[kind]: each for kind, each in next(iter(by_outcome.values())).items()}
    label = f"difference in calm begun by day {CALM_BY}"
    return Section(
        "",
        titled(
            "Naive and causal effect",
            f"In a population of disputes mediators came to {_mediated(store).mean():.0%}. Naive: mediated minus "
            "unmediated crises. Causal: the mediated minus the same without mediation, luck shared. Selection: how the "
            "two groups differ where nobody mediates.",
            ["outcome", *KINDS],
            [(outcome, *differences.values()) for outcome, differences in by_outcome.items()],
        ),
        {"selection": drawing.intervals(shown, label, "Naive and causal effect")},
        {
            "selection": [
                {"outcome": outcome, **{kind: str(each) for kind, each in differences.items()}}
                for outcome, differences in by_outcome.items()
            ]
        },
    )
