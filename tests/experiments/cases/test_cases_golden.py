"""The whole document of some made-up cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.cases.beside import quantiles, set_beside, summary
from experiments.cases.records import NUMBERS, Known, Record
from experiments.cases.requests import FULL
from experiments.cases.running import lines_of, markdown, silent_lines
from experiments.statistics.vocabulary import SEVERITIES, TERMINATIONS
from tests.support.golden import check_golden

SAMPLE = {name: np.append(np.arange(0, 400, 4.0), [np.inf] * 10) for name in NUMBERS}


def made_up(name: str, record: Record | None, **others: object) -> dict[str, object]:
    """What a case comes to, as plain values."""
    share = {"mean": 0.25, "low": 0.2, "high": 0.3}
    return {
        "case": name,
        "horizon": 90,
        "crises": 110,
        "source": f"the posterior of {name}",
        "in_sample": "",
        "mediators_on_offer": True,
        **{f"calm_{day}_{arm}": share for day in (14, 60) for arm in ("with", "without")},
        "quantities": {what: quantiles(values) for what, values in SAMPLE.items()},
        "severity": {label: {**share, "mean": 0.1 * at} for at, label in enumerate(SEVERITIES)},
        "termination": {label: {**share, "mean": 0.1 * at} for at, label in enumerate(TERMINATIONS)},
        "record": set_beside(record, SAMPLE, 90) if record is not None else None,
        **others,
    }


def test_document_of_cases() -> None:
    record = Record(
        "odd",
        None,
        statements={
            "days_heavy": Known(5, 4, 6, "a paper | of record", "with <i>"),
            "deaths": Known(None, 122, 204, "b"),
            "days_to_calm": Known(float("inf"), source="c"),
            "deaths_a": Known(None, 40, None, "d"),
        },
        termination="unilateral",
        notes=("Its source counts no wounded.",),
    )
    cases = [
        made_up("april_2016", None, in_sample="its <b>deaths</b> | are no test", calm_60_without=None),
        made_up("odd|name`", record, mediators_on_offer=False),
    ]
    scores = summary(cases, {"april_2016": SAMPLE, "odd|name`": SAMPLE})
    request = replace(FULL, names=("april_2016", "odd|name`"), draws=11)
    lines = [*lines_of(cases[0]), *lines_of(cases[1], everything=True), *silent_lines(cases[1])]
    check_golden("cases.md", markdown(cases, scores, request, "1999-12-31, model 0") + "\n".join(lines) + "\n")
