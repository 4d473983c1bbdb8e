"""Whether a mediator can harm: each lever in a setting in which it might, from one end of its range to the other.

A model in which every lever helps by construction proves nothing about mediation, see decision 30.
"""

from __future__ import annotations

import polars as pl

from experiments.validation.mechanisms import eventful_crises, of_both
from experiments.validation.signs import Expectation, effects_of_ends, of_mediators

_ONE = {"talks.present": 0, "mediation.second.present": 0}
_TRUCES = {
    **_ONE,
    "talks.threshold": 3,
    "talks.given_word": 0,
    "talks.breaking": 0,
    "dyad.operations.lapse_rate_middle": 0,
    "dyad.operations.lapse_rate_8": 0,
    **of_mediators(effort=0.5, enforcement=0, leverage=0, verification=0),
    **of_both("government", resolve=6, step_up=0.1, clock_calm=0.3, hope_rate=0.2, hope_recovery=1),
    **of_both("government", stock_cost=5, stock_gain=0.2, stock_recovery=0.2),
    **of_both("government", fatigue_gain=0.2, fatigue_recovery=0.2),
}
SETTINGS: dict[str, tuple[str, dict[str, float]]] = {
    "eventful": ("an eventful crisis with two mediators", {}),
    "furious": (
        "furious publics, pressure in the open",
        {
            **_ONE,
            "talks.threshold": -2,
            **of_mediators(effort=0.3, leverage=1.5, manipulation=1, secrecy=0, backlash=1.5),
            **of_both("public", hawkishness=0.6, attitude_shift=0.6, anchor_pull=0),
        },
    ),
    "leaning": (
        "one mediator, a disfavoured side that minds unfairness, nobody who believes a friend more",
        {**_ONE, "talks.threshold": -2, "talks.unfairness": 1, "talks.credibility": 0, **of_mediators(effort=0.3)},
    ),
    "leaky": (
        "one mediator whose cover is all that counts, secrets that leak, no shame in asking",
        {
            **_ONE,
            "talks.threshold": -2,
            "talks.leak": 0.5,
            "talks.asking": 0,
            "talks.text_cover": 0,
            **of_mediators(effort=0.3, cover=1, backlash=0, leverage=0),
            **of_both("public", inconsistency=4, weakness=4),
            **of_both("government", domestic_weight=8),
        },
    ),
    "trusting": (
        "one mediator between sides that trust each other more than they should",
        {
            **_ONE,
            "talks.messages": 0.2,
            "talks.fog_relief": 0,
            "talks.trust_relief": 0,
            "talks.distrust": 4,
            **of_mediators(effort=0.2),
            **of_both("government", trust_start=1, conciliation=2),
        },
    ),
    "bare truces": (
        "early truces that cost nothing to break, under which sides with much at stake recover fast",
        _TRUCES,
    ),
    "guaranteed truces": (
        "the same, with a price on breaking a guaranteed one",
        _TRUCES | {"talks.breaking": 6},
    ),
}
"""Setting -> what is so about it, and what it changes in the eventful crisis with two mediators."""

LEVERS = {
    "delay": ("eventful", "", "a mediator who comes later does less"),
    "failure_cost": ("eventful", "", "standing is spent on offers that are refused"),
    "leverage": ("furious", "", "publics resist pressure by more than it is worth"),
    "manipulation": ("furious", "", "likewise"),
    "backlash": ("furious", "", "likewise"),
    "bias": ("leaning", "0", "the disfavoured side refuses"),
    "secrecy": ("leaky", "", "a secret that leaks covers nothing, an open offer keeps its cover"),
    "facilitation": ("trusting", "", "the truth about the other side is worse than what was believed"),
    "effort": (
        "bare truces",
        "",
        "cannot: an offer costs standing at most, and a truce brings both sides down at once",
    ),
    "mission": ("bare truces", "", "cannot: likewise"),
    "formulation": ("bare truces", "", "cannot: a text only adds to what an offer is worth"),
    "cover": ("bare truces", "", "cannot: cover lowers the price of coming down alone"),
    "verification": ("bare truces", "", "cannot: facts only lower distrust and blame"),
    "enforcement": ("guaranteed truces", "", "cannot: a price on breaking alone"),
}
"""Lever -> the setting in which it might harm, the lower end where that is not its range's, and why it does or cannot."""


def harm(replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects on heavy days of every lever, upper end minus lower end: columns as in :func:`effects_of_ends`.

    ``verdict`` is ``harms`` or ``helps`` where the interval leaves out 0, else ``neither``.
    """
    base, tables = eventful_crises()["mediated"], []
    for name, (_, changes) in SETTINGS.items():
        items = [
            Expectation(f"mediation.{lever}", name, "days_heavy", "+", why, start)
            for lever, (setting, start, why) in LEVERS.items()
            if setting == name
        ]
        tables.append(effects_of_ends(items, base.replaced(changes), replicates, seed))
    verdict = pl.when(pl.col("low") > 0).then(pl.lit("harms")).when(pl.col("high") < 0).then(pl.lit("helps"))
    return pl.concat(tables).with_columns(verdict=verdict.otherwise(pl.lit("neither")))
