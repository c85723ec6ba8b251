"""How far a map run has come: which children have begun, how they ended, what the next one is given."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from workflow_manager.asl.failure import DATA_LIMIT_EXCEEDED, RUNTIME, EvaluationFailed, Failure
from workflow_manager.asl.nodes import Machine, Map
from workflow_manager.engine.arns import child_execution
from workflow_manager.engine.calls import Owner
from workflow_manager.engine.context import Item
from workflow_manager.engine.draft import machine_at
from workflow_manager.engine.execution import Execution, Identity, Status
from workflow_manager.engine.frames import Frame, MapRunning
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import Child, Key, MapRun, NewExecution, RunKey, Tally
from workflow_manager.engine.map_runs import ChildInput, child_inputs
from workflow_manager.engine.moves import MAX_PAYLOAD_BYTES, is_too_large
from workflow_manager.engine.residents import Resident
from workflow_manager.kernel.json import Document, Json, NotJson, dumps, loads

CONCURRENCY: Final = 10_000
"""How many children of one run are open at once at most (Developer Guide, "Map state")."""

EXPRESS_SECONDS: Final = 300
NOT_REDRIVABLE: Final = "NOT_REDRIVABLE"
"""Counts in a tally children that it counts by their status too."""
PAGE_ITEMS: Final = 1000
PAGE_BYTES: Final = 256 * 1024

_NAMES: Final = uuid.UUID("b1a2a6f5-7d0a-4a0c-9a53-3c5e1f0a9c44")  # of children


class Unmakeable(Exception):
    """The input of a child cannot be made."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.cause)
        self.failure = failure


class Next(NamedTuple):
    """The child whose turn it is; `number` counts from 0, in the order of the items."""

    number: int
    text: str
    items: int


