"""``offramp trace``: one crisis of a finished study, told day by day."""

from experiments.tracing.command import command

__all__ = ["command"]
