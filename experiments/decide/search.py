"""A search: generations of candidates under the same luck and states, contenders under more, a front judged afresh.

Everything that is simulated is kept part by part, so a search that was killed goes on from its last whole part: every
generation is asked for again, which a sampler with one seed answers alike, and told what is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from experiments.decide.evaluation import FRESH_LUCK, cube, evaluate
from experiments.decide.fronts import Floats, hypervolume, layers, on_front, spread, thinned
from experiments.decide.judging import Judged, judge
from experiments.decide.levers import Policy
from experiments.decide.plan import Plan
from experiments.decide.sampling import Sampler, sampler_of
from experiments.decide.worlds import Arm, Worlds, arm_of
from experiments.errors import UserError, check_interruption
from experiments.files import read_table, write_parquet
from experiments.study.parts import part_path

ASKED, LANES = "asked", "lanes"


@dataclass
class Search:
    """A search in its directory; :meth:`run` simulates what is missing of it."""

    directory: Path
    plan: Plan
    worlds: Worlds
    workers: int = 1
    advance: Callable[[int], None] = lambda crises: None
    policies: list[Policy] = field(default_factory=list)
    generation: list[int] = field(default_factory=list)
    failures: list[pl.DataFrame] = field(default_factory=list)

    def run(self) -> Result:
        """Search, contest and judge; parts that are kept are read instead of simulated.

        Raises
        ------
        UserError
            Where worker processes die, the sampler no longer asks for what is kept, or the reference arm fails.
        KeyboardInterrupt
            What is finished is kept.
        """
        plan, worlds = self.plan, self.worlds
        settings = worlds.configuration.settings
        sampler = sampler_of(plan, settings.seed % 2**32)
        lucks = worlds.lucks(plan.search.states, plan.search.lucks)
        more = worlds.lucks(plan.contest.states, plan.contest.lucks)
        reference = self._evaluated(f"{LANES}/reference", self._arms()[:1], worlds.search, range(lucks + more))
        if plan.constraints and (broken := reference["error"].drop_nulls()).len():
            raise UserError(f"search.constraints: the reference {next(iter(plan.arms))} has failures: {broken[0]}")
        self.reference = cube(reference, list(plan.metrics))[0]  # float (states, lucks, measures)
        lanes = [self._generation(number, size, sampler, lucks) for number, size in enumerate(plan.sizes)]
        searched = Searched.of(plan, self.policies, pl.concat(lanes), self.reference)
        contenders = searched.best(plan.contenders)
        contested = searched
        if contenders:
            extra = self._simulated("contest", contenders, worlds.search, range(lucks, lucks + more))
            both = pl.concat([searched.lanes.filter(pl.col("policy").is_in(contenders)), extra])
            contested = Searched.of(plan, self.policies, both.sort("policy", "state", "luck"), self.reference)
        kept = contested.kept(contenders)
        judged = None
        if kept:
            fresh = range(FRESH_LUCK, FRESH_LUCK + worlds.lucks(plan.fresh.states, plan.fresh.lucks))
            own = self._simulated("fresh", kept, worlds.fresh, fresh)
            failed = set(own.drop_nulls("error")["policy"])
            kept = [number for number in kept if number not in failed]
            parts = [own.filter(~pl.col("policy").is_in(failed))]
            for place, arm in enumerate(self._arms()):
                parts.append(self._evaluated(f"{LANES}/fresh-arm-{place}", [arm], worlds.fresh, fresh))
            if kept:
                both = pl.concat(parts).sort("policy", "state", "luck")
                judged = judge(plan, both, {n: self.policies[n] for n in kept})
        failures = pl.concat(self.failures)
        return Result(plan, self.policies, self.generation, searched, contested, contenders, kept, judged, failures)

    def _generation(self, number: int, size: int, sampler: Sampler, lucks: int) -> pl.DataFrame:
        """Ask for a generation, simulate it and tell the sampler what came of it."""
        check_interruption()
        first = len(self.policies)
        asked = sampler.ask(size)
        self._keep_asked(number, first, asked)
        self.policies += asked
        self.generation += [number] * size
        own = list(range(first, first + size))
        lanes = self._simulated(f"generation-{number:04d}", own, self.worlds.search, range(lucks))
        made = Searched.of(self.plan, self.policies, lanes, self.reference)
        sampler.tell(made.values[own], made.excess[own])
        return lanes

    def _keep_asked(self, number: int, first: int, asked: list[Policy]) -> None:
        """Write what a generation asks for, or hold it against what is kept."""
        frame = pl.DataFrame(asked).with_columns(pl.int_range(first, first + len(asked)).alias("policy"))
        path = part_path(self.directory, ASKED, number)
        if not path.exists():
            write_parquet(path, frame.to_arrow())
        elif not read_table(path).equals(frame):
            raise UserError(
                f"resume={self.directory}: generation {number} is not asked for as it was (another version of the "
                "sampler's library?); begin a new search"
            )

    def _simulated(self, name: str, policies: list[int], states: list[int], lucks: range) -> pl.DataFrame:
        arms = [arm_of(number, self.policies[number], self.plan.levers) for number in policies]
        return self._evaluated(f"{LANES}/{name}", arms, states, lucks)

    def _evaluated(self, name: str, arms: list[Arm], states: list[int], lucks: range) -> pl.DataFrame:
        names = list(self.plan.metrics)
        made = evaluate(self.directory, name, self.worlds, arms, states, lucks, names, self.workers, self.advance)
        self.failures.append(made.drop_nulls("error").select("policy", "state", "luck", "error"))
        return made

    def _arms(self) -> list[Arm]:
        return [Arm(-1 - place, tuple(own.items())) for place, own in enumerate(self.plan.arms.values())]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Searched:
    """What is known of candidates.

    ``values``, (policies, objectives): more is better, NaN where a crisis failed or nothing was simulated. ``excess``,
    (policies, constraints): by how much a constraint is broken, the paired difference from the reference arm on the same
    crises plus that arm's level, which is measured on more of them. ``first_of_alike``: numbers of the candidates that no
    earlier one equals.
    """

    plan: Plan
    lanes: pl.DataFrame
    values: Floats
    excess: Floats
    first_of_alike: list[int]

    @classmethod
    def of(cls, plan: Plan, policies: list[Policy], lanes: pl.DataFrame, reference: Floats) -> Searched:
        """Reduce crises, sorted by policy, state and luck, to one number a candidate and quantity."""
        names = {name: at for at, name in enumerate(plan.metrics)}
        measured = cube(lanes, list(names))
        numbers = lanes["policy"].unique().sort().to_numpy()
        level = measured.mean(axis=(1, 2))
        values = np.full((len(policies), len(plan.objectives)), np.nan)
        for at, own in enumerate(plan.objectives):
            values[numbers, at] = own.sign * (
                np.array([plan.cost(policies[number]) for number in numbers])
                if own.metric is None
                else level[:, names[own.name]]
            )
        excess = np.full((len(policies), len(plan.constraints)), np.nan)
        for at, item in enumerate(plan.constraints):
            column = names[item.metric.name]
            base = reference[..., column].mean()
            paired = (measured[..., column] - reference[:, : measured.shape[2], column]).mean(axis=(1, 2))
            excess[numbers, at] = item.excess(base + paired, base)
        first = {tuple(policy.values()): number for number, policy in reversed(list(enumerate(policies)))}
        return cls(plan, lanes, values, excess, sorted(first.values()))

    @property
    def feasible(self) -> np.ndarray:
        """Whether each candidate is known and meets every constraint, bool (policies,)."""
        return ~np.isnan(self.values).any(axis=1) & np.all(self.excess <= 0, axis=1)

    def best(self, most: int) -> list[int]:
        """Numbers of at most so many candidates: front by front, the last one thinned to its extremes.

        A candidate that breaks a constraint by no more than chance would is a contender, too: the paired difference is
        as noisy as its crises are few.
        """
        allowed = ~np.isnan(self.values).any(axis=1) & np.all(self.excess <= self._chance(), axis=1)
        known = np.array([number for number in self.first_of_alike if allowed[number]], int)
        rank = layers(self.values[known])
        chosen: list[int] = []
        for layer in range(int(rank.max(initial=-1)) + 1):
            own = known[rank == layer]
            chosen += own[spread(self.values[own], most - len(chosen))].tolist()
            if len(chosen) >= most:
                break
        return sorted(chosen)

    def kept(self, contenders: list[int]) -> list[int]:
        """Numbers of the contenders that meet the constraints and remain on the front once it is thinned by boxes."""
        own = np.array([number for number in contenders if self.feasible[number]], int)
        if not len(own):
            return []
        values = self.values[own]
        steps = np.array([objective.alike for objective in self.plan.objectives])
        left = own[thinned(values, steps)]
        return left[spread(self.values[left], self.plan.kept)].tolist()

    def _chance(self) -> Floats:
        """Two standard errors of each constraint's paired difference, as candidates have them on average."""
        measures = [item.metric.name for item in self.plan.constraints]
        count = self.lanes.height / self.lanes["policy"].n_unique()
        spread = [np.nanstd(self.lanes[name].to_numpy()) for name in measures]
        return 2 * np.array(spread) / np.sqrt(count)


