"""An execution as the step sees it, and what a step makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

import msgspec

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.kernel.json import Json


class Status(Enum):
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"

    @property
    def is_terminal(self) -> bool:
        return self not in (Status.RUNNING, Status.PENDING_REDRIVE)


REDRIVABLE: Final = frozenset((Status.FAILED, Status.TIMED_OUT, Status.ABORTED))
REOPENABLE: Final = REDRIVABLE | {Status.PENDING_REDRIVE}
"""What a redrive can begin from: a child of a redriven map run waits for its turn."""


class Identity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What never changes about an execution; the source of the context object.

    `secret` is drawn at the start and makes its task tokens impossible to guess.  `place` says which
    machine within the definition it runs (see `Frame.place`): that of a Map state, where it is a child
    of the map run `map_run_arn`.
    """

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    role_arn: str
    started_at: datetime
    input: str
    secret: str
    place: tuple[str, ...] = ()
    map_run_arn: str | None = None
    state_machine_version_arn: str | None = None
    state_machine_alias_arn: str | None = None
    trace_header: str | None = None
    machine_revision: str = ""
    machine_updated_at: datetime | None = None
    started_by: str | None = None  # the token of the task whose child this is


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """A running execution: its open frames, and how far its history goes.

    Before `Started` it has neither.  `context` is given where a state is tried out with a context
    object made up for it.
    """

    identity: Identity
    machine: Machine
    frames: Mapping[FrameId, Frame]
    last_event: int = 0
    redrives: int = 0
    context: Mapping[str, Json] | None = None


class Ending(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an execution ended; all its frames are gone with it, without being named."""

    status: Status
    output: str | None = None
    failure: Failure | None = None


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """What one event makes of an execution.

    `frames` holds the frames that changed, None for those that are gone; what is not named stays.
    When `unfinished`, frames are left ready because the budget was spent: send `Resumed`.
    `entered` counts the states that were entered.
    `accepted` is False where the event came too late or named something nobody waits for; then
    nothing else is set.
    """

    frames: Mapping[FrameId, Frame | None] = msgspec.field(default_factory=dict)
    history: tuple[HistoryEvent, ...] = ()
    ending: Ending | None = None
    unfinished: bool = False
    entered: int = 0
    accepted: bool = True
