"""Hydra's and OmegaConf's errors in one line with key, value, range and the nearest valid name."""

from __future__ import annotations

import re

from experiments.config.overrides import nearest_name
from experiments.config.schema import GROUPS, ROOT_KEYS, known_paths
from experiments.errors import UserError, one_line

_VALUE = re.compile(r"Value '(?P<value>.*?)' of type")
_FILE = re.compile(r"In '(?P<file>[^']+)'")
_MISSING = re.compile(r"Could not (?:find|load) '(?P<name>[^']+)'")


def explain_composition(error: BaseException) -> Exception:
    """The one-line error to show to the user for an exception that Hydra raised while composing."""
    from omegaconf.errors import OmegaConfBaseException

    chain = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    for link in chain:
        if isinstance(link, UserError):
            return link
    files = [match["file"] for link in chain if (match := _FILE.search(str(link))) and match["file"] != "config"]
    where = f"in {files[0]}.yaml: " if files else ""
    if any(isinstance(link, RecursionError) for link in chain):
        return UserError(f"{where}a configuration file includes itself, through its defaults list or an alias")
    for link in chain:
        if isinstance(link, OmegaConfBaseException) and link.full_key:
            return UserError(where + _explain_key(str(link.full_key), str(link.msg or link), type(link).__name__))
    missing = _MISSING.search(str(error))
    if missing:
        options = re.findall(r"\n\t(?!provider)(\S+)", str(error))
        available = f"; available: {', '.join(options)}" if options else ""
        return UserError(f"{where}{missing['name']}: no such file in the configuration{available}")
    return UserError(where + _without_advice(str(error)))


def _explain_key(key: str, message: str, kind: str) -> str:
    known = known_paths()
    if kind == "MissingMandatoryValue":
        allowed = f"; allowed: {known[key].range_text} ({known[key].meaning})" if key in known else ""
        return f"{key}=???: a value is missing{allowed}"
    if key in ("scenario", "experiment"):
        return f"a file of the group {key} begins with the line # @package _global_"
    if key in (*GROUPS, *ROOT_KEYS) and key not in known:
        return f"{key}: a mapping of parameters is needed, as in KEY: VALUE"
    if "Key" in kind or "Attribute" in kind:
        return f"{key}: no such key{nearest_name(key)}"
    if key not in known:
        return f"{key}: {_without_advice(message)}"
    value = _VALUE.search(message)
    shown = f"{key}={value['value']}" if value else key
    problem = "may not be null" if "not Optional" in message else "has the wrong type"
    return f"{shown}: {problem}; allowed: {known[key].range_text} ({known[key].meaning})"


def _without_advice(message: str) -> str:
    return one_line(re.split(r"\nSee https?://|\nConfig search path|\nTo append to your config", message)[0])
