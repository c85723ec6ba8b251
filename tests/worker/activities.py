"""The calls of a worker, kept in memory: one activity, its queue, and the tasks it handed out."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

ACCOUNT = "arn:aws:states:us-east-1:123456789012:activity"


def client_error(code: str, operation: str = "SendTaskSuccess", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "as told"}, "ResponseMetadata": {"HTTPStatusCode": status}},
        operation,
    )


def no_server() -> EndpointConnectionError:
    return EndpointConnectionError(endpoint_url="http://127.0.0.1:9/")


@dataclass
class Activities:
    """`failures` are raised, first to last, by the calls of that name before they work again.

    `poll_hold` is how many seconds a poll without a task is held.
    """

    poll_hold: float = 0.05
    heartbeat_header: str | None = None
    failures: dict[str, deque[Exception]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[tuple[str, str]] = deque()
        self._numbers = itertools.count(1)
        self._open: set[str] = set()
        self.tags: dict[str, dict[str, str]] = {}
        self.calls: list[str] = []
        self.pollers: list[str] = []
        self.heartbeats: dict[str, int] = {}
        self.outcomes: dict[str, tuple[str, ...]] = {}

    # What a test does.

    def offer(self, text: str = '{"_EXECUTION_NAME":"e"}') -> str:
        with self._changed:
            token = f"token-{next(self._numbers)}"
            self._queue.append((token, text))
            self._changed.notify_all()
            return token

    def time_out(self, token: str) -> None:
        with self._changed:
            self._open.discard(token)

    def outcome(self, token: str, within: float = 120.0) -> tuple[str, ...]:
        """("success", output) or ("failure", error, cause), waited for."""
        with self._changed:
            assert self._changed.wait_for(lambda: token in self.outcomes, within), f"no outcome of {token}"
            return self.outcomes[token]

    def wait_until(self, condition: Any, within: float = 120.0) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, within)

    def mend(self, call: str) -> None:
        """From now on those calls work."""
        with self._changed:
            self.failures.pop(call, None)

    # What a worker calls.

    def create_activity(self, *, name: str, tags: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        self._called("create_activity")
        return {"activityArn": f"{ACCOUNT}:{name}"}

    def tag_resource(self, *, resourceArn: str, tags: Sequence[Mapping[str, str]]) -> object:  # noqa: N803
        self._called("tag_resource")
        self.tags[resourceArn] = {tag["key"]: tag["value"] for tag in tags}
        return {}

    def get_activity_task(self, *, activityArn: str, workerName: str) -> Mapping[str, Any]:  # noqa: N803
        self._called("get_activity_task")
        with self._changed:
            self.pollers.append(workerName)
            self._changed.wait_for(lambda: self._queue, self.poll_hold)
            headers = {"x-wfm-heartbeat-seconds": self.heartbeat_header} if self.heartbeat_header else {}
            metadata = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": headers}}
            if not self._queue:
                return metadata
            token, text = self._queue.popleft()
            self._open.add(token)
            return {"taskToken": token, "input": text, **metadata}

    def send_task_heartbeat(self, *, taskToken: str) -> object:  # noqa: N803
        self._called("send_task_heartbeat")
        with self._changed:
            self._require(taskToken)
            self.heartbeats[taskToken] = self.heartbeats.get(taskToken, 0) + 1
            self._changed.notify_all()
        return {}

    def send_task_success(self, *, taskToken: str, output: str) -> object:  # noqa: N803
        self._called("send_task_success")
        self._settle(taskToken, ("success", output))
        return {}

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> object:  # noqa: N803
        self._called("send_task_failure")
        self._settle(taskToken, ("failure", error, cause))
        return {}

    def _settle(self, token: str, outcome: tuple[str, ...]) -> None:
        with self._changed:
            self._require(token)
            self._open.discard(token)
            self.outcomes[token] = outcome
            self._changed.notify_all()

    def _require(self, token: str) -> None:
        if token not in self._open:
            raise client_error("TaskTimedOut")

    def _called(self, name: str) -> None:
        with self._changed:
            self.calls.append(name)
            self._changed.notify_all()
            if self.failures.get(name):
                raise self.failures[name].popleft()
