"""Factors of a design as figures must tell of them: which move together, and over which a figure averages."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from experiments.comparison.sources import Source
from sim.scenario import parameters

NAMES = ("point", "arm", "name", "title", "draw", "structure", "varied")
"""Columns of a design that name its points, and set nothing."""


def distinct(design: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the names of the columns that are not another one over again: factors tied to each other count once."""
    patterns = {name: _pattern(design[name]) for name in names}
    first = {pattern: name for name, pattern in reversed(patterns.items())}
    return [name for name in names if first[patterns[name]] == name]


def _pattern(column: pl.Series) -> tuple[int, ...]:
    """The entries of a column as numbers: equal entries have the number of the first of them."""
    numbers: dict[object, int] = {}
    return tuple(numbers.setdefault(value, len(numbers)) for value in column.to_list())


def averaged(sources: Sequence[Source], lanes: pl.DataFrame, factors: Sequence[str]) -> list[str]:
    """Return the factors beyond some given ones that still vary among the points of these lanes.

    Parameters
    ----------
    sources : sequence of Source
        The studies the lanes are from.
    lanes : pl.DataFrame
        Lanes with a column `study, point`.
    factors : sequence of str
        Factors a figure shows.
    """
    others: list[str] = []
    for source in sources:
        own = lanes.filter(pl.col("study") == source.name).select("point").unique()
        design = source.design.join(own, on="point", how="semi")
        shown = [name for name in factors if name in design.columns]
        loose = [name for name in design.columns if name not in (*NAMES, *shown) and design[name].n_unique() > 1]
        others += distinct(design, [name for name in loose if not _follows(design, shown, name)])
    return list(dict.fromkeys(others))


def _follows(design: pl.DataFrame, given: Sequence[str], name: str) -> bool:
    """Whether a column is settled by others."""
    return bool(given) and design.select(*given, name).n_unique() == design.select(given).n_unique()


def axis_words(name: str, sources: Sequence[Source]) -> str:
    """Return a factor's name with its unit; a factor that moves the same thing on both sides says so."""
    tied = next((paths for source in sources for paths in _ties(source, name)), [name])
    known = next((parameters()[path] for path in tied if path in parameters()), None)
    words = _both_sides(*tied) if len(tied) == 2 else " and ".join(tied)
    return f"{words} ({known.unit})" if known is not None and known.unit else words


def _both_sides(first: str, second: str) -> str:
    """Two paths as one where they are the same parameter of either side, as in `government.a|b.step_up`."""
    apart = [at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]]
    if len(first) == len(second) and len(apart) == 1 and (first[apart[0]], second[apart[0]]) == ("a", "b"):
        return f"{first[: apart[0]]}a|b{first[apart[0] + 1 :]}"
    return f"{first} and {second}"


def _ties(source: Source, name: str) -> list[list[str]]:
    """Parameters that a factor of this name sets, or that move with it as they are; scaled ones are left unnamed."""
    ties = (source.results.config.get("design") or {}).get("tie") or {}
    plain = {short: paths for short, paths in ties.items() if all(isinstance(path, str) for path in paths)}
    return [list(paths) for short, paths in plain.items() if name == short or name in paths]
