"""What a study's README tells to type makes the same study."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments import load, simulate, sweep
from experiments.cli.app import run_command

TINY = {"replicates": 30, "horizon_days": 10, "citizens": 10, "backend": "serial", "trajectories": False}
TYPED = tuple(f"{key}={str(value).lower()}" for key, value in TINY.items())
VARIED = "+varies={government.a.resolve:{dist:lognormal,median:2,sigma:0.1}}"
DESIGN = {"choices": {"mediation": ["none", "facilitation"]}, "grid": {"public.a.propaganda": [0.1, 0.5]}, "title": "x"}
TIED = {
    "latin_hypercube": {"samples": 3, "factors": {"both": {"from": 0.1, "to": 0.9}}},
    "tie": {"both": ["public.a.propaganda", {"path": "public.b.propaganda", "scale": 0.5}]},
}
MANY = {"points": [{"mediation.delay": number, "public.a.propaganda": 0.123456789} for number in range(60)]}


def typed(*words: str) -> Callable[[], object]:
    return lambda: run_command([words[0], *TYPED, *words[1:]])


def extended() -> None:
    assert (
        run_command(
            ["run", *TYPED, "replicates=auto", "precision=0.25", "max_replicates=40", "hydra.run.dir=outputs/S"]
        )
        == 0
    )
    assert run_command(["extend", "outputs/S", "--replicates", "50"]) == 0


MADE = {
    "design from Python": lambda: sweep("talks=hotline", design=DESIGN, seed=7, **TINY),
    "design in place of an experiment's": lambda: sweep(experiment="mediation_onset", design=TIED, **TINY),
    "long design from Python": lambda: sweep(luck="own", design=MANY, **{**TINY, "replicates": 2}),
    "settings from Python": lambda: simulate(VARIED, "mediation.delay=2", mediation="facilitation", seed=3, **TINY),
    "own configuration": typed("run", "--config-dir", "mine", "mediation=own", "trajectories=true"),
    "lists": typed("sweep", "mediation=none,facilitation", "public.a.propaganda=0.1,0.5", VARIED),
    "extended": extended,
}


@pytest.mark.parametrize("case", MADE)
def test_the_told_lines_make_the_same_study(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "mine" / "mediation" / "own.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("label: it's mine\npresent: 1\ndelay: 3\n")
    MADE[case]()
    (made,) = studies(tmp_path)
    told = re.search(r"```(sh|python)\n(.*?)\n```", (made / "README.md").read_text(), re.DOTALL)
    assert told
    if told[1] == "sh":
        words = shlex.split(told[2])
        assert words[0] == "offramp" and run_command(words[1:]) == 0
    else:
        exec(told[2], {})
    (again,) = studies(tmp_path) - {made}
    one, other = load(made), load(again)
    assert one.outcomes.height > 0
    for table in ("design", "outcomes", "trajectories", "paths"):
        assert getattr(one, table).equals(getattr(other, table)), table
    assert case == "extended" or one.manifest["config_hash"] == other.manifest["config_hash"]


def studies(place: Path) -> set[Path]:
    return {path.parent for path in place.glob("outputs/**/manifest.json")}
