"""What a journal holds: records that are read back, and the writes that make them.

All of them are values.  Execution keys are integers that grow with every start, so that the order
of keys is the order of starting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

import msgspec

from workflow_manager.engine.effects import due_at, is_owed
from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import Ending, Identity, Status
from workflow_manager.engine.frames import AtWork, Frame, FrameId

Key: TypeAlias = int
RunKey: TypeAlias = int
Tally: TypeAlias = dict[str, tuple[int, int]]  # status → how many executions, with how many items


class StateMachine(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is", tag="machine"
):
    """`definition` is the digest of its text.  `revision` is "" until the first update.

    `logging` and `encryption` are LoggingConfiguration and EncryptionConfiguration as the caller gave
    them; the second is kept only to be shown.  `published` counts the versions made.
    """

    arn: str
    name: str
    role_arn: str
    definition: str
    created_at: datetime
    updated_at: datetime
    type: str = "STANDARD"
    revision: str = ""
    logging: dict[str, object] = {}
    tracing: bool = False
    encryption: dict[str, object] = {}
    published: int = 0


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is", tag="version"):
    """A published state machine: the machine as it was, under an ARN of its own."""

    arn: str
    machine: StateMachine
    created_at: datetime
    description: str | None = None


class Alias(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is", tag="alias"):
    """A name that leads to one or two versions; the weights add up to 100."""

    arn: str
    name: str
    machine_arn: str
    routes: tuple[tuple[str, int], ...]
    created_at: datetime
    updated_at: datetime
    description: str | None = None


class Activity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is", tag="activity"):
    arn: str
    name: str
    created_at: datetime
    encryption: dict[str, object] = {}


Resource: TypeAlias = StateMachine | Version | Alias | Activity


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything but the executions.  Tags are by ARN."""

    resources: tuple[Resource, ...]
    tags: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRecord:
    """An execution as it can be described; `definition` is a digest."""

    key: Key
    identity: Identity
    definition: str
    status: Status
    stopped_at: datetime | None = None
    ending: Ending | None = None
    redrives: int = 0
    redriven_at: datetime | None = None
    redrive_token: str | None = None  # the caller's own, so that who asks again is not refused


class ExecutionSummary(NamedTuple):
    """A line of a listing.  `items` is set for the children of a map run."""

    key: Key
    name: str
    machine_arn: str
    status: Status
    started_at: datetime
    stopped_at: datetime | None
    version_arn: str | None
    alias_arn: str | None
    redrives: int = 0
    redriven_at: datetime | None = None
    items: int | None = None


class MapRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt of a distributed Map: what its children have in common.

    `execution` and `frame` are where the Map state is; `visit` is the frame's.  `started_at` and
    `seed` are the moment its children's inputs are made at, so that they can be made again.  `items`
    is None until all of them have been read; `pages` counts the pages they are kept on, 0 where the
    state's input holds them.  `tally` tells what became of the children, once the run is `settled`:
    until then it is found by counting them.  A redriven run has the `redrives` so far, and is the same run.
    """

    key: RunKey
    arn: str
    execution: Key
    execution_arn: str
    frame: FrameId
    visit: int
    label: str
    started_at: datetime
    seed: int
    max_concurrency: int = 0
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0.0
    items: int | None = None
    pages: int = 0
    status: Status = Status.RUNNING
    stopped_at: datetime | None = None
    tally: Tally = {}
    settled: bool = False
    redrives: int = 0
    redriven_at: datetime | None = None


class Child(NamedTuple):
    """An execution of a map run.  `number` counts from 0, in the order of the items."""

    key: Key
    number: int
    items: int
    status: Status
    stopped_at: datetime | None = None


class HistoryPage(NamedTuple):
    """A stretch of a history; `more` tells whether there are events beyond it."""

    events: list[HistoryEvent]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A running execution as it was committed last: all that is needed to go on.

    `damage` says of each frame that could not be read why; it is not among the others.
    """

    key: Key
    identity: Identity
    definition: str
    version: int
    last_event: int
    frames: dict[FrameId, Frame]
    redrives: int = 0
    damage: Mapping[FrameId, str] = field(default_factory=dict)


class OpenFrame(NamedTuple):
    """What recovery has to know of a frame, without loading it.

    `waiting` is the tag of what it waits for; `due_at` when time moves it next; `resource` is set
    while somebody is at work, and `owed` tells whether somebody must be asked to do it.
    """

    key: Key
    frame: FrameId
    visit: int
    waiting: str
    due_at: datetime | None
    resource: str | None
    owed: bool


