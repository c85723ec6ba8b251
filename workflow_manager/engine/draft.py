"""One advance under way: frames being changed, history being written.

`advance` works on a draft and makes values of it once, at the end: a chain of a hundred states
costs one frame, not a hundred.  Nothing here decides what a state does.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.nodes import Machine, Map, Node, Parallel, Task
from workflow_manager.engine.context import ContextObject, Iteration
from workflow_manager.engine.events import Event, HistoryEvent
from workflow_manager.engine.execution import Ending, Execution, Status, Transition
from workflow_manager.engine.frames import READY, Frame, FrameId, Waiting
from workflow_manager.engine.retry import Fault
from workflow_manager.kernel.json import ABSENT, Absent, Document, Json

MAX_HISTORY: Final = 25_000
ROOT: Final = "0"
NEVER: Final = datetime.min.replace(tzinfo=UTC)
CAN_RETRY: Final = (Task, Parallel, Map)


class HistoryFull(Exception):
    """One more event would be more than an execution may have."""


class Line:
    """A frame under change.  The attributes are those of `Frame`, payloads as documents.

    `before` is the thread's last event before the state was entered, where this advance has seen
    it.  `gone` marks one that ended or was aborted: whoever still holds it lets go.
    """

    __slots__ = (
        "attempts",
        "before",
        "entered",
        "entered_at",
        "entered_event",
        "gone",
        "id",
        "index",
        "item",
        "last_event",
        "machine",
        "node",
        "place",
        "raw",
        "retries",
        "scope",
        "state",
        "variables",
        "visit",
        "waiting",
    )

    def __init__(
        self, id: FrameId, place: tuple[str, ...], machine: Machine, state: str, raw: Document
    ) -> None:
        self.id = id
        self.place = place
        self.machine = machine
        self.state = state
        self.node: Node = machine.states[state]
        self.raw = raw
        self.waiting: Waiting = READY
        self.entered = False
        self.entered_at = NEVER
        self.entered_event = 0
        self.before: int | None = None
        self.last_event = 0
        self.attempts: tuple[int, ...] = ()
        self.retries = 0
        self.visit = 0
        self.variables: dict[str, Document] = {}
        self.scope: Mapping[str, Json] | None = None
        self.index: int | None = None
        self.item: Document | None = None
        self.gone = False

    @property
    def parent(self) -> FrameId:
        """Empty for the root."""
        return self.id.rpartition(".")[0]


class Draft:
    def __init__(self, execution: Execution, event: Event) -> None:
        self.execution = execution
        self.at = event.at
        self.seed = event.seed
        self.context = ContextObject(execution)
        self.history: list[HistoryEvent] = []
        self.last_event = execution.last_event
        self.entered = 0  # states, so far
        self.lines: dict[FrameId, Line | None] = {}
        self._read: dict[FrameId, Line] = {}
        self.ready: deque[Line] = deque()
        self.ended: deque[tuple[Line, Fault | None]] = deque()
        """Children that ended, in order, for their parents to hear of; None is success."""
        self.ending: Ending | None = None

    @cached_property
    def random(self) -> random.Random:
        """The chance of the event."""
        return random.Random(self.seed)

    def find(self, id: FrameId) -> Line | None:
        """The line of a frame that is still open; a change to it counts once it is added."""
        if id in self.lines:
            return self.lines[id]
        line = self._read.get(id)
        if line is None and (frame := self.execution.frames.get(id)) is not None:
            line = self._read[id] = self._load(frame)
        return line

    def get(self, id: FrameId) -> Line:
        """The same where the frame must exist: a parent's, a child's."""
        line = self.find(id)
        assert line is not None, f"frame {id} is missing"
        return line

    def add(self, line: Line) -> None:
        self.lines[line.id] = line

    def reopen(self, frames: Mapping[FrameId, Frame]) -> None:
        """Frames for an execution that had none any more."""
        self.lines.update((name, self._load(frame)) for name, frame in frames.items())

    def open_lines(self) -> list[Line]:
        """What this advance has touched and is still there."""
        return [line for line in self.lines.values() if line is not None]

    def drop(self, line: Line) -> None:
        line.gone = True
        self.lines[line.id] = None

    def emit(self, line: Line, type: str, details: dict[str, Json] | None = None) -> int:
        """Record an event on the line's thread and return its id."""
        line.last_event = self.emit_beside(line.last_event, type, details)
        return line.last_event

    def emit_beside(self, previous: int, type: str, details: dict[str, Json] | None = None) -> int:
        """Record an event that no other will name as its predecessor."""
        if self.last_event + 1 >= MAX_HISTORY:
            raise HistoryFull
        self.last_event += 1
        self.history.append(HistoryEvent(self.last_event, previous, type, self.at, details))
        return self.last_event

    def next_visit(self, line: Line) -> int:
        """A number for what the line is about to wait for; see `Frame.visit`."""
        line.visit = max(line.visit + 1, self.last_event)
        return line.visit

    def end(self, status: Status, previous: int, type: str, details: dict[str, Json], ending: Ending) -> None:
        """Record the last event of the execution; it always has room."""
        self.last_event += 1
        self.history.append(HistoryEvent(self.last_event, previous, type, self.at, details))
        self.ending = ending

    def environment(
        self,
        line: Line,
        input: Document,
        *,
        result: Document | None = None,
        error_output: Json | Absent = ABSENT,
        token: str | None = None,
        item: Iteration | None = None,
    ) -> Environment:
        """What the expressions of the line's state may look at, with `input` as `$`.

        `item` is for a Map's own ItemSelector; within an iteration it is found without.
        """
        return View(self, line, input, result, error_output, token, item)

    def scope(self, line: Line) -> Mapping[str, Json]:
        """All variables the line can see: its own, and those of the frames around it."""
        if line.scope is None:
            parent = line.parent
            outer = self.scope(self.get(parent)) if parent else {}
            own = {name: value.value for name, value in line.variables.items()}
            line.scope = {**outer, **own} if own else outer
        return line.scope

    def stored(self, line: Line) -> Mapping[str, Document]:
        """The same, as they are kept."""
        outer = self.stored(self.get(line.parent)) if line.parent else {}
        return {**outer, **line.variables} if line.variables else outer

    def item_of(self, line: Line) -> Iteration | None:
        """The innermost iteration the line is in."""
        here: Line | None = line
        while here is not None:
            if here.index is not None:
                return Iteration(here.index, here.item.value if here.item is not None else None)
            here = self.get(here.parent) if here.parent else None
        return None

    def transition(self) -> Transition:
        if self.ending is not None:
            return Transition(history=tuple(self.history), ending=self.ending, entered=self.entered)
        known = self.execution.frames
        return Transition(
            frames={
                key: None if line is None else _frame(line)
                for key, line in self.lines.items()
                if line is not None or key in known
            },
            history=tuple(self.history),
            unfinished=bool(self.ready),
            entered=self.entered,
        )

    def _load(self, frame: Frame) -> Line:
        machine = machine_at(self.execution.machine, frame.place)
        line = Line(frame.id, frame.place, machine, frame.state, Document(text=frame.input))
        line.waiting = frame.waiting
        line.entered = frame.entered
        line.entered_at = frame.entered_at
        line.entered_event = frame.entered_event
        line.last_event = frame.last_event
        line.attempts = frame.attempts
        line.retries = frame.retries
        line.visit = frame.visit
        line.variables = {name: Document(text=text) for name, text in frame.variables.items()}
        line.index = frame.index
        line.item = None if frame.item is None else Document(text=frame.item)
        return line


