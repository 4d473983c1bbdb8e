"""Compiled code is kept so that processes which compile at the same time never run one another's."""

from importlib import import_module

import pytest

from sim.engine import compiling
from sim.engine.compiling import OneFileEach
from tests.test_architecture import COMPILED, ROOT, imported, parsed


@pytest.fixture
def files(tmp_path):
    return OneFileEach(str(tmp_path), "choice.weigh", "stamp")


def test_processes_that_keep_two_versions_at_once_find_each_its_own(files, monkeypatch):
    """Another process keeps its version between the name and the content of this one's."""
    write = files._save_data

    def interrupted(name, data):
        monkeypatch.setattr(files, "_save_data", write)
        OneFileEach(files._cache_path, "choice.weigh", "stamp").save("strided", "code for strided arrays")
        write(name, data)

    monkeypatch.setattr(files, "_save_data", interrupted)
    files.save("contiguous", "code for contiguous arrays")
    assert files.load("contiguous") == "code for contiguous arrays"
    assert files.load("strided") == "code for strided arrays"


def test_code_of_another_source_or_ladder_is_not_run(files, tmp_path, monkeypatch):
    files.save("key", "code")
    assert OneFileEach(str(tmp_path), "choice.weigh", "later").load("key") is None
    monkeypatch.setattr(compiling, "COMPILED_IN", b"HOT = 5")
    assert files.load("key") is None


@pytest.mark.parametrize("name", sorted(COMPILED))
def test_every_kept_function_is_kept_so(name):
    module = import_module(name)
    kept = [value._cache for value in vars(module).values() if hasattr(getattr(value, "_cache", None), "_cache_file")]
    assert kept and all(isinstance(cache._cache_file, OneFileEach) for cache in kept)
    ours = {part for part in imported(parsed(ROOT / f"{name.replace('.', '/')}.py")) if part.startswith("sim.")}
    below = {"sim.engine.compiling", "sim.engine.elementwise", "sim.engine.streams", "sim.ladder"}
    assert {part.rpartition(".")[0] for part in ours if not part.startswith("sim.kernels.")} <= below


@pytest.mark.parametrize("name", ["ladder", "engine.streams", "kernels.vector_math", "kernels.citizens"])
def test_what_is_compiled_into_others_is_part_of_what_they_were_made_from(name):
    """Numba heeds the file of a function alone; the functions and constants that it inlines lie in others."""
    assert (ROOT / "sim" / f"{name.replace('.', '/')}.py").read_bytes() in compiling.COMPILED_IN
