"""Studies, or arms within studies, set against each other: tables, figures and what must be known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from experiments.comparison.analysis import Headline, Tables, against_references, analyse, headlines, seen, summary
from experiments.comparison.arms import Grouping, choose_baseline, group
from experiments.comparison.filters import parse_filter
from experiments.comparison.output import check_place, filled
from experiments.comparison.rendering import as_json
from experiments.comparison.sources import Source, open_sources
from experiments.figures.lazy_figures import Drawings
from experiments.files import write_csv
from experiments.statistics.metrics import default_metrics, metric
from experiments.study.identity import origin_notes
from experiments.study.results import Results, losses
from sim.ladder import CALM_DAYS

if TYPE_CHECKING:
    from concurrent.futures import Executor

Studies = str | Path | Results | Iterable[str | Path | Results]


@dataclass(frozen=True)
class Comparison:
    """The results of a comparison.

    ``headlines`` has an entry a metric and arm without a mediator, ``against`` the same against nobody and the placebo
    where such arms exist; ``drawings`` are in the order in which they should be read. ``notes`` say what the reader
    must know about how the numbers came about, ``left_out`` which of them tell of studies that could not be read;
    ``more`` are tables behind figures that only some designs call for.
    """

    grouping: Grouping
    baseline: str
    headlines: list[Headline]
    against: dict[str, pl.DataFrame]
    tables: Tables
    drawings: Drawings
    notes: list[str]
    more: dict[str, pl.DataFrame]
    left_out: list[str]

    @property
    def summary(self) -> pl.DataFrame:
        """Levels and contrasts side by side, a row a metric and arm."""
        return summary(self.tables)

    def save(self, directory: str | Path) -> list[Path]:
        """Write figures and tables and return their paths; see :func:`write`."""
        return write(self, Path(directory))


def compare(
    studies: Studies,
    *,
    by: str | Sequence[str] | Callable[[Sequence[Source]], Sequence[str]] = (),
    baseline: str = "",
    metrics: str | Sequence[str] = (),
    where: str = "",
    given: str = "",
    figures: bool = True,
) -> Comparison:
    """Set studies, or arms within them, against each other; see :func:`experiments.cli.compare.command`.

    ``by`` may be a function that names the settings once the studies are open.

    Raises
    ------
    UserError
        For anything that is not there, or cannot be read.
    """
    kept, chosen = parse_filter(where, "--where"), parse_filter(given, "--given")
    sources, left_out = open_sources(paths_of(studies))
    grouping = group(sources, by(sources) if callable(by) else _names(by), kept, chosen)
    reference = choose_baseline(grouping, baseline)
    schema = reference.lanes.schema
    horizon = max(arm.horizon for arm in grouping.arms)
    wanted = [metric(name, horizon, schema) for name in (_names(metrics) or default_metrics(schema))]
    tables = analyse(grouping.arms, reference, wanted)
    notes = [*left_out, *_notes(grouping, kept, tables)]
    sketches, more = {}, {}
    if figures:
        from experiments.comparison.drawing import figures_of

        shown = figures_of(grouping, seen(tables, wanted), tables, reference.name, chosen, given)
        sketches, more = shown.sketches, shown.tables
        notes += shown.notes
    first, against = headlines(grouping), against_references(grouping)
    return Comparison(grouping, reference.name, first, against, tables, Drawings(sketches), notes, more, left_out)


def paths_of(studies: Studies) -> list[Path]:
    """Return the directories of studies given in any form."""
    if isinstance(studies, (str, Path)):
        return [Path(studies)]
    if isinstance(studies, Results):
        return [*studies.directories]
    return [path for study in studies for path in paths_of(study)]


def listed(text: str) -> list[str]:
    """Return the names in a text separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    """Names given as a sequence, or in a text separated by commas; each once."""
    return tuple(dict.fromkeys(listed(given) if isinstance(given, str) else given))


