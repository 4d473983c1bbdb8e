"""A finished study describes itself to other tools as a Process Run Crate."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from experiments.cli.app import run_command
from experiments.study.description import CRATE, PROFILE
from experiments.study.description import CRATE_FILE as NAME
from experiments.study.directory import Study

TINY = ("citizens=10", "horizon_days=10", "backend=serial", "replicates=30", "trajectories=true", "records=true")


def entities(place: Path) -> dict[str, dict[str, Any]]:
    """The entities of a crate by their names, each of which must be used once."""
    crate = json.loads((place / NAME).read_text(encoding="utf-8"))
    assert crate["@context"] == f"{CRATE}/context"
    found = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(found) == len(crate["@graph"])
    return found


def names(reference: Any) -> list[str]:
    """What a property refers to."""
    return [one["@id"] for one in (reference if isinstance(reference, list) else [reference])]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("crate") / "it is"
    assert run_command(["run", *TINY, f"hydra.run.dir='{place}'"]) == 0
    return place


def test_the_crate_has_what_its_profile_requires(finished: Path) -> None:
    found = entities(finished)
    assert found[NAME] == {"@id": NAME, "@type": "CreativeWork", "conformsTo": {"@id": CRATE}, "about": {"@id": "./"}}
    root = found["./"]
    assert root["@type"] == "Dataset" and root["name"] and root["description"]
    assert datetime.fromisoformat(root["datePublished"]).utcoffset() is not None
    assert found[root["license"]["@id"]]["name"] and found[root["license"]["@id"]]["description"]
    assert root["conformsTo"] == {"@id": PROFILE} and found[PROFILE]["@type"] == "CreativeWork"
    action = found[root["mentions"]["@id"]]
    assert action["@type"] == "CreateAction" and action["description"].startswith("offramp run ")
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    start, end = (datetime.fromisoformat(action[name]) for name in ("startTime", "endTime"))
    assert start.utcoffset() is not None and start <= end
    tool = found[action["instrument"]["@id"]]
    assert tool["@type"] == "SoftwareApplication" and tool["softwareVersion"] and "version" not in tool
    assert found[action["agent"]["@id"]]["@type"] == "Person"
    assert names(action["object"]) == ["config.yaml", "design.parquet"]
    tables = {"outcomes/", "records/", "mie/", "trajectories/", "paths/", "failures.parquet"}
    assert set(names(action["result"])) == tables


def test_every_reference_leads_somewhere_and_every_file_is_there(finished: Path) -> None:
    found = entities(finished)
    for entity in found.values():
        for value in entity.values():
            for reference in value if isinstance(value, list) else [value]:
                if isinstance(reference, dict):
                    assert reference["@id"] in found or reference["@id"] == CRATE
    listed = {unquote(name) for name, entity in found.items() if entity["@type"] == "File"}
    assert listed == {path.relative_to(finished).as_posix() for path in finished.rglob("*") if path.is_file()} - {NAME}
    assert all(found[name]["encodingFormat"] and found[name]["description"] for name in listed)
    held = set(names(found["./"]["hasPart"]))
    inside = {part for name in held if found[name]["@type"] == "Dataset" for part in names(found[name]["hasPart"])}
    assert listed <= held | inside


def test_a_crate_is_there_for_a_finished_study_alone_and_tells_of_it(tmp_path: Path) -> None:
    place = tmp_path / "S"
    assert (
        run_command(
            ["run", "citizens=10", "horizon_days=10", "backend=serial", "replicates=30", f"hydra.run.dir={place}"]
        )
        == 0
    )
    first = (place / NAME).read_text()
    assert run_command(["extend", str(place), "--replicates", "40"]) == 0
    again = (place / NAME).read_text()
    assert "1 x 30" in first and "1 x 40" in again and "part-000001.parquet" in again
    (place / NAME).unlink()
    assert run_command(["run", f"resume={place}"]) == 0
    assert (place / NAME).read_text() == again
    (place / "outcomes" / "part-000000.parquet").write_bytes(b"half a file")
    assert run_command(["run", f"resume={place}"]) == 0
    assert entities(place)["./"]["datePublished"] == Study.open(place).manifest["finished"]
