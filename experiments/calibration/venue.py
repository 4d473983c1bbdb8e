"""The line of contact: what such a venue has of its own, fitted to counts of deadly days under draws of the population.

Second to the population and without a way back: what the counts of one quiet line say never changes what is inferred of
all disputes (a cut posterior: Plummer 2015, Statistics and Computing 25).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
from scipy.special import logsumexp
from scipy.stats import qmc, rankdata

from experiments.calibration.diagnostics import Checked, predictive_table, ranks_among
from experiments.calibration.inference import Likelihood
from experiments.calibration.requests import Request
from experiments.calibration.simulation import Plan, simulate_design
from experiments.calibration.stages import Tell, columns_of, likelihood_of, widened
from experiments.calibration.summaries import wanted
from experiments.design.posterior import left_open
from experiments.design.priors import POPULATION, VENUE, positions, prior_of, values_at
from experiments.targets.populations import population, scenario_named

READ_FROM = "simmer_2015"
"""The quiet line of contact that the targets describe."""
LINES = 100
"""Lines simulated with each set of values of the prior, each for the whole horizon; with more, rare days are told."""
CANDIDATES = 4096
"""Points of the prior among which each draw of the population picks its own."""


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
        own = positions(self.table, lines.select(item.name for item in self.table).to_numpy())
        # Each set of values lies under the draw of its number in its wave.
        return likelihood_of(lines, np.column_stack([own, self.under[lines["draw"].to_numpy()]]), self.chosen)

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
        own, under = (part[-self.request.predictive :] for part in (self.draws, self.under))
        return ranks_among(
            np.column_stack([own, under]),
            columns_of(self.predictive),
            self.chosen,
            self.likelihood,
            lambda likelihood, truth: self._among(likelihood, truth[own.shape[1] :], self.request.second, 56)[0],
        )

    def _simulated(self, stage: str, where: np.ndarray, lines: int, luck: int) -> pl.DataFrame:
        request = self.request
        horizon, seed = population(READ_FROM).horizon, request.seed + 9000 + luck
        plan = Plan(READ_FROM, lines, horizon, request.citizens, seed, max(1, 1500 // lines))
        draws = self._rows(len(where))
        beneath = [self.beneath[row] for row in draws]
        rows = values_at(self.table, where)
        under = np.array([list(settings.values()) for settings in beneath])
        named = f"{stage}-{crc32(rows.tobytes() + under.tobytes()):08x}"
        made = simulate_design(
            self.directory / named, self.base, self.table, rows, plan, request.workers, beneath=beneath
        )
        return made.with_columns(draw=pl.Series(draws))
