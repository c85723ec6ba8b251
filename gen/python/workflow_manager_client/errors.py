"""What can go wrong in a call.

WorkflowManagerError
├─ InvalidRequest          nothing was sent: the request has no such shape
├─ ConnectionFailed        no answer came
│  └─ TimedOut             … in time
└─ ResponseError           .status .message .body
   ├─ BadRequest           400
   ├─ NotFound             404
   ├─ Conflict             409
   ├─ InternalError        500
   └─ UnexpectedResponse   any other status, or a body that cannot be read
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx


class WorkflowManagerError(Exception):
    """Whatever this package raises."""


class InvalidRequest(WorkflowManagerError, ValueError):
    """Nothing was sent, because the request lacks something or has another shape."""


class ConnectionFailed(WorkflowManagerError):
    """No answer came; what was asked may have been done all the same."""


class TimedOut(ConnectionFailed):
    """No answer came in time; what was asked may have been done all the same."""


class ResponseError(WorkflowManagerError):
    """The server's answer is not what was asked for."""

    def __init__(self, status: int, message: str, body: bytes) -> None:
        super().__init__(f"{status}: {message}" if message else str(status))
        self.status = status
        self.message = message
        self.body = body


class BadRequest(ResponseError):
    """The request cannot be done as asked; the message says why."""


class NotFound(ResponseError):
    """There is no such thing; the message is the missing key."""


class Conflict(ResponseError):
    """It exists already, was changed by someone else, or is already so."""


class InternalError(ResponseError):
    """The server, or something it depends on, failed."""


class UnexpectedResponse(ResponseError):
    """A status that has no type of its own, or a body that cannot be read."""


_BY_STATUS: Mapping[int, type[ResponseError]] = {
    400: BadRequest,
    404: NotFound,
    409: Conflict,
    500: InternalError,
}


def checked(response: httpx.Response) -> httpx.Response:
    """The response, when it is a success; its body has been read.  Raises ResponseError."""
    if response.is_success:
        return response
    kind = _BY_STATUS.get(response.status_code, UnexpectedResponse)
    raise kind(response.status_code, _message(response), response.content)


def _message(response: httpx.Response) -> str:
    try:
        body = json.loads(response.content)
    except ValueError:
        return response.text
    message = body.get("message", "") if isinstance(body, dict) else None
    return message if isinstance(message, str) else response.text


@contextmanager
def sending() -> Iterator[None]:
    """Tells what went wrong on the way in this package's words."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise TimedOut(str(error) or "no answer in time") from error
    except httpx.TransportError as error:
        raise ConnectionFailed(str(error) or type(error).__name__) from error
