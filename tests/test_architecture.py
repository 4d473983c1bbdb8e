"""The house: imports point one way, files stay small, and nothing that is configured can run code."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED_IN_SIM = {"mesa", "numpy", "numba", "scipy.special"}
OURS = {"sim", "conf", "experiments"}
REST = {"tests", "benchmarks", "examples"}
BELOW = {"sim": {"sim"}, "conf": {"conf"}, "experiments": {"experiments", "conf", "sim"}}
"""Which of our packages each may import."""
ORDER = {
    "sim": (
        "ensemble",
        "records",
        "crisis",
        "outputs",
        "agents",
        "mechanisms",
        "world",
        "kernels",
        "engine",
        "scenario",
        "ladder",
    ),
    "experiments": (
        "cli",
        "api",
        "view",
        "report",
        "validation",
        "cases",
        "claims",
        "decide",
        "comparison",
        "calibration",
        "protocols",
        "targets",
        "figures",
        "trace",
        "execution",
        "study",
        "design",
        "config",
        "statistics",
        "files",
        "terminal",
        "text",
        "errors",
    ),
}
"""Parts of each package from the top down; none imports from a part above its own, also not inside a function."""
APART = {("agents", "mechanisms")}
"""Parts that know of one another by :mod:`sim.world` alone."""
COMPILED = {
    "sim.engine.elementwise",
    "sim.kernels.ally_commitment",
    "sim.kernels.beliefs",
    "sim.kernels.citizens",
    "sim.kernels.incidents",
    "sim.kernels.leadership",
    "sim.kernels.losses",
    "sim.kernels.offers",
    "sim.kernels.options",
    "sim.kernels.public_day",
    "sim.kernels.tally",
    "sim.kernels.vector_math",
    "sim.kernels.views",
    "sim.engine.streams",
}
"""Modules of compiled loops, whose functions bear no annotations."""


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imported(tree: ast.AST) -> set[str]:
    """Modules a source imports, inside functions and for type checkers, too."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def top(name: str) -> str:
    return name.partition(".")[0]


def part(module: str) -> str:
    """The part of a package that a module belongs to; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


# -- who imports whom -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", sorted(BELOW))
def test_packages_import_downwards_only(package):
    wrong = [
        (module_name(path), name)
        for path in sources(package)
        for name in imported(parsed(path))
        if top(name) in OURS and top(name) not in BELOW[package]
    ]
    assert wrong == []


def test_nothing_imports_the_tests():
    wrong = [
        (module_name(path), name)
        for path in sources(*OURS)
        for name in imported(parsed(path))
        if top(name) in ("tests", "benchmarks", "examples")
    ]
    assert wrong == []


def test_the_model_uses_few_libraries():
    wrong = [
        (module_name(path), name)
        for path in sources("sim")
        for name in imported(parsed(path))
        if top(name) not in sys.stdlib_module_names | {"sim"}
        and not any(name == allowed or name.startswith(allowed + ".") for allowed in ALLOWED_IN_SIM)
    ]
    assert wrong == []


def test_the_records_use_the_standard_library_only():
    wrong = [
        (module_name(path), name)
        for path in sources("sim/scenario")
        for name in imported(parsed(path))
        if top(name) not in sys.stdlib_module_names and not name.startswith("sim.scenario")
    ]
    assert wrong == []


def arrows(package: str) -> set[tuple[str, str]]:
    """(part, part it imports) of a package, imports inside functions included."""
    return {
        (part(module_name(path)), part(target))
        for path in sources(package)
        for target in imported(parsed(path))
        if top(target) == package and part(module_name(path)) != part(target) != ""
    } - {("", "")}


@pytest.mark.parametrize("package", ORDER)
def test_every_part_has_its_place_in_the_order(package):
    parts = {part(module_name(path)) for path in sources(package)} - {""}
    assert parts == set(ORDER[package])


@pytest.mark.parametrize("package", ORDER)
def test_parts_rest_on_those_below_and_never_on_each_other(package):
    rank = {name: number for number, name in enumerate(ORDER[package])}
    up = sorted((above, below) for above, below in arrows(package) if above and rank[below] < rank[above])
    assert up == []
    assert not {(one, other) for one, other in arrows(package) if (one, other) in APART or (other, one) in APART}


@pytest.mark.parametrize("package", ORDER)
def test_no_circle_of_files(package):
    graph = {
        module_name(path): {
            target
            for name in imported(parsed(path))
            for target in (name, name.rpartition(".")[0])
            if top(target) == package
        }
        - {module_name(path)}
        for path in sources(package)
    }
    graph = {name: {target for target in targets if target in graph} for name, targets in graph.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("package", ORDER)
def test_no_two_packages_import_each_other(package):
    """At any depth; a package and one inside it may, since the order of files holds there."""
    home = {module_name(path): ".".join(path.parent.relative_to(ROOT).parts) for path in sources(package)}
    pairs = {
        (home[module_name(path)], home[target])
        for path in sources(package)
        for name in imported(parsed(path))
        for target in (name, name.rpartition(".")[0])
        if target in home
    }
    apart = {(one, other) for one, other in pairs if not f"{other}.".startswith(f"{one}.")}
    assert {(one, other) for one, other in apart if (other, one) in apart} == set()


def test_imports_are_absolute():
    relative = [
        (module_name(path), node.lineno)
        for path in sources(*OURS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []  # the other tests read absolute ones


def test_the_agents_alone_call_the_kernels():
    callers = {
        module_name(path)
        for path in sources("sim")
        if "sim.kernels.citizens"
        in {target.removesuffix(".*") for target in imported(parsed(path))}
        | {".".join(target.split(".")[:2]) for target in imported(parsed(path))}
    }
    assert callers == {"sim.agents.public"}


# -- what it takes to import ------------------------------------------------------------------------------------------

WITHOUT = """
import sys
for name in ("hydra", "omegaconf", "matplotlib", "polars", "pyarrow", "joblib", "rich", "typer", "dask", "sklearn"):
    sys.modules[name] = None
