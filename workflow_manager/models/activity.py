"""Activities as people see them: the named queues that workers take tasks from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """`name` is "" for a worker that did not say it; `tasks` are those that it holds."""

    name: str
    last_seen: datetime
    tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLoad:
    """`waiting_since` is that of the task which is next in line; None when nothing waits."""

    waiting: int
    waiting_since: datetime | None
    running: int
    pollers: int
    workers: tuple[WorkerSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """`load` is None where nobody tells it."""

    name: str
    arn: str
    created_at: datetime
    load: ActivityLoad | None
