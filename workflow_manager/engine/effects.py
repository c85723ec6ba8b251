"""What is owed to a frame: read off what it waits for, and performed after the commit."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from workflow_manager.engine.frames import (
    AtWork,
    BackingOff,
    Ended,
    Frame,
    Joining,
    MapRunning,
    Queued,
    Ready,
    Sleeping,
)
from workflow_manager.engine.resources import Kind, Pattern, parse_resource


def due_at(frame: Frame) -> datetime | None:
    """When to send `TimerFired(frame.id, frame.visit)`; None where time changes nothing."""
    match frame.waiting:
        case Sleeping(due_at=due) | BackingOff(due_at=due):
            return due
        case AtWork(deadline_at=deadline, heartbeat_at=heartbeat):
            return min((moment for moment in (deadline, heartbeat) if moment), default=None)
        case Ready() | Joining() | Queued() | MapRunning() | Ended():
            return None
        case other:
            assert_never(other)


def is_owed(work: AtWork) -> bool:
    """Must somebody still be asked to do the work, or asked again after a crash?

    A worker who took an activity task has it.  A service is asked until it has answered; with a
    callback, until it took the request.
    """
    resource = parse_resource(work.resource)
    if resource.kind is Kind.ACTIVITY:
        return not work.started
    return not (work.submitted and resource.pattern is Pattern.CALLBACK)