@dataclass(frozen=True)
class Result:
    """A finished search: what was tried, what was contested, what was kept and how that was judged.

    ``failures`` has `policy, state, luck, error` of crises without a number; arms are numbered -1, -2, ...
    """

    plan: Plan
    policies: list[Policy]
    generation: list[int]
    searched: Searched
    contested: Searched
    contenders: list[int]
    kept: list[int]
    judged: Judged | None
    failures: pl.DataFrame

    def progress(self) -> pl.DataFrame:
        """`generation, candidates, hypervolume` of all candidates so far.

        The front is chosen by one half of each candidate's crises and measured by the other, both ways: a front
        measured by the crises it was chosen by looks too good. Objectives run from 0, where 2 % of candidates are
        worse, to 1, where 2 % are better.
        """
        halves = [self._half(0), self._half(1)]
        known = ~np.isnan(halves).any(axis=(0, 2))
        if not known.any():
            return pl.DataFrame(schema={"generation": pl.Int64, "candidates": pl.Int64, "hypervolume": pl.Float64})
        low, high = np.quantile(np.concatenate([half[known] for half in halves]), [0.02, 0.98], axis=0)
        width = np.where(high > low, high - low, 1.0)
        scaled = [(half - low) / width for half in halves]
        last, rows = np.array(self.generation), []
        for number in range(int(last.max()) + 1):
            so_far = known & (last <= number) & self.searched.feasible
            volumes = []
            for chosen_by, measured_by in (scaled, scaled[::-1]):
                front = np.flatnonzero(so_far)[on_front(chosen_by[so_far])]
                volumes.append(hypervolume(np.minimum(measured_by[front], 1.0), np.zeros(len(low))))
            rows.append((number, int((last <= number).sum()), float(np.mean(volumes))))
        return pl.DataFrame(rows, ["generation", "candidates", "hypervolume"], orient="row")

    def _half(self, which: int) -> Floats:
        """Values by one half of the crises: every other replicate of a state, or every other state."""
        lucks = self.searched.lanes["luck"].n_unique()
        by = pl.col("luck") if lucks > 1 else pl.col("state").rank("dense")
        lanes = self.searched.lanes.filter(by.cast(pl.Int64) % 2 == which)
        values = self.searched.values.copy()
        if lanes.is_empty():
            return values
        level = cube(lanes, list(self.plan.metrics)).mean(axis=(1, 2))
        for at, own in enumerate(self.plan.objectives):
            if own.metric is not None:
                values[:, at] = own.sign * level[:, list(self.plan.metrics).index(own.name)]
        return values
