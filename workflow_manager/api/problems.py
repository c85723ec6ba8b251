"""Which status an error has, and the stage that turns every error into an answer.

Nothing leaves the pipeline but answers: what we foresaw has a row in the table; a bug is logged
whole and answered "internal error".
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workflow_manager.api.answer import Answer, message_answer
from workflow_manager.api.exchange import Exchange, exchange_of
from workflow_manager.kernel.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    ServiceUnavailable,
    Throttled,
    Unavailable,
    WorkflowManagerError,
)

_log = structlog.get_logger("api")

STATUS: Mapping[type[WorkflowManagerError], int] = {
    InvalidRequest: 400,
    NotFound: 404,
    Conflict: 409,
    Throttled: 429,
    Unavailable: 500,
    ServiceUnavailable: 503,
}


def answer_error(error: Exception, exchange: Exchange) -> Answer:
    """The answer to an error that ended this exchange."""
    match error:
        case WorkflowManagerError():
            return message_answer(_status(error, exchange), str(error), _headers(error))
        case HTTPException():
            message = error.detail or HTTPStatus(error.status_code).phrase
            return message_answer(error.status_code, message, error.headers)
        case TimeoutError():
            return message_answer(503, "Request timed out", {"connection": "close"})
        case RecursionError():
            # Whatever gave up, it gave up on the depth of what the caller sent.
            return message_answer(400, "nested too deeply")
        case _:
            _log.error("panic", op=exchange.operation, exc_info=error)
            return message_answer(500, "internal error")


def _status(error: WorkflowManagerError, exchange: Exchange) -> int:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    # Clients know a 409 only where it is declared; elsewhere it is a mistake like any other.
    return 400 if status == 409 and status not in exchange.declared else status


def _headers(error: WorkflowManagerError) -> Mapping[str, str]:
    if isinstance(error, Throttled | Unavailable):
        return {"retry-after": str(max(1, round(error.retry_after)))}
    return {}


def _summary(error: Exception) -> str:
    """For the request log."""
    if isinstance(error, HTTPException):
        return error.detail
    return str(error) or type(error).__name__


class Problems:
    """Answers for whatever is raised below it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        # Starlette's routers raise, instead of answering in plain text, when an app is named.
        scope["app"] = self
        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:  # the edge: nothing may pass but answers
            if started:
                raise
            if isinstance(error, HTTPException) and error.status_code == 405:
                detail = f"method {scope['method']} is not allowed here"
                error = HTTPException(405, detail, error.headers)
            exchange = exchange_of(scope)
            answer = answer_error(error, exchange)
            exchange.error = _summary(error)
            await answer.send(send)
