"""Connexion's routing, with names that hold a `/`, with complete 405s and with OPTIONS.

A parameter is one segment of the path as it was sent, so `%2F` belongs to the name.  Routers look
at the decoded path, where it would end the segment; on the way through them the few characters
that matter to a router are therefore written `%XX`, and `segment_text` undoes that.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from connexion.middleware.routing import RoutingMiddleware
from connexion.spec import Specification
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_SPECIAL = re.compile(r"[%/\x00-\x1f]")


def routed_path(raw_path: bytes) -> str:
    """The path that a router sees: segments decoded, what would mislead it still encoded."""
    segments = raw_path.decode("latin-1").split("/")
    return "/".join(
        _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", unquote(segment)) if "%" in segment else segment
        for segment in segments
    )


def segment_text(segment: str) -> str:
    """What the client meant by a segment of `routed_path`."""
    return unquote(segment)


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Finds the operation; unknown paths go on to the next stage without one."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.router.redirect_slashes = False
        self._methods: dict[re.Pattern[str], set[str]] = {}

    def add_api(self, specification: Specification, **kwargs: object) -> None:
        super().add_api(specification, **kwargs)
        for mount in self.router.routes:
            mount.app.redirect_slashes = False
            for route in mount.app.routes:
                self._methods.setdefault(route.path_regex, set()).update(route.methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = routed_path(scope.get("raw_path") or scope["path"].encode())
        if scope["method"] == "OPTIONS" and (methods := self._allowed(path)):
            await Response(status_code=204, headers={"allow": methods})(scope, receive, send)
            return
        try:
            await super().__call__({**scope, "path": path}, receive, send)
        except HTTPException as error:
            if error.status_code != 405:
                raise
            raise HTTPException(405, headers={"allow": self._allowed(path)}) from None

    def _allowed(self, path: str) -> str:
        """The methods of a path as `Allow` lists them; empty for an unknown path."""
        methods = {name for regex, names in self._methods.items() if regex.match(path) for name in names}
        return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""
