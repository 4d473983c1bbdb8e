"""``README.md`` of a study: what every table and column means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.tables import TABLES, columns_of
from sim.scenario import parameters

_TYPES = {"count": "Int32", "day": "Int32", "deaths": "Int64", "luck": "Int64", "flag": "Boolean", "measure": "Float64",
          "label": "String"}
_OWN = {"arm": "name of the point", "varied": "the factor that differs from the base at this point",
        "draw": "number of the draw of uncertain parameters"}


def describe_tables(manifest: Mapping[str, Any], factors: Mapping[str, Any]) -> str:
    """The data dictionary of a study as Markdown."""
    lines = ["# A study made with Offramp", "",
             f"`offramp {manifest['command']} {' '.join(manifest['overrides'])}`".replace(" `", "`"), "",
             f"{manifest['points']:,} points, seed {manifest['seed']}, Offramp {manifest['offramp']}. Sides are called "
             "a and b; days count from 0; a value is null where the thing never happened. Results are conditional "
             "statements about a model, not forecasts.", "",
             "`config.yaml` is the resolved configuration, `manifest.json` says how and with what the study was made. "
             "Tables are Parquet, most in parts (`outcomes/part-*.parquet`).", "",
             "## design", "", "One row per point.", "", *_header(), "| point | Int32 | number of the point |"]
    lines += [f"| {name} | {_factor_type(name)} | {_factor_meaning(name)} |" for name in factors]
    for table, meaning in TABLES.items():
        lines += ["", f"## {table}", "", meaning[0].upper() + meaning[1:] + ".", "", *_header()]
        lines += [f"| {column.name} | {_TYPES[column.kind]} | {column.meaning} |" for column in columns_of(table)]
    return "\n".join(lines) + "\n"


def _header() -> list[str]:
    return ["| column | type | meaning |", "|---|---|---|"]


def _factor_type(name: str) -> str:
    known = parameters().get(name)
    return {"float": "Float64", "int": "Int32"}.get(known.kind, "String") if known else \
        "String" if name in _OWN or "@" in name or name in ("scenario", "talks", "mediation", "alliance") else "Float64"


def _factor_meaning(name: str) -> str:
    known = parameters().get(name)
    if known is not None:
        return f"{known.meaning} ({known.range_text})"
    if name in _OWN:
        return _OWN[name]
    return f"choice in the group {name}" if _factor_type(name) == "String" else "factor of the design"
