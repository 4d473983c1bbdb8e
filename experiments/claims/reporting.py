"""Findings as lines, tables, a figure and a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import NullLocator

from experiments.claims.claim import NECESSITY
from experiments.claims.judging import Finding
from experiments.claims.rule import BUILT_IN, FAILS, HOLDS, RECORD, declared
from experiments.figures.palette import GREY, PALETTE
from experiments.figures.style import Drawing, canvas, save, styled

NOTE = (
    "Each effect, on the logarithmic scale, is divided by the smallest one of interest (grey band: within it), positive "
    "where the claim is right; of P28 the band itself is what the claim expects. Bars: 95 % of draws and structures by "
    "weight. Crosses: the smallest and largest effect in the declared ranges of what the claim names. P15 stands above."
)
CENTRAL = "P15"


def line(finding: Finding) -> str:
    """One line for standard output: ``P13 causal undecided odds ratio 1.3 [0.9, 2] reach 0.8..4 power 0.62 (...)``."""
    reached = "reach {least:.3g}..{most:.3g} ".format(**finding.reached) if finding.reached else ""
    share = f"power {weaker_power(finding):.2f} " if finding.power else ""
    sign = f"P(above none) {finding.sign:.2f}" if finding.kind != RECORD and finding.expects != NECESSITY else ""
    notes = [
        sign,
        "rests on assumption" if finding.assumption and finding.verdict not in (RECORD, BUILT_IN) else "",
        "provisional" if finding.provisional else "",
    ]
    words = f"({', '.join(note for note in notes if note)})" if any(notes) else ""
    return f"{finding.name} {finding.kind} {finding.verdict} {size(finding)} {reached}{share}{words}".rstrip()


def weaker_power(finding: Finding) -> float:
    """The power against true or false worlds, whichever is lower."""
    return min(finding.power.values())


def size(part: Finding | Mapping[str, Any]) -> str:
    """An effect with its unit and interval."""
    values = vars(part) if isinstance(part, Finding) else part
    name = "N" if values.get("expects") == NECESSITY else values["unit"]
    return f"{name} {values['effect']:.3g} [{values['low']:.3g}, {values['high']:.3g}]".lstrip()


def headline(findings: Sequence[Finding]) -> str:
    """Whether the article's central claim holds, in which worlds, and how sure one can be; empty without that claim."""
    central = next((finding for finding in findings if finding.name == CENTRAL), None)
    if central is None or not central.chances:
        return ""
    limits = declared()["necessity"]
    answer = {HOLDS: "Yes", FAILS: "No"}.get(central.verdict)
    begins = f"**{answer}, in this model.**" if answer else f"**The model cannot say: {central.verdict}.**"
    early = next((part for part in central.parts if "means" in part), None)
    by_two_weeks = f" ({early['effect']:.0%} [{early['low']:.0%}, {early['high']:.0%}] by day 14)" if early else ""
    worlds = "; ".join(
        f"{name} (weight {each['weight']:.2f}) {each['effect']:.0%} [{each['low']:.0%}, {each['high']:.0%}]"
        for name, each in central.structures.items()
    )
    mediators = next((finding for finding in findings if finding.name == "P33"), None)
    other = f" {_mediators(mediators)}" if mediators and mediators.parts else ""
    doubt = " This comes from a quick look and is provisional." if central.provisional else ""
    before = max(central.before.get("above", 0.0), central.before.get("below", 0.0))
    implied = (
        f" The model said so before any record (chance {before:.2f}): it is what equations and priors imply, more than "
        "what records taught."
        if answer and before >= declared()["built_in"]
        else ""
    )
    return (
        f"*Is de-escalation possible only through international mechanisms?* {begins} Without mediators, direct talks or "
        "fear of allies fourteen days without operations or heavy fire begin by day 60 in "
        f"{central.effect:.0%} of simulated crises, at the middle of what is not known "
        f"[{central.low:.0%}, {central.high:.0%}]{by_two_weeks}. The claim asks for less than {limits['rare']:.0%}: chance "
        f"{central.chances['above']:.2f}; it fails above {limits['common']:.0%}: chance {central.chances['below']:.2f}. By "
        f"structure of the model: {worlds}.{implied}{other}{doubt}"
    )


