"""Schedules: when a definition is to be started, with what, and what has become of it so far.

Values, like all records.  The names of the fields are on disk: renaming one is a new schema version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any


class Overlap(Enum):
    """What happens to a firing while an earlier workflow of the schedule is still running."""

    ALLOW = "allow"
    SKIP = "skip"
    BUFFER_ONE = "bufferOne"
    QUEUE = "queue"
    CANCEL_RUNNING = "cancelRunning"


class CatchUp(Enum):
    """What happens to the times that came while no server was there to see them."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


class RunOutcome(Enum):
    STARTED = "started"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Either `cron` in a time zone, or `every` so often, counted from `start_at` or from its creation.

    No time before `start_at` counts, and none after `end_at`.
    """

    cron: str = ""
    every: timedelta | None = None
    time_zone: str = "UTC"
    start_at: datetime | None = None
    end_at: datetime | None = None
    jitter: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is submitted at each time; a negative version is the latest at that time."""

    definition: str
    version: int = -1
    input: str = ""
    namespace: str = ""
    queue: str = ""
    tags: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the user decides about a schedule."""

    timing: Timing
    submission: Submission
    overlap: Overlap = Overlap.SKIP
    catch_up: CatchUp = CatchUp.LATEST
    catch_up_limit: int = 100
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A time whose workflow is owed.  Backfilled ones bring an overlap policy of their own."""

    at: datetime
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of one time; `workflow_id` only where one was started."""

    at: datetime
    outcome: RunOutcome
    workflow_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A plan under a name, and how far it has come.

    `id` tells it from another one that had its name before.  `version` counts the plans.  All times
    up to `decided_until` are decided: they stand in `waiting`, the oldest first, or in `runs`, the
    latest first.  `running` has the workflows that may not have ended yet.  Until `claimed_until` a
    server is at work on what waits.  `setbacks` counts the failed attempts in a row to start the one
    that is next.
    """

    id: str
    name: str
    plan: Plan
    created_at: datetime
    updated_at: datetime
    decided_until: datetime
    version: int = 1
    paused: bool = False
    pause_reason: str = ""
    waiting: tuple[Firing, ...] = ()
    running: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    claimed_until: datetime | None = None
    setbacks: int = 0
    last_error: str = ""