class Run:
    """A map run under way, counted from the children it has.

    `open` are the children that have not ended, with the number of their items, `pending` those that
    wait to be redriven.  `waiters` wait until the run is let go of.  `over` is set as
    soon as it has been decided how the run ends, or that it is let go of; `draining` when that is
    durable, so that its children can be stopped; `failing` when too many items have failed, and the
    results are to be exported before the state hears of it.  What `prepare` sets is there only while
    the Map state waits for the run.
    """

    parent: Identity
    waiting: MapRunning
    node: Map
    machine: Machine
    _definition: str
    _place: tuple[str, ...]
    _entered_event: int
    _all_inputs: Callable[[], Iterator[ChildInput]]

    def __init__(self, record: MapRun, children: Iterable[Child]) -> None:
        self.record = record
        self.open: dict[Key, int] = {}
        self.pending: dict[Key, int] = {}
        self.waiters: list[asyncio.Future[None]] = []
        self.inputs: Iterator[ChildInput] | None = None
        self.exhausted = False
        self.over = False
        self.draining = False
        self.failing = False
        self.scheduled = False
        self.task: asyncio.Task[None] | None = None
        self._is_batched = False
        self._ended: dict[Status, tuple[int, int]] = {}
        self._stuck = (0, 0)  # failed before the run was redriven, and cannot be
        self._items_begun = 0
        self._known: set[int] = set()  # numbers of the children that had begun when it was taken up
        self._number = 0
        for child in children:
            self._known.add(child.number)
            if child.status is Status.RUNNING:
                self.began(child.key, child.items)
                continue
            self._items_begun += child.items
            if child.status is Status.PENDING_REDRIVE:
                self.pending[child.key] = child.items
                continue
            self._count(child.status, child.items)
            if self._is_stuck(child):
                self._stuck = (self._stuck[0] + 1, self._stuck[1] + child.items)

    def prepare(self, resident: Resident, frame: Frame) -> None:
        """Look up what the children will be."""
        assert isinstance(frame.waiting, MapRunning)
        inside = (*frame.place, frame.state)
        node = machine_at(resident.machine, frame.place).states[frame.state]
        assert isinstance(node, Map)
        self.parent = resident.identity
        self.waiting = frame.waiting
        self.node = node
        self.machine = node.processor
        self._definition = resident.definition
        self._place = (*resident.identity.place, *inside)
        self._entered_event = frame.entered_event
        self._is_batched = node.batcher is not None

    @property
    def is_express(self) -> bool:
        return self.node.child_type == "EXPRESS"

    @property
    def owner(self) -> Owner:
        return self.record.execution, self.record.frame

    @property
    def room(self) -> int:
        """How many more children may begin, as far as their number goes."""
        return max(min(self.record.max_concurrency or CONCURRENCY, CONCURRENCY) - len(self.open), 0)

    @property
    def is_done(self) -> bool:
        return self.exhausted and not self.open and not self.pending

    @property
    def is_exported(self) -> bool:
        """Do the results go to an object store?"""
        return self.waiting.writer is not None and self.waiting.writer.resource is not None

    # Children

    def began(self, key: Key, items: int) -> None:
        self.open[key] = items
        self._items_begun += items

    def redriven(self, key: Key) -> None:
        self.open[key] = self.pending.pop(key)

    def _is_stuck(self, child: Child) -> bool:
        redriven_at = self.record.redriven_at
        if redriven_at is None or child.stopped_at is None or child.status is Status.SUCCEEDED:
            return False
        return child.stopped_at < redriven_at

    def ended(self, key: Key, status: Status) -> bool:
        """False when the child has been counted already."""
        items = self.open.pop(key, None)
        if items is not None:
            self._count(status, items)
        return items is not None

    def _count(self, status: Status, items: int) -> None:
        executions, before = self._ended.get(status, (0, 0))
        self._ended[status] = (executions + 1, before + items)

    @property
    def tally(self) -> Tally:
        """With those that are running, and those that have not begun as far as they are known."""
        tally = {status.value: count for status, count in self._ended.items()}
        if self.open:
            tally["RUNNING"] = (len(self.open), sum(self.open.values()))
        if self.pending:
            tally["PENDING_REDRIVE"] = (len(self.pending), sum(self.pending.values()))
        if self._stuck[0]:
            tally[NOT_REDRIVABLE] = self._stuck
        left = (self.record.items or 0) - self._items_begun
        if left > 0:
            # How many batches the items make is known when they have been made.
            tally["PENDING"] = (0 if self._is_batched else left, left)
        if self.record.status is not Status.RUNNING and (never_begun := self.record.tally.get("PENDING")):
            tally["PENDING"] = never_begun  # the Map state, which could tell of batches, may be gone
        return tally

    @property
    def fails(self) -> bool:
        """Have more items failed than are tolerated?  Both limits hold; without any, not one may."""
        failed = sum(items for status, (_, items) in self._ended.items() if status is not Status.SUCCEEDED)
        most, share = self.record.tolerated_failure_count, self.record.tolerated_failure_percentage
        if not failed or not (most or share):
            return bool(failed)
        total = self.record.items or 1
        return bool((most and failed > most) or (share and failed * 100 > share * total))

    # Inputs

    def make_inputs(self, resident: Resident, journal: Journal) -> None:
        """Begin with the inputs, all over: those of children that have begun are passed over."""
        record = self.record
        around = record.frame.split(".")
        names = [".".join(around[:length]) for length in range(1, len(around) + 1)]
        execution = Execution(
            identity=resident.identity,
            machine=resident.machine,
            frames={name: resident.frames[name] for name in names},
            last_event=resident.last_event,
        )
        self._number, self.exhausted = 0, False
        self._all_inputs = lambda: child_inputs(
            execution,
            record.frame,
            None if self.waiting.reader is None else _kept(journal, record.key, record.pages),
            at=record.started_at,
            seed=record.seed,
        )
        self.inputs = self._all_inputs()

    def next_input(self) -> Next | None:
        """None where there is nothing to begin with the next item, or no next item: then `exhausted`.

        Raises `Unmakeable`, and `Unavailable`.
        """
        assert self.inputs is not None
        try:
            given = next(self.inputs, None)
        except EvaluationFailed as problem:
            raise Unmakeable(Failure(problem.error, self._where + problem.cause)) from None
        except (NotJson, RecursionError) as error:
            reason = str(error) if isinstance(error, NotJson) else "nested too deeply"
            raise Unmakeable(Failure(RUNTIME, f"{self._where}Invalid JSON: {reason}.")) from None
        if given is None:
            self.exhausted = True
            self._known.clear()
            return None
        number = self._number
        self._number += 1
        if number in self._known:
            return None
        if is_too_large(Document(text=given.text)):
            cause = f"The input of a child execution has more than {MAX_PAYLOAD_BYTES} bytes."
            raise Unmakeable(Failure(DATA_LIMIT_EXCEEDED, cause))
        return Next(number, given.text, given.items)

    @property
    def _where(self) -> str:
        return (
            f"An error occurred while executing the state '{self.node.name}'"
            f" (entered at the event id #{self._entered_event}). "
        )

    def unbegun(self, at: datetime) -> Iterator[Identity]:
        """The children that will not begin, for a run that begins no more; as far as they can be made."""
        begun, known = self._number, self._known
        with suppress(EvaluationFailed, NotJson, RecursionError):
            for number, given in enumerate(self._all_inputs()):
                if number >= begun and number not in known:
                    yield self.child(Next(number, given.text, given.items), at, "").identity

    def child(self, given: Next, at: datetime, secret: str) -> NewExecution:
        """An execution for the input; the same again for the same number."""
        parent, label = self.parent, self.record.label
        name = str(uuid.uuid5(_NAMES, f"{self.record.arn}\n{given.number}"))
        machine_arn = f"{parent.machine_arn}/{label}"
        identity = Identity(
            arn=child_execution(machine_arn, name, express=self.is_express),
            name=name,
            machine_arn=machine_arn,
            machine_name=f"{parent.machine_name}/{label}",
            role_arn=parent.role_arn,
            started_at=at,
            input=given.text,
            secret=secret,
            place=self._place,
            map_run_arn=self.record.arn,
            trace_header=parent.trace_header,
            machine_revision=parent.machine_revision,
            machine_updated_at=parent.machine_updated_at,
        )
        return NewExecution(
            identity=identity,
            definition=self._definition,
            due_at=at + timedelta(seconds=EXPRESS_SECONDS) if self.is_express else None,
            map_run=self.record.key,
            number=given.number,
            items=given.items,
        )


