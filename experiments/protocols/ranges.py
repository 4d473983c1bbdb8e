"""The replies that experiments and series give, read from ``conf/evidence/experiments_on_publics.csv``.

Columns: ``reply`` (one of six), ``item`` (a number of it), ``low`` and ``high``, ``bounds`` (``both``, ends included, or
``above``, the lower end left out: a sign), ``design`` and ``source``. A reply is inside where all of its items are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from experiments.files import shipped_rows


@dataclass(frozen=True)
class Item:
    """One number of a reply, and the range in which experiments find it."""

    reply: str
    item: str
    low: float
    high: float
    bounds: str
    design: str
    source: str

    @property
    def is_sign(self) -> bool:
        """Whether the sign alone is judged."""
        return self.bounds == "above"

    @property
    def range(self) -> str:
        """The range in words."""
        return "above 0" if self.is_sign else f"{self.low:g} to {self.high:g}"

    def inside(self, values: np.ndarray) -> np.ndarray:
        """Whether values lie in the range, in the shape of ``values``; NaN does not."""
        return (values > self.low if self.is_sign else values >= self.low) & (values <= self.high)


@cache
def items() -> tuple[Item, ...]:
    """All items in the file's order."""
    rows = shipped_rows("evidence/experiments_on_publics.csv")
    return tuple(Item(**{**row, "low": float(row["low"]), "high": float(row["high"])}) for row in rows)


def reply_names() -> tuple[str, ...]:
    """The six replies in order."""
    return tuple(dict.fromkeys(item.reply for item in items()))
