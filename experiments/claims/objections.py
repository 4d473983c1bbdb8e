"""What may be held against the results, answered by runs: the objections, and the document they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from experiments.claims.arms import ArmStore, SampleSize
from experiments.claims.catalogue import CAUSAL, UNMEDIATED, both_sides, catalogue, chosen
from experiments.claims.depth.designs import BASELINE, MIDDLING, NO_FEAR, Design, estimate
from experiments.claims.depth.tables import KINDS, TRIO, table, trio_changes, trio_columns
from experiments.claims.effects import effects, needed
from experiments.claims.measures import CALM_HORIZON, read_declared
from experiments.claims.requests import kept_in, put_section, reopened
from experiments.claims.rule import FAILS, HOLDS, SMALL, UNDECIDED, rule_hash
from experiments.claims.session import QUICK
from experiments.files import write_text
from experiments.study.identity import model_fingerprint
from experiments.targets.targets import scenario_named
from sim.scenario import parameters

USUAL = SampleSize(draws=40, crises=25, citizens=50, horizon=450)


def objections() -> dict[str, Any]:
    """What is declared of the objections, by name."""
    return read_declared("objections")["objections"]


def answer(
    names: list[str], sizes: Mapping[str, int], resume: Path | None, document: Path | None, workers: int
) -> Iterator[str]:
    """Run what answers each, and write it; yields a line each and last the directory.

    ``sizes`` are draws, crises and citizens that differ from the usual ones. What is completed with ``resume`` keeps the
    names and sizes that it was begun with.

    Raises
    ------
    UserError
        Where a directory to complete holds no such run, one of another model, of other objections or of other sizes.
    """
    if resume is None:
        names, size = chosen(names, objections(), "no such objection"), replace(USUAL, **sizes)
        directory = kept_in(None, "objections", {"names": names, "effort": asdict(size)})
    else:
        typed = {**({"names": names} if names else {}), **sizes}
        request, directory = reopened(resume, "objections", typed), resume
        names, size = request["names"], SampleSize(**request["effort"])
    targets = [target for target in (directory / "objections.md", document) if target is not None]
    for target in targets:
        if not target.exists():
            write_text(target, read_declared("objections")["head"])
    store = ArmStore(size, directory, workers)
    for name in names:
        fields = objections()[name]
        command = f"offramp objections {name} --draws {size.draws} --crises {size.crises} --citizens {size.citizens}"
        origin = f"`{command}` on {datetime.now():%Y-%m-%d}, model {model_fingerprint()}, seed {size.seed}"
        source = f"See for yourself: `{fields['command']}`. *Numbers by {origin}.*"
        text = "\n\n".join([f"## {fields['title']}", fields["held"], answered(fields, store), source])
        for target in targets:
            put_section(target, name, text)
        yield f"{name}: answered"
    yield str(directory)


def answered(fields: dict[str, Any], store: ArmStore) -> str:
    """The answer to an objection."""
    design = Design(fields)
    if design["kind"] in OWN:
        return f"{design['text']}\n\n{OWN[design['kind']](design, store)}"
    kind = KINDS[design["kind"]]
    store.want(kind.arms(design))
    store.run("objections: arms")
    return kind.make(design, store).text.split("\n", 1)[1].strip()


def _rules(design: Design, store: ArmStore) -> str:
    """How many verdicts another rule would turn, from the crises of a quick run; moderators and structures left aside."""
    quick = ArmStore(replace(QUICK, seed=store.size.seed), store.directory, store.workers)
    claims = [claim for claim in catalogue().values() if claim.kind == CAUSAL and claim.expects == "more"]
    for claim in claims:
        quick.want(arm for arm in needed(claim) if arm.source != "prior")
    quick.run("objections: a quick look")
    counted = [found for claim in claims if (found := effects(claim, claim.tests, quick)) is not None]
    rules: dict[str, list[float]] = design["rules"]
    verdicts: dict[str, dict[str, str]] = {rule: {} for rule in rules}
    for found in counted:
        possible = found.fit.samples()
        for rule, (factor, certain) in rules.items():
            pooled = found.evidence(possible / factor).pooled
            answers = (answer for answer in (HOLDS, FAILS, SMALL) if pooled.share(answer) >= certain)
            verdicts[rule][found.proposition.name] = next(answers, UNDECIDED)
    frozen, rows, turned = verdicts["as frozen"], [], set()
    for rule, by_claim in verdicts.items():
        counts = Counter(by_claim.values())
        differing = [name for name, verdict in by_claim.items() if verdict != frozen[name]]
        turned |= {name for name in differing if {by_claim[name], frozen[name]} == {HOLDS, FAILS}}
        rows.append((rule, *(counts[v] for v in (HOLDS, FAILS, SMALL, UNDECIDED)), ", ".join(differing) or "-"))
    basis = (
        f"The rule (`{rule_hash()}`) was frozen before the calibrated run. The {len(counted)} claims that expect an "
        "effect, reach, moderators and structures left aside:"
    )
    verdicts_by_rule = table(("rule", "hold", "fail", "small", "undecided", "verdict differs for"), rows).rstrip()
    others = f"Claims that turn from holding to failing or back: {', '.join(sorted(turned)) or 'none'}."
    return f"{basis}\n\n{verdicts_by_rule}\n\n{others}"


def _citizens(design: Design, store: ArmStore) -> str:
    """N, and what is added to it, by the number of citizens."""
    rows = []
    for citizens in design["citizens"]:
        resized = ArmStore(replace(store.size, citizens=citizens), store.directory, store.workers)
        changes = trio_changes(design, {})
        resized.want(design.arm(each, measured) for each in changes.values() for measured in design.measures)
        resized.run(f"objections: {citizens} citizens")
        rows.append((citizens, *trio_columns(design, resized, changes)()))
    return table(("citizens a side", *TRIO), rows).rstrip()


def half_days() -> dict[str, float]:
    """The baseline's parameters for steps of half a day: rates halved, durations doubled."""
    values: dict[str, Any] = scenario_named(BASELINE, *UNMEDIATED).values()
    known, changed = parameters(), {}
    for path, parameter in known.items():
        value = values[path]
        if parameter.kind not in ("float", "int") or path.endswith(".discount"):
            continue
        if parameter.unit in ("per day", "share per day", "deaths per day"):
            changed[path] = 1 - (1 - value) ** 0.5 if 0 < value < 1 else value / 2
        elif parameter.unit == "days":
            changed[path] = 2 * value
    shares = both_sides("government.?.discount", "public.?.rally_decay", "public.?.protest_memory")
    changed |= {path: float(np.sqrt(values[path])) for path in (*shares, "dyad.combat.persistence")}
    changed |= {path: values[path] / 2 for path in (*both_sides("public.?.rally_gain"), "dyad.combat.lethality")}
    return {path: float(np.clip(value, known[path].low, known[path].high)) for path, value in changed.items()}


