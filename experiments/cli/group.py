"""The ordinary commands as one Typer group, which imports a command's module when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from experiments.config.overrides import nearest_name
from experiments.errors import UserError


class CommandGroup(TyperGroup):
    """Commands by name, with the line each has in the help; ``command`` of the module with its name is what is run."""

    def __init__(self, lines: Mapping[str, str]) -> None:
        self.lines = lines
        super().__init__(name="offramp", context_settings={"help_option_names": ["--help", "-h"]})

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(self.lines)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the arguments as they are; UserError where the first of them names no command."""
        name = args[0]
        if name not in self.lines:
            kind = "option" if name.startswith("-") else "command"
            raise UserError(f"{name}: no such {kind}{nearest_name(name, self.lines)}; see offramp --help")
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, imported now; UserError where a package it needs is not installed."""
        try:
            function = import_module(f"experiments.cli.{cmd_name}").command
        except ModuleNotFoundError as error:
            raise UserError(f"{cmd_name}: needs {error.name}, which is not installed") from None
        application = typer.Typer(add_completion=False, rich_markup_mode=None)
        application.command(cmd_name)(function)
        return get_command(application)
