"""Structural variants of the model. One may judge only after it was fitted anew and passed its predictive checks."""

from __future__ import annotations

from experiments.propositions.claim import Changes, setting
from experiments.propositions.uncertainty import posterior_file

STRUCTURES: dict[str, Changes] = {
    "as it is": {},
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
        "as it is",
        *(
            name
            for name in STRUCTURES
            if name != "as it is" and posterior_file(f"{scenario}.{name.replace(' ', '_')}") is not None
        ),
    ]
