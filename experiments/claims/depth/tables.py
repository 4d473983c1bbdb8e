"""Claims taken apart: what each kind of declared section needs, what it makes of it, and the sections of a claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from experiments.claims.arms import Arm, ArmStore, Changes, SampleSize, arm
from experiments.claims.depth.designs import (
    MIDDLING,
    NO_FEAR,
    Coalition,
    Design,
    IntervalEstimate,
    coalitions,
    estimate,
    shapley,
    told,
)
from experiments.claims.measures import MEASURES, read_declared
from experiments.figures.palette import GREY, colour
from experiments.figures.parts import by_name
from experiments.figures.style import DASHES, NOTES, Drawing, canvas, headed, key_height, marker, save, styled
from experiments.files import write_csv
from experiments.text import as_markdown, plain

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Section:
    """A study's result: one line, a section of text, figures by stem and tables by name."""

    headline: str
    text: str
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)

    def write(self, directory: Path, name: str) -> list[Path]:
        """Write figures and tables into a directory; return the figures' paths."""
        for stem, rows in self.tables.items():
            write_csv(directory / "tables" / f"{name.lower()}_{stem}.csv", pl.DataFrame(list(rows)))
        places = {f"{name.lower()}_{stem}": drawn for stem, drawn in self.drawings.items()}
        return [path for stem, drawn in places.items() for path in save(drawn, directory / "figures", stem)]


def titled(design: Design, head: Sequence[str], rows: Rows, text: str = "", title: str = "") -> str:
    """A heading, a sentence or two (those of the design unless others are given) and a table."""
    return f"### {title or design['title']}\n\n{text or design['text']}\n\n{table(head, rows)}"


def table(head: Sequence[str], rows: Rows) -> str:
    """A Markdown table."""
    return as_markdown(tuple(head), [tuple(str(cell) for cell in row) for row in rows])


def tabulated(names: Sequence[str], keyed: Mapping[tuple, IntervalEstimate]) -> list[dict[str, object]]:
    """Rows of a table: the keys of estimates under these names, and their columns."""
    return [{**dict(zip(names, key, strict=True)), **each._asdict()} for key, each in keyed.items()]


# -- figures: intervals in a row, curves over a factor ------------------------------------------------------------------


@styled
def intervals(rows: Mapping[str, IntervalEstimate], label: str, title: str) -> Drawing:
    """A row a quantity: thick for chance, thin for draws of what is not known; the numbers at the right."""
    figure = canvas(1.5 + 0.28 * len(rows), title=title, note=NOTES["claim_lines"])
    axes = figure.subplots()
    axes.axvline(0, color=GREY, lw=0.7)
    for place, row in enumerate(rows.values()):
        if np.isfinite(row.draws_low):
            axes.plot([row.draws_low, row.draws_high], [-place] * 2, color=colour(0), lw=1, alpha=0.5)
        axes.plot([row.low, row.high], [-place] * 2, color=colour(0), lw=3, solid_capstyle="butt")
        axes.plot(row.mean, -place, "o", color="white", mec=colour(0), ms=5, mew=1.4)
        if np.isfinite(row.mean):
            axes.text(1.01, -place, str(row), transform=axes.get_yaxis_transform(), va="center", fontsize=7.5)
    axes.set_yticks([-place for place in range(len(rows))], list(rows))
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xlabel(label)
    return Drawing(figure, f"{title}: {'; '.join(f'{name} {row}' for name, row in rows.items())}.")


@styled
def curves(lines: Mapping[str, Mapping[float, IntervalEstimate]], across: str, label: str, title: str) -> Drawing:
    """A line a name over one factor, with bands for draws of what is not known."""
    figure = canvas(3.4 + key_height(list(lines)), note=NOTES["claim_bands"])
    axes = figure.subplots()
    handles = []
    for number, line in enumerate(lines.values()):
        at, shade = np.array(list(line)), colour(number)
        mean, least, most = zip(
            *((level.mean, level.draws_low, level.draws_high) for level in line.values()), strict=True
        )
        axes.fill_between(at, least, most, color=shade, alpha=0.15, lw=0)
        handles += axes.plot(at, mean, color=shade, ls=DASHES[number % len(DASHES)], marker=marker(number), ms=4)
    axes.set_xlabel(across)
    axes.set_ylabel(label)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    headed(figure, title, handles, list(lines))
    cells = {name: [f"{plain(at)}: {level.mean:.2f}" for at, level in line.items()] for name, line in lines.items()}
    return Drawing(figure, f"{title}. {by_name(cells)}.")


# -- arms side by side, and against references ------------------------------------------------------------------------


def _arms(design: Design) -> dict[str, Changes]:
    return {name: design.changes(declared) for name, declared in design["arms"].items()}