def _mediators(finding: Finding) -> str:
    """What a mediator adds, against nobody and against a placebo."""
    parts = {part["what"]: part for part in finding.parts}
    told = [
        f"{words}: {size(nobody)} against nobody, {size(placebo)} against a channel without any lever"
        for words, what in (
            ("calm by day 14", "calm"),
            ("days of heavy fire", "days of heavy fire"),
            ("deaths", "deaths"),
        )
        if (nobody := parts.get(f"{what} with a mediator against nobody"))
        and (placebo := parts.get(f"{what} with a mediator against a placebo"))
    ]
    return f"What a mediator changes: {'; '.join(told)}." if told else ""


@styled
def forest(findings: Sequence[Finding]) -> Drawing:
    """All effects by theme in units of the smallest of interest, with the reach of each; the central claim in words."""
    ordered = sorted(findings, key=lambda finding: (finding.theme, int(finding.name[1:])))
    central = next((finding for finding in findings if finding.name == CENTRAL), None)
    title = "The article's claims, put to the model"
    if central is not None and central.chances:
        title += (
            f". Only through international mechanisms? {central.verdict}: calm without any by day 60, {size(central)}"
        )
    figure = canvas(1.9 + 0.26 * len(ordered), title=title, note=NOTE)
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
                _draw(axes, finding, -place, PALETTE[number % len(PALETTE)])
            labels.append((-place, f"{finding.name}  {finding.verdict}"))
    axes.set_yticks([y for y, _ in labels], [text for _, text in labels])
    axes.set_ylim(-place - 0.8, 0)
    axes.set_xscale("symlog", linthresh=2)
    ticks = (-30, -10, -3, -1, 0, 1, 3, 10, 30)
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in ticks if low <= tick <= high], [f"{t:g}" for t in ticks if low <= t <= high])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("effect in units of the smallest effect of interest")
    verdicts = "; ".join(f"{finding.name} {finding.verdict}" for finding in ordered)
    return Drawing(figure, f"Forest of {len(ordered)} propositions: {verdicts}.")


def _draw(axes: Any, finding: Finding, y: float, colour: str) -> None:
    def place(value: float) -> float:
        return float(np.log(max(value, 1e-9)) / np.log(finding.smallest))

    axes.plot([place(finding.low), place(finding.high)], [y, y], color=colour, lw=3.2, solid_capstyle="butt")
    axes.plot(place(finding.effect), y, "o", color="white", mec=colour, ms=5, mew=1.4)
    for end in ("least", "most") if finding.reached else ():
        axes.plot(place(finding.reached[end]), y, "x", color="black", ms=5, mew=1.1, zorder=4)


def write_figure(findings: Sequence[Finding], directory: Path) -> list[Path]:
    """Draw the forest into a directory; return its paths."""
    return save(forest(findings), directory, "propositions")


def markdown(findings: Sequence[Finding], manifest: str) -> str:
    """The document of all propositions."""
    first, numbers = findings[0], declared()
    delta = numbers["smallest"]
    parts = [
        "# Propositions",
        "",
        *([told, ""] if (told := headline(findings)) else []),
        "Generated by `offramp propositions`; do not edit. " + manifest,
        "",
        f"Rule `{first.rule}` (declared/rule.yaml, rule.py in experiments/claims), designs `{first.designs}` (claims and "
        f"their measures). Draws: {first.source}; {first.effort['draws']} draws, equally many of each structure of "
        f"the model and weighed by its weight, of {first.effort['crises']} crises, of {first.effort['secondary_crises']} "
        "before calibration and beside verdicts, each with luck of its own and the same in every arm; "
        f"{first.effort['citizens']} citizens a side, at most {first.effort['horizon']} days."
        + (" **Provisional: a quick look.**" if first.provisional else ""),
        "",
        "A verdict is a statement about the model under stated assumptions. A claim holds, fails or is small where the "
        f"chance of that is {numbers['certain']:.2f} or more over draws and structures, and no structure of weight "
        f"{numbers['admissible']:.2f} or more gives the opposite {numbers['opposite']:.2f}. Smallest effects of interest: "
        f"risk ratio {delta['risk']:g} (wars), odds ratio {delta['odds']:g} (other shares), ratio {delta['ratio']:g} "
        "(days, deaths). Effects of single draws are noisy: they are estimated together on the logarithmic scale, each "
        "drawn towards the mean of its structure by its Monte Carlo noise (experiments/statistics/random_effects.py). "
        "*Reach*: the smallest and largest effect in the declared ranges of what the claim names, seen again with fresh "
        f"luck. *Power*: how often the rule says so in worlds moved {numbers['power']['shift']:g} smallest effects beyond "
        "what the claim expects, true and false ones. A star: the verdict rests on assumption.",
        "",
        f"![{forest(findings).alt}](figures/propositions.svg)",
        "",
        NOTE,
        "",
        "| | type | pooled effect (95 %) | P(above none) | reach | power | for / small / against | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(_row, findings),
        "",
    ]
    for finding in findings:
        parts += _section(finding)
    return "\n".join(parts) + "\n"


