"""P15: through what a mediator's effect flows, and how far a plain comparison of crises misleads about it."""

from __future__ import annotations

from functools import cache

import numpy as np

from experiments.claims.arms import Arm, Bench, arm
from experiments.claims.depth import drawing
from experiments.claims.depth.common import middling, unmediated
from experiments.claims.depth.shapley import Coalition, coalitions, shares
from experiments.claims.depth.telling import UNKNOWN, Known, Told, known, luck_weights, ratio, table, values
from experiments.claims.measures import CALM, CALM_BY, CALM_HORIZON, DAYS_HOT, DEATHS, Measure

CHANNEL = "mere channel"
FLOWS: dict[str, tuple[str, ...]] = {
    "cover, drafting, secrecy": ("mediation.cover", "mediation.formulation", "mediation.secrecy"),
    "leverage, guarantees": ("mediation.leverage", "mediation.manipulation", "mediation.enforcement"),
    "information": ("talks.fog_relief", "mediation.verification"),
    "trust": ("talks.messages", "talks.trust_relief"),
}
"""What is switched off where a flow is; the channel is the mediator's presence, without which none of them flows."""
POPULATION, YEAR = "dispute_population", 450


@cache
def flow_arms() -> dict[Coalition, Arm]:
    """Every coalition of flows; those without the channel are nothing at all."""
    nothing = unmediated(horizon=CALM_HORIZON)
    made = {}
    for some in coalitions((CHANNEL, *FLOWS)):
        off = {path: 0.0 for name, paths in FLOWS.items() if name not in some for path in paths}
        made[some] = unmediated({**middling(), **off}, horizon=CALM_HORIZON) if CHANNEL in some else nothing
    return made


@cache
def selection_arms() -> dict[str, Arm]:
    """A population of disputes with mediators that come to some of them, and the same disputes without any."""
    return {
        name: arm(POPULATION, ("talks=population", f"mediation={mediation}"), {}, horizon=YEAR)
        for name, mediation in (("with", "population"), ("without", "none"))
    }


def flows(bench: Bench) -> Told:
    """The effect of a middling mediator, shared out."""
    worth = {some: values(bench, one, CALM) for some, one in flow_arms().items()}
    whole = worth[frozenset((CHANNEL, *FLOWS))] - worth[frozenset()]
    bare = worth[frozenset((CHANNEL,))] - worth[frozenset()]
    five = shares((CHANNEL, *FLOWS), worth)
    four = shares(tuple(FLOWS), {some - {CHANNEL}: cells for some, cells in worth.items() if CHANNEL in some})
    rows = [
        (name, known(five[name]).whole, ratio(five[name], whole), known(bare if name == CHANNEL else four[name]).whole)
        for name in (CHANNEL, *FLOWS)
    ]
    total = known(whole)
    text = "\n".join(
        [
            "### Through what a mediator's effect flows",
            "",
            f"A mediator with every lever at its default, there from the first day, changes the chance of calm by day "
            f"{CALM_BY} by {total.whole}. Shapley values over all 32 coalitions of five flows, crisis by crisis. Without a "
            "channel nothing flows, so the channel takes part of what each lever brings; the last column takes the channel "
            "first and shares out what the levers add to it.",
            "",
            table(["flow", "Shapley value", "share of the whole", "after the bare channel"], rows),
        ]
    )
    shown = {name: known(cells) for name, cells in five.items()}
    figure = drawing.intervals(
        shown, "part of the change in the chance of calm", "What a mediator's effect consists of"
    )
    return Told(
        f"the whole effect of a mediator is {total}",
        text,
        {"flows": figure},
        {"flows": [{"flow": name, **one.columns()} for name, one in shown.items()]},
    )


def selection(bench: Bench) -> Told:
    """Naive and causal effects side by side."""
    lanes = {name: bench.lanes(one) for name, one in selection_arms().items()}
    shape = (bench.effort.draws, bench.effort.crises)
    came = np.asarray(lanes["with"]["mediated"], bool).reshape(shape)
    rows, shown = [], {}
    for measure in (CALM, DAYS_HOT, DEATHS):
        with_, without = (measure.read(lanes[name]).astype(float).reshape(shape) for name in ("with", "without"))
        naive = _naive(with_, came)
        causal = known(np.where(came, with_ - without, np.nan))
        before = _naive(without, came)
        rows.append((f"{measure.name} ({measure.unit})", naive, causal, before))
        if measure is CALM:
            shown = {
                "mediated minus unmediated crises": naive,
                "what mediation changed in the mediated": causal,
                "the same crises before anybody came": before,
            }
    text = "\n".join(
        [
            "### Naive and causal effect",
            "",
            f"In a population of disputes mediators came to {came.mean():.0%}. The raw difference between mediated and "
            "unmediated crises, what mediation changed in the mediated ones (the same crises without it, luck shared), and "
            "how the two groups differ where nobody mediates: selection alone.",
            "",
            table(["outcome", "naive", "causal", "selection alone"], rows),
        ]
    )
    figure = drawing.intervals(shown, f"difference in calm begun by day {CALM_BY}", "Naive and causal effect")
    return Told(
        "",
        text,
        {"selection": figure},
        {
            "selection": [
                {"outcome": row[0], "naive": str(row[1]), "causal": str(row[2]), "selection": str(row[3])}
                for row in rows
            ]
        },
    )


def _naive(cells: np.ndarray, came: np.ndarray) -> Known:
    """Mean of the mediated minus mean of the others, with its interval over resampled luck."""
    weights = luck_weights(cells.shape[1])

    def means(group: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (weights @ (cells * group).sum(axis=0)) / (weights @ group.sum(axis=0))

    if not came.any() or came.all():
        return UNKNOWN
    low, high = np.nanquantile(means(came) - means(~came), [0.025, 0.975])
    return Known(float(cells[came].mean() - cells[~came].mean()), float(low), float(high), *[float("nan")] * 2)


def causal_and_naive(bench: Bench, measure: Measure) -> tuple[Known, Known]:
    """What mediation changed in the mediated crises, and the raw difference."""
    lanes = {name: bench.lanes(one) for name, one in selection_arms().items()}
    shape = (bench.effort.draws, bench.effort.crises)
    came = np.asarray(lanes["with"]["mediated"], bool).reshape(shape)
    with_, without = (measure.read(lanes[name]).astype(float).reshape(shape) for name in ("with", "without"))
    return known(np.where(came, with_ - without, np.nan)), _naive(with_, came)