def _side_by_side(design: Design, store: ArmStore) -> Section:
    """Levels of each measure, and effects against each reference."""
    arms, measures = _arms(design), design.measures
    cells = {measured: design.cells(store, arms, measured) for measured in measures}
    levels = {m: {name: design.level(store, each, m) for name, each in cells[m].items()} for m in measures}

    def against(name: str, reference: str, measured: str) -> str:
        fit = design.effect(store, cells[measured][name], cells[measured][reference], measured)
        return told(fit, MEASURES[measured].scale)

    head = ["", *(MEASURES[measured].label for measured in measures)]
    text = titled(
        design, head, [(name, *(levels[measured][name].with_draws for measured in measures)) for name in arms]
    )
    for reference in design.get("against", []):
        effects = [(name, *(against(name, reference, m) for m in measures)) for name in arms if name != reference]
        text += f"\n\nAgainst {reference}:\n\n{table(head, effects)}"
    shown, label, stem, first = levels[measures[0]], head[1], design.get("stem", "arms"), next(iter(arms))
    return Section(
        f"{label}: {first} {shown[first]}" if design.get("headline") else "",
        text,
        {stem: intervals(shown, label, design["title"])},
        {
            f"{stem}_{measured}": [{"arm": name, **level._asdict()} for name, level in by_arm.items()]
            for measured, by_arm in levels.items()
        },
    )


# -- necessity and the mediator's effect in variants, structures and parts of the draws -------------------------------


def trio_changes(design: Design, changes: Changes) -> dict[str, Changes]:
    """The article's arm, the same with a middling mediator, a placebo and a hotline."""
    added: dict[str, Changes] = {
        "nobody": {},
        "mediator": MIDDLING,
        "placebo": {"mediation": "placebo"},
        "hotline": {"talks": "hotline"},
    }
    return {name: design.changes(NO_FEAR, each, changes) for name, each in added.items()}


TRIO = ("N by day 60", "N by day 14", "mediator", "placebo", "hotline", "mediator against placebo")
"""Columns of what a variant brings: calm without anybody, then odds ratios of calm by day 14 against nobody."""


def trio_columns(design: Design, store: ArmStore, changes: Mapping[str, Changes]) -> Callable[..., tuple[str, ...]]:
    """A function that gives the columns of :data:`TRIO` for all draws or some of them."""
    drawn = design.drawn(store)
    late = store.values(design.arm(changes["nobody"], "calm"), "calm")
    early = design.cells(store, changes, "calm_early")
    pairs = (("mediator", "nobody"), ("placebo", "nobody"), ("hotline", "nobody"), ("mediator", "placebo"))
    fits = [design.effect(store, early[one], early[other], "calm_early") for one, other in pairs]

    def columns(draws: np.ndarray | None = None) -> tuple[str, ...]:
        some = np.ones(len(drawn.weight), bool) if draws is None else draws
        levels = [
            estimate(cells[some], drawn.weight[some], drawn.structure[some], "odds").with_draws
            for cells in (late, early["nobody"])
        ]
        return (*levels, *(told(fit, "odds", np.flatnonzero(some)) for fit in fits))

    return columns


def _variants(design: Design) -> dict[tuple[str, str], Changes]:
    return {
        (name, arm_name): changes
        for name, declared in design["variants"].items()
        for arm_name, changes in trio_changes(design, declared).items()
    }


def _in_variants(design: Design, store: ArmStore) -> Section:
    """N and what a mediator, a placebo and a hotline add, in each variant of the model."""
    rows = [
        (name, *trio_columns(design, store, trio_changes(design, declared))())
        for name, declared in design["variants"].items()
    ]
    return Section("", titled(design, ["", *TRIO], rows))


def _by_draws(design: Design, store: ArmStore) -> Section:
    """The same in each structure, and in the lower, middle and upper third of what is drawn."""
    drawn, changes = design.drawn(store), trio_changes(design, {})
    columns = trio_columns(design, store, changes)
    rows = [("all draws", *columns())]
    for name in dict.fromkeys(map(str, drawn.structure)):
        here = drawn.structure == name
        rows.append((f"structure {name} (weight {drawn.weight[here].sum():.2f})", *columns(here)))
    for path in design.get("thirds", []):
        values = drawn.of(path)
        there = np.zeros(0, bool) if values is None else values > 0
        if values is None or there.sum() < 6 or np.ptp(values[there]) == 0:
            rows.append((f"`{path}`: not drawn", *[""] * len(TRIO)))
            continue
        third = np.digitize(values, np.quantile(values[there], [1 / 3, 2 / 3]))
        for number, words in enumerate(("low", "middle", "high")):
            here = there & (third == number)
            if here.sum() > 1:
                rows.append((f"`{path}` {words} (mean {values[here].mean():.3g})", *columns(here)))
    return Section("", titled(design, ["", *TRIO], rows))


