"""One run of ``offramp propositions`` in one directory: what was asked for, what it takes, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from experiments.claims import reach
from experiments.claims.arms import ArmStore, SampleSize, seconds_a_lane_day
from experiments.claims.catalogue import CAUSAL, Proposition, catalogue, chosen, designs_hash
from experiments.claims.depth import tables
from experiments.claims.effects import needed
from experiments.claims.judging import find
from experiments.claims.otherwise import DISPUTES, weighings
from experiments.claims.reach import ReachSize
from experiments.claims.reporting import forest, line, markdown
from experiments.claims.requests import kept_in, kept_sections, put_section, reopened, with_figures
from experiments.claims.rule import declared, rule_hash
from experiments.figures.style import save
from experiments.files import copy_figures, write_json, write_text
from experiments.study.identity import model_fingerprint
from experiments.study.location import default_directory

FULL, QUICK = SampleSize(), SampleSize(draws=20, crises=12, citizens=32, horizon=76, secondary_crises=12)
FULL_REACH, QUICK_REACH = ReachSize(), ReachSize(settings=32, kept=3, crises=(16, 60, 200))
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
    reach: ReachSize

    @classmethod
    def made(cls, names: list[str], quick: bool, depth: bool, changes: Mapping[str, int]) -> Request:
        """From what was typed; UserError for an unknown claim."""
        names = [name.upper() for name in names]
        if depth:
            size, known = tables.QUICK if quick else tables.FULL, chosen(names, tables.studies(), "not taken apart")
        else:
            size, known = QUICK if quick else FULL, chosen(names, catalogue(), "no such proposition")
        return cls(tuple(known), quick, depth, replace(size, **changes), QUICK_REACH if quick else FULL_REACH)

    @property
    def provisional(self) -> bool:
        """Whether the run is smaller than a verdict wants."""
        least = declared()["size"]
        return self.size.draws < least["draws"] or self.size.crises < least["crises"]

    @property
    def claims(self) -> list[Proposition]:
        """The claims that are judged."""
        return [catalogue()[name] for name in self.names]

    @property
    def causal(self) -> list[Proposition]:
        """Those of them that have a reach."""
        return [claim for claim in self.claims if claim.kind == CAUSAL]

    def store(self, directory: Path, workers: int = 1) -> ArmStore:
        """The arms it takes, asked for and not yet simulated, those of the reach apart."""
        store = ArmStore(self.size, directory, workers)
        for name in self.names:
            store.want(tables.arms(name) if self.depth else needed(catalogue()[name]))
        if not self.depth and self.causal:
            store.want([DISPUTES])
        return store


def begin(request: Request, resume: Path | None, output: Path | None) -> tuple[Request, Path]:
    """Claim a new directory, or reopen one: then what it was asked for stands."""
    if resume is None:
        asked = {"names": request.names, "quick": request.quick, "depth": request.depth}
        asked |= {"effort": asdict(request.size), "reach": asdict(request.reach)}
        asked |= {"rule": rule_hash(), "designs": designs_hash()}
        place = output or default_directory("depth" if request.depth else "propositions")
        return request, kept_in(place, "propositions", asked)
    kept = reopened(resume, "propositions")
    reached = {**kept["reach"], "crises": tuple(kept["reach"]["crises"])}
    sizes = SampleSize(**kept["effort"]), ReachSize(**reached)
    return Request(tuple(kept["names"]), kept["quick"], kept["depth"], *sizes), resume


def estimate(request: Request, directory: Path | None, workers: int) -> str:
    """How much there is to do and how long it takes here, from a trial."""
    directory, size = directory or default_directory("propositions"), request.size
    stores, smaller = [request.store(directory)], ""
    if not request.depth:
        # Of the later stages it is not known yet which settings they take; they are as many for every claim.
        stages = request.reach.stores(size, directory, workers)
        for store, number in zip(stages, (request.reach.settings, 2 * request.reach.kept, 2), strict=True):
            store.want(arm for claim in request.causal for arm in reach.arms(claim, tuple(range(number))))
        stores += stages
        if request.provisional:
            smaller = "; a verdict wants {draws} draws of {crises}: provisional".format(**declared()["size"])
    works = [store.size.work(arm) for store in stores for _, arm in store.missing]
    arms, together = len(works), max(1, min(workers, len(works)))
    speed = together * (PARALLEL_SPEED if together > 1 else 1)
    seconds = LOADING_SECONDS + (sum(works) * seconds_a_lane_day(size) / speed if arms else 0)
    return (
        f"{arms} arms of {size.draws} draws x {size.crises} crises, of {size.secondary_crises} before calibration and "
        f"beside verdicts, those of the reach of {request.reach.settings} settings, about "
        f"{f'{seconds:.0f} seconds' if seconds < 120 else f'{seconds / 60:.0f} minutes'} with {together} "
        f"{'processes' if together > 1 else 'process'}{smaller}"
    )


def judge_claims(request: Request, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate, judge, draw and write; yields a line a claim."""
    store, stages = request.store(directory, workers), request.reach.stores(request.size, directory, workers)
    store.run("propositions: arms")
    reach.run(request.causal, request.reach, stages)
    others = list(weighings(store)) if request.causal else []
    findings = []
    for claim in request.claims:
        finding = find(claim, store, request.reach, stages, request.provisional, others)
        findings.append(finding)
        write_json(directory / f"{finding.name}.json", asdict(finding))
        yield line(finding)
    drawn = save(forest(findings), directory / "figures", "propositions")
    text = markdown(findings, manifest(request))
    write_text(directory / "propositions.md", text)
    if document is not None:
        copy_figures(drawn, document)
        write_text(document, kept_sections(text, document))


def take_apart(request: Request, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate the arms of studies in depth and write their sections; yields a headline a study."""
    store = request.store(directory, workers)
    store.run("in depth: arms")
    for name in request.names:
        section = tables.section(name, store)
        text = f"{section.text}\n\n*{manifest(request, name)}*"
        drawn = section.write(directory, name)
        write_text(directory / f"{name}.md", with_figures(text, drawn) + "\n")
        if document is not None:
            put_section(document, name, text, drawn)
        yield f"{name} in depth: {section.headline}"


def manifest(request: Request, name: str = "") -> str:
    """How a text came about, for its reader."""
    size = request.size
    command = f"offramp propositions {name} --depth" if name else "offramp propositions"
    sizes = ("draws", "crises", "secondary_crises", "citizens")
    options = " ".join(f"--{each.replace('_', '-')} {getattr(size, each)}" for each in sizes)
    return (
        f"Made by `{command}{' --quick' if request.quick else ''} {options}` on {datetime.now():%Y-%m-%d} with Offramp "
        f"{version('offramp')}, model {model_fingerprint()}, seed {size.seed}."
    )
