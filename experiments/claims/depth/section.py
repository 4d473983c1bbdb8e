"""What a study in depth writes: a headline, a section of text, figures and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from experiments.claims.depth.estimates import IntervalEstimate
from experiments.figures.style import Drawing, save
from experiments.files import write_csv
from experiments.text import as_markdown


@dataclass(frozen=True)
class Section:
    """A study's result: one line, a section of text, figures by stem and tables by name."""

    headline: str
    text: str
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)

    def write(self, directory: Path, name: str) -> list[Path]:
        """Write figures and tables into a directory; return the figures' paths."""
        for stem, rows in self.tables.items():
            write_csv(directory / "tables" / f"{name.lower()}_{stem}.csv", pl.DataFrame(list(rows)))
        drawn: list[Path] = []
        for stem, drawing in self.drawings.items():
            drawn += save(drawing, directory / "figures", f"{name.lower()}_{stem}")
        return drawn


def titled(title: str, text: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A heading, a sentence or two and a table."""
    return "\n".join([f"### {title}", "", text, "", table(head, rows)])


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    return as_markdown(tuple(head), [tuple(str(cell) for cell in row) for row in rows])


def tabulated(names: str | Sequence[str], keyed: Mapping[Any, IntervalEstimate]) -> list[dict[str, object]]:
    """Rows of a table: the keys of estimates under these names, and their columns."""
    if isinstance(names, str):
        names, keyed = [names], {(key,): each for key, each in keyed.items()}
    return [{**dict(zip(names, key, strict=True)), **each.columns()} for key, each in keyed.items()]
