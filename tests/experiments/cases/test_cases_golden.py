"""The whole document of some made-up cases."""

from __future__ import annotations

from experiments.cases.running import TERMINATIONS
from experiments.cases.telling import line, markdown
from experiments.claims.arms import SampleSize
from experiments.statistics.vocabulary import SEVERITIES
from tests.support.golden import check_golden


def made_up(name: str, **others: object) -> dict[str, object]:
    """What a case comes to, as plain values."""
    share = {"mean": 0.25, "low": 0.2, "high": 0.3, "draws_low": 0.125, "draws_high": 0.5}
    quantiles = {"5": 0.0, "25": 3.0, "50": 1234.4, "75": 20_000.0, "95": None}
    return {
        "case": name,
        "source": f"the posterior of {name}",
        "in_sample": "",
        "mediators_on_offer": True,
        **{f"{what}_{side}_mediator": share for what in ("calm", "stand_down") for side in ("with", "without")},
        "deaths": {**quantiles, "95": 70_000.0},
        "days_to_calm": quantiles,
        "severity": {name: {**share, "mean": 0.1 * at} for at, name in enumerate(SEVERITIES)},
        "termination": {name: {**share, "mean": 0.1 * at} for at, name in enumerate(TERMINATIONS)},
        **others,
    }


def test_document_of_cases() -> None:
    cases = [
        made_up("april_2016", in_sample="its <b>deaths</b> | are no test", source="a|b <i> & *c*"),
        made_up("odd|name`", mediators_on_offer=False),
    ]
    lines = "\n".join(map(line, cases))
    check_golden("cases.md", markdown(cases, SampleSize(3, 4, 10, 75), "1999-12-31, model 0") + lines + "\n")


def test_document_of_cases_nothing_of_which_is_in_sample() -> None:
    assert "- none of these." in markdown([made_up("galwan_2020")], SampleSize(3, 4, 10, 75), "today").splitlines()
