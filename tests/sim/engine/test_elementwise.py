"""What depends on processor or company stays out of the model's arithmetic over lanes."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.engine import elementwise

ROOT = Path(sim.__file__).parent
SCALAR = {
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "logistic": lambda x: 1 / (1 + math.exp(-x)),
}
EXACT = {
    "abs",
    "absolute",
    "ceil",
    "copysign",
    "floor",
    "maximum",
    "minimum",
    "negative",
    "rint",
    "sign",
    "sqrt",
    "square",
    "add",
    "subtract",
    "multiply",
    "divide",
    "isfinite",
    "isnan",
    "logical_and",
    "logical_or",
    "logical_not",
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "trunc",
    "fmax",
    "fmin",
}
"""Ufuncs of NumPy whose result IEEE 754 fixes to the last bit, whichever loop computes it."""
INEXACT = {
    name
    for name in dir(np)
    if isinstance(getattr(np, name), np.ufunc)
    and any("d" in types or "f" in types for types in getattr(np, name).types)
} - EXACT
SUMS = {
    "sum",
    "mean",
    "std",
    "var",
    "prod",
    "average",
    "dot",
    "vdot",
    "matmul",
    "inner",
    "outer",
    "tensordot",
    "einsum",
    "trapezoid",
    "interp",
    "convolve",
    "correlate",
    "polyval",
    "nansum",
    "nanmean",
    "linalg",
    "fft",
    "reduce",
}
"""Their order of addition, or their library, follows shape and processor."""
ALLOWED = {
    "agents/public.py: (np.arange(citizens) >= bounds[:, 1:-1, None]).sum": "counts, whole numbers",
    "engine/low_discrepancy.py: 2.0 ** (-32)": "a constant",
    "engine/distributions.py: weights.sum": "weights of a list that a scenario declares, the same in any company",
    "engine/elementwise.py: from scipy.special import betaincinv": "one scalar routine for every element",
    "engine/elementwise.py: from scipy.special import ndtr": "one scalar routine for every element",
    "engine/elementwise.py: from scipy.special import ndtri": "one scalar routine for every element",
    "records/casualties.py: (dead >= 1).sum": "counts, whole numbers",
    "records/casualties.py: (dead >= 2).sum": "counts, whole numbers",
    "records/casualties.py: (dead >= 5).sum": "counts, whole numbers",
    "records/casualties.py: (history.deaths + history.civilians).sum": "deaths, whole numbers",
    "records/casualties.py: (x * x).sum": "rungs, whole numbers",
    "records/casualties.py: (x * y).sum": "rungs, whole numbers",
    "records/casualties.py: (y * y).sum": "rungs, whole numbers",
    "records/casualties.py: counted.sum": "counts, whole numbers",
    "records/casualties.py: dead.sum": "deaths, whole numbers",
    "records/casualties.py: x.sum": "rungs, whole numbers",
    "records/casualties.py: x.sum(axis=0) ** 2": "rungs, whole numbers",
    "records/casualties.py: y.sum": "rungs, whole numbers",
    "records/casualties.py: y.sum(axis=0) ** 2": "rungs, whole numbers",
    "records/history.py: self.deaths.sum": "deaths, whole numbers",
    "records/icb.py: np.where(within, history.military_deaths(), 0).sum": "deaths, whole numbers",
    "records/mid.py: ((each >= JOINING_SUPPORT) & within[:, None, :]).any(axis=0).sum": "counts, whole numbers",
    "records/mid.py: np.where(within, history.military_deaths(), 0).sum": "deaths, whole numbers",
    "outputs/trajectories.py: 2.0 ** (-20)": "a constant",
}
"""Place and text -> why it does no harm."""


def is_compiled(node: ast.FunctionDef) -> bool:
    """Whether a function is compiled by numba, where one lane is worked out at a time."""
    return any(
        "njit" in ast.unparse(decorator) or "overload" in ast.unparse(decorator) for decorator in node.decorator_list
    )


def interpreted(tree: ast.AST) -> list[ast.AST]:
    """Every node outside compiled functions."""
    nodes = []
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.FunctionDef) and is_compiled(child)):
            nodes += [child, *interpreted(child)]
    return nodes


def offences(source: str) -> list[str]:
    """Text of all arithmetic in a module whose last bit may depend on the company of a lane."""
    texts = []
    for node in interpreted(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.MatMult):
            if not all(isinstance(side, ast.Constant) for side in (node.left, node.right)):
                texts.append(ast.unparse(node))
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Pow | ast.MatMult):
            texts.append(ast.unparse(node))
        elif isinstance(node, ast.Attribute):
            from_numpy = isinstance(node.value, ast.Name) and node.value.id == "np"
            if from_numpy and node.attr in INEXACT or node.attr in SUMS:
                texts.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("scipy", "numpy"):
            texts += [
                f"from {node.module} import {alias.name}"
                for alias in node.names
                if alias.name in INEXACT | SUMS or node.module.startswith("scipy")
            ]
    return texts


def test_arithmetic_over_lanes_is_exact_or_compiled():
    texts = {
        f"{file.relative_to(ROOT).as_posix()}: {text}"
        for file in sorted(ROOT.rglob("*.py"))
        for text in offences(file.read_text(encoding="utf-8"))
    }
    assert sorted(texts - set(ALLOWED)) == []
    assert sorted(set(ALLOWED) - texts) == [], "exceptions that nothing needs any more"


@pytest.mark.parametrize(
    "line",
    [
        "y = (index / 9) ** power[:, None]",
        "y **= 2.5",
        "y = np.exp(x)",
        "y = np.tanh(x)",
        "f = np.log1p",
        "y = x @ w",
        "y = np.power(x, p)",
        "y = x.mean(axis=1)",
        "y = np.add.reduce(x)",
        "from scipy.special import expit",
        "from numpy import exp",
        "y = np.einsum('ij,j', x, w)",
    ],
)
def test_what_would_depend_on_company_is_refused(line):
    assert len(offences(line)) >= 1
    assert offences(f"@njit\ndef loop(x, p, w, index, power):\n    {line}") == []


def compiled_functions() -> list[tuple[str, ast.FunctionDef]]:
    """File and definition of every compiled function of the model."""
    return [
        (file.relative_to(ROOT).as_posix(), node)
        for file in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and is_compiled(node)
    ]


def test_compiled_loops_keep_one_order_and_one_thread():
    for file, node in compiled_functions():
        decorators = " ".join(map(ast.unparse, node.decorator_list))
        assert "parallel" not in decorators and "prange" not in ast.unparse(node), (file, node.name)
        if "fastmath" in decorators:
            assert file.startswith("kernels/") and "EXACT_ORDER" in decorators, (file, node.name)
        assert not [text for text in SUMS if f".{text}(" in ast.unparse(node)], (file, node.name)


def same_bits(one, two) -> bool:
    return np.asarray(one).tobytes() == np.asarray(two).tobytes()


NUMBERS = st.floats(-700, 700) | st.floats(1e-300, 1)


@given(st.lists(NUMBERS, min_size=17, max_size=17))
@settings(max_examples=40)
def test_each_element_is_that_of_the_scalar_routine_in_any_company(numbers):
    for name, scalar in SCALAR.items():
        values = np.abs(numbers) if name.startswith("log") and name != "logistic" else np.array(numbers)
        values = values + (1e-9 if name in ("log", "log2", "log10") else 0)
        expected = np.array([scalar(value) for value in values])
        function = getattr(elementwise, name)
        for size in (1, 2, 3, 5, 8, 17):
            assert same_bits(function(values[:size]), expected[:size]), name
        assert same_bits(function(values[::-3]), expected[::-3]), name
        assert same_bits(function(np.broadcast_to(values[:, None], (17, 3))), np.repeat(expected[:, None], 3, 1)), name


@given(st.lists(st.floats(0, 50), min_size=17, max_size=17), st.lists(st.floats(0, 5), min_size=17, max_size=17))
@settings(max_examples=40)
def test_powers_are_those_of_the_scalar_routine_in_any_company(bases, exponents):
    base, exponent = np.array(bases), np.array(exponents)
    table = np.array([[math.pow(left, right) for left in base] for right in exponent])
    for size in (1, 2, 3, 5, 8, 17):
        assert same_bits(elementwise.power(base, exponent[:size, None]), table[:size])
    assert same_bits(elementwise.power(base[:1], exponent), table[:, 0])
    assert same_bits(elementwise.power(base, 2.0), np.array([math.pow(left, 2.0) for left in base]))


@given(st.lists(st.floats(1e-9, 1 - 1e-9), min_size=17, max_size=17))
@settings(max_examples=40)
def test_quantile_functions_are_the_same_in_any_company(shares):
    u = np.array(shares)
    for function in (elementwise.ndtri, elementwise.ndtr, lambda x: elementwise.betaincinv(2.5, 0.7, x)):
        alone = np.array([function(np.array([value]))[0] for value in u])
        for size in (2, 3, 5, 8, 17):
            assert same_bits(function(u[:size]), alone[:size])
        assert same_bits(function(u[::-3]), alone[::-3])
        assert same_bits(function(np.broadcast_to(u[:, None], (17, 3))), np.repeat(alone[:, None], 3, 1))


def test_the_rule_of_the_domain_is_that_of_the_c_library():
    with np.errstate(all="raise"):
        assert elementwise.log(np.array([0.0])).tolist() == [-np.inf]
        assert elementwise.exp(np.array([1000.0])).tolist() == [np.inf]
        assert elementwise.power(0.0, 0.0) == 1
