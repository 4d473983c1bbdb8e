"""The command line: one file a command, nothing but the command."""

from experiments.cli.app import main

__all__ = ["main"]
