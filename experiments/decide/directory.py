"""The directory of a search: what it was asked, how far it is, and its tables."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import polars as pl

from experiments.config.compose import Composer, Configuration
from experiments.config.overrides import Override, parse_overrides
from experiments.decide.plan import Plan, read_plan
from experiments.decide.sampling import NEEDS_OPTUNA
from experiments.decide.search import Result, Search
from experiments.decide.worlds import Worlds
from experiments.decide.writing import write_results
from experiments.errors import FAILED, UserError, describe_os_error
from experiments.execution.backends import worker_count
from experiments.files import read_table, remove_leftovers, write_json
from experiments.study.directory import FINISHED, INTERRUPTED, RUNNING, STOPPED
from experiments.study.identity import current_time, machine, model_fingerprint, posterior_note, require_model
from experiments.study.location import create_whole, study_lock
from experiments.study.progress import progress_bar
from sim import __version__

RECORD = "search.json"
"""The file that makes a directory a search."""
FORMAT = 1
UNUSED = {
    **dict.fromkeys(("replicates", "precision", "max_replicates"), "search.lucks and search.fresh say how many crises"),
    "luck": "all candidates meet the same luck, every state its own",
    **dict.fromkeys(("trajectories", "records"), "nothing but measures is kept of a crisis"),
    "backend": "a search runs in worker processes of this machine; see workers",
    "on_error": "crises that fail are recorded, and their candidate is left out",
    "design": "what varies belongs in search.levers and search.states",
}
"""Settings of a study that a search does not read, and what to set instead."""


@dataclass(frozen=True)
class SearchDirectory:
    """A search on disk; ``record`` is what ``search.json`` says."""

    directory: Path
    record: dict[str, Any]
    configuration: Configuration
    plan: Plan
    worlds: Worlds

    @classmethod
    def create(
        cls, directory: Path, configuration: Configuration, composer: Composer, exact: bool = True
    ) -> SearchDirectory:
        """A new search in a directory that appears whole, or not at all.

        Raises
        ------
        UserError, ParameterError
            One line naming what is wrong; nothing was made.
        """
        plan, worlds = prepared(configuration, composer)
        record = {
            "format": FORMAT,
            "offramp": __version__,
            "model": model_fingerprint(),
            **machine(),
            "optuna": _version_of_sampler(plan),
            "command": "search",
            "overrides": list(configuration.overrides),
            "config_dir": configuration.config_dir,
            "configuration": configuration.tree,
            "choices": configuration.choices,
            "from_python": configuration.design_given,
            "note": posterior_note(
                configuration.settings.uncertainty, configuration.config_dir, configuration.choices.get("scenario")
            ),
            "horizon_days": configuration.settings.horizon_days,
            "states": worlds.fingerprint(),
            "started": current_time(),
            "finished": None,
            "state": RUNNING,
        }
        directory = create_whole(directory, exact, "search", lambda partial, _: write_json(partial / RECORD, record))
        return cls(directory, record, configuration, plan, worlds)

    @classmethod
    def resume(cls, directory: Path, composer: Composer, overrides: Sequence[Override] = ()) -> SearchDirectory:
        """A search to be completed as it was begun; only ``workers`` may be given anew.

        Raises
        ------
        UserError
            Where there is none, or where it would not be the same search.
        """
        record = read_record(directory)
        for override in overrides:
            if override.key not in ("workers", "resume"):
                raise UserError(f"{override.text}: a search is completed as it was begun; only workers may differ")
        require_model(directory, record["model"], "begin a new search")
        workers = [override.text for override in overrides if override.key == "workers"]
        keys = {override.key for override in overrides}
        kept = [text for text in record["overrides"] if text.lstrip("+").partition("=")[0] not in keys]
        configuration = composer.compose([*kept, *workers])
        before = record["configuration"]  # its search may have been given from Python
        tree = {**configuration.tree, "search": before["search"]}
        configuration = replace(configuration, tree=tree, design_given=bool(record.get("from_python")))
        for name, value in before.items():
            if name not in ("workers", "resume") and tree.get(name) != value:
                raise UserError(f"resume={directory}: {name} is no longer as it was; restore it or begin a new search")
        plan, worlds = prepared(configuration, composer)
        if worlds.fingerprint() != record["states"]:
            raise UserError(f"resume={directory}: the draws of what is uncertain have changed; begin a new search")
        if record.get("optuna") != _version_of_sampler(plan):
            raise UserError(
                f"resume={directory}: begun with optuna {record.get('optuna')}, this is {_version_of_sampler(plan)}; "
                "install that one or begin a new search"
            )
        return cls(directory, record, configuration, plan, worlds)

    @property
    def resumption(self) -> str:
        """The command that completes the search."""
        return shlex.join(["offramp", "search", f"resume={self.directory}"])

    @property
    def repeated_by(self) -> tuple[str, str]:
        """The command (`sh`) or lines of Python (`python`) that make the same search anew, and which of the two."""
        config_dir, overrides = self.record.get("config_dir"), self.record["overrides"]
        if not self.record.get("from_python"):
            options = [f"--config-dir={config_dir}"] if config_dir else []
            return shlex.join(["offramp", "search", *options, *overrides]), "sh"
        block = f"search={self.record['configuration']['search']!r}"
        words = [*map(repr, overrides), block, *([f"config_dir={config_dir!r}"] if config_dir else [])]
        return f"from experiments import search\n\nsearch({', '.join(words)})", "python"

    def run(self, workers: int | str | None = None, figures: bool = True) -> Result:
        """Simulate what is missing, write the results and return them; a finished search is read again.

        Parameters
        ----------
        workers : int or str, optional
            As configured by default.
        figures : bool
            Whether to draw.

        Raises
        ------
        UserError
            Where no candidate meets the constraints, with all results written, or nothing more can be written.
        KeyboardInterrupt
            What is finished is kept.
        """
        plan, count = self.plan, worker_count(self.configuration.settings.workers if workers is None else workers)
        if self.record["note"]:
            print(self.record["note"], file=sys.stderr)
        with study_lock(self.directory):
            remove_leftovers(self.directory)
            try:
                with progress_bar(str(self.directory), plan.lanes) as advance:
                    result = Search(self.directory, plan, self.worlds, count, advance).run()
                answer = write_results(self.directory, self.worlds, result, self.record, self.repeated_by, figures)
            except KeyboardInterrupt:
                self.update(state=INTERRUPTED)
                raise
            except UserError as error:
                self.update(state=STOPPED)
                if error.exit_code != FAILED:  # what is asked for is wrong, and would be again
                    raise
                raise UserError(f"{error}; to continue: {self.resumption}", error.exit_code) from None
            except OSError as error:
                why = describe_os_error(error, "go on")
                raise UserError(f"{why}; what is finished is kept; to continue: {self.resumption}", FAILED) from None
            if self.record["state"] != FINISHED:
                self.update(state=FINISHED, finished=current_time(), answer=answer)
        return result

    def update(self, **changes: Any) -> None:
        """Change entries of the record, on disk as well."""
        self.record.update(changes)
        try:
            write_json(self.directory / RECORD, self.record)
        except OSError:
            pass


@dataclass(frozen=True)
class SearchResults:
    """The tables of a finished search, read when they are asked for."""

    directory: Path

    @property
    def answer(self) -> str:
        """What was found, in two sentences."""
        return read_record(self.directory).get("answer", "")

    @property
    def candidates(self) -> pl.DataFrame:
        """A row a candidate."""
        return read_search(self.directory, "candidates")

    @property
    def front(self) -> pl.DataFrame | None:
        """A row a kept policy, judged on fresh luck and states; None where no candidate met the constraints."""
        return read_search(self.directory, "front") if (self.directory / "front.parquet").exists() else None

    @property
    def against(self) -> pl.DataFrame:
        """Each kept policy minus each arm, paired."""
        return read_search(self.directory, "against")

    @property
    def arms(self) -> pl.DataFrame:
        """The arms beside which policies were judged."""
        return read_search(self.directory, "arms")

    @property
    def progress(self) -> pl.DataFrame:
        """Hypervolume by generation."""
        return read_search(self.directory, "progress")

    @property
    def mediations(self) -> dict[str, Path]:
        """Name of each kept policy -> its file, to be chosen with ``--config-dir``."""
        return {path.stem: path for path in sorted((self.directory / "mediation").glob("*.yaml"))}


def prepared(configuration: Configuration, composer: Composer) -> tuple[Plan, Worlds]:
    """The checked plan of a configuration and its states of the world; UserError for settings without effect."""
    for override in parse_overrides(configuration.overrides):
        if reason := UNUSED.get(override.key.split(".")[0]):
            raise UserError(f"{override.text.lstrip('+')}: not used by a search; {reason}")
    plan = read_plan(configuration, composer)
    worlds = Worlds(composer, configuration, plan)
    for arm in plan.arms.values():  # says what is wrong with one before anything is made
        worlds.design(tuple((key, str(value)) for key, value in arm.items()), worlds.cases[0])
    return plan, worlds


def read_record(directory: Path) -> dict[str, Any]:
    """What ``search.json`` of a directory says; UserError where there is none or it cannot be read."""
    try:
        record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{directory}: not a search (no {RECORD})") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{directory}: {RECORD} cannot be read ({error})") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise UserError(f"{directory}: {RECORD} is damaged or of another format; begin a new search")
    return record


def read_search(directory: Path | str, table: str) -> pl.DataFrame:
    """A table of a finished search: `candidates`, `front`, `against`, `arms` or `progress`."""
    path = Path(directory) / f"{table}.parquet"
    if not path.is_file():
        answer = read_record(Path(directory)).get("answer", "complete the search first")
        raise UserError(f"{directory}: has no {table}.parquet; {answer}")
    return read_table(path)


def _version_of_sampler(plan: Plan) -> str | None:
    if plan.sampler in ("latin_hypercube", "random"):
        return None
    try:
        return version("optuna")
    except PackageNotFoundError:
        raise UserError(NEEDS_OPTUNA) from None
