"""Users' YAML files as Hydra is to read them: decimal numbers as they are written, every key once, UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from experiments.config.plain_values import number_in
from experiments.errors import UserError

_INT, _NUMBER, _BOOL, _NULL, _MERGE = (
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "merge")
)
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

    @cache
    def shipped(package: str, asked: str, config_path: str) -> Any:
        source = ImportlibResourcesConfigSource("", f"{ImportlibResourcesConfigSource.scheme()}://{package}")
        found = getattr(source, asked)(config_path)
        return (found, OmegaConf.to_container(found.config)) if asked == "load_config" else found

    class ShippedFiles(ImportlibResourcesConfigSource):
        def load_config(self, config_path: str) -> ConfigResult:
            found, tree = shipped(self.path, "load_config", config_path)
            return replace(found, provider=self.provider, config=OmegaConf.create(tree))

        def is_group(self, config_path: str) -> bool:
            return shipped(self.path, "is_group", config_path)

        def is_config(self, config_path: str) -> bool:
            return shipped(self.path, "is_config", config_path)

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


def describe(text: str) -> str:
    """The first comment line of a configuration file that is not a directive to Hydra, without its full stop."""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words = line.lstrip("# ").rstrip()
        if words and not words.startswith("@package"):
            return words.removesuffix(".")
    return ""
