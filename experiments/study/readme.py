"""``README.md`` of a study: what every table and column means."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.config.settings import StudyRecord
from experiments.study.parts import empty_frame
from experiments.study.tables import TABLES, columns_of, read_rows
from experiments.text import render
from sim.scenario import parameters

_OWN = {
    "arm": "name of the point",
    "varied": "the factor that differs from the base at this point",
    "draw": "number of the draw of uncertain parameters",
    "structure": "structure of the model that the draw belongs to",
}

_LONG = 2000
"""Letters of a design that are written out at most."""


def describe_tables(
    manifest: Mapping[str, Any], factors: Mapping[str, Any], repeated_by: tuple[str, str], left_out: Sequence[str] = ()
) -> str:
    """The data dictionary of a study as Markdown, less the tables ``left_out``.

    The factors are the columns of its design; ``repeated_by`` is as :func:`how_to_repeat` gives it.
    """
    command, language = repeated_by
    return render(
        "experiments.study",
        "readme.md.j2",
        repeated_by=command,
        language=language,
        manifest=manifest,
        files=[row for row in read_rows("files.csv") if row["table"] not in left_out],
        factors=[(name, _factor_type(name), _factor_meaning(name)) for name in factors],
        tables={name: meaning for name, meaning in TABLES.items() if name not in left_out},
        columns_of=columns_of,
        empty_frame=empty_frame,
    )


def how_to_repeat(manifest: Mapping[str, Any], design: Mapping[str, Any], directory: Path) -> tuple[str, str]:
    """A command (`sh`) or lines of Python (`python`) that make the same study in a new directory, and which of the two.

    A design that was given from Python, as plain values, is written out, or read from the study where it is long.
    """
    overrides = [*manifest["overrides"]]
    if "extended" in manifest:
        overrides += [
            f"replicates={manifest['extended']}",
            "precision=null",
            f"max_replicates={StudyRecord.max_replicates}",
        ]
    own = manifest.get("config_dir")
    if not manifest.get("design_from_python"):
        words = ["offramp", manifest["command"], *([f"--config-dir={own}"] if own else []), *overrides]
        return shlex.join(words), "sh"
    long = len(repr(design)) > _LONG
    given = f"load({str(directory)!r}).config['design']" if long else repr(design)
    arguments = [*map(repr, overrides), f"design={given}", *([f"config_dir={own!r}"] if own else [])]
    return f"from experiments import {'load, ' if long else ''}sweep\n\nsweep({', '.join(arguments)})", "python"


def _factor_type(name: str) -> str:
    parameter = parameters().get(name)
    if parameter:
        return {"float": "Float64", "int": "Int32"}.get(parameter.kind, "String")
    text = name in _OWN or "@" in name or name in ("scenario", "talks", "mediation", "alliance")
    return "String" if text else "Float64"


def _factor_meaning(name: str) -> str:
    parameter = parameters().get(name)
    if parameter:
        return f"{parameter.meaning} ({parameter.range_text})"
    if name in _OWN:
        return _OWN[name]
    return f"choice in the group {name}" if _factor_type(name) == "String" else "factor of the design"
