"""What was tried on a population, as a part of the document on calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.text import as_markdown, as_typed, shared_path

Facts = Mapping[str, Any]
TOLD_APART = 2
"""Changes of more standard errors than this are marked."""


def chapter(tried: Facts, record: Mapping[str, str]) -> list[str]:
    """Two tables: what each try changes and what comes of it; every target's number under each.

    Parameters
    ----------
    tried : mapping
        What :func:`experiments.calibration.trying.try_all` wrote.
    record : mapping
        Target -> the record's number and interval in words.
    """
    base, *others = tried["tries"]
    text = (
        f"Mechanisms that seem to be missing, and others, laid over {tried['draws']} draws of the posterior, "
        f"{tried['crises']} crises each, under the same draws and luck as the untouched population; nothing is fitted "
        f"anew. Made by `offramp calibrate {tried['scenario']} --try`; intervals over the draws stand in "
        f"`{tried['scenario']}_tries.json` beside the posterior. Few crises: a number near the edge of its interval "
        "can change sides by chance."
    )
    legend = (
        "\n**Bold**: a judged target that is missed. Arrows: the change from the untouched population is larger than "
        f"{TOLD_APART} of its standard errors over the draws.\n"
    )
    head = ("try", "what", "sets", "meant for", f"inside, of {tried['of']}", "brings inside", "pushes outside")
    return [
        f"### What was tried\n\n{text}\n",
        as_markdown(head, [_summary(item, base) for item in (base, *others)]),
        legend,
        as_markdown(("target", "record", *(item["name"] for item in tried["tries"])), _numbers(tried["tries"], record)),
        "",
    ]


def aimed_at(tried: Facts | None, name: str) -> str:
    """What the tries meant for a target make of it, as the end of a sentence; empty where there is none."""
    found = []
    for item in tried["tries"] if tried else ():
        if name in item["aims"]:
            row = next(row for row in item["targets"] if row["id"] == name)
            found.append(f"{item['name']}: {row['value']:.3g}{' (inside)' if row['inside'] else ''}")
    return f". Tried ([below](#what-was-tried)): {'; '.join(found)}" if found else ""


def _summary(item: Facts, base: Facts) -> tuple[str, ...]:
    verdicts = [
        (old["id"], old["inside"], new["inside"])
        for old, new in zip(base["targets"], item["targets"], strict=True)
        if new["judged"]
    ]
    sets = dict.fromkeys(
        f"`{shared_path(path)}` {as_typed(float(f'{value:.3g}'))}" for path, value in item["overrides"].items()
    )
    gained = ", ".join(name for name, before, after in verdicts if after and not before)
    lost = ", ".join(name for name, before, after in verdicts if before and not after)
    return item["name"], item["meaning"], ", ".join(sets), ", ".join(item["aims"]), str(item["inside"]), gained, lost


def _numbers(tries: Sequence[Facts], record: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (rows[0]["id"], record.get(rows[0]["id"], ""), *(_cell(row) for row in rows))
        for rows in zip(*(item["targets"] for item in tries), strict=True)
    ]


def _cell(row: Facts) -> str:
    change, error = row["change"] or 0.0, row["change_error"] or 0.0
    arrow = "" if abs(change) <= TOLD_APART * error else " ↑" if change > 0 else " ↓"
    value = f"{row['value']:.3g}"
    return (f"**{value}**" if row["judged"] and not row["inside"] else value) + arrow
