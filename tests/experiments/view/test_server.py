"""Odd requests to the server of the page: each is answered in one line, none with a trace."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("starlette")

from experiments.errors import UserError
from experiments.view.answers import Answer, lanes_frame
from experiments.view.request import ARMS, read
from experiments.view.server import Server
from experiments.view.studies import Studies
from experiments.view.worker import Generations, lanes_of
from tests.support.studies import make_study

PORT = 8350
ASKED = {
    "scenario": "tovuz_2020",
    "held": {"mediation": "none", "talks": "none"},
    "moved": {"mediation": "russia_2020", "talks": "none"},
    "horizon_days": 20,
    "citizens": 16,
}


class Desk:
    """Works in this process, at once."""

    def __init__(self, directory: Path) -> None:
        self.generations = Generations.create(directory / "numbers")
        self.free = [0]

    def take_slot(self) -> int:
        return self.free.pop()

    def give_back(self, slot: int) -> None:
        self.free.append(slot)

    async def do(self, _: int, work: Any, *arguments: Any, key: Any = None) -> Any:
        return work(*arguments)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("studies") / "vier Ärme 四 '1'"
    return make_study(place, "citizens=16", "replicates=12", "horizon_days=20").directory


@pytest.fixture(scope="module")
def server(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return Server(Desk(tmp_path_factory.mktemp("desk")), PORT, [study])


def answered(server: Server, path: str, method: str = "GET", **parameters: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": urlencode(parameters).encode(),
        "headers": [(b"host", f"127.0.0.1:{PORT}".encode())],
    }
    asyncio.run(server.app(scope, receive, send))  # raises where the server would print a trace
    headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def asked(**more: Any) -> str:
    return json.dumps({**ASKED, **more})


@pytest.mark.parametrize(
    "path, parameters",
    [
        ("/base", {"scenario": "nowhere"}),
        ("/base", {"scenario": "../../etc/passwd"}),
        ("/base", {"scenario": "tovuz_2020,april_2016"}),
        ("/base", {"scenario": "tovuz_2020", "mediation": "{a: 1}"}),
        ("/base", {"scenario": "\N{DRAGON}"}),
        ("/base", {"scenario": "x" * 5_000}),
        ("/study", {}),
        ("/study", {"place": "/etc"}),
        ("/study", {"place": "nowhere\x1b[31m\n"}),
        ("/study/severity.svg", {"place": "/etc"}),
        ("/figure/severity.svg", {}),
        ("/figure/severity.svg", {"asked": "[" * 100_000, "replicates": "3"}),
        ("/figure/severity.svg", {"asked": "{", "replicates": "3"}),
        ("/figure/severity.svg", {"asked": "[]", "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(), "replicates": "1e9"}),
        ("/figure/severity.svg", {"asked": asked(), "replicates": "9" * 5_000}),
        ("/figure/severity.svg", {"asked": asked(), "replicates": "-1"}),
        ("/figure/severity.svg", {"asked": asked(seed=-1), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(seed=1.5), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(seed="9007199254740993"), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(seed=float("nan")), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(horizon_days=None), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(citizens=True), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(scenario="\ud800"), "replicates": "3"}),
        ("/figure/severity.svg", {"asked": asked(moved={"mediation": "nobody", "talks": "none"}), "replicates": "3"}),
        ("/figure/nothing.svg", {"asked": asked(), "replicates": "2"}),
        ("/figure/nothing.csv", {"asked": asked(), "replicates": "2"}),
        ("/figure/severity.exe", {"asked": asked(), "replicates": "2"}),
    ],
)
def test_what_cannot_be_answered_is_one_line(server, path, parameters):
    status, _, body = answered(server, path, **parameters)
    assert status == 400
    assert body.count(b"\n") == 1 and b"\x1b" not in body and b"Traceback" not in body


@pytest.mark.parametrize(
    "path, method, status",
    [("/nowhere", "GET", 404), ("/page/server.py", "GET", 404), ("/page/../server.py", "GET", 404), ("/", "POST", 405)],
)
def test_pages_that_are_not_there(server, path, method, status):
    assert answered(server, path, method)[0] == status


@pytest.mark.parametrize(
    "wrong",
    [{"where": "1 +"}, {"where": "nothing > 3"}, {"where": "deaths_a > 'x'"}, {"where": "deaths_a < 0"}, {"by": "x"}],
)
def test_wrong_filters_of_a_study_are_one_line(server, study, wrong):
    status, _, body = answered(server, "/study", place=str(study), **wrong)
    assert status == 400 and body.count(b"\n") == 1, body


def test_every_figure_of_an_answer_is_saved_as_picture_and_table(server):
    made = read(ASKED)
    points, stop = server.scenarios.points(made), (server.desk.generations.path, 0, server.desk.generations[0])
    lanes = {name: lanes_frame([lanes_of(points, at, 0, 5, made.settings, stop)]) for at, name in enumerate(ARMS)}
    for name in [*Answer(lanes, made.horizon_days).document()["figures"], "comparison"]:
        status, headers, body = answered(server, f"/figure/{name}.csv", asked=asked(), replicates="5")
        assert status == 200 and body.count(b"\n") > 2, name
        assert headers["content-disposition"].endswith(f"offramp_{name}.csv")
    for kind, begins in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        status, _, body = answered(server, f"/figure/heavy.{kind}", asked=asked(), replicates="1")
        assert status == 200 and body.startswith(begins)


def test_a_study_with_an_odd_name_is_shown_and_saved(server, study):
    status, _, body = answered(server, "/study", place=str(study))
    assert status == 200
    for name in json.loads(body)["figures"]:
        assert answered(server, f"/study/{name}.csv", place=str(study))[0] == 200


@pytest.mark.parametrize("kept", ["", "manifest.json"])
def test_a_study_deleted_while_it_is_open_is_one_line(study, tmp_path, kept):
    place = tmp_path / "gone"
    shutil.copytree(study, place)
    studies = Studies([place])
    for inside in sorted(place.rglob("*"), reverse=True):
        if inside.name != kept:
            inside.unlink() if inside.is_file() else inside.rmdir()
    for use in (studies.document, studies.comparison, lambda where: studies.crisis(where, 0, 0)):
        with pytest.raises(UserError) as caught:
            use(str(place))
        assert "\n" not in str(caught.value)


def test_claims_and_fronts_deleted_while_open_are_one_line(tmp_path):
    claims, front = tmp_path / "claims", tmp_path / "front"
    for place, name in ((claims, "P1.json"), (front, "front.parquet")):
        place.mkdir()
        (place / name).write_text("{}")
    studies = Studies([claims, front])
    for place in (claims, front):
        with pytest.raises(UserError, match="cannot be read"):
            studies.document(str(place))
        shutil.rmtree(place)
        with pytest.raises(UserError, match="holds no claims|cannot be read"):
            studies.document(str(place))
