"""The command line: the commands, and nothing but the commands."""

from experiments.cli.app import main

__all__ = ["main"]
