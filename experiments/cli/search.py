"""``offramp search``: levers searched under what is not known."""

from __future__ import annotations

import sys
import time

import numpy as np

from experiments.cli.arguments import Arguments
from experiments.config.compose import composer, joined
from experiments.decide.directory import SearchDirectory, prepared, read_record
from experiments.decide.evaluation import engine_settings, measured
from experiments.decide.plan import Plan
from experiments.decide.sampling import sampler_of
from experiments.decide.worlds import Worlds, arm_of
from experiments.errors import FAILED, INTERRUPTED, UserError
from experiments.execution.backends import worker_count
from experiments.study.location import default_directory, shortest, user_path


def search(arguments: Arguments) -> int:
    """Run or estimate the search that arguments ask for; return the exit code."""
    if arguments.multirun:
        raise UserError("search: one search at a time; leave out -m")
    listed = [override for override in arguments.overrides if override.listed]
    if listed:
        raise UserError(f"{listed[0].text}: a search takes one value per key; what may vary belongs in search.levers")
    resumed = arguments.value("resume")
    if resumed is not None:
        place = user_path(str(resumed))
        config_dir = arguments.config_dir or read_record(place).get("config_dir")
        with composer(config_dir) as open_composer:
            made = SearchDirectory.resume(place, open_composer, arguments.overrides)
            return _run(made)
    with composer(arguments.config_dir) as open_composer:
        plain = [override for override in arguments.overrides if not override.is_hydra]
        configuration = open_composer.compose([], plain)
        for line in joined(configuration, plain):
            print(line, file=sys.stderr)
        if arguments.dry_run:
            _estimate(*prepared(configuration, open_composer))
            return 0
        named = arguments.value("hydra.run.dir")
        place = user_path(str(named)) if named else default_directory(configuration.label)
        return _run(SearchDirectory.create(shortest(place), configuration, open_composer, bool(named)))


def _run(search: SearchDirectory) -> int:
    try:
        result = search.run()
    except KeyboardInterrupt:
        print(f"Interrupted. What is finished is kept; to continue:\n  {search.resumption}\n{search.directory}")
        raise SystemExit(INTERRUPTED) from None
    failed = result.failures.height
    print(f"{len(result.generation):,} candidates, {len(result.contenders)} contenders, {len(result.kept)} kept")
    print(search.record["answer"])
    if failed:
        print(f"{failed:,} crises failed; see failures.parquet")
    print(search.directory)
    return FAILED if failed or result.judged is None else 0


def _estimate(plan: Plan, worlds: Worlds) -> None:
    """Print candidates, crises and expected time of a search that is not run."""
    settings = worlds.configuration.settings
    policies = sampler_of(plan, settings.seed % 2**32).ask(min(plan.population, 8))
    arms = [arm_of(number, policy, plan.levers) for number, policy in enumerate(policies)]
    alike = [arm for arm in arms if arm.choices == arms[0].choices]
    first_draws = [state for state in worlds.search if state // worlds.draws == 0]
    points, arm, state = worlds.points(alike, first_draws)
    work = (points, arm, state, range(2), list(plan.metrics), engine_settings(settings))
    measured(points.take(np.arange(1)), arm[:1], state[:1], range(2), *work[4:])  # whatever compiles does so now
    begun = time.perf_counter()
    measured(*work)
    each = (time.perf_counter() - begun) / (2 * len(points))
    workers = worker_count(settings.workers)
    print(f"candidates  {plan.candidates:,} in {len(plan.sizes)} generations, by {plan.sampler}")
    print(f"levers      {len(plan.levers)}: {', '.join(lever.path for lever in plan.levers)}")
    print(f"states      {len(worlds.search)} to search in, {len(worlds.fresh)} fresh ones to judge in")
    print(f"lanes       at most {plan.lanes:,}")
    seconds = plan.lanes * each / workers + 10
    print(f"time        about {seconds:.0f} seconds with {workers} worker{'s' if workers > 1 else ''}, ", end="")
    print(f"at {1000 * each:.2g} ms a lane as timed just now")
