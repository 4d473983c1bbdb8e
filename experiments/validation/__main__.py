"""``python -m experiments.validation [--quick] [--write FILE]``."""

import argparse
import sys
from pathlib import Path

from experiments.validation.command import DOCUMENT, validate

parser = argparse.ArgumentParser(prog="offramp validate", description="Hold the model against its records.")
parser.add_argument("--quick", action="store_true", help="few crises")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help=f"write a document (default {DOCUMENT.name})")
parser.add_argument("--without-tests", action="store_true", help="leave the slow tests out")
asked = parser.parse_args()
sys.exit(validate(asked.quick, asked.seed, asked.write, not asked.without_tests))
