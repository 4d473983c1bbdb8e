"""``python -m experiments.validation`` is ``offramp validate``."""

import typer

from experiments.validation import command

typer.run(command)
