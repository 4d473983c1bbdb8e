"""A study is a directory: its configuration, its design, its manifest and its tables."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from experiments.config.compose import Configuration
from experiments.config.settings import BackendRecord, StudyRecord, settings_of
from experiments.design.designs import Design
from experiments.errors import UserError, check_interruption, describe_os_error
from experiments.files import check_table, read_table, write_json, write_parquet, write_text
from experiments.study.description import describe_tables, how_to_repeat
from experiments.study.identity import current_time, machine, model_fingerprint, posterior_note
from experiments.study.location import MANIFEST, create_whole
from experiments.study.parts import Chunk, arrow_table, columns_of, cut, design_table
from sim import __version__
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.ensemble import Settings

FORMAT = 1
MAY_DIFFER = ("workers", "backend", "on_error", "resume")
NEEDED_TO_READ = ("overrides", "state", "seed", "points", "choices", "factors", "scenarios")
NEEDED_TO_GO_ON = (*NEEDED_TO_READ, "offramp", "command", "config_dir", "blocks", "base", "replicates")
_KINDS = {
    **dict.fromkeys(("overrides", "factors", "scenarios", "blocks", "base"), list),
    "choices": dict,
    **dict.fromkeys(("state", "offramp", "command", "started"), str),
    **dict.fromkeys(("seed", "points", "replicates"), int),
}
RUNNING, FINISHED, INTERRUPTED, STOPPED = "running", "finished", "interrupted", "stopped"
DEEPEST = 100
"""Levels of a configuration; the fast reader of YAML, written in C, dies of thousands."""
TRAJECTORY_POINTS = 500


@dataclass
class Study:
    """One study on disk; ``manifest`` is what ``manifest.json`` says."""

    directory: Path
    manifest: dict[str, Any]

    @classmethod
    def create(
        cls, directory: Path, command: str, configuration: Configuration, design: Design, exact: bool = True
    ) -> Study:
        """A new study in a directory that appears whole, or not at all; ``exact`` says that the user named it.

        Whoever runs it takes its scenarios and points from these files again, see :attr:`design`.
        """
        check_interruption()
        manifest = _manifest(command, configuration, design)
        if "posterior_note" in manifest:
            print(manifest["posterior_note"], file=sys.stderr)
        tree = yaml.safe_dump(configuration.tree, sort_keys=False, allow_unicode=True)

        def fill(partial: Path, place: Path) -> None:
            write_text(partial / "config.yaml", tree)
            write_parquet(partial / "design.parquet", design_table(design.table, len(design)))
            write_part_of_failures(partial, [])
            cls(partial, manifest).write_readme(place)
            manifest["contents_hash"] = cls(partial, manifest).contents_hash()
            write_json(partial / MANIFEST, manifest)

        return cls(create_whole(directory, exact, "study", fill), manifest)

    @classmethod
    def open(cls, directory: Path | str) -> Study:
        """The study kept in a directory; UserError where there is none, its format is newer or a file is missing."""
        place = Path(directory)
        if (place / MANIFEST).is_fifo():
            raise UserError(f"{place}: not a study (manifest.json is a pipe)")
        try:
            manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UserError(f"{place}: not a study (no manifest.json)") from None
        except OSError as error:
            raise UserError(describe_os_error(error, "read")) from None
        except (ValueError, RecursionError) as error:
            raise UserError(f"{place}: manifest.json is damaged ({error})") from None
        written = manifest.get("format") if isinstance(manifest, dict) else None
        if written != FORMAT:
            raise UserError(f"{place}: written in format {written}, but format {FORMAT} is read here; {anew(manifest)}")
        study = cls(place, manifest)
        study.require(NEEDED_TO_READ)
        for name, kind in _KINDS.items():
            if not isinstance(manifest.get(name, kind()), kind):
                raise UserError(f"{place}: manifest.json is damaged ({name} is {manifest[name]!r}); {anew(manifest)}")
        for name in ("config.yaml", "design.parquet", "failures.parquet"):
            if not (place / name).is_file():
                raise UserError(f"{place}: {name} is missing; the study is damaged, {anew(manifest)}")
            if name.endswith(".parquet"):
                check_table(place / name)
        return study

    def require(self, names: Sequence[str]) -> None:
        """UserError where the manifest lacks one of these entries."""
        for name in names:
            if name not in self.manifest:
                raise UserError(f"{self.directory}: manifest.json is damaged (it lacks {name}); {anew(self.manifest)}")

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The resolved configuration."""
        try:
            text = (self.directory / "config.yaml").read_text(encoding="utf-8")
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            steps = (
                isinstance(e, yaml.CollectionStartEvent) - isinstance(e, yaml.CollectionEndEvent)
                for e in yaml.parse(text, loader)
            )
            if any(depth > DEEPEST for depth in accumulate(steps)):  # at once: the rest may take a minute to read
                raise ValueError(f"more than {DEEPEST} levels")
            tree = yaml.load(text, Loader=loader)
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise UserError(f"{self.directory}: config.yaml is damaged ({error})") from None
        if not isinstance(tree, dict):
            raise UserError(f"{self.directory}: config.yaml is damaged (not a mapping)")
        return tree

    @cached_property
    def settings(self) -> StudyRecord:
        with self._whole():
            return StudyRecord(**{name: self.tree[name] for name in settings_of(StudyRecord)})

    @cached_property
    def backend(self) -> BackendRecord:
        with self._whole():
            return BackendRecord(**self.tree["backend"])

    @cached_property
    def design(self) -> Design:
        """The design as it was made, whatever became of the configuration files since."""
        table = read_table(self.directory / "design.parquet").drop("point")
        columns = {name: table[name].to_numpy() for name in table.columns}
        with self._whole():
            scenarios = tuple(_scenario(entry) for entry in self.manifest["scenarios"])
            laid = {path: columns[path] for path in self.manifest["factors"]}
            choices = tuple(entry["choices"] for entry in self.manifest["scenarios"])
            number, times = np.array(self.manifest["base"]).T
        return Design(columns, scenarios, choices, np.repeat(number, times), laid)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Turn what the files of an older study lack into a UserError that says what to do."""
        try:
            yield
        except (KeyError, TypeError) as error:
            raise UserError(
                f"{self.directory}: written in another format (it lacks {error}); {anew(self.manifest)}"
            ) from None

    def contents_hash(self) -> str:
        """A fingerprint of what is simulated, from the files of the study."""
        entries = json.dumps(
            [self.manifest[name] for name in ("seed", "config_hash", "points", "factors", "base", "scenarios")],
            sort_keys=True,
        )
        files = ((self.directory / name).read_bytes() for name in ("config.yaml", "design.parquet"))
        return hashlib.sha256(b"\0".join([*files, entries.encode()])).hexdigest()

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """The ranges of replicates simulated or to be simulated, in order."""
        return [(first, last) for first, last in self.manifest["blocks"]]

    @property
    def chunks(self) -> list[Chunk]:
        """All chunks of the study, see :func:`experiments.study.parts.cut`."""
        return cut(self.blocks, self.manifest["points"], self.settings.citizens)

    @property
    def has_trajectories(self) -> bool:
        return keeps_trajectories(self.settings, self.manifest["points"])

    @property
    def resumption(self) -> str:
        """The command, quoted for a shell, that completes the study and simulates again what it has lost."""
        return shlex.join(["offramp", self.manifest.get("command", "run"), f"resume={self.directory}"])

    @property
    def repeated_by(self) -> tuple[str, str]:
        """The command or code that makes the same study in a new directory, and its language."""
        return how_to_repeat(self.manifest, self.tree["design"], self.directory)

    def write_readme(self, place: Path | None = None) -> None:
        """Write the study's ``README.md``, a description of its tables; ``place`` is where the study is going to be."""
        left_out = [] if self.settings.records else ["records", "mie"]
        left_out += [] if self.has_trajectories else ["trajectories", "paths"]
        repeated = how_to_repeat(self.manifest, self.tree["design"], place or self.directory)
        text = describe_tables(self.manifest, self.design.table, repeated, left_out)
        write_text(self.directory / "README.md", text)

    def reread(self) -> None:
        """Read the manifest again, which another process may have changed since the study was opened."""
        self.manifest = Study.open(self.directory).manifest

    def update(self, **changes: Any) -> None:
        """Change entries of the manifest, on disk as well."""
        self.manifest.update(changes)
        write_json(self.directory / MANIFEST, self.manifest)