def _row(finding: Finding) -> str:
    reached = "{least:.3g} to {most:.3g}".format(**finding.reached) if finding.reached else ""
    powers = "{true:.2f} / {false:.2f}".format(**finding.power) if finding.power else ""
    star = " *" if finding.assumption and finding.verdict not in (RECORD, BUILT_IN) else ""
    shares = _shares(finding.chances) if finding.chances and finding.kind != RECORD else ""
    sign = f"{finding.sign:.2f}" if finding.expects != NECESSITY and finding.kind != RECORD else ""
    return (
        f"| {finding.name} | {finding.kind} | {size(finding)} | {sign} | {reached} | {powers} | {shares} | "
        f"{finding.verdict}{star} |"
    )


def _shares(chances: Mapping[str, float]) -> str:
    return f"{chances['above']:.2f} / {chances['within']:.2f} / {chances['below']:.2f}"


def _section(finding: Finding) -> list[str]:
    """Lines of one claim."""
    lines = [
        f"## {finding.name}",
        "",
        finding.claim,
        "",
        f"*{finding.kind.capitalize()}; {finding.verdict}*: {finding.why}.",
        "",
        f"Estimand: {finding.estimand}. Contradicted by: {finding.contradicted_by}.",
    ]
    lines += [""] if finding.contrasts else []
    for each in finding.contrasts:
        means = ", ".join(f"{name} {value:.3g}" for name, value in each["means"].items())
        gap = f", difference {each['difference']:+.3g}" if "difference" in each else ""
        alone = f"; alone: {each['alone']}" if len(finding.contrasts) > 1 else ""
        what = f"{each['what']}: " if each["what"] else ""
        lines.append(f"* {what}{size(each)} ({means}{gap}){alone}")
    if finding.kind != RECORD and finding.chances:
        worlds = "; ".join(f"{name} {_shares(each)}" for name, each in finding.structures.items())
        before = f" Before any data: {_shares(finding.before)}." if finding.before else ""
        lines += ["", f"For / small / against: {_shares(finding.chances)}. By structure: {worlds}.{before}"]
    if finding.halves:
        levels = "; ".join(f"{half} {_shares(chances)}" for half, chances in finding.halves.items())
        lines.append(f"In halves of the draws, by moderators named beforehand: {levels}.")
    if finding.learning:
        worth = "; ".join(f"`{name}` {value:+.2f}" for name, value in finding.learning.items())
        lines.append(f"What learning one parameter would add to the chance of the right answer: {worth}.")
    if finding.counted:
        lines.append(f"{finding.counted.capitalize()}.")
    if finding.parts:
        lines += ["", "Not judged:", "", *(f"* {_part(part)}" for part in finding.parts)]
    if finding.assumption and finding.kind != RECORD:
        narrowed = ", ".join(f"`{path}` {share:.0%}" for path, share in finding.contraction.items())
        lines += [
            "",
            "Rests on assumption: what drives it is hardly narrower after calibration than before"
            f"{f' ({narrowed})' if narrowed else ''}.",
        ]
    if finding.beside:
        lines += ["", f"Beside it: {finding.beside}"]
    return [*lines, ""]


def _part(part: Mapping[str, Any]) -> str:
    means = ", ".join(f"{name} {value:.3g}" for name, value in part.get("means", {}).items())
    sign = ", its sign built in" if part["built_in"] else ""
    return f"{part['what']}: {size(part)}{f' ({means})' if means else ''}{sign}"
