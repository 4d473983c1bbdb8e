"""Running the cases: their arms, what is read off them, and what is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from experiments.cases.catalogue import IN_SAMPLE, chosen
from experiments.cases.telling import line, markdown, write_figure
from experiments.claims.arms import Arm, SampleSize, drawn_for
from experiments.claims.depth.estimates import estimate
from experiments.claims.measures import CALM_BY, CALM_HORIZON
from experiments.claims.requests import kept_in, reopened
from experiments.claims.sections import kept_sections
from experiments.claims.store import ArmStore
from experiments.errors import UserError
from experiments.files import write_csv, write_json, write_text
from experiments.statistics.vocabulary import SEVERITIES
from experiments.study.identity import model_fingerprint
from experiments.targets.populations import scenario_named
from sim.outputs.columns import NEVER

RESULT = "cases.json"
FULL, QUICK = SampleSize(100, 40, 100, 120), SampleSize(16, 12, 40, 75)
TERMINATIONS = ("tacit", "unilateral", "direct", "mediated", "imposed", "ongoing")
STAND_DOWN = "day_of_standing_down"
QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Request:
    """Cases to run, where their draws come from (`case` or `coded`), and how many of what."""

    names: tuple[str, ...]
    source: str
    size: SampleSize

    @property
    def summary(self) -> str:
        """The request in words."""
        return (
            f"{len(self.names)} cases, {self.size.draws} draws x {self.size.crises} crises each, with their mediators "
            "and without any."
        )


def begin(
    names: list[str],
    quick: bool,
    defaults: bool,
    changes: Mapping[str, int | None],
    resume: Path | None,
    output: Path | None,
) -> tuple[Request, Path]:
    """Claim a directory, or reopen one: then what it was asked for stands."""
    if resume is None:
        size = replace(QUICK if quick else FULL, **{name: value for name, value in changes.items() if value})
        if size.horizon < CALM_HORIZON:
            raise UserError(f"horizon {size.horizon}: at least {CALM_HORIZON} days are needed to see calm by day 60")
        request = Request(tuple(chosen(names)), "coded" if defaults else "case", size)
        asked = {"names": request.names, "source": request.source, "effort": asdict(size)}
        return request, kept_in(output, "cases", asked)
    kept = reopened(resume, "cases")
    return Request(tuple(kept["names"]), kept["source"], SampleSize(**kept["effort"])), resume


def arms_of(name: str, source: str, horizon: int) -> dict[str, Arm]:
    """A case with the mediators on offer, and without any."""
    return {
        "with": Arm(name, source=source, horizon=horizon),
        "without": Arm(name, ("mediation=none",), source=source, horizon=CALM_HORIZON),
        "standing down with": Arm(name, source=source, horizon=CALM_HORIZON, watch=STAND_DOWN),
        "standing down without": Arm(name, ("mediation=none",), source=source, horizon=CALM_HORIZON, watch=STAND_DOWN),
    }


def run(request: Request, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate, read and write; yields a line a case."""
    store = ArmStore(request.size, directory, workers)
    for name in request.names:
        store.want(arms_of(name, request.source, request.size.horizon).values())
    store.run("cases: arms")
    cases = []
    for name in request.names:
        cases.append(read(name, request.source, store))
        yield line(cases[-1])
    write_json(directory / RESULT, {"model": model_fingerprint(), "effort": asdict(request.size), "cases": cases})
    _write_table(cases, directory / "cases.csv")
    drawn = write_figure(cases, directory / "figures")
    text = markdown(cases, request.size, f"{datetime.now():%Y-%m-%d}, model {model_fingerprint()}")
    write_text(directory / "cases.md", text)
    if document is not None:
        figure = document.parent / "figures" / "cases.svg"
        figure.parent.mkdir(parents=True, exist_ok=True)
        figure.write_bytes(drawn[0].read_bytes())
        write_text(document, kept_sections(text, document))


def read(name: str, source: str, store: ArmStore) -> dict[str, Any]:
    """The model's predictive distributions of a case, as plain values."""
    arms = arms_of(name, source, store.size.horizon)
    lanes = store.lanes(arms["with"])
    day, deaths = lanes["days_to_calm"], lanes["deaths_a"].astype(float) + lanes["deaths_b"]
    # A calm that never came lies beyond the horizon, whatever the quantile asks for.
    until = np.where(day == NEVER, np.inf, day.astype(float))
    calm = {side: estimate(store.values(arms[side], "calm")) for side in ("with", "without")}
    down = {
        side: estimate((store.values(arms[f"standing down {side}"]) <= CALM_BY).astype(float))
        for side in ("with", "without")
    }
    scenario = scenario_named(name)
    return {
        "case": name,
        "title": scenario.title,
        "source": drawn_for(name, (), source, store.size.draws).source,
        "in_sample": IN_SAMPLE.get(name, ""),
        "mediators_on_offer": bool(scenario.get("mediation.present")),
        "calm_without_mediator": calm["without"].columns(),
        "calm_with_mediator": calm["with"].columns(),
        "stand_down_without_mediator": down["without"].columns(),
        "stand_down_with_mediator": down["with"].columns(),
        "deaths": _quantiles(deaths),
        "deaths_a": _quantiles(lanes["deaths_a"]),
        "deaths_b": _quantiles(lanes["deaths_b"]),
        "days_to_calm": _quantiles(until),
        "days_hot": _quantiles(lanes["days_hot"]),
        "severity": _shares(lanes["severity"], tuple(SEVERITIES), store),
        "termination": _shares(lanes["termination"], TERMINATIONS, store),
    }


def _quantiles(values: np.ndarray) -> dict[str, float | None]:
    levels = np.quantile(values, np.array(QUANTILES) / 100, method="inverted_cdf")
    return {str(at): float(value) if np.isfinite(value) else None for at, value in zip(QUANTILES, levels, strict=True)}


def _shares(labels: np.ndarray, names: tuple[str, ...], store: ArmStore) -> dict[str, dict[str, float]]:
    shape = (store.size.draws, store.size.crises)
    return {name: estimate((labels == name).astype(float).reshape(shape)).columns() for name in names}


def _write_table(cases: list[dict[str, Any]], path: Path) -> None:
    import polars as pl

    rows = []
    for case in cases:
        row: dict[str, Any] = {name: case[name] for name in ("case", "source", "in_sample")}
        for name in (f"{what}_{side}_mediator" for what in ("calm", "stand_down") for side in ("without", "with")):
            row |= {f"{name}_{part}": value for part, value in case[name].items()}
        for name in ("deaths", "days_to_calm", "days_hot"):
            row |= {f"{name}_{at}": value for at, value in case[name].items()}
        for kind in ("severity", "termination"):
            row |= {f"{kind}_{name}": share["mean"] for name, share in case[kind].items()}
        rows.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(path, pl.DataFrame(rows, infer_schema_length=None))
