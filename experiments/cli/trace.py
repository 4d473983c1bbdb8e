"""``offramp trace``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from experiments.config.overrides import nearest_name
from experiments.errors import FAILED, UserError, describe_os_error
from experiments.trace.story import Story, tell

FORMATS = ("table", "json")


def command(
    directory: Annotated[Path, typer.Argument(help="A study.")],
    point: Annotated[int, typer.Option("--point", "-p", help="Point of the design, from 0.")] = 0,
    replicate: Annotated[int, typer.Option("--replicate", "-r", help="Replicate, from 0.")] = 0,
    day: Annotated[
        int | None, typer.Option("--day", help="Day explained in full (default: the most informative one).")
    ] = None,
    side: Annotated[str, typer.Option("--side", help="Whose decisions: a, b or both.")] = "both",
    form: Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.")] = "table",
    every_day: Annotated[bool, typer.Option("--every-day", help="Print uneventful days, too.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Directory to write to (default: DIR/figures).")
    ] = None,
) -> None:
    """Show one crisis day by day: what each government weighed, term by term."""
    sides = _sides(side)
    if form not in FORMATS:
        raise UserError(f"--format {form}: no such format{nearest_name(form, FORMATS)} ({', '.join(FORMATS)})")
    story = tell(directory, point, replicate)
    shown = _shown(story, day, sides)
    place = output or story.study.directory / "figures"
    unwritten = None
    try:
        write(story, shown, sides, place)
    except OSError as error:
        hint = "" if output else "; --output DIR writes it elsewhere"
        unwritten = UserError(describe_os_error(error, "write the story") + hint, FAILED)
        if output:
            raise unwritten from None
    if form == "json":
        typer.echo(as_json(story, shown), nl=False)
    else:
        from experiments.trace.table import show

        show(story, *shown, sides, every_day)
    if unwritten:
        raise unwritten
    typer.echo(str(place), err=form == "json")


def as_json(story: Story, shown: tuple[int, str]) -> str:
    """The story as a JSON document."""
    from experiments.trace.document import document

    return json.dumps(document(story, shown), indent=1, ensure_ascii=False) + "\n"


def write(story: Story, shown: tuple[int, str], sides: str, place: Path) -> str:
    """Write the story's figures and its JSON document; return the document's text.

    Parameters
    ----------
    story : Story
    shown : (int, str)
        The day told in full, and why it was picked.
    sides : str
        Whose weighing to draw: "ab", "a" or "b".
    place : Path
        Directory; made where it does not exist.
    """
    from experiments.figures.crisis import crisis_days, weighing
    from experiments.figures.style import save
    from experiments.files import write_text
    from experiments.trace.events import agreement_spells, events
    from experiments.trace.reasons import decision

    stem, title = (
        f"trace_point{story.point}_replicate{story.replicate}",
        f"Point {story.point}, replicate {story.replicate}",
    )
    number = shown[0]
    days = crisis_days(
        story.days, events(story), agreement_spells(story.days), story.sides, f"{title}, day by day", number
    )
    decisions = [decision(story.days[number], side, story.rationality[side]) for side in sides]
    save(days, place, stem)
    save(
        weighing(decisions, story.sides, f"{title}, day {number}: why no step down"),
        place,
        f"{stem}_day{number}{_suffix(sides)}",
    )
    text = as_json(story, shown)
    write_text(place / f"{stem}.json", text)
    return text


def _suffix(sides: str) -> str:
    return "" if sides == "ab" else f"_{sides}"


def _sides(side: str) -> str:
    known = {"a": "a", "b": "b", "both": "ab"}
    if side not in known:
        raise UserError(f"--side {side}: a, b or both")
    return known[side]


def _shown(story: Story, day: int | None, sides: str) -> tuple[int, str]:
    from experiments.trace.reasons import telling_day

    if day is None:
        return telling_day(story.days, story.rationality, sides)
    if not 0 <= day < len(story.days):
        raise UserError(f"--day {day}: the study simulated {len(story.days)} days, numbered 0 to {len(story.days) - 1}")
    return day, "it was asked for"
