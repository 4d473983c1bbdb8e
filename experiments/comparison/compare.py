"""Studies, or arms within studies, set against each other: tables, figures and what must be known about them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from experiments.comparison.analysis import Headline, Tables, against_references, analyse, headlines, seen, summary
from experiments.comparison.arms import Grouping, choose_baseline, group, parse_filter
from experiments.comparison.rendering import as_json
from experiments.comparison.sources import Source, open_sources
from experiments.errors import FAILED, USAGE, UserError, describe_os_error
from experiments.figures.lazy_figures import Drawings
from experiments.files import write_csv
from experiments.statistics.metrics import default_metrics, metric
from experiments.study.identity import origin_notes
from experiments.study.parts import TABLES
from experiments.study.results import Results, losses
from sim.ladder import CALM_DAYS

if TYPE_CHECKING:
    from concurrent.futures import Executor

_DOING = "write the comparison"
_PREFIX = ".compare-"
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

    @property
    def content(self) -> dict[str, Any]:
        """The comparison as plain data: headline, arms, table, figures' words, notes."""
        return {
            "headline": [
                {"arm": line.arm, "metric": line.metric.name, "label": line.metric.label, **asdict(line.value)}
                for line in self.headlines
            ],
            "against": {words: table.to_dicts() for words, table in self.against.items()},
            "baseline": self.baseline,
            "arms": {arm.name: arm.lanes.height for arm in self.grouping.arms},
            "table": self.summary.to_dicts(),
            "figures": self.drawings.words(),
            "notes": self.notes,
        }

    def save(self, directory: str | Path, helping: Executor | None = None) -> list[Path]:
        """Write tables and figures, with processes that help drawing or alone, and return their paths.

        Raises
        ------
        UserError
            Where the directory holds a study, or cannot be written; nothing is left in it then.
        """
        directory = Path(directory)
        check_place(directory)
        tables = {
            "comparison": self.summary,
            "shares": self.tables.shares,
            "incidence": self.tables.incidence,
            "rescued": self.tables.joint,
            **self.more,
        }
        with filled(directory) as place:
            paths = self.drawings.save(place, helping)
            for name, table in tables.items():
                if table is not None:
                    paths.append(place / f"{name}.csv")
                    write_csv(paths[-1], table)
            paths.append(place / "comparison.json")
            paths[-1].write_text(as_json(self.content) + "\n", encoding="utf-8")
        return [directory / path.name for path in paths]


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

    ``by`` may be a function, which gets the studies once they are open and returns the names of the settings that make
    the arms.

    Raises
    ------
    UserError
        For anything that is not there, or cannot be read.
    """
    only, days_of = parse_filter(where, "--where"), parse_filter(given, "--given")
    sources, left_out = open_sources(paths_of(studies))
    grouping = group(sources, by(sources) if callable(by) else _names(by), only, days_of)
    reference = choose_baseline(grouping, baseline)
    schema = reference.lanes.schema
    horizon = max(arm.horizon for arm in grouping.arms)
    quantities = [metric(name, horizon, schema) for name in (_names(metrics) or default_metrics(schema))]
    tables = analyse(grouping.arms, reference, quantities)
    notes = [*left_out, *_notes(grouping, only, tables)]
    sketches, more = {}, {}
    if figures:
        from experiments.comparison.drawing import figures_of

        shown = figures_of(grouping, seen(tables, quantities), tables, reference.name, days_of, given)
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


def _notes(grouping: Grouping, where: pl.Expr | None, tables: Tables) -> Iterator[str]:
    """Sentences on how the numbers came about, as far as a reader has to know."""
    sources = grouping.sources
    horizons = sorted({source.horizon for source in sources})
    if len(horizons) > 1:
        days = ", ".join(map(str, horizons))
        yield f"The studies simulate {days} days: counts over the whole crisis are not comparable."
    yield from origin_notes({source.name: source.manifest for source in sources})
    if short := [source.name for source in sources if source.horizon < CALM_DAYS]:
        names = ", ".join(short)
        yield f"A calm takes {CALM_DAYS} days to be seen: {names} cannot show any, and figures leave calm out."
    unknown = tables.levels.group_by("label", maintain_order=True).agg(pl.col("value").is_nan().all())
    if none := unknown.filter(pl.col("value"))["label"].to_list():
        yield f"No crisis has a value, so there is no figure: {'; '.join(none)}."
    if (tables.levels["value"].is_not_nan() & tables.levels["low"].is_nan()).any():
        yield (
            "No interval and no reading are given for a single crisis, for a mean or quantile of fewer than 6 crises "
            "(more for outer quantiles), and for what did not vary."
        )
    for source in sources:
        if note := source.manifest.get("posterior_note"):
            yield f"{source.name}: {note}."
        if source.manifest.get("state") != "finished":
            yield f"{source.name} is not finished (state {source.manifest.get('state')})."
        if source.failures.height:
            yield f"{source.name} lacks crises that failed, see failures.parquet."
        if lost := losses(source.study):
            yield f"{source.name} has lost {', '.join(lost)}; to simulate that again: {source.study.resumption}."
    named = set(where.meta.root_names()) if where is not None else set()
    if named & set(sources[0].outcomes.columns) - {"point", "replicate", "luck"}:
        yield "--where selects crises by their outcome: the arms no longer hold the same crises."
    if "draws_low" in tables.levels.columns:
        yield (
            "Over draws: 95 % of the draws of uncertain parameters, Monte Carlo noise removed. All other intervals cover "
            "chance alone, given these draws."
        )
    if tables.contrasts is not None:
        if (tables.contrasts["basis"] == "unpaired").any():
            yield "Unpaired: luck is not shared, the intervals are those of independent samples."
        yield (
            "Reads against the smallest effect of interest: larger, negligible, undecided (more replicates needed), "
            "or fragile (a mean that rests on a few crises)."
        )


# -- the directory it is written to: files are moved into it once all of them are made ---------------------------------


def check_place(directory: Path) -> None:
    """UserError for a directory that is a study or one of its tables, or that cannot be made or written; makes nothing."""
    if (directory / "manifest.json").exists():
        raise UserError(f"{directory}: holds a study; choose another directory, such as {directory / 'figures'}")
    if directory.name in TABLES and (directory.parent / "manifest.json").exists():
        raise UserError(f"{directory}: holds a table of a study; choose another directory")
    there = next(place for place in (directory, *directory.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise UserError(f"cannot {_DOING} {directory}: {there} is not a directory")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"cannot {_DOING} {directory}: {there} cannot be written")


@contextmanager
def filled(directory: Path) -> Iterator[Path]:
    """Give a place to write files to, and put them into a directory once all are there.

    Files are moved one by one: each is whole, but a process killed in the midst of moving leaves some of them beside
    those of an earlier comparison. What such a process left of its own place to write to is removed first.

    Raises
    ------
    UserError
        With exit code 2 where the directory cannot be made, 1 where it cannot hold the files; what could not be made
        is left as it was found.
    """
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    code = USAGE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for left in directory.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=_PREFIX, dir=directory, ignore_cleanup_errors=True) as place:
            code = FAILED
            yield Path(place)
            for path in sorted(Path(place).iterdir()):
                os.replace(path, directory / path.name)
    except OSError as error:
        raise UserError(describe_os_error(error, _DOING), code) from None
    finally:
        for created in missing:
            with suppress(OSError):
                created.rmdir()
