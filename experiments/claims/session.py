"""One run of ``offramp propositions`` in one directory: what was asked for, what it takes, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from textwrap import fill, shorten
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.ticker import NullLocator

from experiments.claims.arms import ArmStore, SampleSize, seconds_a_lane_day
from experiments.claims.catalogue import CAUSAL, MORE, NECESSITY, Proposition, catalogue, chosen, designs_hash
from experiments.claims.depth import tables
from experiments.claims.effects import ReachSize, needed, reach_arms, run_reach
from experiments.claims.judging import DISPUTES, Finding, find, weighings
from experiments.claims.requests import kept_in, kept_sections, put_section, reopened, with_figures
from experiments.claims.rule import BUILT_IN, RECORD, declared, rule_hash
from experiments.design.posterior import facts_of
from experiments.design.priors import POPULATION
from experiments.figures.palette import GREY, colour
from experiments.figures.style import NOTES, Drawing, canvas, save, styled
from experiments.files import copy_figures, write_json, write_text
from experiments.study.identity import model_fingerprint
from experiments.study.location import default_directory
from experiments.text import render

FULL, QUICK = SampleSize(), SampleSize(draws=20, crises=12, citizens=32, horizon=76, secondary_crises=12)
FULL_REACH, QUICK_REACH = ReachSize(), ReachSize(settings=32, kept=3, crises=(16, 60, 200))
PARALLEL_SPEED = 0.9
"""Share of its speed that a process keeps while another one works beside it (assumed)."""
LOADING_SECONDS = 10
"""Assumed."""
CENTRAL, OF_MEDIATORS = "P15", "P33"


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


def begin(
    request: Request, resume: Path | None, output: Path | None, typed: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Request, Path]:
    """Claim a new directory, or reopen one: then the request it was begun with stands.

    Parameters
    ----------
    request : Request
    resume, output : Path, optional
        Directory of an earlier run, or of the new one.
    typed : mapping
        Names, switches and sizes that were typed.

    Raises
    ------
    UserError
        Where something was typed that the earlier run was not begun with, or the new directory is taken.
    """
    if resume is None:
        content: dict[str, Any] = {"names": request.names, "quick": request.quick, "depth": request.depth}
        content |= {"effort": asdict(request.size), "reach": asdict(request.reach)}
        content |= {"rule": rule_hash(), "designs": designs_hash()}
        directory = output or default_directory("depth" if request.depth else "propositions")
        return request, kept_in(directory, "propositions", content)
    content = reopened(resume, "propositions", {**typed, **({"output": str(output)} if output else {})})
    reach = {**content["reach"], "crises": tuple(content["reach"]["crises"])}
    sizes = SampleSize(**content["effort"]), ReachSize(**reach)
    return Request(tuple(content["names"]), content["quick"], content["depth"], *sizes), resume


def estimate(request: Request, directory: Path | None, workers: int) -> str:
    """How much there is to do and how long it takes here, from a trial."""
    directory, size = directory or default_directory("propositions"), request.size
    stores, smaller = [request.store(directory)], ""
    if not request.depth:
        # Of the later stages it is not known yet which settings they take; they are as many for every claim.
        stages = request.reach.stores(size, directory, workers)
        for store, number in zip(stages, (request.reach.settings, 2 * request.reach.kept, 2), strict=True):
            store.want(arm for claim in request.causal for arm in reach_arms(claim, tuple(range(number))))
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
    run_reach(request.causal, request.reach, stages)
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


# -- findings as lines, a figure and a document ------------------------------------------------------------------------


def line(finding: Finding) -> str:
    """One line for standard output: ``P13 causal undecided odds ratio 1.3 [0.9, 2] reach 0.8..4 power 0.62 (...)``."""
    reached = "reach {least:.3g}..{most:.3g} ".format(**finding.reached) if finding.reached else ""
    share = f"power {min(finding.power.values()):.2f} " if finding.power else ""
    notes = [
        f"P(above none) {finding.sign:.2f}" if finding.kind != RECORD and finding.expects != NECESSITY else "",
        "rests on assumption" if finding.assumption and finding.verdict not in (RECORD, BUILT_IN) else "",
        "provisional" if finding.provisional else "",
    ]
    words = f"({', '.join(filter(None, notes))})" if any(notes) else ""
    return f"{finding.name} {finding.kind} {finding.verdict} {size(finding)} {reached}{share}{words}".rstrip()


def size(part: Finding | Mapping[str, Any]) -> str:
    """An effect with its unit and interval."""
    values = vars(part) if isinstance(part, Finding) else part
    name = "N" if values.get("expects") == NECESSITY else values["unit"]
    return f"{name} {values['effect']:.3g} [{values['low']:.3g}, {values['high']:.3g}]".lstrip()


@styled
def forest(findings: Sequence[Finding]) -> Drawing:
    """All effects by theme in units of the smallest of interest, with the reach of each; the central claim in words."""
    ordered = sorted(findings, key=lambda finding: (finding.theme, int(finding.name[1:])))
    central = next((finding for finding in findings if finding.name == CENTRAL), None)
    title = "The article's claims, put to the model"
    if central is not None and central.chances:
        only = f"{central.verdict}: calm without any by day 60, {size(central)}"
        title += f". Only through international mechanisms? {only}"
    figure = canvas(1.9 + 0.33 * len(ordered), title=title, note=NOTES["claims"])
    axes = figure.subplots()
    axes.axvspan(-1, 1, color="#e6e6e6", lw=0)
    axes.axvline(0, color=GREY, lw=0.7)
    labels, place = [], 0.0
    for number, (theme, group) in enumerate(groupby(ordered, key=lambda finding: finding.theme)):
        place += 1.3
        side = axes.get_yaxis_transform()
        axes.text(0.005, -place, theme, transform=side, fontweight="bold", fontsize=8, va="center")
        place -= 0.1
        for finding in group:
            place += 1
            if np.isfinite(finding.smallest):
                _draw(axes, finding, -place, colour(number))
            labels.append((-place, f"{finding.name}  {shorten(finding.claim, 96, placeholder='...')}"))
            axes.text(1.01, -place, finding.verdict, transform=side, fontsize=6.5, va="center")
    axes.set_yticks([y for y, _ in labels], [fill(text, 52) for _, text in labels], fontsize=6)
    axes.set_ylim(-place - 0.8, 0)
    axes.set_xscale("symlog", linthresh=2)
    low, high = axes.get_xlim()
    ticks = [tick for tick in (-30, -10, -3, -1, 0, 1, 3, 10, 30) if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("effect in units of the smallest effect of interest")
    verdicts = "; ".join(f"{finding.name} {finding.verdict}" for finding in ordered)
    return Drawing(figure, f"Forest of {len(ordered)} propositions: {verdicts}.")


def _draw(axes: Any, finding: Finding, y: float, hue: str) -> None:
    def place(value: float) -> float:
        return float(np.log(max(value, 1e-9)) / np.log(finding.smallest))

    axes.plot([place(finding.low), place(finding.high)], [y, y], color=hue, lw=3.2, solid_capstyle="butt")
    axes.plot(place(finding.effect), y, "o", color="white", mec=hue, ms=5, mew=1.4)
    for end in ("least", "most") if finding.reached else ():
        axes.plot(place(finding.reached[end]), y, "x", color="black", ms=5, mew=1.1, zorder=4)


def markdown(findings: Sequence[Finding], manifest: str) -> str:
    """The document of all propositions, below whether the central claim holds, in which worlds, and how sure one can be."""
    by_name = {finding.name: finding for finding in findings}
    _, facts = facts_of(POPULATION, None, None)
    fits = [row for fit in (facts or {}).get("fits", {}).values() for row in fit["parameters"] if "coverage_90" in row]
    mediated = by_name[OF_MEDIATORS].parts if OF_MEDIATORS in by_name else []
    return render(
        "experiments.claims",
        "propositions.md.j2",
        findings=findings,
        first=findings[0],
        central=by_name.get(CENTRAL),
        mediated={part["what"]: part for part in mediated},
        manifest=manifest,
        rule=declared(),
        note=NOTES["claims"],
        alt=forest(findings).alt,
        one_sided=[each.name for each in findings if each.expects == MORE and each.reached.get("toward") is False],
        held=float(np.mean([row["coverage_90"] for row in fits]))
        if fits
        else None,  # share of truths in 90 % intervals
        size=size,
    )
