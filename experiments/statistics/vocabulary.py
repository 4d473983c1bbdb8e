"""The categories of outcomes, in the order in which they are printed and drawn."""

from __future__ import annotations

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

HEADLINE_DAY = 60
"""Day by which the headline probability of calm is taken."""