def keeps_trajectories(settings: StudyRecord, points: int) -> bool:
    """Whether a study of so many points keeps daily trajectories."""
    return points <= TRAJECTORY_POINTS if settings.trajectories == "auto" else bool(settings.trajectories)


def engine_settings(settings: StudyRecord, points: int) -> Settings:
    """The model's own settings for a study of so many points."""
    from sim.ensemble import Settings

    return Settings(**engine_arguments(settings, points))


def engine_arguments(settings: StudyRecord, points: int) -> dict[str, Any]:
    """The arguments of the model's own settings for a study of so many points; the model need not be loaded."""
    names = ("seed", "horizon_days", "citizens", "luck", "dtype", "records")
    return {name: getattr(settings, name) for name in names} | {"trajectories": keeps_trajectories(settings, points)}


def anew(manifest: Any) -> str:
    """Advice on how to make a study again that cannot be read."""
    if not isinstance(manifest, dict) or not {"command", "overrides"} <= set(manifest):
        return "make it again"
    if manifest.get("design_from_python"):
        return "make it again as its README.md says"
    made = f"use Offramp {manifest['offramp']}, or " if manifest.get("offramp") not in (None, __version__) else ""
    return f"{made}make it again: {shlex.join(['offramp', manifest['command'], *manifest['overrides']])}"


