"""Six replies of publics, each a contrast between what groups of respondents are told.

``docs/decisions/0033-publics-against-experiments.md`` says of each vignette why it is the experiment's design.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from experiments.protocols.respondents import SILENT, Respondents, Vignette
from sim.ladder import ARTILLERY, DEPLOYED, HOT, OFFENSIVE, QUIET, RUNGS, SETTLED

FULL_WAR = RUNGS - 1

STAYED_OUT = Vignette(QUIET)
BACKED_DOWN = Vignette(QUIET, pledged=DEPLOYED)
WITHDREW = Vignette(QUIET, pledged=HOT)
WITHDREW_AFTER_BLOOD = Vignette(QUIET, pledged=ARTILLERY)
FOLLOWED_THROUGH = Vignette(ARTILLERY, pledged=ARTILLERY)
CONCEDED = Vignette(SETTLED, pledged=HOT, settled=True)
FIRM, NO_ANSWER = Vignette(HOT, enemy=HOT), Vignette(QUIET, enemy=HOT)
FULL_TAUNT = 1.0
WAR_SUPPORT = 0.65
"""Approval of a war at its beginning; about two thirds, as of the wars in Korea and Vietnam (assumed)."""
WAR_DEAD = (100.0, 1000.0)
CLASH_DEAD = 6.0
"""Deaths of the median deadly clash on record."""


class Answer(NamedTuple):
    """A contrast of groups, (lanes, 2), side a first, and what it is a share of, where it is a share."""

    part: np.ndarray
    whole: np.ndarray | None = None

    def of_samples(self, publics: int) -> np.ndarray:
        """The answer of each sample of so many publics that follow each other, (samples, 2); NaN as share of nothing."""
        part = _mean(self.part, publics)
        if self.whole is None:
            return part
        whole = _mean(self.whole, publics)
        return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def answers(asked: Respondents) -> dict[str, Answer]:
    """Every item by name, but those about losses in a war (:func:`answers_on_war`)."""
    stayed_out = asked.approval(STAYED_OUT)
    threat, force, blood = (
        stayed_out - asked.approval(vignette) for vignette in (BACKED_DOWN, WITHDREW, WITHDREW_AFTER_BLOOD)
    )
    conceded = asked.approval(CONCEDED)
    return {
        "cost_after_threat": Answer(threat),
        "cost_after_force": Answer(force),
        "cost_after_blood": Answer(blood),
        "force_above_threat": Answer(force - threat),
        "cover": Answer(
            np.where(
                asked.anybody_proposes[:, None], asked.approval(replace(CONCEDED, proposed=True)) - conceded, np.nan
            ),
            asked.approval(replace(CONCEDED, pledged=0)) - conceded,
        ),
        "inconsistency_share": Answer(asked.approval(FOLLOWED_THROUGH) - (stayed_out - threat), threat),
        "taunt": Answer(_firmness(asked, FULL_TAUNT) - _firmness(asked, SILENT)),
        "rally": Answer(_after_a_clash(asked, CLASH_DEAD) - _after_a_clash(asked, 0.0)),
    }


def answers_on_war(asked: Respondents) -> dict[str, Answer]:
    """The items about losses: they start from a given support, so that how hawkish a public is hardly counts."""
    return {"losses_at_8": Answer(_fall(asked, OFFENSIVE)), "losses_at_9": Answer(_fall(asked, FULL_WAR))}


def _mean(values: np.ndarray, publics: int) -> np.ndarray:
    return values.reshape(-1, publics, 2).mean(axis=1)


def _firmness(asked: Respondents, taunt: float) -> np.ndarray:
    return asked.approval(replace(FIRM, taunt=taunt)) - asked.approval(replace(NO_ANSWER, taunt=taunt))


def _fall(asked: Respondents, rung: int) -> np.ndarray:
    war = Vignette(rung, pledged=rung, enemy=rung)
    with asked.kept():
        asked.bring_to_support(war, WAR_SUPPORT)
        fewer, more = (asked.approval(replace(war, deaths=dead)) for dead in WAR_DEAD)
    return fewer - more


def _after_a_clash(asked: Respondents, deaths: float) -> np.ndarray:
    clash = Vignette(HOT, pledged=HOT, enemy=HOT, deaths=deaths)
    with asked.kept():
        asked.live_through_a_day(clash)
        return asked.approval(clash)
