"""The claims of the source article and the contrasts that test them, declared in ``declared/``, and their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from experiments.claims.arms import Changes, laid_by
from experiments.claims.measures import MEASURES, read_declared
from experiments.config.overrides import nearest_name
from experiments.design.priors import UNUPDATED_PRIORS, prior_of
from experiments.errors import UserError

RECORD, CAUSAL = "record", "causal"
MORE, NOTHING, NECESSITY = "more", "nothing", "necessity"
"""What a claim expects: effects above 0; none; or that calm hardly ever comes without mediators."""
UNMEDIATED = ("mediation=none", "talks=none")
PRESSED = (
    *UNMEDIATED,
    "dyad.start_rung_a=7",
    "dyad.start_rung_b=7",
    "public.a.propaganda=1",
    "public.b.propaganda=1",
)
"""High pressure: a ground assault on the first day and heavy propaganda. Below it no ally could matter."""


@dataclass(frozen=True)
class Contrast:
    """A weighted sum, on the scale of its measure, of the means of arms that meet the same luck.

    ``arms`` maps a name to the parameters it changes, ``weights`` the same names to the weight of their logarithms (or
    log-odds), ``measured`` to what is measured on each, all on one scale. ``what`` names it where a claim has several.
    """

    arms: Mapping[str, Changes]
    weights: Mapping[str, float]
    measured: Mapping[str, str]
    what: str = ""

    def __post_init__(self) -> None:
        if not set(self.arms) == set(self.weights) == set(self.measured):
            raise ValueError(f"arms {sorted(self.arms)}, weights {sorted(self.weights)}, {sorted(self.measured)}")

    @property
    def scale(self) -> str:
        """The scale on which its arms are compared."""
        return MEASURES[next(iter(self.measured.values()))].scale

    @property
    def single(self) -> bool:
        """Whether it is the level of one arm instead of a comparison."""
        return len(self.arms) == 1


@dataclass(frozen=True)
class Part:
    """A contrast shown beside a verdict and not judged: its sign is built in, or it gives what is judged a scale."""

    what: str
    test: Contrast
    built_in: bool = False


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim, P1 to P33, in neutral words, with the contrast its tests estimate and what would contradict it."""

    name: str
    theme: str
    claim: str
    kind: str
    """:data:`RECORD` is shown with the record and not judged; :data:`CAUSAL`."""
    expects: str = MORE
    estimand: str
    beside: str = ""
    """The record, or a note, shown with the result."""
    contradicted_by: str
    mechanism: str = ""
    """What would have to be built before the model could express the claim, and why it was not."""


@dataclass(frozen=True, kw_only=True)
class Proposition(Claim):
    """A claim and how it is judged.

    ``tests`` are judged, and the claim holds where all of them do together; ``parts`` are shown beside the verdict, with
    fewer crises. ``scenario`` and ``overrides`` are as typed on the command line, ``horizon`` is in days.
    """

    tests: tuple[Contrast, ...]
    scenario: str = "tovuz_2020"
    overrides: tuple[str, ...] = UNMEDIATED
    horizon: int = 120
    drivers: tuple[str, ...] = ()
    """Parameters that the claim names or rests on: the range of effects is looked for over their declared ranges."""
    over: tuple[str, ...] = ()
    """Further parameters of the same mechanism over whose ranges it is looked for."""
    moderators: tuple[str, ...] = ()
    """Two drawn parameters, named before the run (``?`` for both sides), that may divide the answer."""
    parts: tuple[Part, ...] = ()


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
    return Proposition(name=name, theme=theme, **{**fields, "overrides": overrides})


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


def both_sides(*names: str) -> list[str]:
    """The paths of parameters, those of both sides for ``government.?.name`` or ``government.both.name``."""
    patterns = [name.replace(".both.", ".?.") for name in names]
    return [name.replace("?", side) for name in patterns for side in ("ab" if "?" in name else "a")]