def map_run_arn(frame: Frame | None) -> str | None:
    """Of the run that a frame waits for."""
    if frame is not None and isinstance(frame.waiting, MapRunning):
        return frame.waiting.map_run_arn
    return None


def page(reading: Iterator[Item]) -> tuple[int, str]:
    """The next items: how many, and as a text that `unpaged` reads.

    Neighbours tend to come from the same place, which is said once for all of them.
    """
    values: list[str] = []
    keys: list[Json] = []
    sources: list[tuple[str, int]] = []
    size = 0
    for item in islice(reading, PAGE_ITEMS):
        values.append(dumps(item.value))
        keys.append(item.key)
        place, count = sources[-1] if sources else ("", 0)
        if count and place == item.source:
            sources[-1] = (place, count + 1)
        else:
            sources.append((item.source, 1))
        size += len(values[-1])
        if size >= PAGE_BYTES:
            break
    more: dict[str, Json] = {"sources": [[place, count] for place, count in sources]}
    if any(key is not None for key in keys):
        more["keys"] = keys
    return len(values), f'{{"values":[{",".join(values)}],{dumps(more)[1:]}'


def unpaged(text: str) -> Iterator[Item]:
    page: Any = loads(text)
    if isinstance(page, list):  # as the first release wrote it
        yield from map(Item, page)
        return
    keys = page.get("keys") or [None] * len(page["values"])
    places = (place for place, count in page["sources"] for _ in range(count))
    yield from map(Item, page["values"], keys, places)


def _kept(journal: Journal, run: RunKey, pages: int) -> Iterator[Item]:
    """The items that were read."""
    for number in range(pages):
        yield from unpaged(journal.items(run, number) or "[]")
