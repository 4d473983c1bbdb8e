"""What can be set about a study apart from the scenario: typed records with unit, range and meaning.

They are declared like the model's own parameters (see :mod:`sim.scenario.parameter`), so the configuration schema,
the checks, the help texts and the error messages treat both alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from sim.scenario.parameter import Parameter, Record, choice, whole

SETTING = "setting"


@dataclass(frozen=True)
class Setting(Parameter):
    """A parameter that may also be one of some ``words``, true or false (kind ``flag``), or null."""

    words: tuple[str, ...] = ()
    nullable: bool = False

    @property
    def range_text(self) -> str:
        """The admissible values as a reader would write them."""
        plain = "true | false" if self.kind == "flag" else super().range_text
        return " | ".join([plain, *self.words, *(["null"] if self.nullable else [])])

    def check(self, path: str, value: Any) -> Any:
        """Return the value in its own type, or raise ParameterError naming ``path``."""
        if value is None and self.nullable or isinstance(value, str) and value in self.words:
            return value
        checked = super().check(path, value)
        return value if self.kind == "flag" else checked

    def _problem(self, value: Any) -> str:
        if self.kind == "flag":
            return "" if isinstance(value, bool) else "neither true nor false"
        return super()._problem(value)


def _setting(kind: str, default: Any, meaning: str, **allowed: Any) -> Any:
    """A field of a record, with what its :class:`Setting` allows."""
    return field(default=default, metadata={"parameter": Setting(kind, default, meaning, SETTING, **allowed)})


@dataclass(frozen=True)
class StudyRecord(Record):
    """The root keys of a study."""

    seed: int = whole(1, 0, 2**62, "seed of all luck in the study", SETTING)
    replicates: int | Literal["auto"] = _setting(
        "int", 1000, "crises simulated per point", low=1, high=10**8, words=("auto",)
    )
    precision: float | None = _setting(
        "float",
        None,
        "half-width of the widest 95 % interval at which replicates=auto stops",
        low=0.0005,
        high=0.25,
        nullable=True,
    )
    max_replicates: int = whole(20000, 1, 10**8, "most replicates per point that replicates=auto may use", SETTING)
    horizon_days: int = whole(120, 1, 3650, "days simulated", SETTING, unit="days")
    citizens: int = whole(128, 10, 100_000, "citizens in each public", SETTING)
    luck: str = choice(
        "shared",
        ("shared", "own"),
        "shared: a replicate meets the same luck at every point; own: every point has luck of its own",
        SETTING,
    )
    dtype: str = choice("float32", ("float32", "float64"), "precision of the citizens' arithmetic", SETTING)
    trajectories: bool | str = _setting(
        "flag", "auto", "keep daily trajectories (auto: up to 500 points)", words=("auto",)
    )
    records: bool = _setting("flag", False, "read each crisis as the data sets' coders would")
    workers: int | str = _setting(
        "int", "auto", "worker processes (auto: one per core)", low=1, high=4096, words=("auto",)
    )
    on_error: str = choice("continue", ("continue", "stop"), "what to do when a replicate fails", SETTING)
    resume: str | None = _setting("text", None, "directory of the study to complete", nullable=True)
    uncertainty: str = _setting(
        "text",
        "none",
        "draws of uncertain parameters that every point is crossed with: "
        "none or defaults; posterior (the scenario's own) or the NAME of one; posterior:20 or "
        "NAME:20 for the first draws of it",
    )

    @property
    def most_replicates(self) -> int:
        """Replicates per point, or the most of them where ``replicates=auto``."""
        return self.max_replicates if self.replicates == "auto" else int(self.replicates)


@dataclass(frozen=True)
class SearchRecord(Record):
    """The root keys of a search beside its ``search:`` block."""

    budget: int | None = _setting(
        "int", None, "candidates that a search tries (null: as its block says)", low=1, high=10**6, nullable=True
    )


@dataclass(frozen=True)
class BackendRecord(Record):
    """Where the work is done."""

    kind: str = choice("processes", ("processes", "serial", "dask"), "who runs the chunks of a study", SETTING)
    address: str | None = _setting("text", None, "address of a running Dask scheduler", nullable=True)
    cluster: str = choice("none", ("none", "local", "slurm"), "Dask cluster to start", SETTING)
    cores: int = whole(1, 1, 1024, "cores of one job on a cluster", SETTING)
    memory: str = _setting("text", "4GB", "memory of one job on a cluster")
    walltime: str = _setting("text", "01:00:00", "time limit of one job on a cluster")
    queue: str | None = _setting("text", None, "queue or partition of a cluster", nullable=True)
    account: str | None = _setting("text", None, "account that a cluster charges", nullable=True)


def settings_of(record: type) -> dict[str, Parameter]:
    """The parameters of a flat record by name."""
    return {item.name: item.metadata["parameter"] for item in fields(record)}
