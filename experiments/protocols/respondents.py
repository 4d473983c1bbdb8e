"""The model's own citizens as respondents: a public a lane, shown a situation and asked whether they approve.

A crisis is begun as any other, its governments are put where the vignette says they stand, and its publics say what they
make of it (:meth:`sim.agents.public.Public.initialise_approval`). Pledges, cover and rallies come out of the model's rules.

Six replies are contrasts between what groups of them are told; ``docs/decisions/0033-publics-against-experiments.md`` says
of each vignette why it is the experiment's design.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import log10
from typing import NamedTuple

import numpy as np

from sim.agents.government import Government
from sim.agents.public import Public
from sim.crisis import Crisis
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin
from sim.ladder import ARTILLERY, DEPLOYED, HOT, OFFENSIVE, QUIET, RUNGS, SETTLED, SIDES

SILENT = 0.0
"""Rhetoric of a rival whom the vignette does not quote."""
BISECTIONS = 14
"""Halvings of the interval in which a shift of attitudes is looked for: to 0.0002."""


@dataclass(frozen=True)
class Vignette:
    """What respondents are told.

    The government stands at ``rung`` now, 0-9, and stood at ``pledged`` before, which binds as the model's commitment to
    it does; 0: it never committed itself. The rival stands at ``enemy``, its words as hot as ``taunt``, 0-1. ``deaths`` are
    own ones that everybody knows of. ``settled`` says that the two have agreed to come down together, ``proposed`` that a
    third party proposed it, and the government has what cover its mediators' offer gives.
    """

    rung: int
    pledged: int = 0
    enemy: int = DEPLOYED
    taunt: float = SILENT
    deaths: float = 0.0
    settled: bool = False
    proposed: bool = False


class Respondents:
    """Both publics of a design's points, a lane a point; answers have shape (lanes, 2), side a first.

    Nothing of a public should vary in the points, see :func:`experiments.protocols.asking.asked_points`; ``seed`` is the
    luck of the draw of ``citizens`` in each public.
    """

    def __init__(self, points: Points, citizens: int = 128, seed: int = 1) -> None:
        lanes = np.arange(len(points))
        self.crisis: Crisis = begin(points, lanes, np.zeros_like(lanes), Settings(seed=seed, citizens=citizens))
        self.crisis.today = self.crisis.luck.day(0)
        self.sides: list[tuple[Government, Public]] = [
            (self.crisis.governments[side], self.crisis.publics[side]) for side in SIDES
        ]
        for mediator in self.crisis.mediators:
            mediator.attempting = mediator.values.present == 1
        self.crisis.talks.open()
        self.offered_cover = self.crisis.talks.offer_cover
        """Cover of the offer that all mediators make together today, (lanes,)."""

    def close(self) -> None:
        """Let go of the publics."""
        self.crisis.close()

    @property
    def anybody_proposes(self) -> np.ndarray:
        """Whether there is a third party to propose anything, bool (lanes,)."""
        present = [mediator.values.present == 1 for mediator in self.crisis.mediators]
        return np.logical_or.reduce([np.zeros(self.crisis.lanes, bool), *present])

    def approval(self, vignette: Vignette) -> np.ndarray:
        """Share that approves of where the government stands, (lanes, 2)."""
        self._show(vignette)
        for _, public in self.sides:
            public.initialise_approval()
        return np.stack([public.approval for _, public in self.sides], axis=1)

    def live_through_a_day(self, vignette: Vignette) -> None:
        """Let both publics live through the day of a vignette: its deaths are that day's, and they may rally."""
        self._show(vignette, today=vignette.deaths)
        for _, public in self.sides:
            public.update_public()

    def bring_to_support(self, vignette: Vignette, share: float) -> None:
        """Shift the attitudes of each public alike, until a share approves of what the vignette says.

        Attitudes are set as the model sets them at the start, at the anchor and a shift, within -1 and 1; where no shift
        is enough the last one stands. The rung has to be one that the more hawkish like better: 8 or 9.
        """
        low, high = np.full((2, self.crisis.lanes, 2), [[[-1.0]], [[2.0]]])
        for _ in range(BISECTIONS):
            shift = (low + high) / 2
            for number, (_, public) in enumerate(self.sides):
                citizens = public.citizens
                shifted = citizens.anchor + shift[:, number, None].astype(citizens.anchor.dtype)
                np.clip(shifted, -1, 1, out=citizens.attitude)
            short = self.approval(vignette) < share
            low, high = np.where(short, shift, low), np.where(short, high, shift)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Undo, on leaving, what citizens have lived through inside."""
        before = [(public.citizens.attitude.copy(), public.rally.copy()) for _, public in self.sides]
        yield
        for (_, public), (attitudes, rally) in zip(self.sides, before, strict=True):
            public.citizens.attitude[...], public.rally[...] = attitudes, rally

    def _show(self, vignette: Vignette, today: float = 0.0) -> None:
        for government, public in self.sides:
            government.commitment = self._pledge(government, vignette.pledged)
            self._stand(government, vignette.rung, vignette.enemy, vignette.taunt)
            self._tell(public, vignette.deaths, today)
        agreement, nothing = self.crisis.agreement, np.zeros(self.crisis.lanes)
        agreement.cover = self.offered_cover if vignette.proposed else nothing
        agreement.signed_today = np.full(self.crisis.lanes, vignette.settled)

    def _stand(self, government: Government, rung: int, enemy: int, taunt: float) -> None:
        lanes = self.crisis.lanes
        government.rung = government.fought = np.full(lanes, rung)
        government.beliefs.rung = np.full(lanes, float(enemy))
        government.rhetoric = np.full(lanes, taunt)  # both sides are asked the same: each hears the other's words
        government.public.protest = np.zeros(lanes)

    def _pledge(self, government: Government, rung: int) -> np.ndarray:
        """What a government that stands at a rung, and speaks as leaders do there, stands committed to, (lanes,)."""
        if rung == 0:
            return np.zeros(self.crisis.lanes)
        government.commitment = np.zeros(self.crisis.lanes)
        self._stand(government, rung, rung, SILENT)
        government.update_rhetoric()
        government.update_commitment()
        return government.commitment

    def _tell(self, public: Public, deaths: float, today: float) -> None:
        """Tell a public, openly, of own deaths so far and today; the enemy's are claimed to be as many."""
        report, lanes = self.crisis.reports.of(public.side), self.crisis.lanes
        report.told = report.claimed = np.full(lanes, float(deaths))
        report.new_deaths, report.new_admitted = np.full(lanes, today), np.full(lanes, float(today > 0))
        # All is told, and believed; claims are as many: no success.
        report.loss_told = np.full(lanes, log10(1 + deaths))


# -- replies -----------------------------------------------------------------------------------------------------------

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
    covered = asked.approval(replace(CONCEDED, proposed=True)) - conceded
    return {
        "cost_after_threat": Answer(threat),
        "cost_after_force": Answer(force),
        "cost_after_blood": Answer(blood),
        "force_above_threat": Answer(force - threat),
        "cover": Answer(
            np.where(asked.anybody_proposes[:, None], covered, np.nan),
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