from sim import Scenario, simulate
from sim.ensemble import Settings
outcomes = simulate(Scenario(), 1, Settings(horizon_days=2, citizens=5, records=True, trajectories=True))
print(len(outcomes))
"""


def test_the_model_runs_without_the_applications_libraries():
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "1", done.stderr


# -- size -------------------------------------------------------------------------------------------------------------


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_long():
    assert {module_name(path): lines(path) for path in sources(*OURS, *REST) if lines(path) > 500} == {}


@pytest.mark.parametrize("package", ["sim", "experiments"])
def test_most_files_are_short(package):
    assert statistics.median(lines(path) for path in sources(package)) < 180


def public_functions(*packages: str):
    """(module, function) for every public function and method of the packages."""
    for path in sources(*packages):
        for node in ast.walk(parsed(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
                yield module_name(path), node


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of code without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("package", ["sim", "experiments"])
def test_functions_do_one_thing(package):
    lengths = sorted(body_lines(function) for _, function in public_functions(package))
    assert statistics.median(lengths) < 15
    assert lengths[int(0.9 * len(lengths))] < 40


def test_public_functions_of_the_model_say_what_they_do_and_take():
    bare = [
        (module, function.name)
        for module, function in public_functions("sim")
        if not ast.get_docstring(function) and not _is_trivial(function)
    ]
    assert bare == []
    untyped = [
        (module, function.name)
        for module, function in public_functions("sim")
        if module not in COMPILED and function.returns is None
    ]
    assert untyped == []


ARRAY = re.compile(r"\b(ndarray|NDArray|Array)\b")
SHAPE = re.compile(r"\([a-z0-9_* +]+,[a-z0-9_*, +]*\)|\bshape\b")
"""A shape in a docstring: `(lanes,)`, `(lanes, k)`, or the shape of an argument."""


def annotations(function: ast.FunctionDef) -> list[ast.expr]:
    parameters = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return [node for node in (function.returns, *(parameter.annotation for parameter in parameters)) if node]


def test_functions_of_the_model_that_take_or_give_arrays_state_a_shape():
    silent = [
        (module, function.name)
        for module, function in public_functions("sim")
        if any(ARRAY.search(ast.unparse(node)) for node in annotations(function))
        and not SHAPE.search(ast.get_docstring(function) or "")
    ]
    assert silent == []


def _is_trivial(function: ast.FunctionDef) -> bool:
    """A one-line property or a check's own helper needs no more than its name."""
    return len(function.body) == 1 and bool(function.decorator_list)


def set_on_self(function: ast.FunctionDef) -> set[str]:
    """Attributes of self that a method assigns or declares."""
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def test_all_state_of_the_model_is_declared_in_init():
    late = []
    for path in sources("sim"):
        for owner in (node for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)):
            methods = {node.name: node for node in owner.body if isinstance(node, ast.FunctionDef)}
            declared = set_on_self(methods["__init__"]) if "__init__" in methods else set()
            late += [
                (module_name(path), owner.name, name, attribute)
                for name, method in methods.items()
                for attribute in set_on_self(method) - declared
            ]
    assert late == []


@pytest.mark.parametrize("package", ["sim", "experiments"])
def test_every_module_says_what_it_is_for(package):
    silent = [module_name(path) for path in sources(package) if not ast.get_docstring(parsed(path))]
    assert [name for name in silent if (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()] == []


# -- configuration is data --------------------------------------------------------------------------------------------

RUNS_CODE = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "shelve",
    "marshal",
    "joblib.dump",
    "joblib.load",
    "hydra.utils.instantiate",
    "hydra.utils.call",
    "hydra.utils.get_class",
}


def called(tree: ast.AST) -> set[str]:
    """Names of builtins that are called bare."""
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def test_nothing_is_pickled_and_no_text_is_run_as_code():
    for path in sources(*OURS):
        tree = parsed(path)
        names = imported(tree)
        assert not {name for name in names if name in RUNS_CODE or top(name) in RUNS_CODE}, module_name(path)
        assert not called(tree) & {"eval", "exec", "compile", "__import__"}, module_name(path)
        assert "allow_pickle=True" not in path.read_text(encoding="utf-8"), module_name(path)


def test_configuration_names_no_code():
    for path in sorted((ROOT / "conf").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert "_target_" not in text and "!!python" not in text and "${oc.env" not in text, path.name


def test_tables_are_opened_by_the_functions_that_take_paths_letter_by_letter() -> None:
    """Readers of polars make patterns, columns and home directories of `[`, `a=b` and `~` in a path."""
    openers = re.compile(r"(scan|read|write|sink)_(parquet|csv|ndjson|ipc|avro|delta|excel|database)|ParquetDataset")
    for path in sources("experiments", "sim"):
        for node in ast.walk(parsed(path)):
            if not (isinstance(node, ast.Attribute) and openers.fullmatch(node.attr)):
                continue
            call = ast.unparse(node)
            assert path.name == "files.py" or _is_of_bytes(path, node), f"{path}: {call}; use experiments.files"


def _is_of_bytes(path: Path, node: ast.Attribute) -> bool:
    """Whether a table is read from bytes in memory, or written to text, with no path at all."""
    calls = [call for call in ast.walk(parsed(path)) if isinstance(call, ast.Call) and call.func is node]
    return all(not call.args or ast.unparse(call.args[0]).endswith(".read_bytes()") for call in calls)
