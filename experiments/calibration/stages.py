"""The stages of a fit, each kept on disk, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
from scipy.spatial import KDTree
from scipy.stats import qmc

from experiments.calibration.diagnostics import Checked, predictive_table, ranks_among
from experiments.calibration.emulator import Emulator, fit
from experiments.calibration.inference import (
    DISCREPANCY,
    FREEDOM,
    MOVES,
    Likelihood,
    Observation,
    Posterior,
    observed,
    per_case_errors,
    sampled,
)
from experiments.calibration.requests import Request
from experiments.calibration.screening import chosen_few, elementary_effects, trajectories
from experiments.calibration.simulation import Plan, simulate_design
from experiments.calibration.summaries import wanted
from experiments.design.priors import (
    POPULATION,
    Table,
    lay_over,
    nulls_of,
    positions,
    prior_of,
    structures,
    table_of,
    values_at,
)
from experiments.files import read_table, write_parquet
from experiments.protocols.asking import passing
from experiments.study.progress import progress_bar
from experiments.targets.populations import population, scenario_named
from experiments.targets.targets import Target
from sim.scenario import Scenario

Tell = Callable[[str], None]
PUBLICS = ("inconsistency", "weakness", "posture_commitment", "domestic_weight")
"""Candidates on which the replies of publics depend."""
ASKED = 2048
"""Points at which publics are asked."""
SPREAD_OF_CLOSER = 1.5


class Screening:
    """Which of the candidates move the targets, so that few are fitted and the others keep their values."""

    def __init__(self, directory: Path, request: Request, tell: Tell) -> None:
        self.directory, self.request, self.tell = directory, request, tell

    @cached_property
    def effects(self) -> pl.DataFrame | None:
        """Elementary effects of every candidate by Morris screening, or None where there was no screening."""
        request, candidates, chosen = self.request, prior_of(POPULATION), wanted(POPULATION)
        kept = self.directory / "effects.parquet"
        if kept.exists():
            return read_table(kept)
        if not request.trajectories:
            return None
        self.tell(f"screening {len(candidates)} candidates")
        where = trajectories(candidates, request.trajectories, request.seed % 2**31)
        plan = plan_of(request, request.screening_lanes, 1, shared=True)
        rows = values_at(candidates, where)
        base = scenario_named(POPULATION)
        summaries = columns_of(
            simulated(self.directory / "screening", base, candidates, rows, plan, request, self.tell)
        )
        for target in chosen:
            if lost := int(np.isnan(np.asarray(summaries[target.id], float)).sum()):
                self.tell(f"{target.id}: missing at {lost:,} of {len(where):,} points, the median is taken there")
        effects = elementary_effects(candidates, where, summaries, observed(chosen, per_case_errors(chosen, summaries)))
        write_parquet(kept, effects.to_arrow())
        return effects

    def table(self, structure: str) -> Table:
        """What is fitted in a structure: all of its own mechanism, and the most influential of what all share."""
        shared = [item.name for item in table_of("none")]
        if self.request.only:
            names = list(self.request.only)
        elif self.effects is not None:
            names = chosen_few(self.effects.filter(pl.col("name").is_in(shared)), self.request.most)
        else:
            names = shared[: self.request.most]
        return tuple(item for item in table_of(structure) if item.name in (*names, *structures()[structure]))


class Fit:
    """The fit of one structure of the model to the population of disputes, in one directory."""

    def __init__(self, directory: Path, request: Request, structure: str, table: Table, tell: Tell) -> None:
        self.directory, self.request, self.structure, self.table = directory, request, structure, table
        self.tell: Tell = lambda text: tell(f"{structure}: {text}")
        self.chosen: tuple[Target, ...] = wanted(POPULATION)
        self.number = list(structures()).index(structure)

    @cached_property
    def base(self) -> Scenario:
        """The scenario that hyperparameters are laid over: the population with what the structure lacks at its null."""
        return lay_over(scenario_named(POPULATION), nulls_of(self.structure))

    @cached_property
    def populations(self) -> pl.DataFrame:
        """All populations simulated to learn from: the first over the whole prior, then waves nearer to the record."""
        request = self.request
        count = min(request.first, request.points)
        where = qmc.LatinHypercube(len(self.table), rng=np.random.default_rng(request.seed + self.number)).random(count)
        self.tell(f"first wave: {count} populations")
        waves = [self._simulated("wave-1", values_at(self.table, where), 100, request.first_lanes)]
        while True:
            number, left = len(waves) + 1, request.points - sum(map(len, waves))
            path = self.directory / f"closer-{number}.parquet"
            if not path.exists():
                if left <= 0:
                    return pl.concat(waves)
                rows = self._refined(pl.concat(waves), min(left, request.wave), number)
                write_parquet(path, pl.DataFrame(rows, [item.name for item in self.table], orient="row").to_arrow())
            rows = read_table(path).to_numpy()
            self.tell(f"wave {number}: {len(rows)} populations")
            waves.append(self._simulated(f"wave-{number}", rows, 100 + number))

    def _refined(self, known: pl.DataFrame, count: int, number: int) -> np.ndarray:
        likelihood = likelihood_of(known, self.where(known), self.chosen)
        draws = self.drawn(likelihood, max(count, 1000), number).positions
        generator = np.random.default_rng([self.request.seed, number])
        picked = draws[generator.choice(len(draws), count, replace=False)]
        return values_at(self.table, widened(picked, draws, generator))

    def where(self, populations: pl.DataFrame) -> np.ndarray:
        """Positions of populations in the unit cube of the priors."""
        return positions(self.table, populations.select(item.name for item in self.table).to_numpy())

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood learned from all waves."""
        self.tell(f"learning from {len(self.populations)} populations")
        return likelihood_of(self.populations, self.where(self.populations), self.chosen)

    @property
    def emulator(self) -> Emulator:
        return self.likelihood.emulator

    @cached_property
    def observation(self) -> Observation:
        """The record, with errors as populations of its size show them."""
        return observed(self.chosen, per_case_errors(self.chosen, columns_of(self.populations)))

    @cached_property
    def posterior(self) -> Posterior:
        """Draws by tempered sequential Monte Carlo."""

        def drawn() -> np.ndarray:
            made = self.drawn(self.likelihood, self.request.size, 5)
            evidence = np.full(len(made.positions), made.log_evidence)
            return np.column_stack([made.positions, made.log_likelihood, evidence])

        kept = self.kept("posterior", drawn, *self._rests_on())
        return Posterior(kept[:, :-2], kept[:, -2], float(kept[0, -1]))

    @property
    def log_evidence(self) -> float:
        return self.posterior.log_evidence

    def without(self, names: tuple[str, ...], size: int) -> np.ndarray:
        """Draws of the posterior that knows nothing of some rows, positions ``(draws, hyperparameters)``."""

        def drawn() -> np.ndarray:
            return self.drawn(Likelihood(self.emulator, self.observation.without(names)), size, 9).positions

        return self.kept(f"without-{names[0]}", drawn, *self._rests_on())

    def _rests_on(self) -> tuple[np.ndarray, ...]:
        """What draws of the posterior rest on: populations, their summaries, how many are asked for, what is assumed."""
        assumed = np.array([self.request.size, DISCREPANCY, FREEDOM, MOVES])
        return self.where(self.populations), *columns_of(self.populations).values(), assumed

    def drawn(self, likelihood: Callable[[np.ndarray], np.ndarray], size: int, seed: int) -> Posterior:
        return sampled(likelihood, len(self.table), size, self.request.seed + seed, self.allowed)

    @cached_property
    def allowed(self) -> Callable[[np.ndarray], np.ndarray]:
        """Positions ``(draws, hyperparameters)`` to whether their publics reply as publics in experiments do, bool.

        Asked once at points that fill the priors of what publics' replies depend on; a position is judged by the
        nearest of them. A reply that no value of what is fitted brings into its range is left out, and said.
        """
        places = [number for number, item in enumerate(self.table) if item.name in PUBLICS]
        if not places:
            return lambda where: np.ones(len(where), bool)
        table = [self.table[number] for number in places]
        points = qmc.Sobol(len(places), rng=np.random.default_rng(1)).random(ASKED)
        replies = passing(scenario_named(POPULATION), table, values_at(table, points))
        shares = {name: float(inside.mean()) for name, inside in replies.inside.items()}
        used = [name for name, share in shares.items() if share > 0]
        self.tell(f"publics that reply as in experiments, share of the prior: {shares}")
        passed, tree = replies.all_of(*used), KDTree(points)
        return lambda where: passed[tree.query(where[:, places])[1]]

    @cached_property
    def draws(self) -> np.ndarray:
        """The draws that are shipped, in an order that makes the first few a fair sample."""
        kept = self.posterior.positions
        order = np.random.default_rng(self.request.seed + 7).permutation(len(kept))
        return kept[order[: self.request.draws]]

    @cached_property
    def predictive(self) -> pl.DataFrame:
        """The last draws of the posterior as populations on fresh luck, a row a draw."""
        self.tell(f"posterior predictive: {min(self.request.predictive, len(self.draws))} draws on fresh luck")
        return self.anew(self.draws[-self.request.predictive :], 5)

    def anew(self, where: np.ndarray, stage: int) -> pl.DataFrame:
        """Populations at positions, on luck that nothing else used."""
        rows = values_at(self.table, where)
        return self._simulated(f"anew-{crc32(rows.tobytes()):08x}", rows, stage, self.request.fresh)

    @cached_property
    def predicted(self) -> pl.DataFrame:
        """The posterior's predictions on fresh luck, a row a target."""
        seed = self.request.seed % 2**31
        return predictive_table(self.chosen, columns_of(self.predictive), self.observation, seed)

    @cached_property
    def checked(self) -> Checked:
        """Ranks of the predictive populations' true values, each taken for a second record beside the first."""
        truth = self.draws[-self.request.predictive :]

        def ranks() -> np.ndarray:
            self.tell("simulation-based calibration")
            return ranks_among(
                truth,
                columns_of(self.predictive),
                self.chosen,
                self.likelihood,
                lambda likelihood, truth: self.drawn(likelihood, self.request.second, 6).positions,
            ).ranks

        return Checked(self.kept("ranks", ranks, truth, self.posterior.positions))

    def kept(self, stage: str, make: Callable[[], np.ndarray], *rests_on: np.ndarray) -> np.ndarray:
        """An array ``(rows, columns)`` that is made once and read from disk as long as what it rests on is the same."""
        path = self.directory / f"{stage}-{crc32(b''.join(array.tobytes() for array in rests_on)):08x}.parquet"
        if not path.exists():
            write_parquet(path, pl.DataFrame(make()).to_arrow())
        return read_table(path).to_numpy()

    def _simulated(self, stage: str, rows: np.ndarray, luck: int, lanes: int | None = None) -> pl.DataFrame:
        request = self.request
        plan = plan_of(request, lanes or request.lanes, luck + 1000 * self.number)
        return simulated(self.directory / stage, self.base, self.table, rows, plan, request, self.tell)


