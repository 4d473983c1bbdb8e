"""Factors of a design as figures must tell of them: which move together, and over which a figure averages."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from experiments.comparison.sources import NAMES, STUDY, Source
from sim.scenario import parameters


def distinct(design: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the names of the columns that are not another one over again: factors tied to each other count once."""
    first: dict[tuple[int, ...], str] = {}
    for name in names:
        numbers: dict[object, int] = {}
        pattern = tuple(numbers.setdefault(value, len(numbers)) for value in design[name].to_list())
        first.setdefault(pattern, name)
    return list(first.values())


def averaged(sources: Sequence[Source], lanes: pl.DataFrame, factors: Sequence[str]) -> list[str]:
    """Return the factors beyond some given ones that still vary among the points of these lanes (`study, point`)."""
    others: list[str] = []
    for source in sources:
        own = lanes.filter(pl.col(STUDY) == source.name).select("point").unique()
        design = source.design.join(own, on="point", how="semi")
        shown = [name for name in factors if name in design.columns]
        settled = design.select(shown).n_unique() if shown else 1
        loose = [name for name in design.columns if name not in (*NAMES, *shown)]
        others += distinct(design, [name for name in loose if design.select(*shown, name).n_unique() > settled])
    return list(dict.fromkeys(others))


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
