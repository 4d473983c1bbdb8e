"""One run of ``offramp propositions`` in one directory: what was asked for, what it takes, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from experiments.claims.arms import FULL, QUICK, Bench, Effort, seconds_a_lane_day
from experiments.claims.catalogue import chosen, rule_hash
from experiments.claims.rule import LEAST_DRAWS, LEAST_LANES
from experiments.errors import UserError
from experiments.files import remove_leftovers, write_json, write_text
from experiments.study.identity import model_fingerprint, require_model

REQUEST = "request.json"
LOADED = 0.9
"""Share of its speed that a process keeps while another one works beside it (assumed; so is loading, in seconds)."""
LOADING = 10


@dataclass(frozen=True)
class Asked:
    """What a run was asked for."""

    names: tuple[str, ...]
    quick: bool
    depth: bool
    effort: Effort

    @classmethod
    def made(cls, names: list[str], quick: bool, depth: bool, changes: Mapping[str, int]) -> Asked:
        """From what was typed; UserError for an unknown claim."""
        if depth:
            from experiments.claims.depth import studies

            effort, known = studies.QUICK if quick else studies.FULL, studies.chosen(names)
        else:
            effort, known = QUICK if quick else FULL, [one.name for one in chosen(names)]
        return cls(tuple(known), quick, depth, replace(effort, **changes))

    @property
    def provisional(self) -> bool:
        """Whether the run is smaller than a verdict wants."""
        return self.effort.draws < LEAST_DRAWS or self.effort.crises < LEAST_LANES

    def written(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "names": list(self.names),
            "quick": self.quick,
            "depth": self.depth,
            "effort": asdict(self.effort),
            "rule": rule_hash(),
            "model": model_fingerprint(),
        }


def begin(asked: Asked, resume: Path | None, output: Path | None) -> tuple[Asked, Path]:
    """Claim a new directory, or reopen one: then what it was asked for stands."""
    if resume is None:
        kind = "depth" if asked.depth else "propositions"
        directory = output or Path("outputs") / kind / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
        if (directory / REQUEST).exists():
            raise UserError(f"{directory}: holds a run already; go on with --resume {directory}")
        write_json(directory / REQUEST, asked.written())
        return asked, directory
    if not (resume / REQUEST).exists():
        raise UserError(f"{resume}: no run of propositions here ({REQUEST} is missing)")
    found = json.loads((resume / REQUEST).read_text(encoding="utf-8"))
    require_model(resume, found["model"])
    remove_leftovers(resume)
    return Asked(tuple(found["names"]), found["quick"], found["depth"], Effort(**found["effort"])), resume


def bench_of(asked: Asked, directory: Path | None, workers: int = 1) -> Bench:
    """The bench with everything on its list that a first look takes."""
    bench = Bench(asked.effort, directory, workers)
    if asked.depth:
        from experiments.claims.depth import studies

        for name in asked.names:
            bench.want(studies.STUDIES[name].arms())
    else:
        from experiments.claims.running import plan

        plan(chosen(list(asked.names)), bench, structures=not asked.quick)
    return bench


def estimate(asked: Asked, directory: Path | None, workers: int) -> str:
    """How much there is to do and how long it takes here, from a trial."""
    from experiments.claims.running import plan_closer

    bench = bench_of(asked, directory if directory and (directory / "arms").exists() else None)
    effort, two_looks = asked.effort, not asked.depth and asked.effort.aside < asked.effort.crises
    fewer = f", of {effort.aside} beside the model as it is" if two_looks else ""
    closer = ""
    if two_looks and bench.missing:
        later = bench_of(asked, None)
        plan_closer(chosen(list(asked.names)), later, structures=not asked.quick, at_most=True)
        more = later.lane_days - bench_of(asked, None).lane_days
        closer = (
            "; then a closer look where the model as it is comes to an answer, at most "
            f"{_duration(more, asked, workers, len(later.missing))} more"
        )
    elif two_looks:
        plan_closer(chosen(list(asked.names)), bench, structures=not asked.quick)
        fewer = ", a closer look"
    arms = len(bench.missing)
    together = _together(workers, arms)
    smaller = f"; a verdict wants {LEAST_DRAWS} draws of {LEAST_LANES}: provisional" if asked.provisional else ""
    return (
        f"{arms} arms of {effort.draws} draws x {effort.crises} crises{fewer} ({bench.crises:,} crises in all), "
        f"about {_duration(bench.lane_days, asked, workers, arms)} with {together} "
        f"{'processes' if together > 1 else 'process'}{closer}{smaller}"
    )


def _together(workers: int, arms: int) -> int:
    from joblib import cpu_count

    return max(1, min(workers, cpu_count(), arms))


def _duration(lane_days: int, asked: Asked, workers: int, arms: int) -> str:
    together = _together(workers, arms)
    speed = together * (LOADED if together > 1 else 1)
    seconds = LOADING + (lane_days * _seconds_a_lane_day(asked.effort) / speed if arms else 0)
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


@cache
def _seconds_a_lane_day(effort: Effort) -> float:
    return seconds_a_lane_day(effort)


def claims_judged(asked: Asked, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate, judge, draw and write; yields a line a claim."""
    from experiments.claims.reporting import line, markdown, write_figure
    from experiments.claims.running import find, plan_closer
    from experiments.claims.sections import kept_sections

    propositions, structures = chosen(list(asked.names)), not asked.quick
    bench = bench_of(asked, directory, workers)
    bench.run("propositions: arms")
    plan_closer(propositions, bench, structures)
    if bench.missing:
        bench.run("propositions: a closer look")
    findings = []
    for proposition in propositions:
        finding = find(proposition, bench, asked.provisional, structures)
        findings.append(finding)
        write_json(directory / f"{finding.name}.json", asdict(finding))
        yield line(finding)
    drawn = write_figure(findings, directory / "figures")
    text = markdown(findings, manifest(asked))
    write_text(directory / "propositions.md", text)
    if document is not None:
        figure = document.parent / "figures" / drawn[0].name
        figure.parent.mkdir(parents=True, exist_ok=True)
        figure.write_bytes(drawn[0].read_bytes())
        write_text(document, kept_sections(text, document))


def depth_told(asked: Asked, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate the arms of studies in depth and write their sections; yields a headline a study."""
    from experiments.claims.depth import studies
    from experiments.claims.sections import put_section, with_figures

    bench = bench_of(asked, directory, workers)
    bench.run("in depth: arms")
    for name in asked.names:
        told = studies.STUDIES[name].tell(bench)
        text = f"{told.text}\n\n*{manifest(asked, name)}*"
        drawn = told.write(directory, name)
        write_text(directory / f"{name}.md", with_figures(text, drawn, "figures") + "\n")
        if document is not None:
            put_section(document, name, text, drawn)
        yield f"{name} in depth: {told.headline}"


def manifest(asked: Asked, name: str = "") -> str:
    """How a text came about, for its reader."""
    from importlib.metadata import version

    effort = asked.effort
    what = f"offramp propositions {name} --depth" if name else "offramp propositions"
    size = f"--draws {effort.draws} --crises {effort.crises} --aside {effort.aside} --citizens {effort.citizens}"
    return (
        f"Made by `{what}{' --quick' if asked.quick else ''} {size}` on {datetime.now():%Y-%m-%d} with Offramp "
        f"{version('offramp')}, model {model_fingerprint()}, seed {effort.seed}."
    )
