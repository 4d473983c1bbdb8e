"""What was asked: the commands, what was chosen, and what differs from the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from importlib.resources import files

from experiments.comparison.sources import Source
from experiments.config.overrides import parse_overrides
from experiments.config.settings import StudyRecord, settings_of
from experiments.config.yaml_files import describe
from experiments.report.html import Markup, bullets, element, paragraphs, table
from experiments.report.subject import Subject
from experiments.report.values import drawn, everything, factors, with_unit
from experiments.study.directory import MAY_DIFFER
from experiments.text import as_typed
from sim.scenario import parameters

Row = tuple[object, ...]
SILENT = ("backend",)
"""Groups that say how a study was run, not what was simulated."""


def asked(subject: Subject) -> Markup:
    """The whole section; what studies have in common is told once."""
    commands = "\n".join(dict.fromkeys(study.repeated_by[0] for study in subject.studies))
    parts = [
        element("pre", commands),
        bullets(_amount(source, subject) for source in subject.sources),
        _sides(subject),
        table("What was chosen", ("group", "choice", "chosen by", "what it is"), _rows(subject, _choices)),
        _differences(subject),
        *(factors(source, subject.name(source)) for source in subject.sources),
        *(drawn(source, subject.name(source)) for source in subject.sources),
        *(everything(source, subject.name(source)) for source in subject.sources),
    ]
    return Markup("".join(parts))


def questions(subject: Subject) -> list[str]:
    """The questions of the experiments that were run, as their files put them."""
    chosen = [study.manifest["choices"].get("experiment") for study in subject.studies]
    return [text for name in dict.fromkeys(filter(None, chosen)) if (text := _about("experiment", name))]


def _amount(source: Source, subject: Subject) -> str:
    study = source.results.studies[0]
    replicates = max((last for _, last in study.blocks), default=0)
    points = f"{source.design.height:,} points times " if source.design.height > 1 else ""
    return (
        f"{subject.name(source)}: {points}{replicates:,} crises, {source.horizon} days, {study.settings.citizens:,} "
        f"citizens a side, luck {study.settings.luck}"
    )


def _sides(subject: Subject) -> Markup:
    """Titles of the scenarios, and who side a and side b are in them."""
    told: dict[str, None] = {}
    for study in subject.studies:
        for entry in study.manifest["scenarios"]:
            values = entry["values"]
            sides = ", ".join(f"side {side} is {values[f'government.{side}.label']}" for side in "ab")
            told[f"{values.get('title') or values['name']}: {sides}."] = None
    return paragraphs(*told)


def _rows(subject: Subject, rows_of: Callable[[Source], Iterator[Row]]) -> list[Row]:
    """Rows of all studies, each once; those not found in every study name the studies they belong to."""
    found: dict[Row, list[str]] = {}
    for source in subject.sources:
        for row in rows_of(source):
            found.setdefault(row, []).append(subject.name(source))
    order = list(dict.fromkeys(row[0] for row in found))
    rows = sorted(found.items(), key=lambda item: order.index(item[0][0]))
    return [(_named(row, names, len(subject.sources)), *row[1:]) for row, names in rows]


def _named(row: Row, names: list[str], studies: int) -> object:
    """The first cell, with the studies it belongs to where these are not all and their names do not say so anyway."""
    value = str(row[1]).removeprefix("<code>").removesuffix("</code>")
    if len(names) == studies or all(value in name for name in names):
        return row[0]
    return Markup(f"{row[0]} {element('span', '(' + ', '.join(names) + ')', class_='quiet')}")


def _choices(source: Source) -> Iterator[Row]:
    study = source.results.studies[0]
    typed = {override.key for override in parse_overrides(study.manifest["overrides"]) if override.group}
    entries = [{**study.manifest["choices"], **entry["choices"]} for entry in study.manifest["scenarios"]]
    for group in entries[0]:
        names = list(dict.fromkeys(entry[group] for entry in entries if entry[group]))
        for name in names if group not in SILENT else ():
            by = "the design" if len(names) > 1 else "the command" if group in typed else "default"
            yield Markup(escape(_group(group))), element("code", name), by, _about(group, name)


def _group(key: str) -> str:
    """A group as one would name it: by where its values go, or by its own name where they go everywhere."""
    name, _, place = key.partition("@")
    return name if place in ("", "_global_") else place


def _about(group: str, name: str) -> str:
    """The first comment line of a choice that Offramp brings along; nothing for a user's own."""
    path = files("conf") / group.split("@")[0] / f"{name}.yaml"
    text = describe(path.read_text(encoding="utf-8")) if path.is_file() else ""
    return "values found by a program" if text.startswith("Generated") else text


def _differences(subject: Subject) -> Markup:
    rows = [*_rows(subject, _set_values), *_rows(subject, _settings)]
    if not rows:
        return paragraphs("Nothing else was set: values are those of these choices, settings are the defaults.")
    return table("What differs from the defaults", ("what", "value", "default", "meaning"), rows)


def _set_values(source: Source) -> Iterator[Row]:
    """Parameters set one by one on the command line."""
    known = parameters()
    for override in parse_overrides(source.results.manifest["overrides"]):
        if override.key in known and not override.listed:
            parameter = known[override.key]
            value = with_unit(as_typed(override.values[0]), parameter.unit)
            default = f"{as_typed(parameter.default)}, or the scenario's"
            yield element("code", override.key), value, default, parameter.meaning


def _settings(source: Source) -> Iterator[Row]:
    settings = source.results.studies[0].settings
    for name, setting in settings_of(StudyRecord).items():
        value = getattr(settings, name)
        if value != setting.default and name not in MAY_DIFFER:
            usual = as_typed(setting.default)
            yield element("code", name), with_unit(as_typed(value), setting.unit), usual, setting.meaning
