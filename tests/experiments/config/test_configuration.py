"""Configurations compose as users expect, and wrong ones end in one line with nothing made."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from experiments.cli.app import run_command
from experiments.config.compose import composer, joined, scenario_of
from experiments.config.overrides import parse_overrides
from experiments.config.schema import ROOT_KEYS, build_schema, known_paths
from experiments.config.settings import StudyRecord, settings_of
from sim.scenario import Scenario, parameters

OFFRAMP = Path(sys.executable).with_name("offramp")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command line in this process, in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> tuple[int, str, str]:
        code = run_command(list(argv))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_schema_holds_every_parameter_with_its_default() -> None:
    schema = OmegaConf.structured(build_schema())
    for path, parameter in {**settings_of(StudyRecord), **parameters()}.items():
        if path != "government.b.luck_slot" and not path.startswith("government.b.label"):
            assert OmegaConf.select(schema, path) == parameter.default
    assert set(schema) == set(ROOT_KEYS)


def test_schema_alone_gives_the_records_own_scenario() -> None:
    tree = OmegaConf.to_container(OmegaConf.structured(build_schema()), resolve=True)
    assert scenario_of(tree) == Scenario()


def test_scenario_chooses_its_own_mediation_and_the_command_line_wins() -> None:
    with composer() as open_composer:
        own = open_composer.compose(["scenario=tovuz_2020"])
        none = open_composer.compose(["mediation=none", "scenario=tovuz_2020"])
    assert own.choices["mediation"] != "none"
    assert own.scenario.mediation.present == 1
    assert none.scenario.mediation.present == 0
    assert none.scenario.government == own.scenario.government


def test_single_values_win_over_groups() -> None:
    with composer() as open_composer:
        made = open_composer.compose(["mediation=facilitation", "mediation.delay=17", "seed=5", "replicates=12"])
    assert made.scenario.mediation.delay == 17
    assert (made.settings.seed, made.settings.replicates) == (5, 12)


def test_what_the_command_line_sets_varies_no_more() -> None:
    with composer() as composing:
        asked = composing.compose(["mediation=population", "mediation.delay=5"])
        drawn = composing.compose(["mediation=population"])
    assert "mediation.delay" in drawn.scenario.varies
    assert asked.scenario.varies == {
        path: spec for path, spec in drawn.scenario.varies.items() if path != "mediation.delay"
    }
    assert asked.scenario.get("mediation.delay") == 5


@pytest.mark.parametrize(
    ("experiment", "text", "lines"),
    [
        ("cover_by_pressure", "design.grid={talks.effort:[0,1]}", ["design.grid", "mediation.cover, pressure"]),
        (
            "cover_by_pressure",
            "design.grid={pressure:[1,2],mediation.cover:{from:0,to:0.5}}",
            ["mediation.cover", "steps"],
        ),
        ("search_mediation", "search.levers={}", ["search.levers={}", "and 7 more"]),
        ("search_mediation", "search.lucks=3", []),
        ("", "design.grid={talks.effort:[0,1]}", []),
    ],
)
def test_a_mapping_that_joins_that_of_a_file_is_said(experiment: str, text: str, lines: list[str]) -> None:
    overrides = parse_overrides([*([f"experiment={experiment}"] if experiment else []), text])
    with composer() as open_composer:
        said = list(joined(open_composer.compose([], overrides), overrides))
    assert len(said) == bool(lines) and all(part in said[0] for part in lines)


def test_own_directory_adds_choices_and_is_read_anew_for_each(tmp_path: Path) -> None:
    (tmp_path / "mediation").mkdir()
    (tmp_path / "mediation" / "mine.yaml").write_text("present: 1\ndelay: 33\n")
    with composer(str(tmp_path)) as open_composer:
        made = open_composer.compose(["mediation=mine"])
        (tmp_path / "mediation" / "mine.yaml").write_text("present: 1\ndelay: 34\n")
        (tmp_path / "mediation" / "new.yaml").write_text("present: 1\ndelay: 35\n")
        later = [open_composer.compose([f"mediation={name}"]) for name in ("mine", "new")]
    assert made.scenario.mediation.delay == 33
    assert [again.scenario.mediation.delay for again in later] == [34, 35]


def test_threads_that_compose_at_the_same_time_wait_for_each_other() -> None:
    begin = threading.Barrier(3)

    def delay(number: int) -> float:
        begin.wait()
        with composer() as open_composer:
            return open_composer.compose([f"mediation.delay={number}"]).scenario.get("mediation.delay")

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(delay, range(3))) == [0, 1, 2]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_number_in_range_is_accepted_and_beyond_is_not(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path, known in known_paths().items() if known.kind == "float"]))
    known = known_paths()[path]
    inside = data.draw(st.floats(known.low, known.high))
    assert known.check(path, inside) == inside
    with pytest.raises(ValueError, match=path.replace(".", r"\.")):
        known.check(path, data.draw(st.sampled_from([known.high + 1, known.low - 1])))


WRONG = {
    "unknown root key": (["citizen=3"], ["citizen", "citizens"]),
    "unknown parameter": (["mediation.dleay=3"], ["mediation.dleay", "mediation.delay"]),
    "unknown deep parameter": (["dyad.combat.letality=1"], ["dyad.combat.lethality"]),
    "last part alone": (["leverage_half_life=3"], ["mediation.leverage_half_life"]),
    "unknown group": (["mediator=none"], ["mediator", "mediation"]),
    "unknown choice": (["mediation=facilitating"], ["mediation=facilitating", "facilitation"]),
    "unknown scenario": (["scenario=tovuz_2021"], ["tovuz_2020"]),
    "unknown experiment": (["experiment=nothing_like_it"], ["experiment=nothing_like_it"]),
    "added key": (["+mediation.charm=1"], ["mediation.charm"]),
    "added root key": (["+extra=1"], ["extra"]),
    "forced key": (["++talks.charm=1"], ["talks.charm"]),
    "words for a number": (["mediation.delay=soon"], ["mediation.delay='soon'", "0 to 450 days"]),
    "number for a word": (["luck=3"], ["luck=3", "shared | own"]),
    "wrong word": (["dyad.venue=sea"], ["dyad.venue='sea'", "border | line_of_contact"]),
    "fraction of a whole": (["citizens=10.5"], ["citizens=10.5", "whole"]),
    "boolean for a number": (["mediation.delay=true"], ["mediation.delay=true"]),
    "number for a boolean": (["records=1"], ["records=1", "true | false"]),
    "list for a number": (["mediation.delay=[1]"], ["mediation.delay=[1]"]),
    "mapping for a number": (["mediation.delay={a:1}"], ["mediation.delay"]),
    "too large": (["mediation.delay=451"], ["mediation.delay=451", "0 to 450 days"]),
    "too small": (["mediation.cover=-0.1"], ["mediation.cover=-0.1", "0 to 1"]),
    "negative count": (["replicates=-5"], ["replicates=-5"]),
    "no replicates": (["replicates=0"], ["replicates=0"]),
    "not a number": (["mediation.cover=nan"], ["mediation.cover=nan", "finite"]),
    "infinite": (["mediation.cover=inf"], ["mediation.cover=inf", "finite"]),
    "inside a mapping": (["mediation.second={delay:900}"], ["mediation.second.delay=900"]),
    "value for a group of keys": (["dyad.combat=3"], ["dyad.combat=3"]),
    "null for a group": (["mediation=null"], ["mediation=null", "mediation=none"]),
    "null for the scenario": (["scenario=null"], ["scenario=null"]),
    "null for a value": (["mediation.delay=null"], ["mediation.delay"]),
    "empty value": (["mediation.delay="], ["mediation.delay"]),
    "deleted group": (["~mediation"], ["~mediation"]),
    "group twice over": (["+mediation=none"], ["+mediation=none"]),
    "list for a group": (["mediation=[none,facilitation]"], ["mediation"]),
    "target": (["+mediation._target_=os.system"], ["mediation._target_", "data"]),
    "target inside a mapping": (["+varies={dyad.venue:{_target_:os.system}}"], ["_target_"]),
    "target at the root": (["+_target_=os.system"], ["_target_"]),
    "varies by single keys": (["varies.mediation.delay=3"], ["varies={mediation.delay:{dist:...}}"]),
    "varies no mapping": (["varies=null"], ["varies=null", "varies={PATH: {dist: ...}}"]),
    "varies over no list": (["varies={mediation.delay:{dist:values,values:3}}"], ["varies.mediation.delay"]),
    "design no mapping": (["design=3"], ["design=3", "design={grid: {PATH: [...]}}"]),
    "design on run, marked by nobody": (["design={grid:{mediation.delay:[0,5]}}"], ["design", "sweep"]),
    "factor by single keys": (["design.grid.mediation.delay=[1]"], ["design.grid={mediation.delay:...}"]),
    "single odds": (["++peak_odds.x=1"], ["peak_odds.x", "ten rows"]),
    "shuffled": (["seed=shuffle(1,2,3)"], ["seed=shuffle(1,2,3)", "chance"]),
    "interpolation": (["mediation.label=${oc.env:HOME}"], ["mediation.label=${oc.env:HOME}", "write the value"]),
    "key of Offramp alone": (["seed"], ["seed: key=value is needed, e.g. seed=VALUE"]),
    "no key": (["=3"], ["=3: key=value is needed; the key is missing"]),
    "null for a flag": (["records=null"], ["records=null", "true | false"]),
    "true for a number": (["seed=true"], ["seed=true", "0 to 4611686018427387904"]),
    "accents": (["scenario=krisé"], ["scenario=krisé", "in quotes: \"scenario='krisé'\""]),
    "missing mark": (["mediation.delay=???"], ["mediation.delay='???'"]),
    "missing text": (["mediation.label=???"], ["mediation.label=???", "missing"]),
    "empty directory": (["hydra.run.dir="], ["hydra.run.dir=", "a directory is needed"]),
    "no directory": (["hydra.run.dir=null"], ["hydra.run.dir=null", "a directory is needed"]),
    "list of directories": (["hydra.run.dir=[a]"], ["hydra.run.dir=[a]", "a directory is needed"]),
    "interpolated directory": (["hydra.run.dir=${oc.env:HOME}/x"], ["hydra.run.dir=${oc.env:HOME}/x"]),
    "interpolated directory in quotes": (["hydra.run.dir='${now:%Y}'"], ["hydra.run.dir='${now:%Y}'"]),
    "backslash in a directory": (["hydra.run.dir='a\\\\b'"], ["hydra.run.dir='a\\\\b'", "backslash"]),
    "directory of several": (["hydra.sweep.dir=x"], ["hydra.sweep.dir=x", "-m"]),
    "directory of one": (["-m", "hydra.run.dir=x"], ["hydra.run.dir=x", "hydra.sweep.dir"]),
    "package": (["--package", "x"], ["--package"]),
    "empty directory of configurations": (["--config-dir", ""], ["--config-dir: a directory is needed"]),
    "one and several": (["--multirun", "--run"], ["--run", "--multirun"]),
    "hydra key": (["hydra.output_subdir=x"], ["hydra.output_subdir", "hydra.run.dir"]),
    "hydra group": (["hydra/launcher=basic"], ["hydra/launcher"]),
    "hydra search path": (["hydra.searchpath=[file:///tmp]"], ["hydra.searchpath"]),
    "hydra callback": (["+hydra.callbacks.x._target_=os.system"], ["hydra.callbacks"]),
    "garbled": (["mediation.delay=["], ["mediation.delay=["]),
    "no equals sign": (["mediation"], ["mediation", "key=value"]),
    "automatic without precision": (["replicates=auto"], ["replicates=auto", "precision"]),
    "precision without automatic": (["precision=0.01"], ["precision=0.01", "replicates"]),
    "serial with workers": (["backend=serial", "workers=4"], ["workers=4", "serial"]),
    "cluster without dask": (["backend.cluster=slurm"], ["backend=processes"]),
    "address and cluster": (
        ["backend=dask", "backend.address='tcp://127.0.0.1:1'", "backend.cluster=local"],
        ["backend.cluster=local"],
    ),
    "list on run": (["mediation=none,facilitation"], ["mediation=none,facilitation", "sweep"]),
    "range on run": (["mediation.delay=range(0,9)"], ["sweep"]),
    "interval": (["mediation.delay=interval(0,9)"], ["interval"]),
    "unknown posterior": (["uncertainty=nobody"], ["uncertainty=nobody", "none"]),
    "varies nothing known": (["+varies={mediation.dleay:{dist:normal,mean:1,sd:1}}"], ["mediation.dleay"]),
    "varies in no known way": (["+varies={mediation.delay:{dist:guess}}"], ["varies.mediation.delay", "lognormal"]),
    "varies out of range": (["+varies={mediation.delay:{dist:values,values:[1,900]}}"], ["varies.mediation.delay=900"]),
    "range of nothing": (["-m", "mediation.delay=range(1,1)"], ["mediation.delay=range(1,1): contains no values"]),
    "varies beyond the range": (
        ["varies={mediation.effort:{dist:normal,mean:40,sd:5}}"],
        ["varies.mediation.effort: its median, 40, is out of range", "0 to 1"],
    ),
    "varies and does not": (
        ["mediation.delay=3", "varies={mediation.delay:{dist:uniform,low:0,high:9}}"],
        ["mediation.delay=3", "leave one of them out"],
    ),
    "limit without auto": (["replicates=30", "max_replicates=20"], ["max_replicates=20", "replicates=auto"]),
    "design on run": (["+design.grid={mediation.delay:[0,5]}"], ["design", "sweep"]),
    "unknown option": (["--frobnicate"], ["--frobnicate"]),
    "showing several jobs": (["-m", "--cfg", "job"], ["--cfg"]),
    "resolving nothing": (["--resolve"], ["--resolve"]),
    "estimating what is there": (["--dry-run", "resume=x"], ["resume=x", "--dry-run"]),
    "help on a wrong key": (["--help", "mediation.dleay=3"], ["mediation.delay"]),
    "other configuration": (["--config-name=other"], ["--config-name"]),
    "other place": (["--config-path=/tmp"], ["--config-path"]),
    "pickled job": (["--experimental-rerun=job.pickle"], ["--experimental-rerun"]),
    "missing directory of configurations": (["--config-dir", "nowhere"], ["nowhere"]),
    "study that is none": (["resume=nowhere"], ["nowhere"]),
    "taken output": (["hydra.run.dir=/etc"], ["/etc"]),
    "output below a file": (["hydra.run.dir=/etc/hostname/x"], ["/etc/hostname"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_configuration_is_one_line_and_makes_nothing(case: str, call: Call, tmp_path: Path) -> None:
    argv, expected = WRONG[case]
    code, out, err = call("run", *argv)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for text in expected:
        assert text in err
    assert list(tmp_path.iterdir()) == []


WRONG_DESIGNS = {
    "nothing to vary": ([], ["nothing to vary"]),
    "unknown factor": (["+design.grid={mediation.dleay:[1,2]}"], ["design.grid.mediation.dleay", "mediation.delay"]),
    "factor out of range": (["mediation.delay=0,500"], ["mediation.delay=500", "450 days"]),
    "factor in range but not its end": (["+design.grid={mediation.delay:{from:0,to:500,steps:3}}"], ["500"]),
    "unknown part": (["+design.girds={}"], ["design.girds"]),
    "grid no mapping": (["design.grid=3"], ["design.grid=3", "{PATH: [VALUE, ...]}"]),
    "single factors no mapping": (["design.one_at_a_time=3"], ["design.one_at_a_time=3", "a mapping"]),
    "choices no mapping": (["design.choices=[a]"], ["design.choices=[a]", "a mapping"]),
    "tie no mapping": (["design.tie=3", "design.grid={x:[1]}"], ["design.tie=3", "a mapping"]),
    "tie by words": (
        ["design.tie={x:[{path:mediation.cover,scale:big}]}", "design.grid={x:[1]}"],
        ["design.tie.x.scale=big", "finite number"],
    ),
    "tie without values": (["design.tie={x:[mediation.cover]}", "mediation.delay=0,5"], ["design.tie.x", "values"]),
    "tie called as a column": (
        ["design.tie={luck:[mediation.cover]}", "design.grid={luck:[0,1]}"],
        ["design.tie.luck", "another name"],
    ),
    "tie to a list": (["design.tie={x:[{path:[1]}]}", "design.grid={x:[1]}"], ["design.tie.x"]),
    "sample no mapping": (["design.sobol=3"], ["design.sobol=3", "samples"]),
    "sample over nothing": (["design.sobol={samples:4,factors:3}"], ["design.sobol", "factors"]),
    "groups no mapping": (
        ["design.saltelli={samples:4,factors:{mediation.cover:full},groups:3}"],
        ["design.saltelli.groups=3"],
    ),
    "group no list": (
        ["design.saltelli={samples:4,factors:{mediation.cover:full},groups:{x:3}}"],
        ["design.saltelli.groups.x=3"],
    ),
    "scale no word": (["design.grid={mediation.delay:{from:1,to:2,steps:2,scale:[1]}}"], ["scale=[1]", "linear"]),
    "words for steps": (["design.grid={mediation.delay:{from:1,to:2,steps:a}}"], ["steps=a"]),
    "steps left out": (["design.grid={mediation.delay:{from:1,to:2}}"], ["steps=null"]),
    "points no list": (["design.points=3"], ["design.points", "list of mappings"]),
    "key that is a number": (["design.grid={3:[1]}"], ["design.grid={3:[1]}", "a mapping"]),
    "row that is empty": (["design.points=[{}]"], ["design.points"]),
    "name that is a list": (["design.points=[{name:[1],mediation.delay:1}]"], ["design.points.0.name"]),
    "values that are lists": (["design.grid={mediation.delay:[[1]]}"], ["design.grid.mediation.delay=[1]"]),
    "nothing in it": (["design.grid={}"], ["design.grid={}", "a mapping"]),
    "part that is null": (["design.grid=null", "design.points=[{mediation.delay:1}]"], ["design.grid=null"]),
    "unknown choice": (["mediation=none,facilitating"], ["mediation=facilitating"]),
    "factor that is fixed": (["mediation.delay=3", "+design.grid={mediation.delay:[1]}"], ["mediation.delay=3"]),
    "setting as a factor": (["seed=1,2"], ["seed=1,2", "-m"]),
    "few replicates with shared luck": (["mediation.delay=0,5", "replicates=10"], ["luck=own", "30"]),
    "samples no power of two": (["+design.sobol={samples:12,factors:{mediation.cover:full}}"], ["12", "16"]),
    "tie to nothing": (["+design.tie={x:[mediation.dleay]}", "+design.grid={x:[1,2]}"], ["mediation.dleay"]),
    "tie out of range": (
        ["+design.tie={x:[{path:mediation.cover,scale:3}]}", "+design.grid={x:[0.1,0.5]}"],
        ["mediation.cover=1.5"],
    ),
    "empty list": (["+design.grid={mediation.delay:[]}"], ["design.grid.mediation.delay"]),
    "two experiments": (["experiment=a,b"], ["experiment=a,b"]),
    "huge": (
        ["+design.grid={mediation.delay:{from:0,to:1,steps:9000},mediation.cover:{from:0,to:1,steps:9000}}"],
        ["81,000,000 points"],
    ),
}


@pytest.mark.parametrize("case", WRONG_DESIGNS)
def test_wrong_design_is_one_line_and_makes_nothing(case: str, call: Call, tmp_path: Path) -> None:
    argv, expected = WRONG_DESIGNS[case]
    code, out, err = call("sweep", *argv)
    assert (code, out, err.count("\n")) == (2, "", 1)
    for text in expected:
        assert text in err
    assert list(tmp_path.iterdir()) == []


def _with(name: str, text: str) -> Callable[[Path], None]:
    def make(place: Path) -> None:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)

    return make


def _global(text: str) -> Callable[[Path], None]:
    return _with("mediation/mine.yaml", f"# @package _global_\n{text}\n")


BAD_FILES = {
    "code": (_with("mediation/mine.py", "print(1)"), "mediation/mine.py"),
    "code at the top": (_with("setup.py", "print(1)"), "setup.py"),
    "plugin": (_with("hydra_plugins/x.py", "print(1)"), "hydra_plugins"),
    "hydra settings": (_with("hydra/launcher/mine.yaml", "_target_: os.system"), "hydra"),
    "shadow": (_with("mediation/none.yaml", "present: 1"), "mediation/none.yaml"),
    "target": (_with("mediation/mine.yaml", "present: 1\n_target_: os.system\n"), "_target_"),
    "unknown key": (_with("mediation/mine.yaml", "charm: 1\n"), "mediation.charm"),
    "wrong type": (_with("mediation/mine.yaml", "delay: soon\n"), "mediation.delay=soon"),
    "out of range": (_with("mediation/mine.yaml", "delay: 500\n"), "mediation.delay=500"),
    "not a number": (_with("mediation/mine.yaml", "delay: .nan\n"), "mediation.delay=nan"),
    "null": (_with("mediation/mine.yaml", "delay: null\n"), "mediation.delay"),
    "no mapping": (_with("mediation/mine.yaml", "- 1\n- 2\n"), "mine"),
    "no YAML": (_with("mediation/mine.yaml", "delay: [1\n"), "mine"),
    "python object": (_with("mediation/mine.yaml", "label: !!python/object/apply:os.getcwd []\n"), "python"),
    "hydra key": (_with("mediation/mine.yaml", "# @package _global_\nhydra: {verbose: true}\n"), "hydra.verbose"),
    "hook": (
        _with("mediation/mine.yaml", "# @package _global_\nhydra: {callbacks: {x: {_target_: os.system}}}\n"),
        "hydra.callbacks",
    ),
    "environment": (_global("hydra: {job: {env_set: {A: b}}}"), "mediation/mine.yaml sets hydra.job"),
    "working directory": (_global("hydra: {job: {chdir: true}}"), "hydra.job"),
    "subdirectory": (_global("hydra: {sweep: {subdir: x}}"), "hydra.sweep"),
    "place of runs": (_global("hydra: {run: {dir: x}}"), "hydra.run"),
    "help": (_global("hydra: {help: {template: x}}"), "hydra.help"),
    "dotted hydra key": (_global("hydra.job.chdir: true"), "hydra.job.chdir"),
    "logging": (_global("defaults: [override /hydra/job_logging: default]"), "hydra/job_logging"),
    "package of hydra": (_with("mediation/mine.yaml", "# @package hydra.job\nchdir: true\n"), "hydra.job"),
    "placed in hydra": (_with("mediation/mine.yaml", "defaults: ['/talks@hydra.job: none']\n"), "hydra.job"),
    "schema": (_with("schema.yaml", "seed: 2"), "schema.yaml has the name of a file of Offramp's own"),
    "root": (_with("config.yaml", "seed: 2"), "config.yaml has the name of a file of Offramp's own"),
    "interpolation": (_with("mediation/mine.yaml", "label: ${oc.env:HOME}\n"), "mine.yaml: label: ${oc.env:HOME}"),
    "missing value": (_with("mediation/mine.yaml", "present: ???\n"), "mine.yaml: present=???: a value is missing"),
    "empty": (_with("mediation/mine.yaml", "# nothing\n"), "mediation/mine.yaml is empty"),
    "references to references": (
        _with(
            "mediation/mine.yaml",
            "\n".join(
                ["a: &a [x]", *(f"{two}: &{two} [{', '.join([f'*{one}'] * 10)}]" for one, two in pairwise("abcdefgh"))]
            ),
        ),
        "mine.yaml holds more than 1,000,000 values",
    ),
    "pipe": (
        lambda place: ((place / "mediation").mkdir(parents=True), os.mkfifo(place / "mediation" / "mine.yaml"))[0],
        "mediation/mine.yaml is no plain file",
    ),
    "other encoding": (
        lambda place: (
            _with("mediation/mine.yaml", "")(place),
            (place / "mediation/mine.yaml").write_bytes(b"label: kris\xe9\n"),
        )[0],
        "mediation/mine.yaml is not UTF-8 text",
    ),
    "itself": (_with("mediation/mine.yaml", "defaults: [mine]\npresent: 1\n"), "through its defaults list"),
    "list": (_with("mediation/mine.yaml", "- present\n"), "mediation/mine.yaml is a list; it must hold KEY: VALUE"),
    "one value": (_with("mediation/mine.yaml", "3\n"), "mediation/mine.yaml is one value; it must hold KEY: VALUE"),
    "one another": (
        lambda place: [
            _with(f"mediation/{name}.yaml", f"defaults: [{other}]\n")(place)
            for name, other in (("mine", "other"), ("other", "mine"))
        ][0],
        "through its defaults list",
    ),
    "choice for the whole": (
        _global("defaults: [override /talks: hotline]"),
        "mine.yaml: override /talks would be ignored; only a scenario, an experiment or the",
    ),
    "placed choice": (
        _with("mediation/mine.yaml", "defaults: [override /talks@_global_.talks: hotline]\npresent: 1\n"),
        "override /talks@_global_.talks would be ignored",
    ),
    "missing choice": (_with("mediation/mine.yaml", "defaults: [nothing_there]\npresent: 1\n"), "nothing_there"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file_in_a_config_dir_is_one_line_and_runs_nothing(case: str, call: Call, tmp_path: Path) -> None:
    make, expected = BAD_FILES[case]
    make(tmp_path / "mine")
    choice = "mine" if (tmp_path / "mine" / "mediation" / "mine.yaml").exists() else "none"
    code, out, err = call("run", "--config-dir", "mine", f"mediation={choice}", "replicates=1")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert expected in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_scenario_that_chooses_nothing(call: Call, tmp_path: Path) -> None:
    _with("scenario/mine.yaml", "# @package _global_\ndefaults: [override /mediation: null]\n")(tmp_path / "mine")
    code, _, err = call("run", "--config-dir", "mine", "scenario=mine")
    assert (code, err.count("\n")) == (2, 1)
    assert "mediation=null" in err and "write mediation=none" in err


def test_scenario_that_is_not_global(call: Call, tmp_path: Path) -> None:
    _with("scenario/mine.yaml", "title: Krisé\nbogus: 1\n")(tmp_path / "mine")
    code, _, err = call("run", "--config-dir", "mine", "scenario=mine")
    assert (code, err.count("\n")) == (2, 1)
    assert "in scenario/mine.yaml: a file of the group scenario begins with the line # @package _global_" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can read everything")
def test_unreadable_config_dir(call: Call, tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir(mode=0o000)
    code, _, err = call("run", "--config-dir", "mine")
    assert (code, err.count("\n")) == (2, 1)


def test_multirun_checks_every_job_first(call: Call, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    assert call("run", "-m", "mediation=none,facilitation", "hydra.sweep.dir=taken")[0] == 2
    code, _, err = call("run", "-m", "mediation=none,facilitation", "mediation.delay=1,900")
    assert (code, err.count("\n")) == (2, 1)
    assert "mediation.delay=900" in err
    assert [path.name for path in tmp_path.rglob("*")] == ["taken", "file"]


@pytest.mark.parametrize(
    "argv", [["run", "mediation.dleay=3"], ["sweep", "mediation.delay=0,999"], ["run", "hydra.verbose=true"]]
)
def test_the_real_command_says_the_same(argv: list[str], tmp_path: Path) -> None:
    done = subprocess.run([OFFRAMP, *argv], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("offramp: ")
    assert list(tmp_path.iterdir()) == []
