"""Which executions are in memory: those that moved lately.  The others wait in the journal.

What is kept here is a cache of the journal that may be ahead of it by writes on their way.  An
execution with such writes is never let go, so whoever is loaded is loaded whole.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.draft import machine_at
from workflow_manager.engine.execution import Execution, Identity
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import Key, Snapshot
from workflow_manager.kernel.errors import InvalidRequest, NotFound, Unavailable

MAX_WEIGHT: Final = 64 * 2**20  # bytes, roughly, of everything that is in memory
_OWN_WEIGHT: Final = 4096
_FRAME_WEIGHT: Final = 1024


class Damaged(Unavailable):
    """What the journal has of a running execution cannot be read.  It can still be stopped."""


class Resident:
    """A running execution in memory.

    `in_flight` counts its writes that are not durable yet, and `waiters` wait for there to be none.
    `over` is set once it has ended, durably or not.
    """

    __slots__ = (
        "definition",
        "frames",
        "identity",
        "in_flight",
        "key",
        "last_event",
        "machine",
        "over",
        "redrives",
        "version",
        "waiters",
        "weight",
    )

    def __init__(self, key: Key, identity: Identity, definition: str, machine: Machine) -> None:
        self.key = key
        self.identity = identity
        self.definition = definition
        self.machine = machine
        self.frames: dict[FrameId, Frame] = {}
        self.version = 0
        self.redrives = 0
        self.last_event = 0
        self.in_flight = 0
        self.waiters: list[asyncio.Future[None]] = []
        self.over = False
        self.weight = _OWN_WEIGHT + len(identity.input)

    @property
    def execution(self) -> Execution:
        return Execution(
            identity=self.identity,
            machine=self.machine,
            frames=self.frames,
            last_event=self.last_event,
            redrives=self.redrives,
        )

    def move(self, frames: Mapping[FrameId, Frame | None]) -> None:
        for name, frame in frames.items():
            old = self.frames.pop(name, None)
            self.weight += _weight(frame) - _weight(old)
            if frame is not None:
                self.frames[name] = frame


class Residents:
    def __init__(
        self, journal: Journal, machine_of: Callable[[str], Machine], max_weight: int = MAX_WEIGHT
    ) -> None:
        self._journal = journal
        self._machine_of = machine_of
        self._max_weight = max_weight
        self._weight = 0
        self._by_key: OrderedDict[Key, Resident] = OrderedDict()
        self._by_arn: dict[str, Resident] = {}
        self._arriving: dict[str, Resident] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Resident]:
        return iter(list(self._by_key.values()))

    def get(self, key: Key) -> Resident | None:
        """The execution, loaded if it has to be; None when it is not running.

        Raises `Damaged` when what the journal has of it cannot be read.
        """
        resident = self._by_key.get(key)
        if resident is not None:
            self._by_key.move_to_end(key)
            return resident
        snapshot = self._journal.snapshot(key)
        return None if snapshot is None else self._load(snapshot)

    def remains(self, key: Key) -> Resident | None:
        """A damaged execution, which can be ended but cannot go on; not kept here."""
        snapshot = self._journal.snapshot(key)
        if snapshot is None:
            return None
        resident = _resident(snapshot, Machine(start_at="", states={}))
        at = snapshot.identity.started_at
        # In the place of what cannot be read, so that it goes with the ending.
        resident.move({name: Frame(id=name, state="", input="", entered_at=at) for name in snapshot.damage})
        return resident

    def get_by_arn(self, arn: str) -> Resident | None:
        resident = self._by_arn.get(arn)
        if resident is not None:
            return resident
        record = self._journal.find(arn)
        if record is None or record.identity.arn != arn or record.status.is_terminal:
            return None
        return self.get(record.key)

    def peek(self, arn: str) -> Resident | None:
        """The execution if it is in memory, or one that may become it."""
        return self._by_arn.get(arn) or self._arriving.get(arn)

    def arriving(self, arn: str) -> Resident | None:
        """One that is about to start."""
        return self._arriving.get(arn)

    def add(self, resident: Resident) -> None:
        self._by_key[resident.key] = resident
        self._by_arn[resident.identity.arn] = resident
        self._weight += resident.weight

    def arrive(self, resident: Resident) -> None:
        """It is about to start.  Its name may turn out to be another one's, which it must not hide."""
        self._by_key[resident.key] = resident
        self._arriving[resident.identity.arn] = resident
        self._weight += resident.weight

    def arrived(self, resident: Resident) -> None:
        """It has started, durably."""
        arn = resident.identity.arn
        self._by_arn[arn] = resident
        if self._arriving.get(arn) is resident:
            del self._arriving[arn]

    def moved(self, resident: Resident, frames: Mapping[FrameId, Frame | None]) -> None:
        before = resident.weight
        resident.move(frames)
        if resident.key in self._by_key:
            self._weight += resident.weight - before

    def drop(self, resident: Resident) -> None:
        if self._by_key.get(resident.key) is resident:
            del self._by_key[resident.key]
            self._weight -= resident.weight
            arn = resident.identity.arn
            for known in (self._by_arn, self._arriving):
                if known.get(arn) is resident:
                    del known[arn]

    def shrink(self) -> None:
        """Let go of those that have not moved for longest, until the rest fits."""
        if self._weight <= self._max_weight:
            return
        for resident in list(self._by_key.values()):
            if resident.in_flight == 0:
                self.drop(resident)
                if self._weight <= self._max_weight * 3 // 4:
                    return

    def _load(self, snapshot: Snapshot) -> Resident:
        arn = snapshot.identity.arn
        if snapshot.damage:
            why = "; ".join(snapshot.damage.values())
            raise Damaged(f"The execution '{arn}' is damaged, its frames cannot be read: {why}")
        try:
            machine = machine_at(self._machine_of(snapshot.definition), snapshot.identity.place)
        except (InvalidRequest, NotFound) as error:
            raise Damaged(f"The definition of the execution '{arn}' is damaged: {error}") from error
        resident = _resident(snapshot, machine)
        self.add(resident)
        return resident


def _resident(snapshot: Snapshot, machine: Machine) -> Resident:
    resident = Resident(snapshot.key, snapshot.identity, snapshot.definition, machine)
    resident.move(snapshot.frames)
    resident.version = snapshot.version
    resident.redrives = snapshot.redrives
    resident.last_event = snapshot.last_event
    return resident


def _weight(frame: Frame | None) -> int:
    if frame is None:
        return 0
    return _FRAME_WEIGHT + len(frame.input) + len(frame.item or "")
