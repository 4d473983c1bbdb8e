"""Who may speak to the page's server: only the page it serves itself, on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
FROM_HERE = ("same-origin", "none")
"""Values of Sec-Fetch-Site of requests that our own page, or somebody typing the address, makes."""


def policy(port: int) -> dict[str, str]:
    """Headers of every answer: nothing is loaded from elsewhere, nothing can frame the page, nothing is kept."""
    sources = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": f"'self' ws://{HOST}:{port}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in sources.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def refusal(headers: Mapping[str, str], path: str, port: int, websocket: bool) -> str:
    """Why a request is refused, in words; empty where it is not."""
    address = f"{HOST}:{port}"
    if headers.get("host") != address:
        return f"only http://{address} is served"
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin != f"http://{address}" or websocket and origin is None:
        return "asked by a page of another origin"
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    if site is not None and site not in FROM_HERE and not (path == "/" and followed):
        return "asked by a page of another site"  # following a link to the page itself is nothing to refuse
    return ""


class Guard:
    """Refuses other hosts, origins and sites with 403 and lays the policy's headers on every answer.

    Parameters
    ----------
    app : ASGI application
    port : int
        Port that is served.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app, self.port = app, port
        self.headers = [(name.lower().encode(), value.encode()) for name, value in policy(port).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        socket = scope["type"] == "websocket"
        why = refusal(Headers(scope=scope), scope["path"], self.port, socket)
        if why and socket:
            await send({"type": "websocket.close", "code": 1008, "reason": why})
        elif why:
            await PlainTextResponse(f"refused: {why}\n", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        return sending
