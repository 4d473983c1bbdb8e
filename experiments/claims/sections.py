"""Parts of a document that separate commands write: each between two comments, replaced whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from experiments.files import copy_figures, write_text


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- depth: ({name}) -->\n.*?<!-- end of depth: \1 -->\n", re.DOTALL)


def with_figures(text: str, drawn: Sequence[Path]) -> str:
    """A text with links to its figures (the vector ones) at its end."""
    links = [f"![{path.stem.replace('_', ' ')}](figures/{path.name})" for path in drawn if path.suffix == ".svg"]
    return "\n\n".join([text, *links])


def put_section(document: Path, name: str, text: str, drawn: Sequence[Path] = ()) -> None:
    """Write a section into a document, in place of an earlier one of that name or at its end."""
    copy_figures(drawn, document)
    whole = document.read_text(encoding="utf-8") if document.exists() else "# Propositions\n"
    section = f"<!-- depth: {name} -->\n{with_figures(text, drawn).strip()}\n<!-- end of depth: {name} -->\n"
    pattern = _marked(re.escape(name))
    replaced = pattern.sub(lambda _: section, whole)
    write_text(document, replaced if pattern.search(whole) else whole.rstrip("\n") + "\n\n" + section)


def kept_sections(text: str, document: Path) -> str:
    """A text followed by the sections that a document already holds."""
    if not document.exists():
        return text
    old = [match.group(0) for match in _marked(r"\w+").finditer(document.read_text(encoding="utf-8"))]
    return "\n".join([text.rstrip("\n") + "\n", *old]) if old else text
