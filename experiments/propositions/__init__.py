"""``offramp propositions``: every claim of the source article, typed, tested and judged."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Which ones, such as P13 P15; all where left out.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws, under three minutes; verdicts are provisional.")
    ] = False,
    resume: Annotated[Path | None, typer.Option("--resume", help="Complete a run that was cut short.")] = None,
    document: Annotated[Path | None, typer.Option("--document", help="Write the document here as well.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 2,
) -> None:
    """Test every claim of the source article: type, test, verdict."""
    from experiments.propositions.catalogue import chosen
    from experiments.propositions.reporting import line, markdown, write_figure
    from experiments.propositions.running import FULL, QUICK

    wanted = chosen(names or [])
    directory = resume or Path("outputs") / "propositions" / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    directory.mkdir(parents=True, exist_ok=True)
    effort = QUICK if quick else FULL
    if not quick and resume is None:
        lanes = 4 * effort.draws * effort.crises * len(wanted)
        typer.echo(
            f"{lanes:,} crises; about {lanes * effort.horizon * 15e-6 / workers / 60:.0f} minutes. "
            f"Cut short, it goes on with --resume {directory}",
            err=True,
        )
    findings = _found(wanted, directory, effort, quick, workers)
    for finding in findings:
        typer.echo(line(finding))
    write_figure(findings, directory / "figures")
    text = markdown(findings, f"Made on {datetime.now():%Y-%m-%d}.")
    for place in filter(None, (directory / "propositions.md", document)):
        place.write_text(text, encoding="utf-8")
    typer.echo(directory)


def _found(wanted, directory: Path, effort, quick: bool, workers: int) -> list:
    from joblib import Parallel, delayed

    from experiments.propositions.running import Finding

    def kept(name: str) -> Path:
        return directory / f"{name}.json"

    missing = [proposition.name for proposition in wanted if not kept(proposition.name).exists()]
    jobs = (delayed(_find_and_keep)(name, kept(name), effort, quick) for name in missing)
    for _ in Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
        pass
    return [Finding(**json.loads(kept(proposition.name).read_text(encoding="utf-8"))) for proposition in wanted]


def _find_and_keep(name: str, place: Path, effort, quick: bool) -> None:
    from experiments.propositions.catalogue import catalogue
    from experiments.propositions.running import find
    from experiments.store import write_json

    write_json(place, asdict(find(catalogue()[name], effort, quick)))