class View(Environment):
    """The environment of one state, found out as far as an expression asks.

    Most states look at nothing: their payload, however large, is then never parsed, and the
    context object never made.
    """

    __slots__ = ("_draft", "_error_output", "_input", "_item", "_line", "_result", "_token")

    # A frozen dataclass with slots cannot set the attributes of its subclasses (gh-90562).
    __setattr__ = object.__setattr__

    def __init__(
        self,
        draft: Draft,
        line: Line,
        input: Document,
        result: Document | None,
        error_output: Json | Absent,
        token: str | None,
        item: Iteration | None,
    ) -> None:
        self._draft = draft
        self._line = line
        self._input = input
        self._result = result
        self._error_output = error_output
        self._token = token
        self._item = item

    @property
    def input(self) -> Json:
        return self._input.value

    @property
    def context(self) -> Mapping[str, Json]:
        draft, line = self._draft, self._line
        return draft.context.of(
            line.state,
            line.entered_at,
            line.retries if isinstance(line.node, CAN_RETRY) else None,
            self._item or draft.item_of(line),
            self._token,
        )

    @property
    def variables(self) -> Mapping[str, Json]:
        return self._draft.scope(self._line)

    @property
    def result(self) -> Json | Absent:
        return ABSENT if self._result is None else self._result.value

    @property
    def error_output(self) -> Json | Absent:
        return self._error_output

    @property
    def now(self) -> datetime:
        return self._draft.at

    @property
    def random(self) -> random.Random:
        return self._draft.random


def machine_at(definition: Machine, place: tuple[str, ...]) -> Machine:
    """The machine a frame runs in; see `Frame.place`."""
    machine = definition
    steps = iter(place)
    for step in steps:
        match machine.states[step]:
            case Parallel(branches=branches):
                machine = branches[int(next(steps))]
            case Map(processor=processor):
                machine = processor
            case other:
                raise AssertionError(f"no machine inside a {type(other).__name__} state")
    return machine


def _frame(line: Line) -> Frame:
    return Frame(
        id=line.id,
        place=line.place,
        state=line.state,
        input=line.raw.text,
        waiting=line.waiting,
        entered=line.entered,
        entered_at=line.entered_at,
        entered_event=line.entered_event,
        last_event=line.last_event,
        attempts=line.attempts,
        retries=line.retries,
        visit=line.visit,
        variables={name: value.text for name, value in line.variables.items()},
        index=line.index,
        item=None if line.item is None else line.item.text,
    )
