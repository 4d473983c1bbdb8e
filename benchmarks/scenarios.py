"""The crisis that is timed: the baseline as it ships, with its allies and its mediators."""

from __future__ import annotations

from sim.scenario import Scenario

CHOICES = ("scenario=tovuz_2020", "mediation=russia_2020")


def baseline() -> Scenario:
    """The baseline scenario."""
    from experiments.config.compose import composer

    with composer() as compose:
        return compose.compose(CHOICES).scenario