def config_hash(tree: Mapping[str, Any], design: Design) -> str:
    """A fingerprint of everything that can change results, a table that the configuration only names included."""
    relevant = {name: value for name, value in tree.items() if name not in MAY_DIFFER}
    if "table" in tree["design"]:
        relevant["points"] = {name: values.tolist() for name, values in design.table.items()}
    return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()


def write_part_of_failures(directory: Path, rows: list[dict[str, Any]]) -> None:
    """Replace ``failures.parquet``."""
    columns = {column.name: np.array([row[column.name] for row in rows], object) for column in columns_of("failures")}
    write_parquet(directory / "failures.parquet", arrow_table("failures", columns))


def read_failures(study: Study) -> list[dict[str, Any]]:
    """The rows of ``failures.parquet``."""
    return read_table(study.directory / "failures.parquet").to_dicts()


def _manifest(command: str, configuration: Configuration, design: Design) -> dict[str, Any]:
    settings = configuration.settings
    note = posterior_note(settings.uncertainty, configuration.config_dir, configuration.choices.get("scenario"))
    return {
        "format": FORMAT,
        "offramp": __version__,
        "model": model_fingerprint(),
        **machine(),
        **({"design_from_python": True} if configuration.design_given else {}),
        "command": command,
        "overrides": list(configuration.overrides),
        "config_dir": configuration.config_dir,
        **({"posterior_note": note} if note else {}),
        "started": current_time(),
        "finished": None,
        "state": RUNNING,
        "seed": settings.seed,
        "config_hash": config_hash(configuration.tree, design),
        "points": len(design),
        "replicates": settings.replicates if settings.replicates != "auto" else 0,
        "blocks": [],
        "choices": configuration.choices,
        "factors": list(design.columns),
        "base": _runs(design.base),
        "scenarios": [
            {
                "choices": choices,
                "values": scenario.values(),
                "varies": json.loads(json.dumps(scenario.varies, default=dict)),
                "peak_odds": [list(row) for row in scenario.peak_odds],
            }
            for scenario, choices in zip(design.scenarios, design.choices, strict=True)
        ],
    }


def _scenario(entry: Mapping[str, Any]) -> Scenario:
    plain = Scenario().replaced_all(entry["values"])
    return replace(plain, varies=entry["varies"], peak_odds=tuple(map(tuple, entry["peak_odds"])))


def _runs(base: np.ndarray) -> list[list[int]]:
    """Each point's base scenario as runs of [scenario, points]."""
    starts = np.flatnonzero(np.diff(base, prepend=-1))
    return np.column_stack([base[starts], np.diff([*starts, len(base)])]).tolist()
