"""Composing a configuration through Hydra's compose API into checked records; Hydra's errors in one line."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np

from experiments.config.overrides import (
    ONLY_DIRECTORIES,
    Override,
    nearest_name,
    none_hint,
    parse_overrides,
    refuse_hooks,
    shown,
)
from experiments.config.plain_values import leaves, with_numbers
from experiments.config.schema import GROUPS, OF_SEARCH, ROOT_KEYS, SCENARIO_PARTS, known_paths, register_schema
from experiments.config.settings import BackendRecord, SearchRecord, StudyRecord, settings_of
from experiments.config.yaml_files import checked_config_dir, reading_as_written
from experiments.errors import UserError, one_line
from sim.scenario import Scenario, parameters

Tree = dict[str, Any]
CHOICES = tuple(group for group in GROUPS if group not in ("backend", "experiment"))
_NAMED = ("scenario", "talks", "mediation", "backend")
_OWN = re.compile(r"(runtime|overrides|mode|searchpath|job\.(name|num|id|config_name|override_dirname))(\..*)?")
"""What Hydra itself sets anew each time; everything else of its own is as it came with Offramp."""
_VALUE = re.compile(r"Value '(?P<value>.*?)' of type")
_FILE = re.compile(r"In '(?P<file>[^']+)'")
_MISSING = re.compile(r"Could not (?:find|load) '(?P<name>[^']+)'")
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True)
class Configuration:
    """One composed, checked configuration.

    ``tree`` is the resolved configuration, ``choices`` the name chosen in each config group. ``design_given`` is set
    where the design did not come from the overrides but as plain values, from Python.
    """

    tree: Tree
    choices: dict[str, str | None]
    overrides: tuple[str, ...] = ()
    config_dir: str | None = None
    design_given: bool = False

    @cached_property
    def settings(self) -> StudyRecord:
        return StudyRecord(**{name: self.tree[name] for name in settings_of(StudyRecord)})

    @cached_property
    def backend(self) -> BackendRecord:
        return BackendRecord(**self.tree["backend"])

    @cached_property
    def scenario(self) -> Scenario:
        return scenario_of(self.tree)

    @property
    def design(self) -> Tree:
        return self.tree["design"]

    @property
    def search(self) -> Tree:
        """The ``search:`` block; empty where there is none."""
        return self.tree.get("search", {})

    @property
    def budget(self) -> int | None:
        """Candidates asked for beside the ``search:`` block."""
        return SearchRecord(budget=self.tree.get("budget")).budget

    @property
    def label(self) -> str:
        """The folder below ``outputs`` that a study goes to unless told otherwise."""
        return self.choices.get("experiment") or "run"


class Composer:
    """Composes configurations; made by :func:`composer`, which holds Hydra open meanwhile."""

    def __init__(self, config_dir: Path | None) -> None:
        self.config_dir = config_dir
        self._reference: Tree | None = None
        self._scenarios: dict[str, Scenario] = {}
        self._shipped: dict[str, list[str]] = {}

    def options(self, group: str) -> list[str]:
        """The names that can be chosen in a config group."""
        from hydra.core.global_hydra import GlobalHydra

        if group not in self._shipped:
            self._shipped[group] = GlobalHydra.instance().config_loader().get_group_options(group)
        names = set(self._shipped[group])
        if self.config_dir is not None:
            names |= {path.stem for path in (self.config_dir / group).glob("*.yaml")}
        return sorted(names)

    def compose(self, texts: Sequence[str], parsed: Sequence[Override] | None = None) -> Configuration:
        """The configuration that ``key=value`` texts lead to, composed and checked.

        Raises
        ------
        UserError, ParameterError
            One line naming what is wrong.
        """
        overrides = list(parsed if parsed is not None else parse_overrides(texts))
        self._check_choices(overrides)
        tree, hydra = self._composed(overrides)
        self._check_hydra(hydra, overrides)
        choices = {group: name for group, name in hydra["runtime"]["choices"].items() if not group.startswith("hydra")}
        for group in (group for group in _NAMED if choices.get(group) is None):
            hint = none_hint(group)
            raise UserError(f"{group}=null: a configuration file chooses nothing; a group needs a name{hint}")
        check_tree(tree)
        tree = {name: part for name, part in with_numbers(tree).items() if part or name not in OF_SEARCH}
        # A scenario that rests on another one stops what that one draws by a null.
        tree["varies"] = {path: spec for path, spec in (tree["varies"] or {}).items() if spec is not None}
        _fix_given(tree, overrides)
        texts_kept = tuple(override.text for override in overrides if not override.is_hydra)
        configuration = Configuration(tree, choices, texts_kept, str(self.config_dir) if self.config_dir else None)
        configuration.settings, configuration.backend, configuration.budget  # noqa: B018  (each is checked on its first use)
        _check_distributions(configuration.scenario)
        _check_combination(configuration.settings, configuration.backend)
        return configuration

    def scenario_named(self, name: str) -> Scenario:
        """A scenario as it is with nothing else chosen; composed once."""
        if name not in self._scenarios:
            self._scenarios[name] = self.compose([f"scenario={name}"]).scenario
        return self._scenarios[name]

    def _check_choices(self, overrides: Sequence[Override]) -> None:
        for override in (override for override in overrides if override.group):
            options = self.options(override.group)
            for name in (name for name in override.values if name not in options):
                near = nearest_name(str(name), options)
                raise UserError(f"{override.key}={name}: no such choice{near}; available: {', '.join(options)}")

    def _composed(self, overrides: Sequence[Override]) -> tuple[Tree, Tree]:
        from hydra import compose
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import OmegaConf, open_dict

        texts = [override.text for override in overrides]
        extra = [f"hydra.searchpath=['file://{self.config_dir}']"] if self.config_dir else []
        try:
            config = compose("config", overrides=[*texts, *extra], return_hydra_config=True)
            HydraConfig.instance().set_config(config)
            hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
            with open_dict(config):
                del config["hydra"]
            plain: Any = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
            return plain, hydra
        except Exception as error:  # every failure of composition is the user's to read in one line
            raise explain_composition(error) from None

    def _check_hydra(self, hydra: Tree, overrides: Sequence[Override]) -> None:
        if self.config_dir is None:
            return
        if self._reference is None:
            self._reference = dict(leaves(Composer(None)._composed([])[1]))
        values = dict(leaves(hydra))
        overridden = {override.key.removeprefix("hydra.") for override in overrides if override.is_hydra}
        for name in {**self._reference, **values}:
            allowed = name in overridden or _OWN.fullmatch(name)
            if not allowed and values.get(name) != self._reference.get(name):
                raise UserError(f"--config-dir {self.config_dir}: sets hydra.{name}; {ONLY_DIRECTORIES}")


@contextmanager
def composer(config_dir: str | None = None) -> Iterator[Composer]:
    """Hold Hydra open for composing, with an additional directory of configurations where one is given."""
    from hydra import initialize_config_module

    place = checked_config_dir(config_dir) if config_dir else None
    register_schema()
    with set_aside(), initialize_config_module("conf", job_name="offramp", version_base="1.3"):
        yield Composer(place)


@contextmanager
def set_aside() -> Iterator[None]:
    """Put away a Hydra that is open already, of which there can be only one, and bring it back afterwards.

    Meanwhile, users' files are read as they are written, and other threads that ask for the same wait.
    """
    with _ONE_AT_A_TIME:
        from hydra.core.global_hydra import GlobalHydra

        outer = GlobalHydra.instance().hydra
        GlobalHydra.instance().clear()
        try:
            with reading_as_written():
                yield
        finally:
            GlobalHydra.instance().hydra = outer


def joined(configuration: Configuration, overrides: Sequence[Override]) -> Iterator[str]:
    """A line for each mapping among overrides that stands beside entries of a file: Hydra merges, it does not replace."""

    def beside(node: Any, value: Any, where: str) -> Iterator[str]:
        if not isinstance(node, Mapping) or not isinstance(value, Mapping):
            return
        if others := [name for name in node if name not in value]:
            more = f" and {len(others) - 5} more" if len(others) > 5 else ""
            yield f"{where}={shown(value)}: joins what is there already, {', '.join(others[:5])}{more}"
        for name in value:
            yield from beside(node.get(name), value[name], f"{where}.{name}")

    for override in overrides:
        root, *names = override.key.split(".")
        if root in ("design", "search"):
            node = reduce(lambda node, name: node.get(name, {}), names, configuration.tree.get(root, {}))
            yield from beside(node, override.values[0], override.key)


def scenario_of(tree: Mapping[str, Any]) -> Scenario:
    """The scenario described by a configuration's tree."""
    return Scenario.from_mapping({name: tree[name] for name in SCENARIO_PARTS})


