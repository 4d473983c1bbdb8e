"""Users' YAML files: what a ``--config-dir`` may hold, no code among it, and how Hydra is to read it.

Decimal numbers are read as they are written, every key stands once, and texts are UTF-8.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from experiments.config.overrides import ONLY_DIRECTORIES, refuse_interpolation
from experiments.config.plain_values import leaves, number_in
from experiments.config.schema import GROUPS, PART_GROUPS
from experiments.errors import UserError, describe_os_error

_INT, _NUMBER, _BOOL, _NULL, _MERGE = (
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "merge")
)
_CODE = {".py", ".pyc", ".pyo", ".pyd", ".so", ".pth", ".pkl", ".pickle"}
_PLUGINS = ("hydra", "hydra_plugins")
_OWN_FILES = ("config.yaml", "schema.yaml")
_HYDRA = re.compile(r"(override\s+)?/?hydra($|[/.:@])|.*@(_global_\.)?hydra($|[.])")
_OVERRIDE = re.compile(r"override\s+/?(" + "|".join(GROUPS) + r")($|[@/])")
_CHOOSING = ("scenario", "experiment")
"""Groups whose files choose of other groups."""
_MOST_VALUES = 1_000_000
_PACKAGE = re.compile(r"^\s*#\s*@package\s+(?:_global_\.)?(hydra\b\S*)", re.MULTILINE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Loader(yaml.SafeLoader):
    """YAML without its other ways to write a number, a date or a truth value: those stay texts."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in (_BOOL, _NULL, _MERGE)]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        """A mapping; a key that stands there twice is an error."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for name, _ in node.value:
            if name.tag != _MERGE and isinstance(name.value, str):
                if name.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"{name.value} is set twice", problem_mark=name.start_mark)
                seen.add(name.value)
        return node

    def construct_number(self, node: yaml.ScalarNode) -> int | float | str:
        """The number where it is written as Python writes it, else the text, read where it is known what belongs."""
        text = str(node.value)
        if text.lstrip("+-").lower() in (".nan", ".inf"):
            return float(text.replace(".", "", 1))
        number = number_in(text)
        return text if number is None or str(number) != text else number

    def construct_truth(self, node: yaml.ScalarNode) -> bool | str:
        """True and false; yes, no, on and off are words."""
        return {"true": True, "false": False}.get(node.value.lower(), node.value)


_Loader.add_implicit_resolver(
    _NUMBER,
    re.compile(
        r"[-+]?(\d[\d._]*([eE][-+]?\d+)?|\.\d[\d_]*([eE][-+]?\d+)?)$|"
        r"[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$"
    ),
    list("-+.0123456789"),
)
for _tag in (_INT, _NUMBER):
    _Loader.add_constructor(_tag, _Loader.construct_number)
_Loader.add_constructor(_BOOL, _Loader.construct_truth)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte-order mark; UserError for other encodings."""
    data = path.read_bytes()
    if data.startswith(_UTF16):
        raise UserError(f"{path} is UTF-16 text; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; save it as such") from None


def read_tree(text: str, path: Path) -> Any:
    """What a YAML text says; numbers not written as Python writes them are still texts.

    Raises
    ------
    UserError
        Naming file and line of what cannot be read, or of a key set twice.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (plain values, never objects)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise UserError(f"{where}: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read as YAML ({error})") from None


@contextmanager
def reading_as_written() -> Iterator[None]:
    """Let Hydra read files on disk by :func:`read_tree`; what comes along with Offramp it reads by itself, once.

    Hydra reads every file anew for each configuration that it composes, and copies the schema twice.
    """
    from hydra._internal.core_plugins.file_config_source import FileConfigSource
    from hydra._internal.core_plugins.importlib_resources_config_source import ImportlibResourcesConfigSource
    from hydra._internal.core_plugins.structured_config_source import StructuredConfigSource as Structured
    from hydra._internal.sources_registry import SourcesRegistry
    from hydra.core.plugins import Plugins
    from hydra.plugins.config_source import ConfigLoadError, ConfigResult
    from omegaconf import OmegaConf

    class UserFiles(FileConfigSource):
        def load_config(self, config_path: str) -> ConfigResult:
            path = Path(self.path, self._normalize_file_name(config_path))
            if not path.is_file():
                raise ConfigLoadError(f"Config not found : {path}")
            text = read_text(path)
            return ConfigResult(
                config=OmegaConf.create(read_tree(text, path)),
                provider=self.provider,
                path=f"{self.scheme()}://{self.path}",
                header=self._get_header_dict(text),
            )

    class ShippedFiles(ImportlibResourcesConfigSource):
        def load_config(self, config_path: str) -> ConfigResult:
            result = _shipped(self.path, "load_config", config_path)
            return replace(result, provider=self.provider, config=deepcopy(result.config))

        def is_group(self, config_path: str) -> bool:
            return _shipped(self.path, "is_group", config_path)

        def is_config(self, config_path: str) -> bool:
            return _shipped(self.path, "is_config", config_path)

    class StructuredConfigSource(Structured):  # by this name Hydra knows the schema's
        def __deepcopy__(self, memo: dict[int, Any]) -> Structured:
            return self  # its store hands out copies of what it holds

    Plugins.instance()  # registers Hydra's own readers first
    sources = SourcesRegistry.instance().types
    before = dict(sources)
    sources |= {source.scheme(): source for source in (UserFiles, ShippedFiles, StructuredConfigSource)}
    try:
        yield
    finally:
        sources |= before


