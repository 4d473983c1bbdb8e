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
        sampler = sampler_of(plan, worlds.configuration.settings.seed % 2**32)
        lucks = worlds.lucks(plan.search.states, plan.search.lucks)
        more = worlds.lucks(plan.contest.states, plan.contest.lucks)
        arms = [Arm(-1 - place, tuple(choices.items())) for place, choices in enumerate(plan.arms.values())]  # type: ignore[arg-type]
        reference = self._evaluated("reference", arms[:1], worlds.search, range(lucks + more))
        if plan.constraints and (errors := reference["error"].drop_nulls()).len():
            raise UserError(f"search.constraints: the reference {next(iter(plan.arms))} has failures: {errors[0]}")
        self.reference = cube(reference, list(plan.metrics))[0]  # float (states, lucks, measures)
        lanes = [self._generation(number, size, sampler, lucks) for number, size in enumerate(plan.sizes)]
        searched = contested = Searched.of(plan, self.policies, pl.concat(lanes), self.reference)
        contenders = searched.best(plan.contenders)
        if contenders:
            extra = self._simulated("contest", contenders, worlds.search, range(lucks, lucks + more))
            both = pl.concat([searched.lanes.filter(pl.col("policy").is_in(contenders)), extra])
            contested = Searched.of(plan, self.policies, both.sort("policy", "state", "luck"), self.reference)
        kept, judged = contested.kept(contenders), None
        if kept:
            fresh = range(FRESH_LUCK, FRESH_LUCK + worlds.lucks(plan.fresh.states, plan.fresh.lucks))
            lanes_of_kept = self._simulated("fresh", kept, worlds.fresh, fresh)
            failed = set(lanes_of_kept.drop_nulls("error")["policy"])
            kept = [number for number in kept if number not in failed]
            beside = [
                self._evaluated(f"fresh-arm-{place}", [arm], worlds.fresh, fresh) for place, arm in enumerate(arms)
            ]
            if kept:
                judgeable = lanes_of_kept.filter(~pl.col("policy").is_in(failed))
                both = pl.concat([judgeable, *beside]).sort("policy", "state", "luck")
                judged = judge(plan, both, {number: self.policies[number] for number in kept})
        failures = pl.concat(self.failures)
        return Result(plan, self.policies, self.generation, searched, contested, contenders, kept, judged, failures)

    def _generation(self, number: int, size: int, sampler: Sampler, lucks: int) -> pl.DataFrame:
        """Ask for a generation or, where it is kept, see that it is asked for again; simulate it and tell the sampler."""
        check_interruption()
        numbers = list(range(len(self.policies), len(self.policies) + size))
        candidates = sampler.ask(size)
        frame = pl.DataFrame(candidates).with_columns(pl.Series("policy", numbers))
        path = part_path(self.directory, ASKED, number)
        if not path.exists():
            write_parquet(path, frame.to_arrow())
        elif not read_table(path).equals(frame):
            raise UserError(
                f"resume={self.directory}: generation {number} is not asked for as it was (another version of the "
                "sampler's library?); begin a new search"
            )
        self.policies += candidates
        self.generation += [number] * size
        lanes = self._simulated(f"generation-{number:04d}", numbers, self.worlds.search, range(lucks))
        searched = Searched.of(self.plan, self.policies, lanes, self.reference)
        sampler.tell(searched.values[numbers], searched.excess[numbers])
        return lanes

    def _simulated(self, name: str, policies: list[int], states: list[int], lucks: range) -> pl.DataFrame:
        arms = [arm_of(number, self.policies[number], self.plan.levers) for number in policies]
        return self._evaluated(name, arms, states, lucks)

    def _evaluated(self, name: str, arms: list[Arm], states: list[int], lucks: range) -> pl.DataFrame:
        """Crises of some arms, kept as parts in the folder of that name; failures are noted."""
        folder, metrics = f"{LANES}/{name}", list(self.plan.metrics)
        lanes = evaluate(self.directory, folder, self.worlds, arms, states, lucks, metrics, self.workers, self.advance)
        self.failures.append(lanes.drop_nulls("error").select("policy", "state", "luck", "error"))
        return lanes


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
        metrics = list(plan.metrics)
        measured = cube(lanes, metrics)
        numbers = lanes["policy"].unique().sort().to_list()
        values = np.full((len(policies), len(plan.objectives)), np.nan)
        values[numbers] = plan.oriented([policies[number] for number in numbers], measured.mean(axis=(1, 2)))
        excess = np.full((len(policies), len(plan.constraints)), np.nan)
        for at, constraint in enumerate(plan.constraints):
            column = metrics.index(constraint.metric.name)
            base = reference[..., column].mean()
            paired = (measured[..., column] - reference[:, : measured.shape[2], column]).mean(axis=(1, 2))
            excess[numbers, at] = constraint.excess(base + paired, base)
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
        deviations = [np.nanstd(self.lanes[constraint.metric.name]) for constraint in self.plan.constraints]
        crises = self.lanes.height / self.lanes["policy"].n_unique()
        chance = 2 * np.array(deviations) / np.sqrt(crises)  # two standard errors, as candidates have them on average
        allowed = ~np.isnan(self.values).any(axis=1) & np.all(self.excess <= chance, axis=1)
        known = np.array([number for number in self.first_of_alike if allowed[number]], int)
        rank = layers(self.values[known])
        chosen: list[int] = []
        for layer in range(int(rank.max(initial=-1)) + 1):
            members = known[rank == layer]
            chosen += members[spread(self.values[members], most - len(chosen))].tolist()
            if len(chosen) >= most:
                break
        return sorted(chosen)

    def kept(self, contenders: list[int]) -> list[int]:
        """Numbers of the contenders that meet the constraints and remain on the front once it is thinned by boxes."""
        feasible = np.array([number for number in contenders if self.feasible[number]], int)
        if not len(feasible):
            return []
        steps = np.array([objective.alike for objective in self.plan.objectives])
        front = feasible[thinned(self.values[feasible], steps)]
        return front[spread(self.values[front], self.plan.kept)].tolist()


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
        if lanes.is_empty():
            return self.searched.values
        return self.plan.oriented(self.policies, cube(lanes, list(self.plan.metrics)).mean(axis=(1, 2)))
