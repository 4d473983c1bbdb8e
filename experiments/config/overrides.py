"""The ``key=value`` overrides of ``run`` and ``sweep``, read and checked before Hydra composes anything."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from experiments.config.plain_values import with_numbers
from experiments.config.schema import FREE, GROUPS, ROOT_KEYS, group_of, known_paths
from experiments.errors import UserError, one_line
from sim.scenario import ParameterError

ALLOWED_HYDRA = ("hydra.run.dir", "hydra.sweep.dir")
ONLY_DIRECTORIES = f"only {' and '.join(ALLOWED_HYDRA)} can be set, on the command line"
MOST_VALUES = 5_000_000
"""Values that one range may hold."""
PATHS = ("resume", *ALLOWED_HYDRA)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_SHUFFLE = re.compile(r"\bshuffle\s*\(")
_PLAIN = re.compile(r"[\w.,:=(){}\[\]+@/\\ |-]*", re.ASCII)
_IN_DESIGN = re.compile(r"(?P<part>design\.\w+(?:\.factors)?|search\.\w+)\.(?P<path>\w+\..+)")
_FREE_BLOCKS = {"varies": "{PATH: {dist: ...}}", "design": "{grid: {PATH: [...]}}", "search": "{levers: {...}}"}


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


def parse_overrides(texts: Sequence[str]) -> list[Override]:
    """Parse and check ``key=value`` texts one by one.

    Raises
    ------
    UserError
        Naming the key, the value, the range and the nearest valid name.
    """
    return [_checked(_parsed(text)) for text in texts]


def nearest_name(key: str, known: Iterable[str] | None = None) -> str:
    """A hint such as ``; did you mean mediation?`` at the valid name closest to ``key``, or nothing."""
    names = list(known if known is not None else [*known_paths(), *ROOT_KEYS, *GROUPS])
    same_end = [name for name in names if name.rsplit(".", 1)[-1] == key]
    nearest = [name for name in same_end or difflib.get_close_matches(key, names, n=1, cutoff=0.6) if name != key]
    return f"; did you mean {nearest[0]}?" if nearest else ""


def shown(value: Any, text: Callable[[str], str] = str) -> str:
    """A value as one would type it, its texts as ``text`` writes them: plain, or :func:`quoted`."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{shown(inner, text)}" for name, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(shown(inner, text) for inner in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return text(value) if isinstance(value, str) else str(value)


def quoted(text: str) -> str:
    """A text in quotes, as Hydra reads it back."""
    from hydra.core.override_parser.types import Quote, QuotedString

    return QuotedString(text, Quote.single).with_quotes()


def refuse_interpolation(tree: Any, where: str) -> None:
    """Refuse ``${...}`` anywhere in a tree: what a study is must not depend on where and when it is read."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            refuse_interpolation(str(name), where)
            refuse_interpolation(value, f"{where}.{name}" if where else str(name))
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            refuse_interpolation(value, where)
    elif isinstance(tree, str) and "${" in tree:
        raise UserError(f"{where}: {tree} is an interpolation, which is not supported; write the value itself")


def check_value(key: str, value: Any) -> None:
    """Check the value of one dotted key, or of a mapping below it, against the records.

    Raises
    ------
    UserError
        For a key that cannot be set, or not like this.
    ParameterError
        For a value that the key cannot take.
    """
    known = known_paths()
    below = [path for path in known if path.startswith(key + ".")]
    if key in known:
        parameter = known[key]
        if parameter.kind == "text" and isinstance(value, (int, float)):
            value = str(value)
        try:
            parameter.check(key, value)
        except ParameterError as error:
            if isinstance(value, (str, int, float)) and not isinstance(value, bool):
                raise
            # null, true and lists as one types them, not as Python writes them
            raise ParameterError(str(error).replace(f"{key}={value!r}", f"{key}={shown(value)}", 1)) from None
    elif below and isinstance(value, Mapping):
        for name, inner in value.items():
            check_value(f"{key}.{name}", inner)
    elif below:
        examples = ", ".join(below[:3]) + (", ..." if len(below) > 3 else "")
        raise UserError(f"{key}={shown(value)}: a group of parameters, not one value; try one of {examples}")
    elif key in _FREE_BLOCKS:
        if not isinstance(value, Mapping):
            raise UserError(f"{key}={shown(value)}: a mapping is needed, {key}={_FREE_BLOCKS[key]}")
    else:
        _refuse_key(key)


def _refuse_key(key: str) -> None:
    """UserError for a key that cannot be set, with what to write instead; parts of free blocks pass."""
    known = known_paths()
    if key.startswith("varies."):
        path = key.removeprefix("varies.")
        raise UserError(f"{key}: a distribution is given as varies={{{path}:{{dist:...}}}}, or in a file")
    if (match := _IN_DESIGN.fullmatch(key)) and match["path"] in known:
        raise UserError(f"{key}: a factor is given as {match['part']}={{{match['path']}:...}}, or in a file")
    if key.startswith("peak_odds."):
        raise UserError(f"{key}: single odds cannot be set; peak_odds is a table of ten rows of ten probabilities")
    if key.split(".")[0] not in FREE:
        raise UserError(f"{key}: no such key{nearest_name(key)}")


def refuse_hooks(tree: Any, where: str = "") -> None:
    """Refuse ``_target_`` and its kin anywhere in a tree: configuration is data."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            key = f"{where}{name}"
            last = key.rsplit(".", 1)[-1]
            if len(last) > 2 and last.startswith("_") and last.endswith("_"):
                raise UserError(f"{key}: not allowed; configuration is data and never names code to call")
            refuse_hooks(value, f"{key}.")
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            refuse_hooks(value, where)


def _parsed(text: str) -> Override:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    if "=" not in text and not text.startswith("~"):
        known = text in {*known_paths(), *ROOT_KEYS, *GROUPS}
        raise UserError(f"{text}: key=value is needed{f', e.g. {text}=VALUE' if known else nearest_name(text)}")
    if not text.lstrip("+").partition("=")[0].strip():
        raise UserError(f"{text}: key=value is needed; the key is missing")
    if "${" in text:
        raise UserError(f"{text}: ${{...}} interpolations are not supported; write the value itself")
    if _SHUFFLE.search(_QUOTED.sub("", text)):
        raise UserError(f"{text}: shuffle() is not supported; the points of a study must not depend on chance")
    # the parts of free blocks are new keys to Hydra, which wants them marked with ++
    forced = f"++{text}" if text.partition("=")[0].split(".")[0] in _FREE_BLOCKS else text
    try:
        parsed = OverridesParser.create().parse_override(forced)
    except HydraException as error:
        key, _, value = text.partition("=")
        if key in PATHS and value[:1] not in "'\"":  # any legal path, also one that Hydra wants in quotes
            return _parsed(f"{key}={quoted(value)}")
        raise UserError(f"{text}: cannot be read ({one_line(error)}){_quotes_hint(text)}") from None
    if parsed.is_delete():
        raise UserError(f"{text}: keys cannot be deleted; choose another value, e.g. mediation=none")
    if parsed.is_sweep_override() and not parsed.is_discrete_sweep():
        raise UserError(
            f"{text}: an interval is not a list of values; use range(...), or a design with latin_hypercube"
        )
    key = parsed.get_key_element().lstrip("+")
    listed = parsed.is_sweep_override()
    values = tuple(_elements(parsed)) if listed else (parsed.value(),)
    if not values:
        raise UserError(f"{text}: contains no values")
    if not listed and _is_text(key) and isinstance(values[0], (int, float)):
        values = (text.partition("=")[2].strip(),)  # a name such as 1_0 or 1e3 stays as it is
        forced = f"{forced.partition('=')[0]}={quoted(values[0])}"
    return Override(key, values if _is_text(key) else tuple(with_numbers(values, key, key)), forced, listed)


def _is_text(key: str) -> bool:
    known = known_paths().get(key)
    return key in ALLOWED_HYDRA or bool(group_of(key)) or known is not None and known.kind == "text"


def _quotes_hint(text: str) -> str:
    key, _, value = text.partition("=")
    if not value or _PLAIN.fullmatch(value) and value.count("=") == 0 or value[0] in "'\"[{":
        return ""
    return f'; put the value in quotes: "{key}={quoted(value)}"'


def _elements(parsed: Any) -> Iterator[Any]:
    from hydra.core.override_parser.types import Glob, QuotedString, RangeSweep

    if isinstance(parsed._value, Glob):
        raise UserError(f"{parsed.input_line}: write the names out, glob() is not supported")
    for value in _decimals(parsed._value) if isinstance(parsed._value, RangeSweep) else parsed.sweep_iterator():
        yield value.text if isinstance(value, QuotedString) else value


def _decimals(sweep: Any) -> list[int | float]:
    """The numbers of a range, each the decimal that a reader would write."""
    ends = (sweep.start, sweep.stop, sweep.step)
    start, stop, step = (Fraction(f"{end:.15g}") if isinstance(end, float) else end for end in ends)
    whole = all(isinstance(end, int) for end in ends)
    if step == 0:
        raise UserError("range(): the step is 0")
    count = max(math.ceil(Fraction(stop - start) / step), 0)
    if count > MOST_VALUES:
        raise UserError(f"range(): {count:,} values, but at most {MOST_VALUES:,} are allowed")
    return [int(value) if whole else float(value) for value in (start + step * number for number in range(count))]


def _checked(override: Override) -> Override:
    key, text = override.key, override.text
    refuse_hooks({key: override.values})
    if key.split(".")[0] == "hydra" or key.startswith("hydra/"):
        if key not in ALLOWED_HYDRA or override.listed:
            raise UserError(f"{text}: only {' and '.join(ALLOWED_HYDRA)} of Hydra's own settings can be set")
        (value,) = override.values
        if isinstance(value, (dict, list)) or value is None or not str(value).strip():
            raise UserError(f"{text}: a directory is needed")
        if "\\" in str(value):
            raise UserError(f"{text}: a backslash cannot be part of a directory here; write / between folders")
        return override
    for value in override.values:
        if not override.group:
            check_value(key, value)
        elif value is None:
            raise UserError(f"{text}: a group needs a name{none_hint(key)}")
        elif not isinstance(value, str):
            single = f"single values are set by dotted keys such as {override.group}.KEY=VALUE"
            raise UserError(f"{text}: one name is needed, {key}=NAME; {single}")
        elif text.startswith("+"):
            raise UserError(f"{text}: write it without +: {text.lstrip('+')}")
    return override


def none_hint(key: str) -> str:
    """A hint at ``GROUP=none`` for the groups that have it, or nothing."""
    return f"; to have none, write {key}=none" if key in ("mediation", "talks", "alliance") else ""