@cache
def _shipped(package: str, method: str, config_path: str) -> Any:
    """What Hydra's reader of a package's files says; a file of Offramp's own that is edited counts in a new process."""
    from hydra._internal.core_plugins.importlib_resources_config_source import ImportlibResourcesConfigSource

    source = ImportlibResourcesConfigSource("", f"{ImportlibResourcesConfigSource.scheme()}://{package}")
    return getattr(source, method)(config_path)


def describe(text: str) -> str:
    """The first comment line of a configuration file that is not a directive to Hydra, without its full stop."""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words = line.lstrip("# ").rstrip()
        if words and not words.startswith("@package"):
            return words.removesuffix(".")
    return ""


def checked_config_dir(text: str) -> Path:
    """The directory as an absolute path, or UserError saying what is wrong with it.

    Only the directory itself and its folders named like config groups are looked at: nothing else is ever read.
    """
    place = Path(text).absolute()
    if not place.is_dir():
        raise UserError(f"--config-dir {text}: no such directory")
    try:
        paths = list(_files(place))
        for path in paths:
            if path.exists() and not path.is_file():
                raise UserError(f"--config-dir {text}: {path.relative_to(place)} is no plain file; take it out")
            with path.open("rb"):
                pass
    except OSError as error:
        raise UserError(f"--config-dir {text}: {describe_os_error(error, 'read')}") from None
    for name in _PLUGINS:
        if (place / name).exists():
            raise UserError(f"--config-dir {text}: a folder {name} is not allowed; configuration is data, not code")
    for check in (_name_problem, _text_problem):
        for path in paths:
            relative = path.relative_to(place)
            if problem := check(path, relative):
                raise UserError(f"--config-dir {place}: {relative}{problem}")
    return place


def _files(place: Path) -> Iterator[Path]:
    yield from (path for path in sorted(place.iterdir()) if path.is_file())
    for group in (*GROUPS, *PART_GROUPS):
        for folder, _, names in os.walk(place / group, onerror=_raise):
            yield from (Path(folder) / name for name in sorted(names))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _name_problem(path: Path, relative: Path) -> str:
    """What is wrong with a file of code, or one with the name of a file of Offramp's own; or nothing."""
    if path.suffix.lower() in _CODE:
        return " is code; configuration is data, not code"
    if relative.as_posix() in _OWN_FILES:
        return " has the name of a file of Offramp's own; put what it sets into a folder such as scenario or mediation"
    if path.suffix == ".yaml" and len(relative.parts) > 1 and files("conf").joinpath(relative.as_posix()).is_file():
        return " has the name of a file that Offramp brings along and would be ignored; choose another name"
    return ""


def _text_problem(path: Path, relative: Path) -> str:
    """What is wrong with a file that sets Hydra's own settings, could be read in different ways, or sets nothing."""
    if path.suffix != ".yaml":
        return ""
    text = read_text(path)
    try:
        tree = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (plain texts, never objects)
    except (yaml.YAMLError, RecursionError):
        return ""  # Hydra says what is wrong with a file that is used
    if tree is None:
        return " is empty; it must set something"
    if not isinstance(tree, dict):
        return f" is {'a list' if isinstance(tree, list) else 'one value'}; it must hold KEY: VALUE lines"
    if _values_in(tree, {}) > _MOST_VALUES:
        return f" holds more than {_MOST_VALUES:,} values, by references to references; write out what is meant"
    packaged, defaults = _PACKAGE.search(text), _defaults(tree)
    if hydra_key := packaged[1] if packaged else _hydra_name(tree, defaults):
        return f" sets {hydra_key}; {ONLY_DIRECTORIES}"
    # Where a part, such as a mediation, would choose for the whole, Hydra has chosen by then and ignores the entry.
    ignored = [name for name in defaults if _OVERRIDE.match(name) and relative.parts[0] not in _CHOOSING]
    if ignored:
        choosing = "only a scenario, an experiment or the command line chooses of another group"
        return f": {ignored[0]} would be ignored; {choosing}"
    if missing := [key for key, value in leaves(tree) if value == "???"]:  # which Hydra would ignore
        return f": {missing[0]}=???: a value is missing"
    try:
        refuse_interpolation(tree, "")
    except UserError as error:
        return f": {str(error).removeprefix(': ')}"
    return ""


def _values_in(tree: Any, known: dict[int, int]) -> int:
    """How many values a tree stands for with every reference written out; ``known`` keeps those of its parts."""
    if not isinstance(tree, (dict, list)):
        return 1
    if id(tree) not in known:
        inner = tree.values() if isinstance(tree, dict) else tree
        known[id(tree)] = 1 + sum(_values_in(value, known) for value in inner)
    return known[id(tree)]


def _hydra_name(tree: Mapping[str, Any], defaults: Sequence[str]) -> str:
    """A key, or a group in the defaults list, that is Hydra's own, or nothing."""
    for name, value in tree.items():
        if _HYDRA.match(str(name)):
            return f"{name}.{next(iter(value))}" if isinstance(value, dict) and value else str(name)
    return next((name for name in defaults if _HYDRA.match(name)), "")


def _defaults(tree: Mapping[str, Any]) -> list[str]:
    """The entries of a file's defaults list, without what they choose."""
    entries = tree.get("defaults")
    return [
        str(name)
        for entry in (entries if isinstance(entries, list) else [])
        for name in (entry if isinstance(entry, dict) else [entry])
    ]
