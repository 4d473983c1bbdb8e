"""A terminal that prints what it is given, letter by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def plain_console(**settings: Any) -> Console:
    """Return a console to which `[bold]`, `[/]` and `:smile:` are text: names are what users wrote."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False, **settings)
