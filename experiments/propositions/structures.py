"""Structural variants of the model. One may judge only after it was fitted anew and passed its predictive checks."""

from __future__ import annotations

from experiments.propositions.claim import Changes, setting
from experiments.propositions.uncertainty import posterior_file

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


def admissible(scenario: str) -> list[str]:
    """The structures that may judge: the model as it is, and those a posterior of their own ships for."""
    return [
        AS_IT_IS,
        *(
            name
            for name in STRUCTURES
            if name != AS_IT_IS and posterior_file(f"{scenario}.{name.replace(' ', '_')}") is not None
        ),
    ]
