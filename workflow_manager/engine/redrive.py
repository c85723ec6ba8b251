"""Where an execution that failed goes on when it is redriven: read off its own history.

An ending takes all frames with it, so that what has failed costs nothing but its history.  A redrive
is rare; it reads that history once and finds each thread where it stood: in the state that failed
or was aborted, through with its branch, or still in the queue.  What succeeded is not done again.

Pure.  A distributed Map goes on with its map run, if it had begun one; a Parallel or Map state whose own
fields failed begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.nodes import Choice, Fail, Machine, Map, Node, Parallel, Succeed
from workflow_manager.engine import fields
from workflow_manager.engine.draft import ROOT, Draft
from workflow_manager.engine.events import HistoryEvent, Resumed
from workflow_manager.engine.execution import Execution, Identity
from workflow_manager.engine.fanout import reachable
from workflow_manager.engine.frames import QUEUED, Ended, Frame, FrameId, Joining
from workflow_manager.engine.moves import SPENT, effective_input
from workflow_manager.kernel.json import NotJson, dumps

_SUCCEEDED: Final = ("ParallelStateSucceeded", "MapStateSucceeded")
_STARTED: Final = ("ParallelStateStarted", "MapStateStarted")
_FAILED: Final = ("ParallelStateFailed", "MapStateFailed")


@dataclass(slots=True)
class _Thread:
    """One line of the execution as the history tells of it; `state` is "" before it entered any."""

    id: FrameId
    place: tuple[str, ...]
    machine: Machine
    parent: _Thread | None = None
    index: int | None = None
    state: str = ""
    input: str = ""
    output: str = ""
    entered_at: datetime | None = None
    entered_event: int = 0
    last_event: int = 0
    has_exited: bool = False
    has_failed: bool = False
    fans_out: bool = False
    map_run: str | None = None
    children: dict[int, _Thread] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def node(self) -> Node:
        return self.machine.states[self.state]

    @property
    def has_ended(self) -> bool:
        return self.has_exited and not isinstance(self.node, Choice) and _next(self.node) is None

    def leave_children(self) -> None:
        self.children.clear()
        self.has_failed = self.fans_out = False
        self.map_run = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """`map_runs` are the ARNs of the runs that frames were waiting for, by those frames."""

    frames: dict[FrameId, Frame] = field(default_factory=dict)
    map_runs: dict[FrameId, str] = field(default_factory=dict)


def reopened(identity: Identity, machine: Machine, history: Iterable[HistoryEvent], at: datetime) -> Reopened:
    """The frames of the execution, those ready that have work to do again."""
    reopening = _Reopening(identity, machine, at)
    reopening.add(_read(machine, history))
    return reopening.found


def restarted(identity: Identity, machine: Machine, at: datetime) -> Reopened:
    """The execution from its beginning, as express executions are redriven."""
    start = Frame(id=ROOT, state=machine.start_at, input=identity.input, entered_at=at)
    return Reopened({ROOT: start})


# Reading the history


def _read(machine: Machine, history: Iterable[HistoryEvent]) -> _Thread:
    root = _Thread(ROOT, (), machine)
    places = dict(_places(machine, ()))
    owners = {0: root}
    for event in history:
        thread = owners[event.id] = _tell(event, owners.get(event.previous, root), places)
        # Nothing follows from an event that only stands beside the others.
        if event.type not in _SUCCEEDED and not event.type.startswith("Execution"):
            thread.last_event = event.id
    return root


def _tell(event: HistoryEvent, before: _Thread, places: Mapping[str, tuple[str, ...]]) -> _Thread:
    """Note the event with the thread it belongs to; `before` is its predecessor's."""
    details: dict[str, Any] = event.details or {}
    if event.type.endswith("StateEntered"):
        thread = _inside(before, places[details["name"]])
        thread.leave_children()
        thread.state, thread.input, thread.has_exited = details["name"], details["input"], False
        thread.entered_at, thread.entered_event = event.at, event.id
        return thread
    if event.type.endswith("StateExited"):
        thread = _in_state(before, details["name"])
        thread.leave_children()
        thread.output, thread.has_exited = details["output"], True
        thread.variables |= details.get("assignedVariables", {})
        return thread
    if event.type == "MapRunStarted":
        before.map_run = details["mapRunArn"]
        return before
    if event.type == "EvaluationFailed":
        return _inside(before, places[details["state"]])
    if event.type.startswith("MapIteration"):
        parent = _in_state(before, details["name"])
        index = int(details["index"])
        if event.type == "MapIterationStarted":
            parent.children[index] = _child(parent, index, (*parent.place, parent.state), index)
        return parent.children[index]
    if event.type in (*_STARTED, *_SUCCEEDED, *_FAILED):
        thread = _fanning(before, Parallel if event.type.startswith("Parallel") else Map)
        if event.type in _STARTED:
            thread.leave_children()
            thread.fans_out = True
        thread.has_failed = event.type in _FAILED
        return thread
    return before


