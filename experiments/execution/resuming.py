"""Completing a study that was interrupted, and adding replicates to one that is finished."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.config.compose import Composer
from experiments.config.overrides import Override, parse_overrides
from experiments.config.schema import known_paths
from experiments.errors import UserError
from experiments.execution.scheduler import ExecutionOptions
from experiments.study.directory import FINISHED, MAY_DIFFER, NEEDED_TO_GO_ON, RUNNING, Study, anew
from experiments.study.identity import current_time, machine, machines_of, model_fingerprint, require_model, unlike
from experiments.study.integrity import LEFT_OVER, find_faults
from experiments.study.location import study_lock
from experiments.study.parts import part_path
from sim import __version__


def prepare_resumption(
    directory: str, overrides: Sequence[Override], composer: Composer, verbose: bool
) -> tuple[Study, ExecutionOptions]:
    """A study to be completed, and how to run it; refuses everything that would make it another study.

    Parameters
    ----------
    directory : str
    overrides : sequence of Override
        Only ``workers``, ``backend`` and ``on_error`` may differ from what the study was begun with; what is not
        given is taken from the study.
    composer : Composer
    verbose : bool

    Raises
    ------
    UserError
        Where there is no such study, it is damaged or was made with another model, or something else differs.
    """
    study = Study.open(Path(directory))
    check_version(study)
    free = [override for override in overrides if _may_differ(override)]
    fixed = [override for override in overrides if not _may_differ(override)]
    if fixed:
        _refuse_difference(study, fixed, composer)
    typed = [override for override in free if override.key != "resume"]
    configuration = composer.compose([], typed) if typed else study
    changed = {override.key.split(".")[0] for override in typed}
    options = ExecutionOptions(
        workers=(configuration if "workers" in changed else study).settings.workers,
        backend=(configuration if "backend" in changed else study).backend,
        on_error=(configuration if "on_error" in changed else study).settings.on_error,
        verbose=verbose,
    )
    with study_lock(study.directory):
        study.reread()
        note_machine(study)
        repair(study)
    return study, options


def repair(study: Study) -> None:
    """Delete files that are damaged or left over, and the outcomes of chunks that lost files, to be simulated again.

    The study must be locked, see :func:`experiments.study.location.study_lock`.
    """
    faults = find_faults(study)
    for path, fault in faults.items():
        print(f"{path}: {fault}, {'deleted' if fault == LEFT_OVER else 'will be simulated again'}", file=sys.stderr)
    for path, fault in faults.items():
        path.unlink(missing_ok=True)
        if fault != LEFT_OVER and (path.parent.name != "trajectories" or path.suffix != ".parquet"):
            chunk = int(path.stem.rpartition("-")[2])
            part_path(study.directory, "outcomes", chunk).unlink(missing_ok=True)
    if faults:
        study.update(state=RUNNING)


def check_version(study: Study) -> None:
    """UserError for a study that another version or another model made: its lanes might not be comparable."""
    study.require(NEEDED_TO_GO_ON)
    version = study.manifest["offramp"]
    if version != __version__:
        raise UserError(f"{study.directory}: made with Offramp {version}, but this is {__version__}")
    study.settings  # noqa: B018  (says it where a file is damaged)
    if study.manifest.get("contents_hash") not in (None, study.contents_hash()):
        raise UserError(
            f"{study.directory}: config.yaml, design.parquet or manifest.json was changed since the study "
            f"was begun; restore it, or {anew(study.manifest)}"
        )
    if "model" in study.manifest:
        require_model(study.directory, study.manifest["model"], f"continue with that one, or {anew(study.manifest)}")


def note_machine(study: Study) -> None:
    """Print and record in the manifest in what this machine differs from the one a study was begun on.

    The study must be locked, see :func:`experiments.study.location.study_lock`.
    """
    before, here = machines_of(study.manifest)[-1], {"model": model_fingerprint(), **machine()}
    notes = []
    if "model" not in before:
        notes.append(f"does not name the model it was begun with; continued with {here['model']}")
    if changes := unlike([before, here]):
        notes.append(f"begun and continued with {'; '.join(changes)}: last digits may differ")
    for note in notes:
        print(f"{study.directory}: {note}", file=sys.stderr)
    if notes:
        study.update(continued=[*study.manifest.get("continued", []), {"time": current_time(), **here}])


def prepare_extension(directory: Path, replicates: int) -> Study:
    """A finished study with more replicates planned; what is there stays as it is.

    Raises
    ------
    UserError, ParameterError
        Where it is not finished, is damaged, was made with another model, or has as many replicates already.
    """
    study = Study.open(directory)
    known_paths()["replicates"].check("--replicates", replicates)
    check_version(study)
    with study_lock(directory):
        study.reread()
        if study.manifest["state"] != FINISHED:
            raise UserError(f"{directory}: not finished yet; complete it first with {study.resumption}")
        done = study.blocks[-1][1]
        if replicates <= done:
            raise UserError(f"--replicates {replicates}: the study has {done} replicates already; ask for more")
        for path, fault in find_faults(study).items():
            raise UserError(f"{path}: {fault}; complete the study first with {study.resumption}")
        note_machine(study)
        study.update(blocks=[*study.manifest["blocks"], [done, replicates]], extended=replicates, state=RUNNING)
        study.write_readme()
    return study


def _may_differ(override: Override) -> bool:
    return override.key.split(".")[0] in MAY_DIFFER or override.is_hydra


def _refuse_difference(study: Study, fixed: Sequence[Override], composer: Composer) -> None:
    """UserError naming the first setting in which overrides would make another study."""
    made_with = study.manifest["overrides"]
    extra = [override for override in fixed if override.text not in made_with]
    if study.manifest["config_dir"] and composer.config_dir is None:
        if extra:
            raise UserError(
                f"{extra[0].text}: cannot be compared with the study, whose --config-dir "
                f"{study.manifest['config_dir']} is gone or damaged; leave it out"
            )
        return
    replaced = {override.key for override in fixed if not override.key.startswith("design.")}
    others = [override for override in parse_overrides(made_with) if override.key not in replaced]
    same = [override for override in fixed if override.text in made_with and override.key in replaced]
    configuration = composer.compose([], [*others, *same, *extra])
    choices = {group: name for group, name in study.manifest["choices"].items() if group != "backend"}
    for path, before, now in [
        *differences(choices, {group: configuration.choices.get(group) for group in choices}),
        *differences(study.tree, configuration.tree),
    ]:
        if path.split(".")[0] not in MAY_DIFFER:
            raise UserError(
                f"resume={study.directory}: {path} is {before} in the study, but {now} was asked for; only "
                f"workers, backend and on_error may differ"
            )


def differences(before: Any, now: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The dotted paths at which two trees differ, with the value in each."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in [*before, *(name for name in now if name not in before)]:
            yield from differences(before.get(name), now.get(name), f"{path}.{name}".lstrip("."))
    elif before != now:
        yield path, before, now
