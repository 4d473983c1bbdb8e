"""P15: through what a mediator's effect flows, and how far a plain comparison of crises misleads about it."""

from __future__ import annotations

from functools import cache

import numpy as np

from experiments.claims.arms import Arm, arm
from experiments.claims.depth import drawing
from experiments.claims.depth.baseline import middling, unmediated
from experiments.claims.depth.estimates import (
    UNKNOWN,
    Coalition,
    IntervalEstimate,
    cells_of,
    coalition_arms,
    estimate,
    luck_weights,
    ratio,
    shapley,
)
from experiments.claims.depth.section import Section, tabulated, titled
from experiments.claims.measures import CALM_BY, CALM_HORIZON, MEASURES
from experiments.claims.store import ArmStore

CHANNEL = "mere channel"
FLOWS: dict[str, tuple[str, ...]] = {
    "cover, drafting, secrecy": ("mediation.cover", "mediation.formulation", "mediation.secrecy"),
    "leverage, guarantees": ("mediation.leverage", "mediation.manipulation", "mediation.enforcement"),
    "information": ("talks.fog_relief", "mediation.verification"),
    "trust": ("talks.messages", "talks.trust_relief"),
}
"""What is switched off where a flow is; the channel is the mediator's presence, without which none of them flows."""
POPULATION, HORIZON = "dispute_population", 450
COMPARED = ("calm", "days_hot", "deaths")


@cache
def flow_arms() -> dict[Coalition, Arm]:
    """Every coalition of flows; those without the channel are nothing at all."""

    def open_flows(members: Coalition) -> Arm:
        off = {path: 0.0 for name, paths in FLOWS.items() if name not in members for path in paths}
        return unmediated({**middling(), **off} if CHANNEL in members else {}, horizon=CALM_HORIZON)

    return coalition_arms((CHANNEL, *FLOWS), open_flows)


@cache
def selection_arms() -> dict[str, Arm]:
    """A population of disputes with mediators that come to some of them, and the same disputes without any."""
    return {
        name: arm(POPULATION, ("talks=population", f"mediation={mediation}"), {}, horizon=HORIZON)
        for name, mediation in (("with", "population"), ("without", "none"))
    }


def flows(store: ArmStore) -> Section:
    """The effect of a middling mediator, shared out."""
    worth = cells_of(store, flow_arms(), "calm")
    whole = worth[frozenset((CHANNEL, *FLOWS))] - worth[frozenset()]
    five = shapley((CHANNEL, *FLOWS), worth)
    after_channel = {
        CHANNEL: worth[frozenset((CHANNEL,))] - worth[frozenset()],
        **shapley(tuple(FLOWS), {key - {CHANNEL}: cells for key, cells in worth.items() if CHANNEL in key}),
    }
    shown = {name: estimate(cells) for name, cells in five.items()}
    total = estimate(whole)
    return Section(
        f"the whole effect of a mediator is {total}",
        titled(
            "Through what a mediator's effect flows",
            f"A mediator with every lever at its default, there from the first day, changes the chance of calm by day "
            f"{CALM_BY} by {total.with_draws}. Shapley values over all {len(worth)} coalitions of five flows; the last "
            "column takes the channel first, without which nothing flows, and shares out what the levers add to it.",
            ["flow", "Shapley value", "share of the whole", "after the bare channel"],
            [
                (name, shown[name].with_draws, ratio(five[name], whole), estimate(after_channel[name]).with_draws)
                for name in (CHANNEL, *FLOWS)
            ],
        ),
        {
            "flows": drawing.intervals(
                shown, "part of the change in the chance of calm", "What a mediator's effect consists of"
            )
        },
        {"flows": tabulated("flow", shown)},
    )


def comparisons(store: ArmStore, measured: str) -> tuple[IntervalEstimate, IntervalEstimate, IntervalEstimate]:
    """Mediated minus unmediated crises; what mediation changed in the mediated; the first without any mediator."""
    lanes = store.lanes(selection_arms()["with"])
    came = np.asarray(lanes["mediated"], bool).reshape(store.size.draws, -1)
    cells = cells_of(store, selection_arms(), measured)
    causal = estimate(np.where(came, cells["with"] - cells["without"], np.nan))
    return naive(cells["with"], came), causal, naive(cells["without"], came)


def selection(store: ArmStore) -> Section:
    """Naive and causal effects side by side."""
    found = {name: comparisons(store, name) for name in COMPARED}
    labels = {name: f"{MEASURES[name].label} ({MEASURES[name].unit})" for name in COMPARED}
    came = np.asarray(store.lanes(selection_arms()["with"])["mediated"], bool)
    shown = dict(
        zip(
            (
                "mediated minus unmediated crises",
                "what mediation changed in the mediated",
                "the same crises before anybody came",
            ),
            found["calm"],
            strict=True,
        )
    )
    columns = ("outcome", "naive", "causal", "selection")
    return Section(
        "",
        titled(
            "Naive and causal effect",
            f"In a population of disputes mediators came to {came.mean():.0%}. The raw difference between mediated and "
            "unmediated crises, what mediation changed in the mediated (luck shared), and how the two groups differ where "
            "nobody mediates: selection alone.",
            ["outcome", "naive", "causal", "selection alone"],
            [(labels[name], *row) for name, row in found.items()],
        ),
        {
            "selection": drawing.intervals(
                shown, f"difference in calm begun by day {CALM_BY}", "Naive and causal effect"
            )
        },
        {"selection": [dict(zip(columns, (labels[n], *map(str, row)), strict=True)) for n, row in found.items()]},
    )


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
