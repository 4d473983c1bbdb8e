"""All objections, in order, and the document they make."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from experiments.claims.arms import SampleSize
from experiments.claims.objections import answers, verdicts
from experiments.claims.objections.fixed_parameters import fixed_parameters
from experiments.claims.sections import put_section
from experiments.claims.store import ArmStore
from experiments.config.overrides import nearest_name
from experiments.errors import UserError
from experiments.files import remove_leftovers, write_json, write_text
from experiments.study.identity import model_fingerprint, require_model

HEAD = """# Objections

What may be held against the results, each answered by a run. Every number is written by `offramp objections --document
docs/objections.md`; do not edit by hand. "Calm" is a calm of fourteen days that begins by day 60; brackets hold 95 %
intervals by resampling luck, braces 95 % of draws of what is not known. All of it is about the model, not the world.
"""


@dataclass(frozen=True)
class Objection:
    """What is held against the results, what answers it, and how to see for oneself."""

    name: str
    title: str
    held: str
    command: str
    answer: Callable[[ArmStore], str]


OBJECTIONS = (
    Objection(
        "selection",
        "Mediators choose their crises",
        "Mediated crises are worse to begin with, so setting them beside unmediated ones says nothing of mediation.",
        "offramp sweep experiment=naive_and_causal",
        answers.selection,
    ),
    Objection(
        "equifinality",
        "Other parameters fit as well",
        "Many sets of parameters meet the same targets; an answer may hold in one of them only.",
        "offramp propositions P15 P33",
        answers.equifinality,
    ),
    Objection(
        "held_still",
        "What was never fitted is drawn",
        "Parameters that no record speaks of are drawn beside those that were fitted without them.",
        "offramp run uncertainty=posterior:40",
        fixed_parameters,
    ),
    Objection(
        "forking_paths",
        "Another rule, other verdicts",
        "The smallest effect of interest and the certainty asked for were chosen; other choices might turn verdicts.",
        "offramp propositions --quick",
        verdicts.forking_paths,
    ),
    Objection(
        "action_set",
        "What governments may do",
        "That a government moves at most two rungs at a time may decide how crises end.",
        "offramp sweep experiment=structural_variants",
        answers.action_set,
    ),
    Objection(
        "finite_publics",
        "Publics of a few hundred",
        "A public of so few citizens is noisy, and noise may look like pressure.",
        "offramp run citizens=1000 mediation=none talks=none",
        answers.finite_publics,
    ),
    Objection(
        "inertia",
        "Inertia decides",
        "What a step up and a step down cost a government is hardly known and may decide the headline.",
        "offramp sweep experiment=inertia_map",
        answers.inertia,
    ),
    Objection(
        "time_step",
        "A step is a day",
        "Governments and publics do not live in days; with shorter steps crises might run otherwise.",
        "offramp objections time_step",
        answers.time_step,
    ),
    Objection(
        "built_in",
        "What comes out was put in",
        "A model in which mediators have levers will find that mediators matter.",
        "offramp propositions P33 --depth",
        verdicts.built_in,
    ),
)


def chosen(names: list[str]) -> list[Objection]:
    """The objections asked for, or all; UserError for an unknown one."""
    known = {objection.name: objection for objection in OBJECTIONS}
    for name in names:
        if name not in known:
            raise UserError(f"{name}: no such objection{nearest_name(name, known)}; {', '.join(known)}")
    return [known[name] for name in names] or list(OBJECTIONS)


def answer(
    names: list[str], size: SampleSize, resume: Path | None, document: Path | None, workers: int
) -> Iterator[str]:
    """Run what answers each, and write it; yields a line each and last the directory."""
    objections, model = chosen(names), model_fingerprint()
    directory = resume or Path("outputs/objections") / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    request = directory / "request.json"
    if request.exists():
        require_model(directory, json.loads(request.read_text(encoding="utf-8"))["model"])
    write_json(request, {"names": [each.name for each in objections], "effort": asdict(size), "model": model})
    remove_leftovers(directory)
    targets = [target for target in (directory / "objections.md", document) if target is not None]
    for target in targets:
        if not target.exists():
            write_text(target, HEAD)
    store = ArmStore(size, directory, workers)
    for objection in objections:
        command = (
            f"offramp objections {objection.name} --draws {size.draws} --crises {size.crises} "
            f"--citizens {size.citizens}"
        )
        made = f"Numbers by `{command}` on {datetime.now():%Y-%m-%d}, model {model}, seed {size.seed}."
        source = f"See for yourself: `{objection.command}`. *{made}*"
        text = "\n\n".join([f"## {objection.title}", objection.held, objection.answer(store), source])
        for target in targets:
            put_section(target, objection.name, text)
        yield f"{objection.name}: answered"
    yield str(directory)