def _notes(grouping: Grouping, kept: pl.Expr | None, tables: Tables) -> list[str]:
    notes, sources = [], grouping.sources
    horizons = sorted({source.horizon for source in sources})
    if len(horizons) > 1:
        notes.append(
            f"The studies simulate {', '.join(map(str, horizons))} days: counts over the whole crisis are not comparable."
        )
    notes += origin_notes({source.name: source.manifest for source in sources})
    if short := [source.name for source in sources if source.horizon < CALM_DAYS]:
        notes.append(
            f"A calm takes {CALM_DAYS} days to be seen: {', '.join(short)} cannot show any, and figures leave calm out."
        )
    unknown = tables.levels.group_by("label", maintain_order=True).agg(pl.col("value").is_nan().all())
    if none := unknown.filter(pl.col("value"))["label"].to_list():
        notes.append(f"No crisis has a value, so there is no figure: {'; '.join(none)}.")
    if (tables.levels["value"].is_not_nan() & tables.levels["low"].is_nan()).any():
        notes.append(
            "No interval and no reading are given for a single crisis, for a mean or quantile of fewer than 6 crises "
            "(more for outer quantiles), and for what did not vary."
        )
    for source in sources:
        if note := source.manifest.get("posterior_note"):
            notes.append(f"{source.name}: {note}.")
        if source.manifest.get("state") != "finished":
            notes.append(f"{source.name} is not finished (state {source.manifest.get('state')}).")
        if source.failures.height:
            notes.append(f"{source.name} lacks crises that failed, see failures.parquet.")
        if lost := losses(source.study):
            again = source.study.resumption
            notes.append(f"{source.name} has lost {', '.join(lost)}; to simulate that again: {again}.")
    names = set(kept.meta.root_names()) if kept is not None else set()
    if names & set(sources[0].outcomes.columns) - {"point", "replicate", "luck"}:
        notes.append("--where selects crises by their outcome: the arms no longer hold the same crises.")
    if "draws_low" in tables.levels.columns:
        notes.append(
            "Over draws: 95 % of the draws of uncertain parameters, Monte Carlo noise removed. All other intervals cover "
            "chance alone, given these draws."
        )
    if tables.contrasts is not None and (tables.contrasts["basis"] == "unpaired").any():
        notes.append("Unpaired: luck is not shared, the intervals are those of independent samples.")
    if tables.contrasts is not None:
        notes.append(
            "Reads against the smallest effect of interest: larger, negligible, undecided (more replicates needed), "
            "or fragile (a mean that rests on a few crises)."
        )
    return notes


def write(comparison: Comparison, directory: Path, helping: Executor | None = None) -> list[Path]:
    """Write tables and figures of a comparison, with processes that help drawing or alone, and return their paths.

    Raises
    ------
    UserError
        Where the directory holds a study, or cannot be written; nothing is left in it then.
    """
    check_place(directory)
    tables = {
        "comparison": comparison.summary,
        "shares": comparison.tables.shares,
        "incidence": comparison.tables.incidence,
        "rescued": comparison.tables.joint,
        **comparison.more,
    }
    with filled(directory) as place:
        paths = comparison.drawings.save(place, helping)
        for name, table in tables.items():
            if table is not None:
                paths.append(place / f"{name}.csv")
                write_csv(paths[-1], table)
        paths.append(place / "comparison.json")
        paths[-1].write_text(as_json(content(comparison)) + "\n", encoding="utf-8")
    return [directory / path.name for path in paths]


def content(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data: headline, arms, table, figures' words, notes."""
    return {
        "headline": [
            {"arm": line.arm, "metric": line.metric.name, "label": line.metric.label, **asdict(line.value)}
            for line in comparison.headlines
        ],
        "against": {words: table.to_dicts() for words, table in comparison.against.items()},
        "baseline": comparison.baseline,
        "arms": {arm.name: arm.lanes.height for arm in comparison.grouping.arms},
        "table": comparison.summary.to_dicts(),
        "figures": comparison.drawings.words(),
        "notes": comparison.notes,
    }
