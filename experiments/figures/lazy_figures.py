"""Figures that are drawn when they are wanted, here or by processes that help; nothing here loads matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.execution.processes import NoProcesses, end_processes, start_processes

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from experiments.figures.style import Drawing

Sketch = Callable[[], "Drawing"]
"""A drawing function with the plain data it draws, as `functools.partial` holds them."""

MODULES = tuple(f"experiments.figures.{name}" for name in ("curves", "distributions", "forest"))
"""What most sketches need; a helper that loaded all that decides on them, too, would take half as long again to start."""
AHEAD = 2
"""Figures handed out per helping process, so that none waits for its next one."""
HEAVY = ("fans", "deaths", "days", "incidence", "contrasts")
"""Figures that take longest to draw, and are begun first."""
MOST_HELPERS = 3


class Drawings(Mapping[str, "Drawing"]):
    """Drawings by name, in reading order; each is made when it is first asked for."""

    def __init__(self, sketches: Mapping[str, Sketch]) -> None:
        self.sketches = dict(sketches)
        self._drawn: dict[str, Drawing] = {}
        self._words: dict[str, str] = {}

    def __getitem__(self, name: str) -> Drawing:
        if name not in self._drawn:
            self._drawn[name] = self.sketches[name]()
        return self._drawn[name]

    def __contains__(self, name: object) -> bool:
        return name in self.sketches

    def __iter__(self) -> Iterator[str]:
        return iter(self.sketches)

    def __len__(self) -> int:
        return len(self.sketches)

    def words(self) -> dict[str, str]:
        """Each figure in words; drawn for it only where it was not drawn before, here or by a helper."""
        return {name: self._words.get(name) or self[name].alt for name in self}

    def save(self, directory: Path, helpers: Executor | None = None) -> list[Path]:
        """Write every figure, with `helpers` or alone, and return the paths in reading order."""
        drawn: dict[str, tuple[list[Path], str]] = {}
        waiting = sorted(self, key=lambda name: name not in HEAVY)
        handed: dict[str, Future[tuple[list[Path], str]]] = {}
        room = AHEAD * getattr(helpers, "_max_workers", 0)
        while waiting:
            while helpers and len(waiting) > 1 and sum(not future.done() for future in handed.values()) < room:
                name = waiting.pop(0)
                handed[name] = helpers.submit(save_sketch, self.sketches[name], directory, name)
            name = waiting.pop(0)
            drawn[name] = save_sketch(partial(self.__getitem__, name), directory, name)
        for name, future in handed.items():
            try:
                drawn[name] = future.result()
            except RuntimeError:  # the helper is gone: every figure can be drawn here as well
                drawn[name] = save_sketch(self.sketches[name], directory, name)
        self._words |= {name: words for name, (_, words) in drawn.items()}
        return [path for name in self for path in drawn[name][0]]


def save_sketch(sketch: Sketch, directory: Path, stem: str) -> tuple[list[Path], str]:
    """Draw, write, and return the paths and the figure in words."""
    from experiments.figures.style import save

    drawing = sketch()
    return save(drawing, directory, stem), drawing.alt


@contextmanager
def helpers(wanted: bool) -> Iterator[Any]:
    """Processes that help drawing, one fewer than there are cores since this one draws, too; None where it is alone."""
    from joblib.externals.loky import cpu_count

    number = min(cpu_count() - 1, MOST_HELPERS)
    try:
        pool = start_processes(number, MODULES) if wanted and number >= 1 else None
    except NoProcesses:
        pool = None
    try:
        yield pool
    finally:
        if pool is not None:
            end_processes(pool)
