"""The activity calls on a workflow-manager server, over kept connections and without boto3.

boto3 costs a process most of a second before its first call, and every call a signature that our
server does not look at.  The methods, answers and errors are boto3's, so that the worker cannot
tell the two apart.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

_TARGET: Final = "AWSStepFunctions."


class WireClient:
    """For any thread; each call in progress has a connection of its own.

    Raises `ClientError` for what the server refuses, `OSError` or `HTTPException` when no answer
    came.  `timeout` is in seconds and has to outlast a poll.
    """

    def __init__(self, url: str, *, timeout: float, api_key: str | None = None) -> None:
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise InvalidRequest(f"{url} is not an address of a server: {error}") from error
        if parts.scheme not in ("http", "https") or not host:
            raise InvalidRequest(f"{url} is not an address of a server: it should look like http://host:8080")
        self._host, self._port, self._timeout = host, port, timeout
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._path = f"{parts.path.rstrip('/')}/"
        self._headers = {"Content-Type": "application/x-amz-json-1.0"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def create_activity(self, *, name: str, tags: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        return self._call("CreateActivity", {"name": name, "tags": tags})

    def tag_resource(self, *, resourceArn: str, tags: Sequence[Mapping[str, str]]) -> object:  # noqa: N803
        return self._call("TagResource", {"resourceArn": resourceArn, "tags": tags})

    def get_activity_task(self, *, activityArn: str, workerName: str) -> Mapping[str, Any]:  # noqa: N803
        return self._call("GetActivityTask", {"activityArn": activityArn, "workerName": workerName})

    def send_task_heartbeat(self, *, taskToken: str) -> object:  # noqa: N803
        return self._call("SendTaskHeartbeat", {"taskToken": taskToken})

    def send_task_success(self, *, taskToken: str, output: str) -> object:  # noqa: N803
        return self._call("SendTaskSuccess", {"taskToken": taskToken, "output": output})

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> object:  # noqa: N803
        return self._call("SendTaskFailure", {"taskToken": taskToken, "error": error, "cause": cause})

    def _call(self, operation: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        body = dumps(cast(Json, request)).encode()
        headers = {**self._headers, "X-Amz-Target": f"{_TARGET}{operation}"}
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                return self._exchange(connection, operation, body, headers)
            except (http.client.RemoteDisconnected, ConnectionError):
                # The server may have closed it while it was idle; whether it did is seen only now.
                connection.close()
        return self._exchange(self._connection(), operation, body, headers)

    def _connection(self) -> http.client.HTTPConnection:
        return self._kind(self._host, self._port, timeout=self._timeout)

    def _exchange(
        self, connection: http.client.HTTPConnection, operation: str, body: bytes, headers: Mapping[str, str]
    ) -> Mapping[str, Any]:
        try:
            connection.request("POST", self._path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)
        return _read(operation, answer, text)


def _read(operation: str, answer: http.client.HTTPResponse, text: bytes) -> Mapping[str, Any]:
    metadata = {
        "HTTPStatusCode": answer.status,
        "HTTPHeaders": {name.lower(): value for name, value in answer.getheaders()},
    }
    try:
        body = loads(text) if text else {}
    except NotJson:
        body = None
    if answer.status == 200 and isinstance(body, dict):
        return {**body, "ResponseMetadata": metadata}
    # In front of our server may be another one, whose pages are no errors of ours.
    described = body if isinstance(body, dict) else {}
    code = str(described.get("__type", answer.status)).rpartition("#")[2]
    message = str(described.get("message") or described.get("Message") or answer.reason)
    error: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    raise ClientError(error, operation)
