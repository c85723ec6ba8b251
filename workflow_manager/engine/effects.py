"""What is owed to a frame: read off what it waits for, and performed after the commit.

Time moves a frame when it is due; work is done for it while it is at work and nobody has taken it.
There is no list of debts beside the frames.
"""

from __future__ import annotations

from datetime import datetime

from workflow_manager.engine.frames import AtWork, BackingOff, Frame, Sleeping, Waiting


def due_at(waiting: Waiting) -> datetime | None:
    """When time alone will move a frame that waits so."""
    match waiting:
        case Sleeping() | BackingOff():
            return waiting.due_at
        case AtWork(deadline_at=deadline, heartbeat_at=heartbeat):
            if deadline is None or heartbeat is None:
                return deadline or heartbeat
            return min(deadline, heartbeat)
        case _:
            return None


def work_owed(frame: Frame | None) -> AtWork | None:
    """The work that somebody still has to take, if there is any."""
    if frame is not None and isinstance(frame.waiting, AtWork) and not frame.waiting.started:
        return frame.waiting
    return None
