"""The fits of the population and of the line of contact; stages are kept on disk, to go on with where one stopped.

The line of contact is second to the population and without a way back: what the counts of one quiet line say never changes
what is inferred of all disputes (a cut posterior: Plummer 2015, Statistics and Computing 25).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
from scipy.spatial import KDTree
from scipy.special import logsumexp
from scipy.stats import qmc, rankdata

from experiments.calibration import inference
from experiments.calibration.diagnostics import Checked, predictive_table, ranks_among
from experiments.calibration.emulator import Emulator, fit
from experiments.calibration.inference import Likelihood, Observation, Posterior, observed, per_case_errors, sampled
from experiments.calibration.requests import Request
from experiments.calibration.simulation import Plan, simulate_design, wanted
from experiments.design.posterior import left_open
from experiments.design.priors import (
    POPULATION,
    VENUE,
    Table,
    lay_over,
    nulls_of,
    positions,
    prior_of,
    structures,
    values_at,
)
from experiments.files import read_table, write_parquet
from experiments.protocols.asking import passing
from experiments.study.progress import progress_bar
from experiments.targets.targets import Target, population, scenario_named
from sim.scenario import Scenario

Tell = Callable[[str], None]
PUBLICS = ("inconsistency", "weakness", "posture_commitment", "domestic_weight")
"""Candidates on which the replies of publics depend."""
ASKED = 2048
"""Points at which publics are asked."""
SPREAD_OF_CLOSER = 1.5
READ_FROM = "simmer_2015"
"""The quiet line of contact that the targets describe."""
LINES = 100
"""Lines simulated with each set of values of the prior, each for the whole horizon; with more, rare days are told."""
CANDIDATES = 4096
"""Points of the prior among which each draw of the population picks its own."""


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

    @cached_property
    def posterior(self) -> Posterior:
        """Draws by tempered sequential Monte Carlo."""

        def drawn() -> np.ndarray:
            posterior = self.drawn(self.likelihood, self.request.size, 5)
            evidence = np.full(len(posterior.positions), posterior.log_evidence)
            return np.column_stack([posterior.positions, posterior.log_likelihood, evidence])

        columns = self.cached("posterior", drawn, *self._rests_on())
        return Posterior(columns[:, :-2], columns[:, -2], float(columns[0, -1]))

    @property
    def log_evidence(self) -> float:
        return self.posterior.log_evidence

    def without(self, names: tuple[str, ...]) -> np.ndarray:
        """Draws of the posterior that knows nothing of some rows, positions ``(draws, hyperparameters)``."""

        def drawn() -> np.ndarray:
            emulator, record = self.likelihood.emulator, self.likelihood.observation
            return self.drawn(Likelihood(emulator, record.without(names)), self.request.size, 9).positions

        return self.cached(f"without-{names[0]}", drawn, *self._rests_on())

    def _rests_on(self) -> tuple[np.ndarray, ...]:
        """What draws of the posterior rest on: populations, their summaries, how many are asked for, what is assumed."""
        assumed = np.array([self.request.size, inference.DISCREPANCY, inference.FREEDOM, inference.MOVES])
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
        where = self.posterior.positions
        return where[np.random.default_rng(self.request.seed + 7).permutation(len(where))[: self.request.draws]]

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
        return predictive_table(self.chosen, columns_of(self.predictive), self.likelihood.observation, seed)

    @cached_property
    def checked(self) -> Checked:
        """Ranks of the predictive populations' true values, each taken for a second record beside the first."""
        truth = self.draws[-self.request.predictive :]

        def drawn(likelihood: Callable[[np.ndarray], np.ndarray], truth: np.ndarray) -> np.ndarray:
            return self.drawn(likelihood, self.request.second, 6).positions

        def ranks() -> np.ndarray:
            self.tell("simulation-based calibration")
            return ranks_among(truth, columns_of(self.predictive), self.chosen, self.likelihood, drawn)

        return Checked(self.cached("ranks", ranks, truth, self.posterior.positions))

    def cached(self, stage: str, make: Callable[[], np.ndarray], *rests_on: np.ndarray) -> np.ndarray:
        """An array ``(rows, columns)`` that is made once and read from disk as long as what it rests on is the same."""
        path = self.directory / f"{stage}-{crc32(b''.join(array.tobytes() for array in rests_on)):08x}.parquet"
        if not path.exists():
            write_parquet(path, pl.DataFrame(make()).to_arrow())
        return read_table(path).to_numpy()

    def _simulated(self, stage: str, rows: np.ndarray, luck: int, lanes: int | None = None) -> pl.DataFrame:
        request = self.request
        plan = plan_of(request, lanes or request.lanes, luck + 1000 * self.number)
        return simulated(self.directory / stage, self.base, self.table, rows, plan, request.workers)


