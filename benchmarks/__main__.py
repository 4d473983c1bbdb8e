"""``python -m benchmarks [--scale S] [NAME ...]``: one JSON line a measure, exit code 1 where one is missed."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from benchmarks.measures import MEASURES


def main() -> int:
    """Measure what was asked for, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed, as ratios within one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all unless named: {', '.join(MEASURES)}")
    parser.add_argument("--scale", type=float, default=1.0, help="reduce the sizes for a rough look (0 to 1)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    names = wanted.names or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown or not 0 < wanted.scale <= 1:
        parser.error(f"no such measure: {', '.join(unknown)}" if unknown else f"--scale {wanted.scale}: not in (0, 1]")
    if wanted.here:
        return _report(names[0], wanted.scale)
    return int(sum(_apart(name, wanted.scale) for name in names) > 0)


def _apart(name: str, scale: float) -> int:
    command = [sys.executable, "-m", "benchmarks", name, "--here", "--scale", str(scale)]
    return subprocess.run(command, check=False).returncode


def _report(name: str, scale: float) -> int:
    measure = MEASURES[name]
    value = measure.value(scale)
    met = measure.met(value)
    print(
        json.dumps(
            {
                "measure": name,
                "value": round(value, 4),
                "target": measure.target,
                "met": met,
                "meaning": measure.meaning,
            }
        ),
        flush=True,
    )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
