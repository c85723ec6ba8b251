"""A client that writes bytes and reads bytes, so that a test says exactly what was sent."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """Of an error in the one shape that errors have."""
        assert self.headers["content-type"] == "application/json", (self.headers, self.body)
        value = self.json
        assert list(value) == ["message"], value
        return str(value["message"])


class Connection:
    """One kept-alive connection; responses have to come in step with requests."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._file: BinaryIO = self._socket.makefile("rb")

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self, method: str = "GET") -> Response:
        line = self._file.readline()
        assert line.startswith(b"HTTP/1.1 "), f"out of step, or closed: {line!r}"
        status = int(line.split()[1])
        headers: dict[str, str] = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if status == 100:
            return self.receive(method)
        length = 0 if method == "HEAD" or status == 204 else int(headers.get("content-length", "0"))
        if headers.get("transfer-encoding") == "chunked":
            return Response(status, headers, self._chunks())
        return Response(status, headers, self._file.read(length))

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        return self.receive(method)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._file.readline(), 16):
            body += self._file.read(size)
            self._file.readline()
        self._file.readline()
        return body


class Server:
    """Where a server listens; requests on connections of their own.

    Workers poll at `protocol_url`, which is elsewhere where state machines run elsewhere.
    """

    def __init__(self, port: int, protocol_url: str = "") -> None:
        self.port = port
        self.protocol_url = protocol_url or f"http://127.0.0.1:{port}"

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        connection = Connection(self.port)
        try:
            yield connection
        finally:
            connection.close()

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """`body` as it is when it is bytes, else as JSON."""
        encoded = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        with self.connection() as connection:
            return connection.request(method, path, encoded, headers)

    def define(self, name: str = "wf:m", **more: Any) -> Any:
        """A new definition of one state."""
        machine = {"StartAt": "s", "States": {"s": {"Type": "Succeed"}}}
        made = self.request("POST", "/workflow-definitions", {"name": name, "stateMachine": machine, **more})
        assert made.status == 201, made.body
        return made.json

    def start(self, name: str = "wf:m", **more: Any) -> Any:
        started = self.request("POST", "/workflows", {"workflowDefinition": {"name": name}, **more})
        assert started.status == 200, started.body
        return started.json
