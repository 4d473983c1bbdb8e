"""Other processors, as far as this one can stand in for them: what is equal to the last bit, and what is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
RULES = (
    "tests/sim/engine/test_engine_rules.py",
    "tests/sim/engine/test_elementwise.py",
    "tests/sim/agents/test_agents_contract.py",
)
AVX2 = {"X86_V2", "X86_V3", "AVX2", "FMA3", "F16C", "AVX", "SSE42", "POPCNT", "SSE41", "SSSE3", "SSE3", "SSE2", "SSE"}
"""What NumPy calls the instructions of a processor of 2013, which the promise of equal bits rests on."""
OUTCOMES = """
import hashlib, json
from sim.ensemble import Settings, simulate
from tests.sim.engine.test_engine_rules import WORLDS
hashes = {}
for dtype in ("float32", "float64"):
    outcomes = simulate(WORLDS, 40, Settings(seed=1, horizon_days=60, citizens=50, dtype=dtype, trajectories=True))
    tables = {"outcomes": outcomes.lanes, "days": outcomes.trajectories.rows(), "paths": outcomes.trajectories.paths()}
    for table, columns in tables.items():
        hashes |= {f"{table}.{name} ({dtype})": hashlib.sha256(repr(values.tolist()).encode()).hexdigest()
                   for name, values in columns.items()}
print(json.dumps(hashes))
"""


def features() -> dict[str, bool]:
    """What NumPy can use, and whether this processor offers it."""
    core = np._core._multiarray_umath
    return {name: core.__cpu_features__.get(name, False) for name in core.__cpu_dispatch__}


def beyond_avx2() -> str:
    """The instructions of this processor that came after AVX2, as NumPy's switch takes them."""
    return " ".join(name for name, offered in features().items() if offered and name not in AVX2)


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    """Hashes of all outcome columns on this processor as it is."""
    finished = run({}, "-c", OUTCOMES)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


NUMPY_OF_2013 = {"NPY_DISABLE_CPU_FEATURES": beyond_avx2()}
NUMPY_BARE = {"NPY_DISABLE_CPU_FEATURES": " ".join(name for name, offered in features().items() if offered)}
HASWELL = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""}
WITHOUT_FMA = {"NUMBA_CPU_NAME": "generic"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "environment", "promised"),
    [
        ("NumPy without what came after AVX2", NUMPY_OF_2013, True),
        ("NumPy without all it can choose", NUMPY_BARE, True),
        ("compiled for a Haswell of 2013", HASWELL, True),
        ("compiled without fused multiply-add", WITHOUT_FMA, False),
    ],
)
def test_other_instructions_give_the_same_bits(name, environment, promised, here, capsys):
    if promised and environment is HASWELL and not any(features().get(fused) for fused in ("X86_V3", "FMA3")):
        pytest.skip("this processor has no fused multiply-add")
    finished = run(environment, "-c", OUTCOMES)
    assert finished.returncode == 0, finished.stderr
    there = json.loads(finished.stdout)
    differ = [column for column in here if here[column] != there[column]]
    with capsys.disabled():
        print(
            f"\n{name} ({' '.join(f'{key}={value!r}' for key, value in environment.items())}): "
            f"{len(here) - len(differ)} of {len(here)} columns equal"
            + (f"; last bits differ in {', '.join(differ)}" if differ else "")
        )
    assert set(there) == set(here)
    assert not promised or differ == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "environment"),
    [("NumPy without what came after AVX2", NUMPY_OF_2013), ("compiled for a Haswell of 2013", HASWELL)],
)
def test_the_rules_of_the_engine_hold_with_other_instructions(name, environment, capsys):
    finished = run(environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", *RULES)
    with capsys.disabled():
        print(f"\n{name}: rules of the engine: {finished.stdout.strip().splitlines()[-1]}")
    assert finished.returncode == 0, finished.stdout[-3000:]
