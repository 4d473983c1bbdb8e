"""The categories of outcomes, in the order in which they are printed and drawn."""

from __future__ import annotations

from sim.ladder import CALM_DAYS

SEVERITIES: dict[str, str] = {
    "none": "no shots",
    "clash": "clash",
    "limited_war": "limited war",
    "war": "war",
    "regional_war": "regional war",
}
"""Value of the column `severity` -> words for a reader, from mild to grave."""

TERMINATIONS: dict[str, str] = {
    "mediated": "mediated agreement",
    "direct": "direct agreement",
    "tacit": "tacit calm",
    "unilateral": "one side first",
    "imposed": "imposed by force",
    "ongoing": "no calm yet",
}
"""Value of the column `termination` -> words for a reader."""

CATEGORIES: dict[str, dict[str, str]] = {"severity": SEVERITIES, "termination": TERMINATIONS}

WARS = ("war", "regional_war")
LIMITED_WAR_OR_WORSE = ("limited_war", *WARS)

EARLY_DAY, HEADLINE_DAY = 14, 60
"""Days by which the headline probabilities of calm are taken: the second lies near its ceiling where fighting is short."""

CALM = (
    f"{CALM_DAYS} days in a row with both policies at rung 3 or below and nobody firing at rung 5 or above, whoever "
    "ordered it"
)
SILENCE = f"{CALM_DAYS} days in a row without a shot"
"""What calm and silence mean, in words."""