def widened(picked: np.ndarray, draws: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Some of the draws, farther from the middle of them all than they lie, positions ``(picked, hyperparameters)``."""
    middle = draws.mean(axis=0)
    wider = middle + SPREAD_OF_CLOSER * (picked - middle) + 0.03 * generator.standard_normal(picked.shape)
    return np.clip(wider, 0.005, 0.995)


def likelihood_of(populations: pl.DataFrame, where: np.ndarray, chosen: Sequence[Target]) -> Likelihood:
    """The likelihood learned from populations at positions ``where``, as :func:`near_the_record` judges it."""
    summaries = columns_of(populations)
    observation = observed(chosen, per_case_errors(chosen, summaries))
    return near_the_record(fit(where, summaries, chosen), observation, where)


def near_the_record(emulator: Emulator, observation: Observation, where: np.ndarray) -> Likelihood:
    """The likelihood with the emulator's error as it is at the quarter of the populations nearest to the record."""
    first = Likelihood(emulator, observation)
    near = np.argsort(-first(where), kind="stable")[: max(len(where) // 4, 20)]
    return Likelihood(emulator.judged_at(near), observation)


def plan_of(request: Request, lanes: int, stage: int, shared: bool = False) -> Plan:
    """The plan of a stage: crises a population, and which luck."""
    batch, horizon = max(1, 2000 // lanes), population(POPULATION).horizon
    return Plan(POPULATION, lanes, horizon, request.citizens, request.seed + stage, batch, shared)


def simulated(
    directory: Path, base: Scenario, table: Table, rows: np.ndarray, plan: Plan, request: Request, tell: Tell
) -> pl.DataFrame:
    """Populations simulated under a progress bar, a row each."""
    with progress_bar(f"{directory.parent.name}: {directory.name}", len(rows), "populations") as advance:
        return simulate_design(directory, base, table, rows, plan, request.workers, advance)


def columns_of(frame: pl.DataFrame) -> Mapping[str, np.ndarray]:
    """The columns of a frame as arrays."""
    return {name: frame[name].to_numpy() for name in frame.columns}
