"""The Invoke operation of Lambda, on a socket."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Reply:
    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class LambdaEndpoint:
    """`functions` answer events by name; `events` are the bodies that came."""

    def __init__(self) -> None:
        self.functions: dict[str, Reply] = {}
        self.events: list[str] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                endpoint.events.append(event)
                name = unquote(self.path).split("/functions/")[1].split("/")[0].rpartition("function:")[2]
                missing = Reply(
                    json.dumps({"Type": "User", "Message": f"Function not found: {name}"}),
                    404,
                    {"x-amzn-ErrorType": "ResourceNotFoundException"},
                )
                reply = endpoint.functions.get(name, missing)
                self.send_response_only(reply.status)
                headers = {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(reply.body.encode())),
                    "x-amzn-RequestId": "request-1",
                    "X-Amz-Executed-Version": "$LATEST",
                }
                for key, value in {**headers, **reply.headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(reply.body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> LambdaEndpoint:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
