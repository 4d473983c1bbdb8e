"""Numba's ``njit`` with a cache of compiled code that processes can share.

Numba keeps an index that says which file holds which version of a function, and writes both one after the other. Two
processes that compile at the same time, as on the first run with several workers, can leave an index that names the
wrong file: code for contiguous arrays is then run over others, and numbers are wrong without a word, for good. Here
each version has one file, named after everything it was made from, the constants of the ladder included.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import IndexDataCacheFile

SIM = Path(__file__).parents[1]
COMPILED_IN = b"".join(
    path.read_bytes()
    for path in (SIM / "ladder.py", SIM / "engine" / "streams.py", *sorted((SIM / "kernels").glob("*.py")))
)
"""Constants and functions that are compiled into others; Numba itself heeds only the file of the function."""


class OneFileEach(IndexDataCacheFile):
    """Files of compiled code of one function, a file a version, without an index."""

    def save(self, key: Any, data: Any) -> None:
        """Keep one version, in place of what may be there."""
        self._save_data(self.file_name(key), data)

    def load(self, key: Any) -> Any:
        """One version; None where it is not there."""
        try:
            return self._load_data(self.file_name(key))
        except OSError:
            return None

    def file_name(self, key: Any) -> str:
        """Name of the file of a version: what it is of, and a digest of all that it was made from."""
        made_from = repr((self._version, self._source_stamp, key)).encode() + COMPILED_IN
        return self._data_name(int(sha256(made_from).hexdigest()[:16], 16))


def njit(*, cache: bool = False, **options: Any) -> Callable[[Callable], Callable]:
    """Numba's decorator of that name; ``cache`` keeps what was compiled for other processes, each version by itself."""

    def decorate(function: Callable) -> Callable:
        """The function, compiled on its first call."""
        compiled = numba.njit(cache=cache, **options)(function)
        if cache and hasattr(compiled, "_cache"):  # a plain function where compiling is switched off
            own = compiled._cache
            own._cache_file = OneFileEach(own.cache_path, own._impl.filename_base, own._impl.locator.get_source_stamp())
        return compiled

    return decorate
