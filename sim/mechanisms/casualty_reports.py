"""Reporting: what each public is told of losses, its own and the enemy's, and what comes out."""

from __future__ import annotations

import numpy as np

from sim.engine.elementwise import log2, log10, power
from sim.engine.streams import Stream
from sim.ladder import ARTILLERY, SIDES
from sim.world import World

SUCCESS_SCALE = 4
"""A claimed exchange of 16 to 1 counts as full success (assumed)."""


class Report:
    """What one public has been told. All state has shape (lanes,).

    ``loss_told`` is the order of magnitude of own deaths that everybody believes in (as reported, and more where credit
    is lost), ``loss_hidden`` what those who distrust the media add to it; ``success`` (-1 to 1) says how much heavier
    the enemy's losses are claimed to be than one's own. ``new_admitted`` is the share that the government admits of a
    day's dead, where there are any: it is this that people rally to, not the trickle of what leaks.
    """

    def __init__(self, lanes: int) -> None:
        self.told, self.leaked, self.claimed = np.zeros(lanes), np.zeros(lanes), np.zeros(lanes)
        self.new_admitted = np.zeros(lanes)
        self.new_deaths, self.new_civilian_deaths = np.zeros(lanes), np.zeros(lanes)
        self.salient, self.credit = np.zeros(lanes), np.ones(lanes)
        self.loss_told, self.loss_hidden, self.success = (np.zeros(lanes) for _ in range(3))

    def sum_up(self) -> None:
        """What the day's news come to: losses in orders of magnitude, and success as claimed."""
        told = log10(1 + self.told)
        withheld = log10(1 + self.told + self.leaked) - told
        self.loss_told = told + (1 - self.credit) * withheld
        self.loss_hidden = self.credit * withheld
        self.success = np.clip(log2((1 + self.claimed) / (1 + self.told)) / SUCCESS_SCALE, -1, 1)


class CasualtyReports:
    """Both governments' reports."""

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.reports = {side: Report(crisis.lanes) for side in SIDES}

    def of(self, side: str) -> Report:
        """What a side's public has been told."""
        return self.reports[side]

    def publish(self) -> None:
        """Tell both publics of the day: own deaths (in part), claims about the enemy, leaks, salient deaths."""
        for side in SIDES:
            self._tell(side)

    def _tell(self, side: str) -> None:
        crisis, values, report = self.crisis, self.crisis.values.dyad.reporting, self.reports[side]
        own = crisis.governments[side]
        disclosure = getattr(values, f"disclosure_{side}")
        hidden = (1 - disclosure) * own.deaths
        newly_leaked = values.leak * np.maximum(hidden - report.leaked, 0)
        report.new_deaths = disclosure * crisis.combat.today[side] + newly_leaked
        report.told = disclosure * own.deaths
        report.new_admitted = disclosure * (crisis.combat.today[side] > 0)
        report.leaked = report.leaked + newly_leaked
        report.claimed = getattr(values, f"inflation_{side}") * own.enemy.deaths
        alleged = values.civilian_claims * (own.enemy.fought >= ARTILLERY)
        report.new_civilian_deaths = crisis.combat.civilians_today[side] + alleged
        report.credit = report.credit * np.maximum(1 - values.hiding_penalty * newly_leaked / (1 + own.deaths), 0)
        report.salient = self._salient(side)
        report.sum_up()

    def _salient(self, side: str) -> np.ndarray:
        """Whether a death of the day strikes the public, as 0 or 1."""
        combat, own = self.crisis.values.dyad.combat, self.crisis.governments[side]
        chance = 1 - power(1 - combat.salient_share, self.crisis.combat.today[side])
        drawn = self.crisis.today.first(Stream.SALIENCE, own.luck_slot) < chance
        return (drawn | self.crisis.combat.strikes(side)).astype(float)
