"""Where an execution stands: a tree of frames, each in one state of one machine.

The root frame runs the definition.  A Parallel state's frame has a child for each branch, a Map
state's frame one for each item under way.  What a frame waits for is part of it, and is at the
same time the effect that is owed to it (`engine.effects`): there is no second place where a timer
or a task could be remembered, so the two cannot disagree after a crash.

Frames are values.  They are written to the journal one by one, so that a Map of a thousand
waiting items costs one row for each item that moves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

import msgspec

FrameId: TypeAlias = str  # "0" is the root, "0.3" its fourth child, "0.3.1" that one's second


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Nothing holds it back: the next step goes on from here."""


class Sleeping(msgspec.Struct, frozen=True, tag="sleeping"):
    """In a Wait state."""

    due_at: datetime


class BackingOff(msgspec.Struct, frozen=True, tag="backing-off"):
    """Failed, and to be tried again."""

    due_at: datetime


class AtWork(msgspec.Struct, frozen=True, tag="at-work", kw_only=True, omit_defaults=True):
    """Somebody does the work of a Task state and will report with the token.

    `resource` is as written in the definition (`engine.resources` reads it).  `credentials` is the
    JSON text of the state's Credentials.  `started` tells whether a worker has taken it.
    `deadline_at` is when TimeoutSeconds is over, `heartbeat_at` when the next sign of life is due.
    `details` is what a kind of resource needs to remember: a `.sync` request its `answer`.
    """

    resource: str
    token: str
    arguments: str
    credentials: str | None = None
    started: bool = False
    submitted: bool = False  # a service took the request, and somebody else reports later
    deadline_at: datetime | None = None
    heartbeat_seconds: float | None = None
    heartbeat_at: datetime | None = None
    details: dict[str, str] = {}


class ItemSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An evaluated ItemReader; the texts are JSON."""

    resource: str
    arguments: str
    config: str
    max_items: int | None = None


class ItemSink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An evaluated ResultWriter; the texts are JSON."""

    resource: str | None
    arguments: str
    config: str


class Joining(msgspec.Struct, frozen=True, tag="joining", kw_only=True, omit_defaults=True):
    """Waiting for child frames, which all exist from the beginning.

    `total` children in all; those numbered below `begun` have left the queue; `left` have not ended.
    """

    total: int
    begun: int
    left: int


class Queued(msgspec.Struct, frozen=True, tag="queued"):
    """An item of a Map whose turn has not come: as many as MaxConcurrency allows are under way.

    The frame's input is the item itself; ItemSelector is evaluated when its turn comes.
    """


class MapRunning(msgspec.Struct, frozen=True, tag="map-running", kw_only=True, omit_defaults=True):
    """A distributed Map: its items are worked on as executions of their own.

    `map_run_arn` is new for every attempt.  `length` counts the items, where the state's input
    holds them; where `reader` is set they have yet to be read.  `engine.map_runs` makes the inputs
    of the child executions.  The runtime reports with `MapRunSucceeded` or `MapRunFailed`.
    """

    map_run_arn: str
    length: int = 0
    reader: ItemSource | None = None
    writer: ItemSink | None = None
    max_concurrency: int = 0  # 0: no limit
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0.0


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A child that is through; its output waits for its siblings."""

    output: str


Waiting: TypeAlias = Ready | Sleeping | BackingOff | AtWork | Joining | Queued | MapRunning | Ended

READY: Final = Ready()
QUEUED: Final = Queued()


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thread of an execution.

    `place` names the machine within the definition: () is the top, ("P", "0") branch 0 of the
    Parallel state P at the top, ("M",) the processor of the Map state M, and so on inwards.
    `input` is the raw input text of the state it is in.  `entered_event` is the id of the
    …StateEntered event, `last_event` of the latest event on this thread (the next one's
    previousEventId).  `attempts` counts the retries used, one number for each retrier of the
    state; `retries` is their sum, as `$$.State.RetryCount` shows it.  `visit` numbers what this
    frame waits for; a number is never used twice within an execution, so that an old timer or
    token is never taken for a new one, not even when a retried Map makes the same children again.
    """

    id: FrameId
    place: tuple[str, ...] = ()
    state: str
    input: str
    waiting: Waiting = READY
    entered: bool = False
    entered_at: datetime
    entered_event: int = 0
    last_event: int = 0
    attempts: tuple[int, ...] = ()
    retries: int = 0
    visit: int = 0
    variables: dict[str, str] = {}  # this thread's own scope: name → JSON text
    index: int | None = None  # of the item, in a Map
    item: str | None = None  # its value, for $$.Map.Item.Value
