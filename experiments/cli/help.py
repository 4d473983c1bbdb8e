"""The help of ``run``, ``sweep`` and ``search``, written from the records."""

from __future__ import annotations

from experiments.config.settings import StudyRecord, settings_of
from experiments.text import as_typed, render


def register_help(command: str) -> None:
    """Let Hydra's ``--help`` show the help of a command."""
    from omegaconf import OmegaConf

    OmegaConf.register_new_resolver("offramp_help", lambda: help_text(command), replace=True)


def help_text(command: str) -> str:
    """What ``--help`` says above the list of groups."""
    settings = [
        f"{name}={as_typed(setting.default):{22 - len(name)}} {setting.meaning} ({setting.range_text})"
        for name, setting in settings_of(StudyRecord).items()
    ]
    return render("experiments.cli", "help.txt.j2", command=command, settings=settings).rstrip().replace("$", "$$")
