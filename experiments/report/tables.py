"""A table of a report as plain data; the templates write it as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

CODE = Markup("<code>{}</code>")


@dataclass(frozen=True)
class Table:
    """A table of a report.

    Parameters
    ----------
    caption : str
    columns : sequence of str
        Headings; the first column names the row.
    rows : sequence of sequences
        Cells, as many as there are columns; text is escaped, `Markup` is not.
    numeric : bool
        Whether all columns but the first hold numbers.
    folded : str
        Where given, the table is hidden behind a line of these words.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    numeric: bool = False
    folded: str = ""
