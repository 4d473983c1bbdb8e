"""How the results were made and can be made again: commands, versions, seeds, and what failed."""

from __future__ import annotations

import shlex

from experiments.report.html import Markup, element, folded, paragraphs, table
from experiments.report.subject import Subject
from experiments.study.directory import Study

_MOST_FAILURES = 20


def making(subject: Subject) -> Markup:
    """Commands, seeds, fingerprints and versions of every study."""
    commands = "\n".join(
        [
            *(study.repeated_by[0] for study in subject.studies),
            shlex.join(["offramp", "report", *(str(study.directory) for study in subject.studies)]),
        ]
    )
    text = (
        "The same model, seed and configuration give the same crises bit for bit on the same processor with the same "
        "libraries, whatever the number of workers. The fingerprint covers everything in the configuration that can "
        "change a result."
    )
    tables = [_one(source.results.studies[0], subject.name(source)) for source in subject.sources]
    return Markup("".join([paragraphs(text), element("pre", commands), *tables]))


def _one(study: Study, name: str) -> Markup:
    manifest, settings = study.manifest, study.settings
    processor = manifest.get("processor")
    facts = {
        "seed": manifest["seed"],
        "luck": settings.luck,
        "replicates": manifest["replicates"] or "none yet",
        "points": f"{manifest['points']:,}",
        "horizon": f"{settings.horizon_days} days",
        "citizens a side": f"{settings.citizens:,}",
        "arithmetic of the citizens": settings.dtype,
        "fingerprint of the configuration": element("code", manifest["config_hash"]),
        "Offramp": manifest["offramp"],
        "model": element("code", manifest["model"]) if "model" in manifest else "not named",
        "Python": manifest["python"],
        "libraries": ", ".join(f"{library} {version}" for library, version in manifest["libraries"].items()),
        "processor": f"{processor['name']}, compiled for {processor['numba_target']}" if processor else "not named",
        "begun": manifest["started"],
        "finished": manifest["finished"] or f"not yet ({manifest['state']})",
    }
    return table(f"Study {name}", ("what", "value"), facts.items())


def failures(subject: Subject) -> Markup:
    """What could not be simulated; nothing where all went well."""
    found = subject.failures
    open_ends = [
        f"{source.name} is {study.manifest['state']}"
        for source in subject.sources
        for study in source.results.studies
        if study.manifest["state"] != "finished"
    ]
    if not found.height and not open_ends:
        return Markup("")
    lost = int(found["lanes"].sum()) if found.height else 0
    words = [
        f"{lost:,} crises failed and are missing from every number here." if lost else "",
        f"Not finished: {'; '.join(open_ends)}." if open_ends else "",
    ]
    rows = [
        (row["study"], row["point"], f"{row['first_replicate']} to {row['last_replicate']}", row["error"])
        for row in found.head(_MOST_FAILURES).iter_rows(named=True)
    ]
    listed = (
        folded(f"The first {len(rows)}", table("Failures", ("study", "point", "replicates", "error"), rows))
        if rows
        else ""
    )
    return element("div", element("p", " ".join(word for word in words if word)), Markup(listed), class_="warning")
