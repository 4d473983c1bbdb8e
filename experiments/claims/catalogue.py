"""All claims, read from the files that declare them, and the hashes of claims and rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from experiments.claims.arms import laid_by
from experiments.claims.claim import PRESSED, UNMEDIATED, Contrast, Part, Proposition, both_sides, setting
from experiments.claims.measures import MEASURES
from experiments.config.overrides import nearest_name
from experiments.config.yaml_files import read_text, read_tree
from experiments.design.hyperparameters import Hyperparameter
from experiments.design.priors import UNUPDATED_PRIORS, prior_of
from experiments.errors import UserError

DECLARED = Path(__file__).with_name("declared")
THEMES = ("alliances", "fighting", "information", "mediation", "publics")
OVERRIDES = {"unmediated": UNMEDIATED, "pressed": PRESSED}


@cache
def catalogue() -> dict[str, Proposition]:
    """Name -> proposition, by number."""
    read = [
        _proposition(name, content["theme"], dict(fields))
        for path in (DECLARED / f"{theme}.yaml" for theme in THEMES)
        for content in [read_tree(read_text(path), path)]
        for name, fields in content["claims"].items()
    ]
    return {claim.name: claim for claim in sorted(read, key=lambda claim: int(claim.name[1:]))}


def _proposition(name: str, theme: str, fields: dict[str, Any]) -> Proposition:
    overrides = fields.pop("overrides", "unmediated")
    fields["overrides"] = OVERRIDES[overrides] if isinstance(overrides, str) else tuple(overrides)
    fields["drivers"] = both_sides(*map(_pattern, fields.get("drivers", ())))
    fields["over"] = both_sides(*map(_pattern, fields.get("over", ())))
    fields["moderators"] = tuple(map(_pattern, fields.get("moderators", ())))
    fields["tests"] = tuple(_contrast(test, fields["overrides"]) for test in fields["tests"])
    fields["parts"] = tuple(
        Part(part["what"], _contrast(part, fields["overrides"]), part.get("built_in", False))
        for part in fields.get("parts", ())
    )
    return Proposition(name, theme, **fields)


def _contrast(fields: Mapping[str, Any], overrides: tuple[str, ...]) -> Contrast:
    """A contrast as declared: ``arms`` and ``weights``; ``with``, ``without`` and ``sign``; or one arm as it is."""
    if "arms" in fields:
        arms, weights = fields["arms"], fields["weights"]
    elif "with" in fields:
        sign = fields.get("sign", 1)
        arms = {"with": fields["with"], "without": fields.get("without", {})}
        weights = {"with": sign, "without": -sign}
    else:
        arms, weights = {"as it is": {}}, {"as it is": 1}
    measured = fields.get("measures") or dict.fromkeys(arms, fields["measure"])
    changes = {name: laid_over(arm, overrides) for name, arm in arms.items()}
    return Contrast(changes, weights, measured, fields.get("what", ""))


def laid_over(declared: Mapping[str, Any], overrides: tuple[str, ...]) -> dict[str, float | str]:
    """Changes by path; ``both`` stands for both sides, a key without a dot for the choice of a group."""
    changes: dict[str, float | str] = {}
    for path, value in declared.items():
        if "." in path:
            changes |= setting(value, _pattern(path))
        else:
            changes |= laid_by("tovuz_2020", overrides, (f"{path}={value}",))
    return changes


def _pattern(path: str) -> str:
    """A path with ``?`` for both sides, which YAML does not take in lists."""
    return path.replace(".both.", ".?.")


@cache
def designs_hash() -> str:
    """The hash of what claims are tested by: what they declare, with measures and ranges of draws."""
    declared = {
        "claims": [declaration(proposition) for proposition in catalogue().values()],
        "draws": [_drawn(item) for item in prior_of(UNUPDATED_PRIORS)],
    }
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:16]


def _drawn(item: Hyperparameter) -> list[Any]:
    """What is drawn for a number of a table of priors, without the words that explain it."""
    return [item.paths, item.low, item.high, item.log, item.shape]


def declaration(proposition: Proposition) -> dict[str, Any]:
    """A claim as plain data: arms, weights, estimand and, of measures, label, scale and days."""
    fields = asdict(proposition)
    for contrast in (*fields["tests"], *(part["test"] for part in fields["parts"])):
        contrast["measures"] = {
            arm: [MEASURES[name].label, MEASURES[name].scale, MEASURES[name].horizon]
            for arm, name in contrast["measured"].items()
        }
    return fields


def chosen(names: list[str]) -> list[Proposition]:
    """The propositions asked for, or all of them; UserError for an unknown one."""
    known = catalogue()
    for name in names:
        if name.upper() not in known:
            raise UserError(f"{name}: no such proposition{nearest_name(name.upper(), known)}; P1 to P{len(known)}")
    return [known[name.upper()] for name in names] if names else list(known.values())
