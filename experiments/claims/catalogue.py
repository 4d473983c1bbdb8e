"""All claims, read from the files that declare them, and the hashes of claims and rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from experiments.claims.arms import laid_by
from experiments.claims.claim import PRESSED, UNMEDIATED, Contrast, Part, Proposition, both_sides
from experiments.claims.measures import MEASURES, read_declared
from experiments.config.overrides import nearest_name
from experiments.design.priors import UNUPDATED_PRIORS, prior_of
from experiments.errors import UserError

THEMES = ("alliances", "fighting", "information", "mediation", "publics")
OVERRIDES = {"unmediated": UNMEDIATED, "pressed": PRESSED}


@cache
def catalogue() -> dict[str, Proposition]:
    """Name -> proposition, by number."""
    claims = {
        name: _proposition(name, content["theme"], dict(fields))
        for content in map(read_declared, THEMES)
        for name, fields in content["claims"].items()
    }
    return {name: claims[name] for name in sorted(claims, key=lambda name: int(name[1:]))}


def _proposition(name: str, theme: str, fields: dict[str, Any]) -> Proposition:
    declared = fields.get("overrides", "unmediated")
    overrides = OVERRIDES[declared] if isinstance(declared, str) else tuple(declared)
    fields |= {key: tuple(both_sides(*fields.get(key, ()))) for key in ("drivers", "over")}
    fields["moderators"] = tuple(path.replace(".both.", ".?.") for path in fields.get("moderators", ()))
    fields["tests"] = tuple(_contrast(test, overrides) for test in fields["tests"])
    fields["parts"] = tuple(
        Part(part["what"], _contrast(part, overrides), part.get("built_in", False)) for part in fields.get("parts", ())
    )
    return Proposition(name, theme, **{**fields, "overrides": overrides})


def _contrast(fields: Mapping[str, Any], overrides: tuple[str, ...]) -> Contrast:
    """A contrast as declared: ``arms`` and ``weights``; ``with``, ``without`` and ``sign``; or one arm as it is."""
    arms, weights = fields.get("arms", {"as it is": {}}), fields.get("weights", {"as it is": 1})
    if "with" in fields:
        sign = fields.get("sign", 1)
        arms = {"with": fields["with"], "without": fields.get("without", {})}
        weights = {"with": sign, "without": -sign}
    measured = fields.get("measures") or dict.fromkeys(arms, fields["measure"])
    changes = {name: laid_over(arm, overrides) for name, arm in arms.items()}
    return Contrast(changes, weights, measured, fields.get("what", ""))


def laid_over(declared: Mapping[str, Any], overrides: tuple[str, ...]) -> dict[str, float | str]:
    """Changes by path; ``both`` stands for both sides, a key without a dot for the choice of a group."""
    changes: dict[str, float | str] = {}
    for path, value in declared.items():
        if "." in path:
            changes |= dict.fromkeys(both_sides(path), value)
        else:
            changes |= laid_by("tovuz_2020", overrides, (f"{path}={value}",))
    return changes


@cache
def designs_hash() -> str:
    """The hash of what claims are tested by: arms, weights and estimands, measures, and ranges of draws."""
    claims = [asdict(proposition) for proposition in catalogue().values()]
    for fields in claims:
        for contrast in (*fields["tests"], *(part["test"] for part in fields["parts"])):
            contrast["measures"] = {
                arm: [MEASURES[name].label, MEASURES[name].scale, MEASURES[name].horizon]
                for arm, name in contrast["measured"].items()
            }
    drawn = [[item.paths, item.low, item.high, item.log, item.shape] for item in prior_of(UNUPDATED_PRIORS)]
    declared = {"claims": claims, "draws": drawn}
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:16]


def chosen(names: list[str], known: Collection[str], complaint: str) -> list[str]:
    """The names asked for, or all that are known; UserError with a complaint about an unknown one."""
    for name in names:
        if name not in known:
            raise UserError(f"{name}: {complaint}{nearest_name(name, known)}; {', '.join(known)}")
    return names or list(known)
