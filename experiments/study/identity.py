"""What a study rests on: which model, which processor, which libraries, and when.

``python -m experiments.study.identity`` prints the fingerprint of the model as it stands.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sim
from experiments.design.posterior import NOTHING, facts_of
from experiments.errors import UserError
from experiments.files import write_text

LIBRARIES = ("mesa", "numpy", "numba", "llvmlite", "scipy", "polars", "pyarrow", "hydra-core", "joblib")
SECOND_EDITION = "da5dfdf8416f2d80"
"""The model that the second edition's results were made with."""
EQUIVALENTS = Path(__file__).with_name("equivalents.csv")
_HASHING = b"statements 1"
"""Changed when hashing itself changes, so that nothing kept from before is taken for its result."""
_LEFT_OUT = frozenset(("lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "kind", "type_comment"))


def current_time() -> str:
    """The time of day, ISO 8601 to the second, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def zoned(time: str) -> str:
    """A time in ISO 8601 with its zone; one without a zone, as manifests had it before, was local."""
    return datetime.fromisoformat(time).astimezone().isoformat(timespec="seconds")


def library_versions() -> dict[str, str]:
    """The versions of what results rest on."""
    return {name: version(name) for name in LIBRARIES}


def machine() -> dict[str, Any]:
    """Python, libraries and processor, as a manifest has them: they may move the last bits of a result."""
    return {"python": platform.python_version(), "libraries": library_versions(), "processor": processor()}


def processor() -> dict[str, Any]:
    """The processor's name, the features that NumPy has loops for and finds here, and what Numba compiles for."""
    from llvmlite import binding
    from numba.core import config as numba_config
    from numpy._core._multiarray_umath import __cpu_features__ as known

    config: Any = numba_config  # its settings are made when it is loaded
    features = config.CPU_FEATURES
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    return {
        "name": _processor_name(),
        "numpy_features": [name for name, there in known.items() if there],
        "numba_target": "not compiled" if config.DISABLE_JIT else config.CPU_NAME or binding.get_host_cpu_name(),
        "numba_features": [name[1:] for name in features.split(",") if name.startswith("+")],
    }


def model_fingerprint() -> str:
    """16 hexadecimal digits for the model as it stands.

    They change with every statement of ``sim`` and every data file beside them, and with nothing else: neither
    comments, docstrings, formatting and imports, nor the file and the order in which definitions stand.
    """
    return package_fingerprint(Path(sim.__file__).parent)


@cache
def package_fingerprint(folder: Path) -> str:
    """The fingerprint of a package. Parsing takes a while: the last result is kept beside Python's own caches."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_source(path.relative_to(folder))]
    contents = {path: path.read_bytes() for path in files}
    digests = (hashlib.sha256(content).digest() for content in contents.values())
    key = hashlib.sha256(b"".join([_HASHING, *(path.suffix.encode() for path in files), *digests])).hexdigest()
    cache = folder / "__pycache__" / "fingerprint.txt"
    with suppress(OSError, ValueError, IndexError):
        if (words := cache.read_text(encoding="ascii").split())[:1] == [key]:
            return words[1]
    sources = [content.decode() for path, content in contents.items() if path.suffix == ".py"]
    fingerprint = statements_hash(sources, [content for path, content in contents.items() if path.suffix != ".py"])
    if not sys.dont_write_bytecode:
        with suppress(OSError):  # installed where nobody may write
            write_text(cache, f"{key} {fingerprint}\n")
    return fingerprint


def statements_hash(sources: Iterable[str], data: Iterable[bytes] = ()) -> str:
    """16 hexadecimal digits for the statements of Python sources, in whichever file and order, and for some data.

    Docstrings, imports, comments and formatting do not count, nor does the version of Python; constants do.
    """
    nodes = [node for source in sources for node in ast.parse(source).body if _counts(node)]
    parts = [*(" ".join(_canonical(node)).encode() for node in nodes), *data]
    return hashlib.sha256(b"".join(sorted(hashlib.sha256(part).digest() for part in parts))).hexdigest()[:16]


def require_model(place: Path | str, model: str, what_to_do: str = "start a new run") -> None:
    """UserError, naming both models, where what is kept in a place was made with another one than this."""
    if not same("model", model, model_fingerprint()):
        raise UserError(
            f"{place}: made with another state of the model ({model}, this is {model_fingerprint()}); {what_to_do}"
        )


def posterior_note(uncertainty: str, config_dir: str | None, scenario: str | None) -> str:
    """What a reader must know of the posterior that a study draws from; empty where there is nothing to say.

    A posterior is about the model that it was fitted with. One with no facts beside it was made by hand, and says
    nothing of a model.
    """
    if uncertainty.partition(":")[0] in NOTHING:
        return ""
    name, facts = facts_of(uncertainty, config_dir, scenario)
    now, fitted_with = model_fingerprint(), (facts or {}).get("model", "")
    if facts is None or same("model", fitted_with, now):
        return ""
    return (
        f"uncertainty={uncertainty}: the posterior {name} was fitted with another state of the model "
        f"({fitted_with or 'not named'}, this is {now}); it is no posterior of this model, so take what rests on it as "
        "provisional"
    )


def edition_note(models: Iterable[str]) -> str:
    """A sentence for a document that names fingerprints of earlier states of the model; empty where it names none."""
    earlier = [model for model in dict.fromkeys(models) if not same("model", model, model_fingerprint())]
    if not earlier:
        return ""
    second = all(same("model", model, SECOND_EDITION) for model in earlier)
    edition = "the second edition" if second else "earlier states"
    return (
        f"**Not of this model.** These results were made with {edition} of the model ({', '.join(earlier)}) and are being "
        "made anew; numbers of the third edition differ."
    )


def same(what: str, one: str, other: str) -> bool:
    """Whether two fingerprints of a "model", "rule" or "designs" name the same, or what was recorded to be equal."""
    return one == other or _latest(what, one) == _latest(what, other)


def _latest(what: str, fingerprint: str) -> str:
    known, seen = equivalents(), set()
    while (what, fingerprint) in known and fingerprint not in seen:
        seen.add(fingerprint)
        fingerprint = known[what, fingerprint]
    return fingerprint


@cache
def equivalents() -> dict[tuple[str, str], str]:
    """What was recorded to give the same results bit for bit: (what, old fingerprint) -> new fingerprint."""
    with EQUIVALENTS.open(encoding="utf-8", newline="") as stream:
        return {(row["what"], row["old"]): row["new"] for row in csv.DictReader(stream)}


def origin_notes(manifests: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What a reader must know of studies, name -> manifest, that do not rest on one model and one machine."""
    models: dict[str, list[str]] = {}
    for name, manifest in manifests.items():
        named_model = manifest.get("model", "")
        models.setdefault(
            next((known for known in models if same("model", known, named_model)), named_model), []
        ).append(name)
    named = [f"{', '.join(names)}: {model or 'not named'}" for model, names in models.items()]
    notes = []
    if len(models) > 1:
        words = (
            "do not all name their model, so it may not be the same"
            if "" in models and len(models) == 2
            else "come from different models: what differs between them may be the model"
        )
        notes.append(f"The studies {words} ({'; '.join(named)}).")
    if changes := unlike([machine for manifest in manifests.values() for machine in machines_of(manifest)]):
        subject = "The studies were" if len(manifests) > 1 else f"{next(iter(manifests))} was"
        notes.append(f"{subject} made with {'; '.join(changes)}: last digits may differ for that alone.")
    return notes


def machines_of(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Where a study was begun and where it was gone on with, each as :func:`machine` has it."""
    return [manifest, *manifest.get("continued", [])]


def unlike(machines: Sequence[Mapping[str, Any]]) -> list[str]:
    """In words, where machines (see :func:`machine`) differ; what one of them does not name is passed over."""
    named: dict[str, dict[str, None]] = {}
    for entry in machines:
        python = {"Python": entry["python"]} if entry.get("python") else {}
        for name, used in {**python, **(entry.get("libraries") or {})}.items():
            named.setdefault(name, {})[used] = None
    processors = [entry["processor"] for entry in machines if entry.get("processor")]
    named["processor"] = dict.fromkeys(_in_short(processor, processors) for processor in processors)
    return [f"{name} {' and '.join(versions)}" for name, versions in named.items() if len(versions) > 1]


def _in_short(mine: Mapping[str, Any], all_of_them: Sequence[Mapping[str, Any]]) -> str:
    """A processor as a reader would name it, with features of its own where its name is not."""
    name = f"{mine['name']} ({mine['numba_target']})"
    kind = (mine["name"], mine["numba_target"])
    like = [other for other in all_of_them if (other["name"], other["numba_target"]) == kind]
    features = [{*processor["numpy_features"], *processor["numba_features"]} for processor in (mine, *like)]
    extra = sorted(features[0] - set.intersection(*features))
    if not extra:
        return name
    return f"{name} with {', '.join(extra[:3])}" + (f" and {len(extra) - 3} more features" if len(extra) > 3 else "")


def _canonical(value: Any) -> Iterator[str]:
    """The words of a syntax tree, alike in every version of Python: what is empty or absent is left out."""
    if isinstance(value, list):
        yield "["
        for item in filter(_counts, value):
            yield from _canonical(item)
        yield "]"
    elif isinstance(value, ast.AST):
        yield type(value).__name__
        for name in value._fields:
            part = getattr(value, name, None) if name not in _LEFT_OUT else None
            if part is not None and part != []:
                yield name
                yield from _canonical(part)
        yield ")"
    else:
        yield repr(value)


def _counts(node: Any) -> bool:
    """Whether a statement can change what is computed: not imports, texts that stand alone, or the version's name."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return False
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id != "__version__"
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _is_source(path: Path) -> bool:
    """Whether a file of a package, its path relative to the package, is code or data; else it was left by tools."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    return not hidden and path.suffix not in (".pyc", ".typed") and not path.name.endswith("~")


def _processor_name() -> str:
    """What the system calls the processor."""
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    print(model_fingerprint())