def check_tree(tree: Tree) -> None:
    """Refuse what the schema alone cannot refuse: added keys, hooks."""
    refuse_hooks(tree)
    unknown = [name for name in tree if name not in ROOT_KEYS]
    unknown += [f"backend.{name}" for name in sorted(set(tree["backend"]) - set(settings_of(BackendRecord)))]
    for name in unknown:
        raise UserError(f"{name}: no such key{nearest_name(name)}")


def _fix_given(tree: Tree, overrides: Sequence[Override]) -> None:
    """Let what the command line sets vary no longer, whatever distribution a file gives it."""
    drawn = {path for override in overrides if override.key == "varies" for path in override.values[0]}
    for override in (override for override in overrides if not override.listed):
        for path, value in leaves({override.key: override.values[0]}):
            if path in drawn:
                distribution = f"varies={{{path}:...}} gives it a distribution"
                raise UserError(f"{path}={shown(value)}: {distribution}; leave one of them out")
            tree["varies"].pop(path, None)


def _check_distributions(scenario: Scenario) -> None:
    """Refuse distributions that cannot be drawn from."""
    from sim.engine import distributions

    for path, spec in scenario.varies.items():
        parameter = parameters()[path]
        try:
            distributions.check(path, parameter, spec)
        except TypeError:
            problem = "is no distribution; it has a list or a number in the wrong place"
            raise UserError(f"varies.{path}: {shown(spec)} {problem}") from None
        if parameter.is_number and spec["dist"] != "values":
            quantile, half = distributions.QUANTILES[spec["dist"]][0], np.array([0.5])
            middle = spec["median"] if spec["dist"] == "lognormal" else quantile(half, spec)[0]  # nothing to compile
            if not parameter.low <= middle <= parameter.high:
                raise UserError(
                    f"varies.{path}: its median, {middle:g}, is out of range, so most draws would be "
                    f"cut off; allowed: {parameter.range_text}"
                )


