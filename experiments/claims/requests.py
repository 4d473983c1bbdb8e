"""A run's request, kept so that it can be completed as it was begun, and the parts of a document that runs write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.config.overrides import shown
from experiments.errors import UserError
from experiments.files import copy_figures, remove_leftovers, write_json, write_text
from experiments.study.identity import model_fingerprint, require_model
from experiments.study.location import default_directory

REQUEST = "request.json"


def kept_in(output: Path | None, kind: str, request: Mapping[str, Any]) -> Path:
    """The directory of a new run, a new one in ``outputs/KIND`` where none is given; UserError where it holds a run."""
    directory = output or default_directory(kind)
    if (directory / REQUEST).exists():
        raise UserError(f"{directory}: holds a run already; go on with --resume {directory}")
    write_json(directory / REQUEST, {"kind": kind, **request, "model": model_fingerprint()})
    return directory


def reopened(directory: Path, kind: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The request of an earlier run, which goes on as it was begun.

    Parameters
    ----------
    directory : Path
    kind : str
        The command.
    typed : mapping
        Settings that were typed once more, ``output`` among them; sizes are looked up in the request's ``effort``.

    Raises
    ------
    UserError
        Where there is no run, one of another kind or model, or one that was begun with other settings.
    """
    if not (directory / REQUEST).exists():
        raise UserError(f"{directory}: no run of {kind} here ({REQUEST} is missing)")
    request = json.loads((directory / REQUEST).read_text(encoding="utf-8"))
    if (found := request.get("kind", kind)) != kind:
        raise UserError(f"{directory}: a run of {found}, not of {kind}")
    require_model(directory, request["model"])
    begun = {**request, **request.get("effort", {}), "output": str(directory)}
    for name, value in typed.items():
        if (plain := list(value) if isinstance(value, tuple) else value) != begun.get(name):
            raise UserError(
                f"--resume {directory}: begun with {name}={shown(begun.get(name))}, not {shown(plain)}; leave it out, or "
                "begin another run"
            )
    remove_leftovers(directory)
    return request


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
