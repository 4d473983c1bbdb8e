"""Whether a mediator can harm: each lever in a setting in which it might, from one end of its range to the other.

A model in which every lever helps by construction proves nothing about mediation, see decision 30.
"""

from __future__ import annotations

import polars as pl

from experiments.claims.catalogue import laid_over
from experiments.validation.mechanisms import SETTINGS, eventful_crises
from experiments.validation.signs import Expectation, effects_of_ends

HARM = SETTINGS["harm"]
"""Setting -> its ``meaning``, the ``values`` it changes in the eventful crisis with two mediators, the ``levers`` that
might harm there and why each does or cannot, and the lower end (``start``) of those that do not begin at their range's."""


def harm(replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects on heavy days of every lever, upper end minus lower end: columns as in :func:`effects_of_ends`.

    ``verdict`` is ``harms`` or ``helps`` where the interval leaves out 0, else ``neither``.
    """
    base, tables = eventful_crises()["mediated"], []
    for name, own in HARM.items():
        items = [
            Expectation(f"mediation.{lever}", name, "days_heavy", "+", why, own.get("start", {}).get(lever, ""))
            for lever, why in own["levers"].items()
        ]
        tables.append(effects_of_ends(items, base.replaced(laid_over(own["values"], ())), replicates, seed))
    verdict = pl.when(pl.col("low") > 0).then(pl.lit("harms")).when(pl.col("high") < 0).then(pl.lit("helps"))
    return pl.concat(tables).with_columns(verdict=verdict.otherwise(pl.lit("neither")))
