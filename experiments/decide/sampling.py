"""Samplers: where to look next. Optuna's by ask and tell, or a design of the whole budget laid out before."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from experiments.decide.levers import Lever, Policy
from experiments.decide.plan import Plan
from experiments.errors import UserError

NEEDS_OPTUNA = (
    "search: needs optuna, which is not installed; pip install 'offramp[decide]', or use search.sampler=latin_hypercube"
)
MOVED = 3
"""Levers of a child that NSGA-II moves on average, at most every other one."""
NEARNESS = 2.0
"""Distribution index of that move (Deb's polynomial mutation): small steps are likely, large ones possible."""


class Sampler(Protocol):
    """Gives candidates and is told what came of them, generation by generation."""

    def ask(self, count: int) -> list[Policy]: ...

    def tell(self, values: np.ndarray, excess: np.ndarray) -> None: ...


def sampler_of(plan: Plan, seed: int) -> Sampler:
    """The sampler of a plan; UserError in one line where it needs a package that is not installed."""
    return make_sampler(plan.sampler, plan.levers, len(plan.objectives), plan.candidates, plan.population, seed)


def make_sampler(
    kind: str, levers: Sequence[Lever], objectives: int, candidates: int, population: int, seed: int
) -> Sampler:
    """A sampler by its name, see :data:`experiments.decide.plan.SAMPLERS`; it repeats itself for the same seed."""
    if kind in ("latin_hypercube", "random"):
        return _Laid(kind, levers, candidates, seed)
    return _Asked(kind, levers, objectives, population, seed)


class _Laid:
    """All candidates of a design, in order; nothing that is told changes them."""

    def __init__(self, kind: str, levers: Sequence[Lever], candidates: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        cube = generator.random((candidates, len(levers)))
        if kind == "latin_hypercube":
            cube = (np.array([generator.permutation(candidates) for _ in levers]).T + cube) / candidates
        self.waiting = [{lever.path: lever.at(float(u)) for lever, u in zip(levers, row, strict=True)} for row in cube]

    def ask(self, count: int) -> list[Policy]:
        asked, self.waiting = self.waiting[:count], self.waiting[count:]
        return asked

    def tell(self, values: np.ndarray, excess: np.ndarray) -> None:
        """Nothing is learnt."""


class _Asked:
    """Optuna's samplers, the study held in memory: with one seed it asks the same again when it is told the same."""

    def __init__(self, kind: str, levers: Sequence[Lever], objectives: int, population: int, seed: int) -> None:
        try:
            import optuna
        except ImportError:
            raise UserError(NEEDS_OPTUNA) from None
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.optuna, self.levers = optuna, levers
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made: Any = (
                optuna.samplers.NSGAIISampler(
                    population_size=max(population // 2, 2),  # as many of all so far are parents of the next generation
                    mutation=optuna.samplers.nsgaii.PolynomialMutation(eta=NEARNESS),
                    mutation_prob=min(MOVED / len(levers), 0.5),
                    seed=seed,
                )
                if kind == "nsga2"
                else optuna.samplers.TPESampler(seed=seed, n_startup_trials=population)
            )
            self.study = optuna.create_study(directions=["maximize"] * objectives, sampler=made)
        self.asked: list[Any] = []

    def ask(self, count: int) -> list[Policy]:
        distributions = {lever.path: self._distribution(lever) for lever in self.levers}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.asked = [self.study.ask(distributions) for _ in range(count)]
        return [{lever.path: lever.rounded(trial.params[lever.path]) for lever in self.levers} for trial in self.asked]

    def tell(self, values: np.ndarray, excess: np.ndarray) -> None:
        """Tell the values, (candidates, objectives), more being better, and by how much each breaks a constraint."""
        failed = self.optuna.trial.TrialState.FAIL
        for trial, row, broken in zip(self.asked, values, excess, strict=True):
            if np.isnan(row).any() or np.isnan(broken).any():
                self.study.tell(trial, state=failed)
                continue
            for number, amount in enumerate(broken):
                trial.set_constraint(str(number), float(amount))
            self.study.tell(trial, row.tolist())
        self.asked = []

    def _distribution(self, lever: Lever) -> Any:
        kinds = self.optuna.distributions
        if lever.values:
            return kinds.CategoricalDistribution(lever.values)
        if lever.whole:
            return kinds.IntDistribution(int(lever.low), int(lever.high))
        return kinds.FloatDistribution(lever.low, lever.high)
