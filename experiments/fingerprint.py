"""A name for the model as it stands: what was simulated with another does not go with it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def model_fingerprint() -> str:
    """The hash of every source file of the model."""
    import sim

    folder = Path(sim.__file__).parent
    text = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))
    return hashlib.sha256(text).hexdigest()[:16]
