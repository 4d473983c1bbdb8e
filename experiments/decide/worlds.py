"""States of the world: draws of what is not known, the same under every policy."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from experiments.config.compose import Composer, Configuration
from experiments.config.overrides import parse_overrides
from experiments.decide.levers import Lever, Policy
from experiments.decide.plan import Plan
from experiments.design.designs import Design, build_design
from experiments.design.posterior import NOTHING
from experiments.errors import UserError
from sim.engine.lanes import Points

_NAMES = ("scenario", "talks", "mediation", "draw")
"""Columns of a design that are no uncertainties."""


@dataclass(frozen=True)
class Arm:
    """A policy that can be simulated: what it chooses in config groups, and the parameters it lays over them."""

    number: int
    choices: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, float | int | str], ...] = ()


def arm_of(number: int, policy: Policy, levers: Sequence[Lever]) -> Arm:
    """A setting of the levers as an arm; what it chooses and what it sets are told apart."""
    groups = {lever.path for lever in levers if lever.is_group}
    chosen = tuple((path, str(value)) for path, value in policy.items() if path in groups)
    return Arm(number, chosen, tuple((path, value) for path, value in policy.items() if path not in groups))


class Worlds:
    """States of the world under any choice of config groups; composed once for each choice."""

    def __init__(self, composer: Composer, configuration: Configuration, plan: Plan) -> None:
        """Prepare the states that a plan needs: those of the search first, then fresh ones.

        Raises
        ------
        UserError, ParameterError
            Where there are too few draws, or a scenario cannot be drawn.
        """
        self.composer, self.configuration, self.plan = composer, configuration, plan
        needed = plan.search.states + plan.fresh.states
        uncertainty = configuration.settings.uncertainty
        self.uncertain = uncertainty.partition(":")[0] not in NOTHING
        self.uncertainty = uncertainty if ":" in uncertainty or not self.uncertain else f"{uncertainty}:{needed}"
        self.cases = plan.scenarios or (str(configuration.choices.get("scenario")),)
        self._designs: dict[tuple[tuple[tuple[str, str], ...], str], Design] = {}
        self.draws = len(self.design((), self.cases[0]))
        if self.uncertain and self.draws < needed:
            raise UserError(
                f"uncertainty={uncertainty}: {self.draws} draws, but the search needs {needed} "
                f"({plan.search.states} and {plan.fresh.states} fresh ones)"
            )

    def design(self, choices: tuple[tuple[str, str], ...], case: str) -> Design:
        """All states of a case under some choices, one point a draw."""
        key = (choices, case)
        if key not in self._designs:
            configuration = self._composed(dict(choices), case)
            tree = {name: part for name, part in configuration.tree.items() if name not in ("search", "budget")}
            # A state has luck of its own: how many replicates it gets is not the design's to judge.
            tree |= {"replicates": 30, "precision": None, "design": {}, "uncertainty": self.uncertainty}
            self._designs[key] = build_design(self.composer, replace(configuration, tree=tree))
        return self._designs[key]

    def _composed(self, choices: dict[str, str], case: str) -> Configuration:
        """The configuration with other choices; what belongs to the search alone is left out."""
        if not choices and case == self.configuration.choices.get("scenario"):
            return replace(self.configuration, overrides=())
        kept = [
            override
            for override in parse_overrides(self.configuration.overrides)
            if override.key not in ("scenario", "budget")
            and override.key not in choices
            and override.key.split(".")[0] not in ("search", "design", *choices)
        ]
        extra = [f"{group}={name}" for group, name in {"scenario": case, **choices}.items()]
        return self.composer.compose([], [*kept, *parse_overrides(extra)])

    @property
    def search(self) -> list[int]:
        """Numbers of the states that candidates meet: for each case the first draws, or its only state."""
        return self._numbers(0, self.plan.search.states)

    @property
    def fresh(self) -> list[int]:
        """Numbers of the states of the last judgement: further draws, or the only state again."""
        return self._numbers(self.plan.search.states, self.plan.search.states + self.plan.fresh.states)

    def lucks(self, states: int, lucks: int) -> int:
        """Replicates in a state: with nothing uncertain, one state gets those of all."""
        return lucks if self.uncertain else states * lucks

    def _numbers(self, first: int, last: int) -> list[int]:
        draws = range(first, last) if self.uncertain else range(1)
        return [case * self.draws + draw for case in range(len(self.cases)) for draw in draws]

    def points(self, arms: Sequence[Arm], states: Sequence[int]) -> tuple[Points, np.ndarray, np.ndarray]:
        """Arms crossed with states, as one design: arms that choose alike and set the same paths, states of one case.

        Returns
        -------
        points, arm, state
            The points, states changing slowest, with the number of the arm and of the state of each, int (points,).
        """
        choices, case = arms[0].choices, states[0] // self.draws
        assert len({(arm.choices, tuple(path for path, _ in arm.values)) for arm in arms}) == 1
        design = self.design(choices, self.cases[case])
        draw = np.repeat(np.asarray(states) - case * self.draws, len(arms))
        used, base = np.unique(design.base[draw], return_inverse=True)
        columns = {path: values[draw] for path, values in design.columns.items()}
        for place, (path, _) in enumerate(arms[0].values):
            values = [arm.values[place][1] for arm in arms]
            columns[path] = np.tile(np.array(values, object if isinstance(values[0], str) else float), len(states))
        points = Points.cross([design.scenarios[number] for number in used], base, columns)
        return points, np.tile([arm.number for arm in arms], len(states)), np.repeat(np.asarray(states), len(arms))

    @cached_property
    def table(self) -> pl.DataFrame:
        """A row a state: `state`, `scenario`, `draw` and what is uncertain about it."""
        frames = []
        for number, case in enumerate(self.cases):
            table = self.design((), case).table
            uncertain = {name: table[name].tolist() for name in table if name not in _NAMES}
            state = range(number * self.draws, (number + 1) * self.draws)
            frames.append(pl.DataFrame({"state": state, "scenario": case, "draw": range(self.draws), **uncertain}))
        return pl.concat(frames, how="diagonal_relaxed")

    def fingerprint(self) -> str:
        """A hash of what is drawn, by which a search that is resumed knows its states again."""
        return hashlib.sha256(self.table.write_csv().encode()).hexdigest()[:16]