def _inside(thread: _Thread, place: tuple[str, ...]) -> _Thread:
    """The thread at a place: this one, or the branch of its Parallel state that leads there."""
    if place == thread.place or len(place) <= len(thread.place):
        return thread
    number = int(place[len(thread.place) + 1])
    if number not in thread.children:
        thread.children[number] = _child(thread, number, (*thread.place, thread.state, str(number)))
    return thread.children[number]


def _in_state(thread: _Thread, name: str) -> _Thread:
    while thread.state != name and thread.parent is not None:
        thread = thread.parent
    return thread


def _fanning(thread: _Thread, kind: type[Node]) -> _Thread:
    """The thread whose Parallel or Map state an event tells of, from a thread in it or below."""
    while thread.parent is not None:
        if thread.state and isinstance(thread.node, kind) and not (thread.has_failed or thread.has_exited):
            break
        thread = thread.parent
    return thread


def _next(node: Node) -> str | None:
    return None if isinstance(node, Choice | Succeed | Fail) else node.next


def _child(parent: _Thread, number: int, place: tuple[str, ...], index: int | None = None) -> _Thread:
    node = parent.node
    assert isinstance(node, Parallel | Map)
    machine = node.branches[number] if isinstance(node, Parallel) else node.processor
    return _Thread(f"{parent.id}.{number}", place, machine, parent, index)


def _places(machine: Machine, place: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every state with the place of its machine; names are unique in the whole definition."""
    for name, node in machine.states.items():
        yield name, place
        if isinstance(node, Parallel):
            for number, branch in enumerate(node.branches):
                yield from _places(branch, (*place, name, str(number)))
        elif isinstance(node, Map):
            yield from _places(node.processor, (*place, name))


# Standing up again


class _Reopening:
    def __init__(self, identity: Identity, machine: Machine, at: datetime) -> None:
        self.found = Reopened()
        self._identity = identity
        self._machine = machine
        self._at = at

    def add(self, thread: _Thread, item: str | None = None) -> None:
        """The frames of a thread and of all within it; `item` is an iteration's."""
        frame = self.found.frames[thread.id] = self._frame(thread, item)
        if thread.map_run is not None and not thread.has_exited:
            self.found.map_runs[thread.id] = thread.map_run
        if thread.has_exited or not thread.fans_out or not _can_go_on(thread):
            return
        try:
            unbegun = self._unbegun(thread)
        except (EvaluationFailed, NotJson):
            return
        left = total = len(unbegun)
        begun = total if isinstance(thread.node, Parallel) else len(thread.children)
        for number, fresh in enumerate(unbegun[: reachable(total)]):
            child = thread.children.get(number)
            if child is None:
                self.found.frames[fresh.id] = fresh
            else:
                self.add(child, None if fresh.index is None else fresh.input)
                left -= child.has_ended
        self.found.frames[thread.id] = replace(frame, waiting=Joining(total=total, begun=begun, left=left))

    def _frame(self, thread: _Thread, item: str | None) -> Frame:
        entered_at = thread.entered_at or self._at
        frame = Frame(
            id=thread.id,
            place=thread.place,
            state=thread.state or thread.machine.start_at,
            input=thread.input if thread.state else self._identity.input,
            entered=bool(thread.state),
            entered_at=entered_at,
            entered_event=thread.entered_event,
            last_event=thread.last_event,
            variables=dict(thread.variables),
            index=thread.index,
            item=item,
        )
        if thread.has_ended:
            spent = replace(frame, input=SPENT.text, entered=False, item=None, variables={})
            return replace(spent, waiting=Ended(output=thread.output))
        if thread.has_exited and (following := _next(thread.node)) is not None:
            return replace(frame, state=following, input=thread.output, entered=False)
        return frame

    def _unbegun(self, thread: _Thread) -> list[Frame]:
        """The children of a Parallel or Map state as they were before any of them began."""
        draft = Draft(
            Execution(identity=self._identity, machine=self._machine, frames=self.found.frames),
            Resumed(at=self._at, seed=0),
        )
        env, effective = effective_input(draft, draft.get(thread.id))
        node = thread.node
        fresh = Frame(id="", state="", input="", entered_at=self._at, last_event=thread.last_event)
        if isinstance(node, Parallel):
            arguments = node.flow.arguments(env, effective).text
            return [
                replace(
                    fresh,
                    id=f"{thread.id}.{number}",
                    place=(*thread.place, thread.state, str(number)),
                    state=branch.start_at,
                    input=arguments,
                )
                for number, branch in enumerate(node.branches)
            ]
        assert isinstance(node, Map)
        return [
            replace(
                fresh,
                id=f"{thread.id}.{index}",
                place=(*thread.place, thread.state),
                state=node.processor.start_at,
                input=dumps(item),
                waiting=QUEUED,
                index=index,
            )
            for index, item in enumerate(fields.map_items(node, env))
        ]


def _can_go_on(thread: _Thread) -> bool:
    """Is it children that failed, and all that began have come as far as a state?"""
    if isinstance(thread.node, Map) and thread.node.distributed:
        return False
    children = thread.children.values()
    return any(not child.has_ended for child in children) and all(child.state for child in children)