def _time_step(design: Design, store: ArmStore) -> str:
    """N with steps of a day and of half a day, as the baseline is coded."""
    slower = {**MIDDLING, "mediation.delay": 2.0, "mediation.effort": 1 - (1 - 0.5) ** 0.5}
    scenario, halved = scenario_named(BASELINE, *design.overrides), half_days()
    # Rates that a dyad draws are held at their medians in both, so that nothing but the step differs.
    still = {path: scenario.get(path) for path in halved if path in scenario.varies}
    steps: dict[str, tuple[Mapping[str, Any], Mapping[str, Any], int, str]] = {
        "a day": (still, MIDDLING, CALM_HORIZON, "calm_in_days"),
        "half a day": (halved, slower, 2 * CALM_HORIZON, "calm_in_half_days"),
    }
    # Nothing is drawn, so that draws differ by luck alone: as many crises as there are lanes, in the fewest draws.
    size = replace(store.size, draws=2, crises=max(2, store.size.draws * store.size.crises // 2))
    coded = ArmStore(size, store.directory, store.workers)
    arms = {}
    for step, (changes, mediator, horizon, measured) in steps.items():
        twice = [design.arm({**changes, **NO_FEAR, **added}, measured) for added in ({}, mediator)]
        arms[step] = [replace(arm, source="coded", horizon=horizon) for arm in twice]
    coded.want(chain(*arms.values()))
    coded.run("objections: steps")
    rows = []
    for step, pair in arms.items():
        alone, mediated = (coded.values(arm, steps[step][-1]) for arm in pair)
        rows.append((step, estimate(alone), estimate(mediated - alone)))
    return table(("step", "N", "what a mediator adds"), rows).rstrip()


OWN: dict[str, Callable[[Design, ArmStore], str]] = {"rules": _rules, "citizens": _citizens, "time_step": _time_step}
"""Kinds of answers that are no section of a claim in depth."""
