"""One run of ``offramp propositions`` in one directory: what was asked for, what it takes, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from experiments.claims.arms import FULL, QUICK, SampleSize
from experiments.claims.catalogue import chosen, rule_hash
from experiments.claims.judging import find, has_answer
from experiments.claims.reporting import line, markdown, write_figure
from experiments.claims.requests import kept_in, reopened
from experiments.claims.rule import LEAST_DRAWS, LEAST_LANES
from experiments.claims.sections import kept_sections, put_section, with_figures
from experiments.claims.specifications import plan, plan_refinement
from experiments.claims.store import ArmStore, seconds_a_lane_day
from experiments.files import write_json, write_text
from experiments.study.identity import model_fingerprint

PARALLEL_SPEED = 0.9
"""Share of its speed that a process keeps while another one works beside it (assumed)."""
LOADING_SECONDS = 10
"""Assumed."""


@dataclass(frozen=True)
class Request:
    """What a run was asked for."""

    names: tuple[str, ...]
    quick: bool
    depth: bool
    size: SampleSize

    @classmethod
    def made(cls, names: list[str], quick: bool, depth: bool, changes: Mapping[str, int]) -> Request:
        """From what was typed; UserError for an unknown claim."""
        if depth:
            from experiments.claims.depth import studies

            size, known = studies.QUICK if quick else studies.FULL, studies.chosen(names)
        else:
            size, known = QUICK if quick else FULL, [proposition.name for proposition in chosen(names)]
        return cls(tuple(known), quick, depth, replace(size, **changes))

    @property
    def provisional(self) -> bool:
        """Whether the run is smaller than a verdict wants."""
        return self.size.draws < LEAST_DRAWS or self.size.crises < LEAST_LANES

    def store(self, directory: Path | None, workers: int = 1) -> ArmStore:
        """The arms that a first look takes, asked for and not yet simulated."""
        store = ArmStore(self.size, directory, workers)
        if self.depth:
            from experiments.claims.depth import studies

            for name in self.names:
                store.want(studies.STUDIES[name].arms())
        else:
            plan(chosen(list(self.names)), store, structures=not self.quick)
        return store


def begin(request: Request, resume: Path | None, output: Path | None) -> tuple[Request, Path]:
    """Claim a new directory, or reopen one: then what it was asked for stands."""
    if resume is None:
        asked = {"names": request.names, "quick": request.quick, "depth": request.depth}
        asked |= {"effort": asdict(request.size), "rule": rule_hash()}
        return request, kept_in(output, "depth" if request.depth else "propositions", asked)
    kept = reopened(resume, "propositions")
    return Request(tuple(kept["names"]), kept["quick"], kept["depth"], SampleSize.read(kept["effort"])), resume


def estimate(request: Request, directory: Path | None, workers: int) -> str:
    """How much there is to do and how long it takes here, from a trial."""
    store = request.store(directory if directory and (directory / "arms").exists() else None)
    size, two_looks = request.size, not request.depth and request.size.secondary_crises < request.size.crises
    fewer = f", of {size.secondary_crises} beside the model as it is" if two_looks else ""
    later = ""
    if two_looks and store.missing:
        everything = request.store(None)
        first = everything.lane_days
        plan_refinement(chosen(list(request.names)), everything, structures=not request.quick)
        later = (
            "; then a closer look where the model as it is comes to an answer, at most "
            f"{_duration(everything.lane_days - first, size, workers, len(everything.missing))} more"
        )
    elif two_looks:
        _plan_second_look(request, store)
        fewer = ", a closer look"
    arms = len(store.missing)
    together = _processes(workers, arms)
    smaller = f"; a verdict wants {LEAST_DRAWS} draws of {LEAST_LANES}: provisional" if request.provisional else ""
    return (
        f"{arms} arms of {size.draws} draws x {size.crises} crises{fewer} ({store.crises:,} crises in all), "
        f"about {_duration(store.lane_days, size, workers, arms)} with {together} "
        f"{'processes' if together > 1 else 'process'}{later}{smaller}"
    )


def _plan_second_look(request: Request, store: ArmStore) -> None:
    """Ask for what a second look takes once the first is there."""
    answered = [proposition for proposition in chosen(list(request.names)) if has_answer(proposition, store)]
    plan_refinement(answered, store, structures=not request.quick)


def _processes(workers: int, arms: int) -> int:
    from joblib import cpu_count

    return max(1, min(workers, cpu_count(), arms))


def _duration(lane_days: int, size: SampleSize, workers: int, arms: int) -> str:
    together = _processes(workers, arms)
    speed = together * (PARALLEL_SPEED if together > 1 else 1)
    seconds = LOADING_SECONDS + (lane_days * _speed(size) / speed if arms else 0)
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


@cache
def _speed(size: SampleSize) -> float:
    return seconds_a_lane_day(size)


def judge_claims(request: Request, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate, judge, draw and write; yields a line a claim."""
    store = request.store(directory, workers)
    store.run("propositions: arms")
    _plan_second_look(request, store)
    if store.missing:
        store.run("propositions: a closer look")
    findings = []
    for proposition in chosen(list(request.names)):
        finding = find(proposition, store, request.provisional, structures=not request.quick)
        findings.append(finding)
        write_json(directory / f"{finding.name}.json", asdict(finding))
        yield line(finding)
    drawn = write_figure(findings, directory / "figures")
    text = markdown(findings, manifest(request))
    write_text(directory / "propositions.md", text)
    if document is not None:
        figure = document.parent / "figures" / drawn[0].name
        figure.parent.mkdir(parents=True, exist_ok=True)
        figure.write_bytes(drawn[0].read_bytes())
        write_text(document, kept_sections(text, document))


def take_apart(request: Request, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate the arms of studies in depth and write their sections; yields a headline a study."""
    from experiments.claims.depth import studies

    store = request.store(directory, workers)
    store.run("in depth: arms")
    for name in request.names:
        section = studies.STUDIES[name].section(store)
        text = f"{section.text}\n\n*{manifest(request, name)}*"
        drawn = section.write(directory, name)
        write_text(directory / f"{name}.md", with_figures(text, drawn, "figures") + "\n")
        if document is not None:
            put_section(document, name, text, drawn)
        yield f"{name} in depth: {section.headline}"


def manifest(request: Request, name: str = "") -> str:
    """How a text came about, for its reader."""
    size = request.size
    command = f"offramp propositions {name} --depth" if name else "offramp propositions"
    options = (
        f"--draws {size.draws} --crises {size.crises} --secondary-crises {size.secondary_crises} "
        f"--citizens {size.citizens}"
    )
    return (
        f"Made by `{command}{' --quick' if request.quick else ''} {options}` on {datetime.now():%Y-%m-%d} with Offramp "
        f"{version('offramp')}, model {model_fingerprint()}, seed {size.seed}."
    )