def _check_combination(settings: StudyRecord, backend: BackendRecord) -> None:
    """Refuse settings that contradict each other."""
    replicates = settings.replicates
    only = f"only used with replicates=auto, but replicates={replicates}"
    if replicates == "auto" and settings.precision is None:
        raise UserError("replicates=auto: needs a precision, e.g. precision=0.01")
    if replicates != "auto" and settings.precision is not None:
        raise UserError(f"precision={settings.precision}: {only}")
    if replicates != "auto" and settings.max_replicates != StudyRecord.max_replicates:
        raise UserError(f"max_replicates={settings.max_replicates}: {only}")
    if backend.kind == "serial" and settings.workers not in ("auto", 1):
        raise UserError(f"workers={settings.workers}: backend=serial uses one process; use backend=processes")
    if backend.kind != "dask" and (backend.address is not None or backend.cluster != "none"):
        raise UserError(f"backend.address and backend.cluster: only used with backend=dask, but backend={backend.kind}")
    if backend.address is not None and backend.cluster != "none":
        raise UserError(f"backend.cluster={backend.cluster}: backend.address already names a running cluster")


def explain_composition(error: BaseException) -> Exception:
    """The one-line error to show to the user for an exception that Hydra raised while composing."""
    from omegaconf.errors import OmegaConfBaseException

    chain = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    for link in chain:
        if isinstance(link, UserError):
            return link
    files = [match["file"] for link in chain if (match := _FILE.search(str(link))) and match["file"] != "config"]
    where = f"in {files[0]}.yaml: " if files else ""
    if any(isinstance(link, RecursionError) for link in chain):
        return UserError(f"{where}a configuration file includes itself, through its defaults list or an alias")
    for link in chain:
        if isinstance(link, OmegaConfBaseException) and link.full_key:
            return UserError(where + _explain_key(str(link.full_key), str(link.msg or link), type(link).__name__))
    missing = _MISSING.search(str(error))
    if missing:
        options = re.findall(r"\n\t(?!provider)(\S+)", str(error))
        available = f"; available: {', '.join(options)}" if options else ""
        return UserError(f"{where}{missing['name']}: no such file in the configuration{available}")
    return UserError(where + _without_advice(str(error)))


def _explain_key(key: str, message: str, kind: str) -> str:
    known = known_paths()
    if kind == "MissingMandatoryValue":
        allowed = f"; allowed: {known[key].range_text} ({known[key].meaning})" if key in known else ""
        return f"{key}=???: a value is missing{allowed}"
    if key in ("scenario", "experiment"):
        return f"a file of the group {key} begins with the line # @package _global_"
    if key in (*GROUPS, *ROOT_KEYS) and key not in known:
        return f"{key}: a mapping of parameters is needed, as in KEY: VALUE"
    if "Key" in kind or "Attribute" in kind:
        return f"{key}: no such key{nearest_name(key)}"
    if key not in known:
        return f"{key}: {_without_advice(message)}"
    value = _VALUE.search(message)
    setting = f"{key}={value['value']}" if value else key
    problem = "may not be null" if "not Optional" in message else "has the wrong type"
    return f"{setting}: {problem}; allowed: {known[key].range_text} ({known[key].meaning})"


def _without_advice(message: str) -> str:
    return one_line(re.split(r"\nSee https?://|\nConfig search path|\nTo append to your config", message)[0])