# -- factors crossed, effects shared out, curves ----------------------------------------------------------------------


def _crossed(design: Design) -> dict[tuple[str, ...], Changes]:
    """Every combination of the levels of all factors."""
    factors = design["factors"].values()
    return {
        levels: design.changes(*(factor[level] for factor, level in zip(factors, levels, strict=True)))
        for levels in product(*factors)
    }


def _factorial(design: Design, store: ArmStore) -> Section:
    """The main effect of each level, other factors averaged, and how far effects of the first factor differ by others."""
    measured, factors = design.measures[0], design["factors"]
    cells = design.cells(store, _crossed(design), measured)
    names = list(factors)
    first, *others = names

    def mean(**fixed: str) -> np.ndarray:
        """Over all arms that have some factors at these levels."""
        levels = {key: dict(zip(names, key, strict=True)).items() for key in cells}
        return np.mean([cells[key] for key in cells if fixed.items() <= levels[key]], axis=0)

    def change(factor: str, level: str, **fixed: str) -> np.ndarray:
        return mean(**{factor: level}, **fixed) - mean(**{factor: next(iter(factors[factor]))}, **fixed)

    shown = {f"{factor}: {level}": change(factor, level) for factor in names for level in list(factors[factor])[1:]}
    for level, other in product(list(factors[first])[1:], others):
        low, *_, high = factors[other]
        gap = change(first, level, **{other: high}) - change(first, level, **{other: low})
        shown[f"{first}: {level}, more where {other} is {high}"] = gap
    estimates = {name: design.estimate(store, each) for name, each in shown.items()}
    label = f"difference in {MEASURES[measured].label}"
    return Section(
        "",
        titled(design, ["effect", label], [(name, each.with_draws) for name, each in estimates.items()]),
        {"factorial": intervals(estimates, label, design["title"])},
        {"factorial": tabulated(names, {key: design.estimate(store, each) for key, each in cells.items()})},
    )


def _shared(design: Design) -> dict[tuple[Coalition, str], Changes]:
    """The arm of every coalition: what its members bring over what comes with any of some of them, less what is off.

    Where the effect of something is shared out, it is there in one arm (``of``) and not in another (``less``).
    """
    players, off, base = design["players"], design.get("off", {}), design.get("base", {})
    channel = design.get("channel", {"for": [], "changes": {}})
    combined: dict[tuple[Coalition, str], Changes] = {}
    for members in coalitions(tuple(players)):
        laid, brought = [base], [players[name] for name in players if name in members]
        if members & set(channel["for"]):
            laid += [channel["changes"], *brought, *(off[name] for name in off if name not in members)]
        elif not off:
            laid += brought
        for arm_name in ("of", "less"):
            if arm_name == "of" or arm_name in design:
                combined[members, arm_name] = design.changes(*laid, design.get(arm_name, {}))
    return combined


def _shapley(design: Design, store: ArmStore) -> Section:
    """The whole effect, and each player's part of it: alone, added last, and on average over all orders."""
    players, measured = tuple(design["players"]), design.measures[0]
    cells = design.cells(store, _shared(design), measured)
    worth = {members: each - cells.get((members, "less"), 0) for (members, name), each in cells.items() if name == "of"}
    every, nothing = frozenset(players), worth[frozenset()]
    shown = partial(design.estimate, store)
    shares = {name: shown(cells) for name, cells in shapley(players, worth).items()}
    whole = shown(worth[every] - nothing)
    rows = []
    for name, share in shares.items():
        alone, last = worth[frozenset((name,))] - nothing, worth[every] - worth[every - {name}]
        rows.append((name, shown(alone).with_draws, shown(last).with_draws, share.with_draws))
    label, stem = MEASURES[measured].label, design.get("stem", "shares")
    largest = max(shares, key=lambda name: abs(shares[name].mean))
    text = f"{design['text']} Change in {label}: {whole.with_draws}, from {shown(nothing)}."
    return Section(
        f"of {whole}, {largest} brings {shares[largest]}",
        titled(design, ["", "alone", "last to be added", "Shapley value"], rows, text),
        {stem: intervals(shares, f"part of the change in {label}", design["title"])},
        {stem: [{"player": name, **share._asdict()} for name, share in shares.items()]},
    )


def _along(design: Design) -> dict[tuple[str, float], Changes]:
    """Arm, level of the factor; the factor's paths are set to the level."""
    return {
        (name, float(level)): design.changes(dict.fromkeys(design["across"], level), declared)
        for name, declared in design["arms"].items()
        for level in design["levels"]
    }