class OpenExecution(NamedTuple):
    key: Key
    due_at: datetime | None


class NewExecution(msgspec.Struct, frozen=True, kw_only=True):
    """`due_at` is when the machine's TimeoutSeconds is over.

    A child of a map run has its key, the child's number in it and how many items it works on.
    """

    identity: Identity
    definition: str
    due_at: datetime | None = None
    map_run: RunKey | None = None
    number: int | None = None
    items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """An execution that failed goes on; `number` counts its redrives, this one included.

    `map_runs` go on with it: their children that failed are to wait for their turn, but for those whose
    history has no room.
    """

    number: int
    at: datetime
    token: str | None = None
    due_at: datetime | None = None
    map_runs: tuple[RunKey, ...] = ()


class ExecutionWrite(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one execution.

    `after` is the version it was computed from: 0 with `started` and with `redriven`, and each write
    adds one.
    `frames` holds those that changed, None for those that are gone; an ending takes all of them.
    """

    key: Key
    after: int
    last_event: int
    started: NewExecution | None = None
    redriven: Redrive | None = None
    frames: Mapping[FrameId, Frame | None] = msgspec.field(default_factory=dict)
    history: tuple[HistoryEvent, ...] = ()
    ending: Ending | None = None
    stopped_at: datetime | None = None
    announce: bool = False  # remember that listeners are to be told of the ending, which is not forgotten
    forget: bool = False  # an ending leaves nothing behind, as in express executions
    taken: FrameId | None = None  # remember that the answer to its worker is still to be sent
    map_runs: tuple[MapRun, ...] = ()  # as they are to be from now on
    abandoned: tuple[Abandoned, ...] = ()  # remember that these are to be ended


class Abandoned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A job that a service was asked for, and that nobody waits for any more: it is to be ended.

    The texts are those of the task; `answer` is what the service said to the request.
    """

    token: str
    resource: str
    arguments: str
    answer: str
    credentials: str | None = None


@dataclass(frozen=True, slots=True)
class AbandonedEnded:
    """The service was told."""

    key: Key
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueWrite:
    """Resources put and removed, tags replaced (none left: removed), definitions by digest."""

    put: tuple[Resource, ...] = ()
    removed: tuple[str, ...] = ()
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed:
    """Definitions, by digest, that nothing named, and state machines, by ARN, that had no executions, when
    `after` was the last key.  As a write it takes away those of which that is still true.
    """

    definitions: frozenset[str]
    machines: frozenset[str] = frozenset()
    after: Key


@dataclass(frozen=True, slots=True)
class Announced:
    """Listeners have been told of the ending."""

    key: Key


@dataclass(frozen=True, slots=True)
class Delivered:
    """The worker has been sent the task that the frame waits for."""

    key: Key
    frame: FrameId


@dataclass(frozen=True, slots=True)
class MapRunWrite:
    """A map run as it is to be from now on.  The items of one that has succeeded are dropped."""

    run: MapRun


@dataclass(frozen=True, slots=True)
class ItemsRead:
    """One page of the items of a map run, as the text of a JSON array.  Pages count from 0."""

    run: RunKey
    page: int
    items: str


Write: TypeAlias = (
    "ExecutionWrite | CatalogueWrite | Announced | Delivered | MapRunWrite | ItemsRead | AbandonedEnded"
    " | Unnamed"
)


def definitions_of(resources: Iterable[Resource]) -> frozenset[str]:
    """The digests of all definitions that they name."""
    machines = (each.machine if isinstance(each, Version) else each for each in resources)
    return frozenset(each.definition for each in machines if isinstance(each, StateMachine))


def open_frame(key: Key, id: FrameId, frame: Frame) -> OpenFrame:
    waiting = frame.waiting
    work = waiting if isinstance(waiting, AtWork) else None
    return OpenFrame(
        key,
        id,
        frame.visit,
        str(waiting.__struct_config__.tag),
        due_at(frame),
        work.resource if work else None,
        is_owed(work) if work else False,
    )


def machine_and_name(execution_arn: str) -> tuple[str, str]:
    """The ARN of an execution's state machine, and its own name."""
    parts = execution_arn.split(":", 7)
    if len(parts) < 8:
        return "", execution_arn
    return ":".join((*parts[:5], "stateMachine", parts[6])), parts[7]
