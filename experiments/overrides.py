"""What stands on the command line of ``run`` and ``sweep``, read and checked before Hydra composes anything."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.errors import UserError, one_line
from experiments.schema import FREE, GROUPS, PART_GROUPS, known_paths, root_keys

ALLOWED_HYDRA = ("hydra.run.dir", "hydra.sweep.dir")


@dataclass(frozen=True)
class Override:
    """One ``key=value``; ``values`` holds one element, or all elements of a list to sweep over."""

    key: str
    values: tuple[Any, ...]
    text: str
    listed: bool

    @property
    def group(self) -> str:
        """The config group it chooses from, or nothing."""
        return group_of(self.key)

    @property
    def is_hydra(self) -> bool:
        return self.key.startswith("hydra.")


def group_of(key: str) -> str:
    """The config group that a key such as ``mediation`` or ``government@government.a`` chooses from, or nothing."""
    name, _, package = key.partition("@")
    if package:
        return name if name in (*GROUPS, *PART_GROUPS) else ""
    return name if name in (*GROUPS, "alliance") else ""


def parse_overrides(texts: Sequence[str]) -> list[Override]:
    """Parse and check ``key=value`` texts one by one.

    Raises
    ------
    UserError
        Naming the key, the value, the range and the nearest valid name.
    """
    return [_checked(_parsed(text)) for text in texts]


def nearest_name(key: str, known: Iterable[str] | None = None) -> str:
    """A hint at the valid name closest to ``key``, or nothing."""
    names = list(known if known is not None else [*known_paths(), *root_keys(), *GROUPS])
    same_end = [name for name in names if name.rsplit(".", 1)[-1] == key]
    found = same_end or difflib.get_close_matches(key, names, n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def check_value(key: str, value: Any) -> None:
    """Check the value of one dotted key, or of a mapping below it, against the records."""
    known = known_paths()
    if key in known:
        parameter = known[key]
        usable = str(value) if parameter.kind == "text" and isinstance(value, (int, float)) else value
        parameter.check(key, usable)
    elif isinstance(value, Mapping) and any(path.startswith(key + ".") for path in known):
        for name, inner in value.items():
            check_value(f"{key}.{name}", inner)
    elif any(path.startswith(key + ".") for path in known):
        raise UserError(f"{key}={value}: a group of parameters, not one value; try one of {_below(key, known)}")
    elif key.split(".")[0] not in FREE:
        raise UserError(f"{key}: no such key{nearest_name(key)}")


def refuse_hooks(tree: Any, where: str = "") -> None:
    """Refuse ``_target_`` and its kin anywhere in a tree: configuration is data."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            refuse_hook(f"{where}{name}")
            refuse_hooks(value, f"{where}{name}.")
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            refuse_hooks(value, where)


def refuse_hook(key: str) -> None:
    """Refuse one key that asks for code to be called."""
    last = key.rsplit(".", 1)[-1]
    if len(last) > 2 and last.startswith("_") and last.endswith("_"):
        raise UserError(f"{key}: not allowed; configuration is data and never names code to call")


def _parsed(text: str) -> Override:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    if "=" not in text and not text.startswith("~"):
        raise UserError(f"{text}: key=value is needed{nearest_name(text)}")
    try:
        made = OverridesParser.create().parse_override(text)
    except HydraException as error:
        raise UserError(f"{text}: cannot be read ({one_line(error)})") from None
    if made.is_delete():
        raise UserError(f"{text}: keys cannot be deleted; choose another value, e.g. mediation=none")
    if made.is_sweep_override() and not made.is_discrete_sweep():
        raise UserError(f"{text}: an interval has no list of values; use range(...), or a design with latin_hypercube")
    listed = made.is_sweep_override()
    values = tuple(_elements(made)) if listed else (made.value(),)
    return Override(made.get_key_element().lstrip("+"), values, text, listed)


def _elements(made: Any) -> Iterator[Any]:
    from hydra.core.override_parser.types import Glob, QuotedString

    if isinstance(made._value, Glob):
        raise UserError(f"{made.input_line}: write the names out, glob() is not supported")
    for value in made.sweep_iterator():
        yield value.text if isinstance(value, QuotedString) else value


def _checked(override: Override) -> Override:
    refuse_hook(override.key)
    if override.key.split(".")[0] == "hydra" or override.key.startswith("hydra/"):
        if override.key not in ALLOWED_HYDRA or override.listed:
            raise UserError(f"{override.text}: only {' and '.join(ALLOWED_HYDRA)} of Hydra's own settings can be set")
        return override
    for value in override.values:
        refuse_hooks(value, override.key + ".")
        if override.group:
            _check_choice(override, value)
        else:
            check_value(override.key, value)
    return override


def _check_choice(override: Override, value: Any) -> None:
    if value is None:
        raise UserError(f"{override.text}: a group needs a name{_none_hint(override.key)}")
    if not isinstance(value, str):
        raise UserError(f"{override.text}: one name is needed, {override.key}=NAME; single values are set by "
                        f"dotted keys such as {override.group}.KEY=VALUE")
    if override.text.startswith("+"):
        raise UserError(f"{override.text}: write it without +: {override.text.lstrip('+')}")


def _none_hint(key: str) -> str:
    return f"; to have none, write {key}=none" if key in ("mediation", "talks", "alliance") else ""


def _below(key: str, known: Mapping[str, Any]) -> str:
    found = [path for path in known if path.startswith(key + ".")]
    return ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