class VenueFit:
    """The fit of the venue in one directory, under draws of the population (path -> value each), a draw under each.

    ``weight`` (draws,) is that of each draw of the population; predictions are weighed by it.

    Positions are those of the venue's own numbers and, beside them, of the draw that a line lies under: each number of a
    draw by its rank among all draws, one column for numbers that always agree.
    """

    structure = VENUE

    def __init__(
        self, directory: Path, request: Request, draws: Sequence[Mapping[str, float]], weight: np.ndarray, tell: Tell
    ) -> None:
        self.directory, self.request, self.weight, self.tell = directory, request, weight, tell
        self.table, self.chosen = prior_of(VENUE), wanted(READ_FROM)
        self.base = scenario_named(READ_FROM)
        open_paths = left_open(draws[0], self.base, scenario_named(POPULATION))
        self.beneath = [{path: draw[path] for path in open_paths} for draw in draws]
        ranks = rankdata([list(draw.values()) for draw in self.beneath], axis=0) / (len(draws) + 1)
        self.under = np.unique(ranks[:, ranks.std(axis=0) > 0], axis=1)

    @cached_property
    def populations(self) -> pl.DataFrame:
        """Lines over the whole prior, then nearer to the record, each set under a draw of the population."""
        count = max(self.request.points // 5, 20)
        where = qmc.LatinHypercube(len(self.table), rng=np.random.default_rng(self.request.seed + 50)).random(count)
        self.tell(f"{VENUE}: {count} sets of values")
        first = self._simulated("lines", where, LINES, 0)
        nearer = self._drawn(self._likelihood(first), count // 2, 51)
        self.tell(f"{VENUE}: {len(nearer)} sets nearer to the record")
        nearer = widened(nearer, nearer, np.random.default_rng([self.request.seed, 51]))
        return pl.concat([first, self._simulated("nearer", nearer, 2 * LINES, 1)])

    def _likelihood(self, lines: pl.DataFrame) -> Likelihood:
        where = positions(self.table, lines.select(item.name for item in self.table).to_numpy())
        # Each set of values lies under the draw of its number in its wave.
        return likelihood_of(lines, np.column_stack([where, self.under[lines["draw"].to_numpy()]]), self.chosen)

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood learned from all lines, of positions ``(draws, own numbers and numbers beneath)``."""
        return self._likelihood(self.populations)

    def _among(
        self, likelihood: Callable[[np.ndarray], np.ndarray], under: np.ndarray, number: int, seed: int
    ) -> tuple[np.ndarray, float]:
        """``number`` draws of the venue's numbers under one draw of the population, and the log evidence."""
        points = qmc.Sobol(len(self.table), rng=np.random.default_rng([self.request.seed, 55])).random(CANDIDATES)
        value = likelihood(np.column_stack([points, np.tile(under, (CANDIDATES, 1))]))
        evidence = float(logsumexp(value))
        picked = np.random.default_rng([self.request.seed, seed]).choice(CANDIDATES, number, p=np.exp(value - evidence))
        return points[picked], evidence - np.log(CANDIDATES)

    def _drawn(self, likelihood: Likelihood, count: int, seed: int) -> np.ndarray:
        """One draw of the venue's numbers under each of the last ``count`` draws of the population."""
        return np.vstack([self._among(likelihood, self.under[row], 1, seed + row)[0] for row in self._rows(count)])

    def _rows(self, count: int) -> np.ndarray:
        return np.arange(-count, 0) % len(self.beneath)

    @cached_property
    def draws(self) -> np.ndarray:
        """As many draws as the population has, one under each."""
        return self._drawn(self.likelihood, len(self.beneath), 57)

    @cached_property
    def log_evidence(self) -> float:
        """Log of the mean likelihood of the record over the prior and the draws of the predictive lines."""
        each = [self._among(self.likelihood, self.under[row], 1, 0)[1] for row in self._rows(self.request.predictive)]
        return float(logsumexp(each) - np.log(len(each)))

    @cached_property
    def predictive(self) -> pl.DataFrame:
        """The last draws as lines on fresh luck, a row a draw."""
        return self._simulated("anew", self.draws[-self.request.predictive :], 4 * LINES, 7)

    @cached_property
    def predicted(self) -> pl.DataFrame:
        """The posterior's predictions on fresh luck, a row a target."""
        shown, record, seed = columns_of(self.predictive), self.likelihood.observation, self.request.seed % 2**31
        return predictive_table(self.chosen, shown, record, seed, self.weight[self._rows(len(self.predictive))])

    @cached_property
    def checked(self) -> Checked:
        """Ranks of the predictive lines' true values, each taken for a second record beside the first."""
        draws, under = (part[-self.request.predictive :] for part in (self.draws, self.under))

        def drawn(likelihood: Callable[[np.ndarray], np.ndarray], truth: np.ndarray) -> np.ndarray:
            return self._among(likelihood, truth[draws.shape[1] :], self.request.second, 56)[0]

        summaries = columns_of(self.predictive)
        return Checked(ranks_among(np.column_stack([draws, under]), summaries, self.chosen, self.likelihood, drawn))

    def _simulated(self, stage: str, where: np.ndarray, count: int, luck: int) -> pl.DataFrame:
        request = self.request
        horizon, seed = population(READ_FROM).horizon, request.seed + 9000 + luck
        plan = Plan(READ_FROM, count, horizon, request.citizens, seed, max(1, 1500 // count))
        draws = self._rows(len(where))
        beneath = [self.beneath[row] for row in draws]
        rows = values_at(self.table, where)
        under = np.array([list(settings.values()) for settings in beneath])
        directory = self.directory / f"{stage}-{crc32(rows.tobytes() + under.tobytes()):08x}"
        lines = simulate_design(directory, self.base, self.table, rows, plan, request.workers, beneath=beneath)
        return lines.with_columns(draw=pl.Series(draws))


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
    directory: Path, base: Scenario, table: Table, rows: np.ndarray, plan: Plan, workers: int
) -> pl.DataFrame:
    """Populations simulated under a progress bar, a row each."""
    with progress_bar(f"{directory.parent.name}: {directory.name}", len(rows), "populations") as advance:
        return simulate_design(directory, base, table, rows, plan, workers, advance)


def columns_of(frame: pl.DataFrame) -> Mapping[str, np.ndarray]:
    """The columns of a frame as arrays."""
    return {name: frame[name].to_numpy() for name in frame.columns}
