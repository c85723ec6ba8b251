"""The one port: which app answers which request.

The AWS JSON protocol goes straight to its app; everything else walks through the stages that
observe, compress and answer errors, to operators' pages or to REST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import swagger_ui_bundle
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from workflow_manager.api.compression import Compression
from workflow_manager.api.exchange import exchange_of
from workflow_manager.api.keys import KeyCheck, Keys
from workflow_manager.api.observation import Metrics, Observation
from workflow_manager.api.problems import Problems
from workflow_manager.api.spec import spec_json, spec_text
from workflow_manager.api.streams import Streams
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.protocol.app import ProtocolApp

_DOCS = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>workflow-manager: API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/swagger.json", dom_id: "#swagger-ui", validatorUrl: null})</script>
</body>
</html>
"""

_UNRECOGNIZED = b'{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}'  # noqa: E501


def build_web(
    rest: ASGIApp,
    *,
    protocol: ASGIApp | None,
    keys: Keys,
    metrics: Metrics,
    check: Callable[[], None],
    streams: Streams,
) -> ASGIApp:
    """The outer app.  `check` answers for `/_ready`: it returns, or raises `Unavailable`.

    There is no `protocol` where state machines run on AWS: workers poll AWS itself.
    """
    routes = [
        Route("/events", streams.all, methods=["GET"]),
        Route("/workflows/{workflow_id}/events", streams.workflow, methods=["GET"]),
        Route("/_ready", _ready(check), methods=["GET"]),
        Route("/metrics", _metrics(metrics), methods=["GET"]),
        Route("/swagger.json", _text(spec_json(), "application/json"), methods=["GET"]),
        Route("/swagger.yml", _text(spec_text(), "application/yaml"), methods=["GET"]),
        Route("/", _home, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        Route("/docs", lambda request: HTMLResponse(_DOCS), methods=["GET"]),
        Mount("/docs/assets", StaticFiles(directory=str(swagger_ui_bundle.swagger_ui_path))),
    ]
    router = Router(routes, default=rest, redirect_slashes=False)
    pages = Observation(Compression(Problems(KeyCheck(router, keys))), metrics)
    return _Front(pages, _Keyed(protocol, keys)) if protocol else pages


class _Front:
    """Tells AWS's clients from everyone else's."""

    def __init__(self, pages: ASGIApp, protocol: ASGIApp) -> None:
        self._pages = pages
        self._protocol = protocol

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/" and scope["method"] == "POST" and ProtocolApp.is_meant(scope):
            await self._protocol(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


class _Keyed:
    """The protocol for those who show a key; others get AWS's own answer."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._keys.admit(scope["headers"]):
            await self._app(scope, receive, send)
        else:
            await Response(_UNRECOGNIZED, 400, media_type="application/x-amz-json-1.0")(scope, receive, send)


async def _home(request: Request) -> Response:
    """People who open the address that the server has told come to the pages for them."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/docs", 303)
    raise HTTPException(404, "there is nothing at /")


def _ready(check: Callable[[], None]) -> Callable[[Request], Any]:
    async def ready(request: Request) -> Response:
        exchange_of(request.scope).operation = "readinessCheck"
        try:
            await asyncio.to_thread(check)
        except Unavailable as error:
            raise HTTPException(503, str(error)) from None
        return Response()

    return ready


def _metrics(metrics: Metrics) -> Callable[[Request], Any]:
    async def show(request: Request) -> Response:
        exchange_of(request.scope).operation = "getMetrics"
        return Response(await metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return show


def _text(text: str, media_type: str) -> Callable[[Request], Any]:
    async def show(request: Request) -> Response:
        return Response(text, media_type=media_type)

    return show
