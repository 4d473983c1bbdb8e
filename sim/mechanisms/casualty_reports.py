"""Reporting: what each public is told of losses, its own and the enemy's, and what comes out."""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.kernels.losses import Candour, Telling, Toll, tell_losses
from sim.ladder import SIDES
from sim.world import World


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

    def add(self, candour: Candour, toll: Toll) -> None:
        """Tell of one more day; both arguments have shape (lanes,)."""
        known = Telling(*(getattr(self, name) for name in Telling._fields))
        telling = Telling(*np.empty((len(Telling._fields), len(self.told))))
        tell_losses(candour, toll, known, telling)
        for name, value in zip(Telling._fields, telling, strict=True):
            setattr(self, name, value)


class CasualtyReports:
    """Both governments' reports."""

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.reports = {side: Report(crisis.lanes) for side in SIDES}
        self._candour = {side: self._candour_of(side) for side in SIDES}

    def _candour_of(self, side: str) -> Candour:
        values = self.crisis.values.dyad.reporting
        return Candour(
            getattr(values, f"disclosure_{side}"),
            getattr(values, f"inflation_{side}"),
            values.leak,
            values.civilian_claims,
            values.hiding_penalty,
            self.crisis.values.dyad.combat.salient_share,
        )

    def of(self, side: str) -> Report:
        """What a side's public has been told."""
        return self.reports[side]

    def publish(self) -> None:
        """Tell both publics of the day: own deaths (in part), claims about the enemy, leaks, salient deaths."""
        combat, today = self.crisis.combat, self.crisis.today
        for side in SIDES:
            own = self.crisis.governments[side]
            toll = Toll(
                own.deaths,
                combat.today[side],
                combat.civilians_today[side],
                own.enemy.deaths,
                own.enemy.fought,
                today.first(Stream.SALIENCE, own.luck_slot),
                combat.strikes(side),
            )
            self.reports[side].add(self._candour[side], toll)
