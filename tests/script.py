"""What a test arranges to happen to the calls of a client, and what the client was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

Hook = Callable[[Mapping[str, Any]], object]


class Script:
    """Operations go by boto3's names for them.  Safe for use by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[tuple[str, dict[str, Any]]] = []
        self._once: dict[str, list[Exception]] = {}
        self._always: dict[str, Exception] = {}
        self._before: dict[str, Hook] = {}
        self._after: dict[str, Hook] = {}

    # What tests say

    def fail_next(self, operation: str, *errors: Exception) -> None:
        """The next calls, one for each error."""
        self._once.setdefault(operation, []).extend(errors)

    def fail_always(self, operation: str, error: Exception) -> None:
        self._always[operation] = error

    def recover(self) -> None:
        """Nothing fails any more."""
        self._once.clear()
        self._always.clear()

    def before(self, operation: str, hook: Hook) -> None:
        """Done when a request arrives, before it has any effect."""
        self._before[operation] = hook

    def after(self, operation: str, hook: Hook) -> None:
        """Done when a request had its effect, before whoever asked has the answer."""
        self._after[operation] = hook

    # What tests ask

    @property
    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        with self._lock:
            return list(self._requests)

    def requests_of(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.requests if name == operation]

    def count(self, operation: str) -> int:
        return len(self.requests_of(operation))

    def last(self, operation: str) -> dict[str, Any]:
        return self.requests_of(operation)[-1]

    # What a client or a proxy tells

    def enter(self, operation: str, request: dict[str, Any]) -> Exception | None:
        """What the call fails with."""
        with self._lock:
            self._requests.append((operation, request))
            failures = self._once.get(operation)
            failure = failures.pop(0) if failures else self._always.get(operation)
        if operation in self._before:
            self._before[operation](request)
        return failure

    def leave(self, operation: str, request: dict[str, Any]) -> None:
        if operation in self._after:
            self._after[operation](request)


class Scripted:
    """A client in this process whose calls go by a script."""

    def __init__(self, client: Any, script: Script) -> None:
        self._client = client
        self._script = script

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._client, operation)

        def call(**request: Any) -> Any:
            failure = self._script.enter(operation, request)
            if failure is not None:
                raise failure
            answer = method(**request)
            self._script.leave(operation, request)
            return answer

        return call