def _curve(design: Design, store: ArmStore) -> Section:
    """A line an arm over the levels of a factor, a table and a figure a measure."""
    texts, drawings, tables = [], {}, {}
    for number, measured in enumerate(design.measures):
        cells = design.cells(store, _along(design), measured)
        means = {key: design.level(store, each, measured) for key, each in cells.items()}
        lines = {name: {level: means[name, float(level)] for level in design["levels"]} for name in design["arms"]}
        label, stem = MEASURES[measured].label, f"{design.get('stem', 'curve')}_{measured}"
        rows = [(name, *(each.with_draws for each in line.values())) for name, line in lines.items()]
        head = [design["called"], *(f"{level:g}" for level in design["levels"])]
        other = (f"The same for: {label}.", f"{design['title']}: {label}") if number else ()
        texts.append(titled(design, head, rows, *other))
        drawings[stem] = curves(lines, design["called"], label, design["title"])
        tables[stem] = tabulated(("arm", "level"), means)
    return Section("", "\n\n".join(texts), drawings, tables)


# -- naive against causal ---------------------------------------------------------------------------------------------

POPULATION = "dispute_population"
SELECTION = {
    name: arm(POPULATION, ("talks=population", f"mediation={mediation}"), {}, horizon=450)
    for name, mediation in (("with", "population"), ("without", "none"))
}
"""A population of disputes with mediators that come to some of them, and the same disputes without any."""


def _selection(design: Design, store: ArmStore) -> Section:
    """Mediated minus unmediated crises; the mediated minus the same without mediation; and how the two groups differ."""
    came = np.asarray(store.lanes(SELECTION["with"])["mediated"], bool).reshape(store.size.draws, -1)

    def naive(cells: np.ndarray) -> str:
        return f"{cells[came].mean() - cells[~came].mean():.2f}" if 0 < came.sum() < came.size else "nan"

    rows = []
    for measured in design.measures:
        with_, without = (store.values(SELECTION[name], measured) for name in ("with", "without"))
        causal = estimate(np.where(came, with_ - without, np.nan))
        rows.append((MEASURES[measured].label, naive(with_), str(causal), naive(without)))
    head = ("outcome", "mediated minus unmediated", "what mediation changed in the mediated")
    text = f"{design['text']} Mediators came to {came.mean():.0%}."
    return Section("", titled(design, (*head, "the same crises before anybody came"), rows, text))


class Kind(NamedTuple):
    """A kind of section: the arms that a design takes, and what is made of the design and its arms."""

    arms: Callable[[Design], list[Arm]]
    make: Callable[[Design, ArmStore], Section]


def _each_measure(changes: Callable[[Design], Mapping]) -> Callable[[Design], list[Arm]]:
    """The arms of a design from a function that gives the changes of each, for all that is measured."""
    return lambda design: [design.arm(each, name) for each in changes(design).values() for name in design.measures]


KINDS = {
    "arms": Kind(_each_measure(_arms), _side_by_side),
    "variants": Kind(_each_measure(_variants), _in_variants),
    "by": Kind(_each_measure(lambda design: trio_changes(design, {})), _by_draws),
    "factorial": Kind(_each_measure(_crossed), _factorial),
    "shapley": Kind(_each_measure(_shared), _shapley),
    "curve": Kind(_each_measure(_along), _curve),
    "selection": Kind(lambda design: list(SELECTION.values()), _selection),
}
"""Kind of a section -> its two functions."""


# -- the claims that are taken apart -----------------------------------------------------------------------------------

FULL = SampleSize(draws=200, crises=30, citizens=64, horizon=450)
QUICK = SampleSize(draws=20, crises=12, citizens=32, horizon=120)


def studies() -> dict[str, Any]:
    """What is declared of the claims that are taken apart, by name."""
    return read_declared("depth")["studies"]


def designs(name: str) -> list[Design]:
    """The sections of a claim."""
    return [Design(fields) for fields in studies()[name]["sections"]]


def arms(name: str) -> list[Arm]:
    """Every arm that a claim in depth takes."""
    return [arm for design in designs(name) for arm in KINDS[design["kind"]].arms(design)]


def section(name: str, store: ArmStore) -> Section:
    """A claim in depth."""
    parts = [KINDS[design["kind"]].make(design, store) for design in designs(name)]
    text = f"## {name} in depth: {studies()[name]['title']}\n\n{read_declared('depth')['basis']}"
    return Section(
        "; ".join(part.headline for part in parts if part.headline),
        "\n\n".join([text, *(part.text for part in parts)]),
        {stem: drawing for part in parts for stem, drawing in part.drawings.items()},
        {stem: rows for part in parts for stem, rows in part.tables.items()},
    )
