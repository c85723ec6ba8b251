"""Puts server-sent events together, and says how long to go on after a stream has broken off."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from workflow_manager_client.errors import InvalidRequest, ResponseError, WorkflowManagerError
from workflow_manager_client.generated.models import HistoryEvent, WorkflowSummary

# The server sends a comment when there was nothing to tell for 15 seconds.
_SILENCE: Final = 45.0

# Seconds, after the first two that the server has a say in.  Together longer than a server takes that
# is started anew.
_PAUSES: Final = (2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """One event of a stream; `id` is what to go on after.

    `name` is `history`, with the event in `history`; `workflow`, a change of status, or `end`, with the
    summary in `workflow`; or `gap`: changes are missing, and the list has to be read.
    """

    id: str
    name: str
    history: HistoryEvent | None = None
    workflow: WorkflowSummary | None = None


class EventReader:
    """Where a reader of a stream is, over all its connections."""

    def __init__(self, path: str, query: Mapping[str, str | None], last_event_id: str | None) -> None:
        if last_event_id is not None and not (last_event_id.isascii() and last_event_id.isprintable()):
            raise InvalidRequest("last_event_id must be printable ASCII")
        self.is_through = False
        self._path = path
        self._query = {name: value for name, value in query.items() if value is not None}
        self._last = last_event_id
        self._retry = 1.0
        self._pauses = self._all_pauses()
        self._fields: dict[str, str] = {}

    def request(self, timeout: httpx.Timeout) -> dict[str, Any]:
        """What to ask for next, for httpx."""
        self._fields = {}
        headers = {"Accept": "text/event-stream"}
        if self._last:
            headers["Last-Event-ID"] = self._last
        timeout = httpx.Timeout(timeout.connect, read=_SILENCE)
        return {"url": self._path, "params": self._query, "headers": headers, "timeout": timeout}

    def opened(self, response: httpx.Response) -> None:
        """Notes an answer; 204 says that there is nothing more to come."""
        self.is_through = response.status_code == 204

    def take(self, line: str) -> StreamEvent | None:
        """The event that this line completes, if it does."""
        self._pauses = self._all_pauses()
        if line:
            name, _, value = line.partition(":")
            self._fields[name] = value.removeprefix(" ")
            if name == "retry":
                self._retry = int(self._fields[name]) / 1000
            return None
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        event = _event(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"]))
        self._last, self.is_through = event.id, event.name == "end"
        return event

    def failed(self, error: WorkflowManagerError) -> None:
        """Raises the error, unless it is worth while to come again."""
        is_final = isinstance(error, ResponseError) and error.status < 500
        if is_final or not self._pauses:
            raise error

    def pause(self) -> float:
        """Seconds until to come again."""
        pause, *self._pauses = self._pauses or _PAUSES
        return pause

    def _all_pauses(self) -> list[float]:
        return [self._retry, self._retry, *_PAUSES]


def _event(id: str, name: str, data: Any) -> StreamEvent:
    match name:
        case "history":
            return StreamEvent(id=id, name=name, history=HistoryEvent.from_dict(data))
        case "workflow" | "end":
            return StreamEvent(id=id, name=name, workflow=WorkflowSummary.from_dict(data))
    return StreamEvent(id=id, name=name)
