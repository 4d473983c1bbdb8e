"""Building HTML from Python values, so that nothing a study says can be mistaken for markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

VOID = ("meta", "br", "hr")


class Markup(str):
    """Text that is HTML already and is not escaped again."""


def markup(value: object) -> Markup:
    """A value as HTML; plain text is escaped."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """An element.

    Parameters
    ----------
    name : str
        Name of the element.
    *content
        What is inside; plain text is escaped.
    **attributes
        A trailing underscore is dropped, others become hyphens; None leaves an attribute out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(map(markup, content))
    return Markup(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{inner}</{name}>")


def paragraphs(*texts: object) -> Markup:
    """A paragraph each; empty ones are left out."""
    return Markup("".join(element("p", text) for text in texts if text))


def bullets(texts: Iterable[object]) -> Markup:
    """A bulleted list."""
    return element("ul", *(element("li", text) for text in texts))


def table(
    caption: object, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numeric: Sequence[int] = ()
) -> Markup:
    """A table that turns into a list of cards on a narrow screen; the first column names the row.

    Parameters
    ----------
    caption : text
    columns : sequence of str
        Headings.
    rows : iterable of sequences
        Cells, as many as there are columns.
    numeric : sequence of int
        Columns that hold numbers.
    """
    # Roles are spelled out because a table laid out as cards would no longer be announced as one.
    head = element(
        "tr",
        *(_cell("th", name, at in numeric, scope="col", role="columnheader") for at, name in enumerate(columns)),
        role="row",
    )
    body = [
        element("tr", *(_body_cell(at, cell, columns[at], at in numeric) for at, cell in enumerate(row)), role="row")
        for row in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
    )


def _body_cell(at: int, cell: object, heading: str, number: bool) -> Markup:
    if at == 0:
        return _cell("th", cell, number, scope="row", role="rowheader")
    return _cell("td", cell, number, role="cell", data_label=heading)


def _cell(name: str, content: object, number: bool, /, **attributes: object) -> Markup:
    return element(name, content, class_="number" if number else None, **attributes)


def folded(summary: object, *content: object) -> Markup:
    """Content behind a line that opens it."""
    return element("details", element("summary", summary), *content)


def section(title: str, *content: object, anchor: str) -> Markup:
    """A section with its heading."""
    return element("section", element("h2", title), *content, id=anchor)
