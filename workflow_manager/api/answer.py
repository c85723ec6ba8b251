"""What a handler gives back: a status, a JSON text, headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.types import Send

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON, or empty; `workflow_id` is for the request log alone."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    workflow_id: str = ""

    async def send(self, send: Send) -> None:
        headers = [(b"content-length", str(len(self.body)).encode())]
        if self.body:
            headers.append((b"content-type", b"application/json"))
        headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def json_answer(
    value: Any, status: int = 200, *, headers: Mapping[str, str] | None = None, workflow_id: str = ""
) -> Answer:
    return Answer(status, _encoder.encode(value) + b"\n", headers or {}, workflow_id)


def message_answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as clients know it: one object with one member, which is left out when it is empty."""
    return json_answer({"message": message} if message else {}, status, headers=headers)
