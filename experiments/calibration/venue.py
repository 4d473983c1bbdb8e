"""The line of contact: what such a venue has of its own, fitted to counts of deadly days under draws of the population.

Second to the population and without a way back: what the counts of one quiet line say never changes what is inferred of
all disputes (a cut posterior: Plummer 2015, Statistics and Computing 25).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl

from experiments.calibration.diagnostics import Checked, predictive_table, ranks_among
from experiments.calibration.emulator import fit
from experiments.calibration.inference import Likelihood, Posterior, observed, per_case_errors, sampled
from experiments.calibration.requests import Request
from experiments.calibration.simulation import Plan, simulate_design
from experiments.calibration.stages import Tell, columns_of, near_the_record
from experiments.calibration.summaries import wanted
from experiments.design.hyperparameters import positions, values_at
from experiments.design.posterior import left_open
from experiments.design.priors import POPULATION, VENUE, prior_of
from experiments.targets.populations import population, scenario_named

READ_FROM = "simmer_2015"
"""The quiet line of contact that the targets describe."""
LINES = 12
"""Lines simulated with each set of values, each for the whole horizon."""


class VenueFit:
    """The fit of the venue in one directory, under draws of the population (path -> value each)."""

    structure = VENUE

    def __init__(self, directory: Path, request: Request, draws: Sequence[Mapping[str, float]], tell: Tell) -> None:
        self.directory, self.request, self.tell = directory, request, tell
        self.table, self.chosen = prior_of(VENUE), wanted(READ_FROM)
        self.base = scenario_named(READ_FROM)
        open_paths = left_open(draws[0], self.base, scenario_named(POPULATION))
        self.beneath = [{path: draw[path] for path in open_paths} for draw in draws]

    @cached_property
    def populations(self) -> pl.DataFrame:
        """Lines over the whole prior, each under a draw of the population."""
        from scipy.stats import qmc

        count = max(self.request.points // 5, 20)
        where = qmc.LatinHypercube(len(self.table), rng=np.random.default_rng(self.request.seed + 50)).random(count)
        self.tell(f"{VENUE}: {count} sets of values")
        return self._simulated("lines", where, LINES, 0)

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood learned from all lines, its error that of draws of the population, too."""
        summaries = columns_of(self.populations)
        where = positions(self.table, self.populations.select(item.name for item in self.table).to_numpy())
        observation = observed(self.chosen, per_case_errors(self.chosen, summaries))
        return near_the_record(fit(where, summaries, self.chosen), observation, where)

    @cached_property
    def posterior(self) -> Posterior:
        """Draws by tempered sequential Monte Carlo."""
        return sampled(self.likelihood, len(self.table), self.request.size, self.request.seed + 55)

    @cached_property
    def draws(self) -> np.ndarray:
        """As many draws as the population has."""
        kept = self.posterior.positions
        order = np.random.default_rng(self.request.seed + 57).permutation(len(kept))
        return kept[order[np.arange(len(self.beneath)) % len(order)]]

    @cached_property
    def predictive(self) -> pl.DataFrame:
        """The last draws as lines on fresh luck, a row a draw."""
        return self._simulated("anew", self.draws[-self.request.predictive :], 4 * LINES, 7)

    @cached_property
    def predicted(self) -> pl.DataFrame:
        """The posterior's predictions on fresh luck, a row a target."""
        return predictive_table(
            self.chosen, columns_of(self.predictive), self.likelihood.observation, self.request.seed % 2**31
        )

    @cached_property
    def checked(self) -> Checked:
        """Ranks of the predictive lines' true values, each taken for a second record beside the first."""
        truth = self.draws[-self.request.predictive :]
        request, size = self.request, len(self.table)
        return ranks_among(
            truth,
            columns_of(self.predictive),
            self.chosen,
            self.likelihood,
            lambda likelihood: sampled(likelihood, size, request.second, request.seed + 56).positions,
        )

    def _simulated(self, stage: str, where: np.ndarray, lines: int, luck: int) -> pl.DataFrame:
        request = self.request
        horizon, seed = population(READ_FROM).horizon, request.seed + 9000 + luck
        plan = Plan(READ_FROM, lines, horizon, request.citizens, seed, max(1, 1500 // lines))
        beneath = [self.beneath[number % len(self.beneath)] for number in range(-len(where), 0)]
        rows = values_at(self.table, where)
        under = np.array([list(settings.values()) for settings in beneath])
        named = f"{stage}-{crc32(rows.tobytes() + under.tobytes()):08x}"
        return simulate_design(
            self.directory / named, self.base, self.table, rows, plan, request.workers, beneath=beneath
        )
