"""The studies below a directory at a glance, sound or damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from experiments.errors import UserError
from experiments.study.directory import RUNNING, Study, read_failures
from experiments.study.identity import zoned
from experiments.study.location import is_held
from experiments.study.results import is_study

COLUMNS = ("study", "state", "question", "points", "replicates", "crises", "model", "age")
CUT_SHORT = "cut short"
_UNITS = (("days", 86_400), ("h", 3_600), ("min", 60))


def study_rows(directory: Path) -> Iterator[tuple[str, ...]]:
    """A row of texts, one per column, for every study below a directory; one that cannot be read says why.

    Raises
    ------
    UserError
        Where there is no such directory.
    """
    if not directory.is_dir():
        raise UserError(f"list studies {directory}: no such directory")
    for place, inner, _ in os.walk(directory):
        if is_study(Path(place)):
            inner.clear()
            yield _row(Path(place))
        else:
            inner[:] = sorted(name for name in inner if not name.startswith("."))


def _row(place: Path) -> tuple[str, ...]:
    import pyarrow as pa

    try:
        study = Study.open(place)
        crises = _crises(study)
        manifest = study.manifest
        state = CUT_SHORT if manifest["state"] == RUNNING and not is_held(place) else manifest["state"]
        last = study.blocks[-1][1] if study.blocks else study.settings.replicates
        size, model = (str(manifest["points"]), str(last), crises), manifest.get("model", "not named")
        return (str(place), state, _question(manifest), *size, model, _age(manifest["started"]))
    except (UserError, OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        why = str(error).removeprefix(f"{place}: ") if isinstance(error, UserError) else type(error).__name__
        return (str(place), "damaged", why, "", "", "", "", "")


def _question(manifest: dict[str, Any]) -> str:
    """The experiment, or what was chosen where there was none."""
    choices = manifest["choices"]
    return choices.get("experiment") or ", ".join(
        f"{group} {choices[group]}" for group in ("scenario", "mediation", "talks") if choices.get(group)
    )


def _crises(study: Study) -> str:
    """The number of crises done, of how many where some are missing, and the number that failed."""
    import pyarrow.parquet as pq

    done = sum(pq.read_metadata(part).num_rows for part in (study.directory / "outcomes").glob("part-*.parquet"))
    failed = sum(row["lanes"] for row in read_failures(study))
    blocks = study.blocks or ([(0, study.settings.replicates)] if study.settings.replicates != "auto" else [])
    planned = sum(last - first for first, last in blocks) * study.manifest["points"]
    text = str(done) if done == planned else f"{done} of {planned or 'as many as needed'}"
    return f"{text}, {failed} failed" if failed else text


def _age(started: str) -> str:
    """The time since a study was begun, in its largest unit."""
    seconds = (datetime.now().astimezone() - datetime.fromisoformat(zoned(started))).total_seconds()
    return next((f"{seconds // length:.0f} {unit}" for unit, length in _UNITS if seconds >= length), "now")
