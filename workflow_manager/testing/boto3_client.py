"""A real boto3 client whose requests never leave the process: an engine answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from workflow_manager.engine.thread import LoopBridge
from workflow_manager.protocol.app import ProtocolApp
from workflow_manager.protocol.operations import Operations


def boto3_client(operations: Operations, bridge: LoopBridge, *, region: str = "us-east-1") -> Any:
    """`boto3.client("stepfunctions")` over `operations` on the loop behind `bridge`.

    It needs no credentials and looks at none.
    """
    app = ProtocolApp(operations)
    make_client: Any = boto3.client  # boto3's own types are one overload per service
    client = make_client(
        "stepfunctions",
        region_name=region,
        # A name that nobody can look up: what is not answered here must not reach AWS.
        endpoint_url="http://stepfunctions.invalid",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False),
    )

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status, headers, body = bridge.run(_exchange(app, request))
        return AWSResponse(request.url, status, HeadersDict(headers), _Raw(body))  # type: ignore[arg-type]

    client.meta.events.register("before-send.stepfunctions.*", answer)
    return client


class _Raw:
    """As much of urllib3's response as botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body


async def _exchange(app: ProtocolApp, request: AWSPreparedRequest) -> tuple[int, dict[str, str], bytes]:
    sent: list[MutableMapping[str, Any]] = []
    incoming = [{"type": "http.request", "body": _bytes(request.body), "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        if incoming:
            return incoming.pop()
        await asyncio.Event().wait()  # this client does not hang up
        raise AssertionError("nobody sets that event")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), _bytes(value)) for name, value in request.headers.items()]
    await app({"type": "http", "method": request.method, "headers": headers}, receive, send)
    shown = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], shown, b"".join(message.get("body", b"") for message in sent[1:])


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value or "").encode()
