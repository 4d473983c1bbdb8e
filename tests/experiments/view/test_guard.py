"""Other hosts, origins and sites are refused, on every path and for connections, too."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("starlette")
from starlette.responses import PlainTextResponse

from experiments.view.guard import Guard, refusal

HERE = {"host": "127.0.0.1:8350"}


@pytest.mark.parametrize(
    "headers, path, websocket, refused",
    [
        (HERE, "/", False, False),
        ({**HERE, "sec-fetch-site": "none"}, "/", False, False),
        ({**HERE, "origin": "http://127.0.0.1:8350", "sec-fetch-site": "same-origin"}, "/tab", True, False),
        ({"host": "localhost:8350"}, "/", False, True),
        ({"host": "evil.example"}, "/", False, True),
        ({"host": "127.0.0.1:8351"}, "/", False, True),
        ({}, "/", False, True),
        ({**HERE, "origin": "http://evil.example"}, "/about", False, True),
        ({**HERE, "origin": "null"}, "/about", False, True),
        ({**HERE, "origin": "http://127.0.0.1:9000"}, "/tab", True, True),
        (HERE, "/tab", True, True),
        ({**HERE, "sec-fetch-site": "cross-site"}, "/about", False, True),
        ({**HERE, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, "/", False, True),
        (
            {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
            "/",
            False,
            False,
        ),
        (
            {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
            "/",
            False,
            True,
        ),
        (
            {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
            "/about",
            False,
            True,
        ),
    ],
)
def test_who_is_refused(headers, path, websocket, refused):
    assert bool(refusal(headers, path, 8350, websocket)) == refused


def answered(kind: str, headers: dict[str, str]) -> list[dict]:
    """The messages an application behind the guard sends."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": f"{kind}.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": "GET", "path": "/about", "headers": raw}
    asyncio.run(Guard(PlainTextResponse("inside"), 8350)(scope, receive, send))
    return sent


def test_refusals_are_403_and_close_connections():
    assert answered("http", {"host": "evil.example"})[0]["status"] == 403
    assert answered("websocket", {"host": "evil.example"})[0]["type"] == "websocket.close"


def test_answers_carry_a_strict_policy():
    start = answered("http", HERE)[0]
    policy = dict(start["headers"])[b"content-security-policy"].decode()
    assert start["status"] == 200
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
