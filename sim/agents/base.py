"""What all agents share: state with a leading lane axis, reported as plain numbers when there is one lane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import mesa
import numpy as np

from sim.world import World


class LaneAgent(mesa.Agent):
    """A Mesa agent that lives in every lane of its model at once."""

    model: World
    REPORTS: ClassVar[tuple[str, ...]] = ()

    def plain(self, name: str) -> Any:
        """A state variable: a Python number where the model has one lane, else the array (lanes,)."""
        value = np.asarray(getattr(self, name))
        return value.reshape(-1)[0].item() if self.model.lanes == 1 else value

    @classmethod
    def reporters(cls) -> dict[str, Callable[[LaneAgent], Any]]:
        """Reporters for Mesa's DataCollector."""
        return {name: _reporter(name) for name in cls.REPORTS}


def _reporter(name: str) -> Callable[[LaneAgent], Any]:
    return lambda agent: agent.plain(name)
