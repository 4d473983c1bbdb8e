"""What all tests share: reproducible examples, one thread a process, figures without a screen."""

import gc
import os

# Before NumPy loads: many small arrays gain nothing from threads, and two test workers would fight over the cores.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_library, "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.pop("COLUMNS", None)  # test workers are given 80, and tables would be folded to that

gc.set_threshold(100_000, 20, 20)  # as in the command itself

from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "offramp", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("OFFRAMP_HYPOTHESIS", "offramp"))
