"""``offramp trace``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from experiments.config.overrides import nearest_name
from experiments.errors import FAILED, UserError, describe_os_error
from experiments.files import write_text
from experiments.trace.document import document
from experiments.trace.reasons import decision, telling_day
from experiments.trace.story import Story, agreement_spells, events, tell
from experiments.trace.table import show

FORMATS = ("table", "json")
SIDES = {"a": "a", "b": "b", "both": "ab"}


def command(
    directory: Annotated[Path, typer.Argument(help="A study.")],
    point: Annotated[int, typer.Option("--point", "-p", help="Point of the design, from 0.")] = 0,
    replicate: Annotated[int, typer.Option("--replicate", "-r", help="Replicate, from 0.")] = 0,
    day: Annotated[int | None, typer.Option(help="Day explained in full (default: the most informative one).")] = None,
    side: Annotated[str, typer.Option(help="Whose decisions: a, b or both.")] = "both",
    form: Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.")] = "table",
    every_day: Annotated[bool, typer.Option("--every-day", help="Print uneventful days, too.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Directory to write to (default: DIR/figures).")
    ] = None,
) -> None:
    """Show one crisis day by day: what each government weighed, term by term."""
    if side not in SIDES:
        raise UserError(f"--side {side}: a, b or both")
    if form not in FORMATS:
        raise UserError(f"--format {form}: no such format{nearest_name(form, FORMATS)} ({', '.join(FORMATS)})")
    story, sides = tell(directory, point, replicate), SIDES[side]
    if day is None:
        shown = telling_day(story.days, story.rationality, sides)
    elif 0 <= day < len(story.days):
        shown = day, "it was asked for"
    else:
        days = len(story.days)
        raise UserError(f"--day {day}: the study simulated {days} days, numbered 0 to {days - 1}")
    text = json.dumps(document(story, shown), indent=1, ensure_ascii=False) + "\n"
    place = output or story.study.directory / "figures"
    unwritten = None
    try:
        _write(story, shown[0], sides, text, place)
    except OSError as error:
        hint = "" if output else "; --output DIR writes it elsewhere"
        unwritten = UserError(describe_os_error(error, "write the story") + hint, FAILED)
        if output:
            raise unwritten from None
    if form == "json":
        typer.echo(text, nl=False)
    else:
        show(story, *shown, sides, every_day)
    if unwritten:
        raise unwritten
    typer.echo(str(place), err=form == "json")


def _write(story: Story, day: int, sides: str, text: str, place: Path) -> None:
    """Write the story's figures, one of the days and one of the decisions of the day told in full, and its document."""
    from experiments.figures.crisis import crisis_days, weighing
    from experiments.figures.style import save

    stem = f"trace_point{story.point}_replicate{story.replicate}"
    title = f"Point {story.point}, replicate {story.replicate}"
    spells = agreement_spells(story.days)
    save(crisis_days(story.days, events(story), spells, story.sides, f"{title}, day by day", day), place, stem)
    decisions = [decision(story.days[day], side, story.rationality[side]) for side in sides]
    why = weighing(decisions, story.sides, f"{title}, day {day}: why no step down")
    save(why, place, f"{stem}_day{day}" + ("" if sides == SIDES["both"] else f"_{sides}"))
    write_text(place / f"{stem}.json", text)
