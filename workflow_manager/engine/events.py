"""What can happen to an execution, and the history events that tell of it.

An `Event` comes in from outside, with the time and the chance of that moment.  A `HistoryEvent`
goes out, in AWS's own shape, and is never changed or taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.frames import Frame, FrameId


class HistoryEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event of GetExecutionHistory.  `details` is the inner object as AWS writes it.

    Ids count from 1 without a gap; `previous` is 0 where AWS says 0.  The member that holds the
    details on the wire (`taskFailedEventDetails`) follows from the type, and is the codec's matter.
    """

    id: int
    previous: int
    type: str
    at: datetime
    details: dict[str, Any] | None = None  # JSON, a type msgspec has no word for


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    seed: int


class Started(_Event, frozen=True, kw_only=True):
    """The execution begins."""


class Resumed(_Event, frozen=True, kw_only=True):
    """Frames were left ready: the step before stopped at its budget, or the server did."""


class TimerFired(_Event, frozen=True, kw_only=True):
    """A frame's own due time has come.  `visit` tells an old timer from the one that counts."""

    frame: FrameId
    visit: int


class TaskTaken(_Event, frozen=True, kw_only=True):
    """A worker has the task, or a service call is about to be made."""

    token: str
    worker: str | None = None


class TaskHeartbeat(_Event, frozen=True, kw_only=True):
    token: str


class TaskSubmitted(_Event, frozen=True, kw_only=True):
    """A service took the request and will answer later; `output` is what it said meanwhile."""

    token: str
    output: str


class TaskSucceeded(_Event, frozen=True, kw_only=True):
    token: str
    output: str


class TaskFailed(_Event, frozen=True, kw_only=True):
    """`phase` says which of AWS's events tells of it."""

    token: str
    failure: Failure
    phase: str = "Failed"  # ScheduleFailed, StartFailed, SubmitFailed, Failed, TimedOut


class MapRunSucceeded(_Event, frozen=True, kw_only=True):
    """A distributed Map is through; `output` is what its ResultWriter wrote, or the list of results."""

    frame: FrameId
    map_run_arn: str
    output: str


class MapRunFailed(_Event, frozen=True, kw_only=True):
    """The items could not be read, or more of them failed than is tolerated."""

    frame: FrameId
    map_run_arn: str
    failure: Failure


class Redriven(_Event, frozen=True, kw_only=True):
    """RedriveExecution: the execution, which has no frames any more, goes on with these.

    `map_runs` are redriven with it: the ARN and the number of its redrives, by the frame that waits for
    the run.
    """

    frames: Mapping[FrameId, Frame]
    map_runs: Mapping[FrameId, tuple[str, int]] = msgspec.field(default_factory=dict)


class StopRequested(_Event, frozen=True, kw_only=True):
    """StopExecution."""

    failure: Failure


class ExecutionDue(_Event, frozen=True, kw_only=True):
    """The machine's TimeoutSeconds is over."""


Event: TypeAlias = (
    "Started | Resumed | TimerFired | TaskTaken | TaskHeartbeat | TaskSubmitted | TaskSucceeded"
    " | TaskFailed | MapRunSucceeded | MapRunFailed | Redriven | StopRequested | ExecutionDue"
)
