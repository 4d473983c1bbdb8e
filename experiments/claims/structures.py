"""Structural variants of the model. One may judge only after it was fitted anew and passed its predictive checks."""

from __future__ import annotations

import json

from experiments.claims.arms import Changes
from experiments.claims.claim import setting
from experiments.claims.uncertainty import DRIVERS_DRAWN, posterior_file
from experiments.design.posterior import POPULATION

AS_IT_IS = "as it is"
STRUCTURES: dict[str, Changes] = {
    AS_IT_IS: {},
    "ratio contest": setting("ratio", "government.?.contest_form"),
    "near best response": setting(30, "government.?.rationality"),
    "cascade floor": setting(1, "public.?.cascade_floor"),
    "one step at a time": setting("one_step", "government.?.action_set"),
    "jump to any rung": setting("any", "government.?.action_set"),
}
"""Name -> what it changes."""
LEAST_INSIDE = 0.75
"""Share of its targets that a refitted structure has to reach before it may judge."""


def posterior_name(scenario: str, structure: str) -> str:
    """What the posterior of a structure is called."""
    return scenario if structure in ("", AS_IT_IS) else f"{scenario}.{structure.replace(' ', '_')}"


def admissible(scenario: str) -> list[str]:
    """What may judge: the model as it is, the same with coded drivers drawn, and structures that passed."""
    wide = [DRIVERS_DRAWN] if posterior_file(scenario) or posterior_file(POPULATION) else []
    return [AS_IT_IS, *wide, *(name for name in STRUCTURES if name != AS_IT_IS and passed(scenario, name))]


def passed(scenario: str, structure: str) -> bool:
    """Whether a posterior of the structure ships and predicts enough of its targets."""
    shipped = posterior_file(posterior_name(scenario, structure))
    if shipped is None:
        return False
    facts = json.loads(shipped.with_suffix(".json").read_text(encoding="utf-8"))
    return bool(facts["of"]) and facts["inside"] / facts["of"] >= LEAST_INSIDE
