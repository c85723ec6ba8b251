"""Who may come in: whoever shows one of the server's keys, when it has any.

REST clients send it as `Authorization: Bearer …` or `X-Api-Key`; AWS clients as the access key id
they sign with, which is part of their Authorization header.  Signatures are not looked at.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

_CREDENTIAL = re.compile(rb"AWS4-\S+ .*?Credential=([^/,\s]+)/")

_PUBLIC_PATHS = frozenset({"/_health", "/_ready", "/docs", "/swagger.json", "/swagger.yml"})


class Keys:
    """The keys that open this server; with none, it is open to all."""

    def __init__(self, keys: Sequence[str]) -> None:
        # Compared as digests, which have one length: time tells nothing about a key.
        self._digests = tuple(sha256(key.encode()).digest() for key in keys)

    def __bool__(self) -> bool:
        return bool(self._digests)

    def admit(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether one of these request headers holds a key."""
        if not self._digests:
            return True
        return any(self._is_key(shown) for shown in _shown(headers))

    def _is_key(self, shown: bytes) -> bool:
        digest = sha256(shown).digest()
        return sum(hmac.compare_digest(digest, known) for known in self._digests) > 0


def _shown(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    for name, value in headers:
        if name == b"x-api-key":
            yield value.strip()
        elif name == b"authorization":
            if value[:7].lower() == b"bearer ":
                yield value[7:].strip()
            elif found := _CREDENTIAL.match(value):
                yield found[1]


class KeyCheck:
    """Lets through what shows a key, and what anyone may ask."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_public(scope["path"]) and not self._keys.admit(scope["headers"]):
            raise HTTPException(
                401,
                "a key is needed, as Authorization: Bearer or X-Api-Key",
                {"www-authenticate": "Bearer"},
            )
        await self._app(scope, receive, send)


def _is_public(path: str) -> bool:
    """Health, and the description of the API, which is no secret."""
    return path in _PUBLIC_PATHS or path.startswith("/docs/")
