"""Parallel and Map: child frames and their joining.

Children are made together and begin as their turn comes; the parent counts.  So an end of one
child changes that child, the parent and perhaps the next one in the queue, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.nodes import Machine, Map, Parallel, Task, Wait
from workflow_manager.engine import fields
from workflow_manager.engine.context import Iteration
from workflow_manager.engine.draft import MAX_HISTORY, Draft, Line
from workflow_manager.engine.frames import QUEUED, READY, Ended, Joining, MapRunning
from workflow_manager.engine.moves import (
    effective_input,
    fail,
    give_up,
    give_up_evaluating,
    is_too_large,
    leave_with_result,
    oversized,
)
from workflow_manager.engine.retry import Fault
from workflow_manager.kernel.json import Document, Json, dumps

INLINE_CONCURRENCY: Final = 40
"""How many iterations of an inline Map run at once at most (Developer Guide, "Map state")."""


def start_parallel(draft: Draft, line: Line, node: Parallel) -> None:
    arguments = node.flow.arguments(*effective_input(draft, line))
    draft.emit(line, "ParallelStateStarted")
    total = len(node.branches)
    line.waiting = Joining(total=total, begun=total, left=total)
    for number, branch in enumerate(node.branches):
        child = _make_child(draft, line, number, (*line.place, line.state, str(number)), branch, arguments)
        draft.ready.append(child)


def start_map(draft: Draft, line: Line, node: Map) -> None:
    env, _ = effective_input(draft, line)
    language = node.flow.language
    items = fields.map_items(node, env)
    limit = fields.natural(node.max_concurrency, env, language, "MaxConcurrency") or INLINE_CONCURRENCY
    # They bind a distributed Map only, but a wrong value is wrong in any.
    fields.natural(node.tolerated_failure_count, env, language, "ToleratedFailureCount")
    fields.percentage(node.tolerated_failure_percentage, env, language, "ToleratedFailurePercentage")

    started = draft.emit(line, "MapStateStarted", {"length": len(items)})
    total = len(items)
    begun = min(total, limit, INLINE_CONCURRENCY)
    line.waiting = Joining(total=total, begun=begun, left=total)
    place = (*line.place, line.state)
    for index, item in enumerate(items[: reachable(total)]):
        child = _make_child(draft, line, index, place, node.processor, Document(text=dumps(item)))
        child.waiting = QUEUED
        child.index = index
    for index in range(begun):
        _begin(draft, line, node, draft.get(f"{line.id}.{index}"), started)
    if not items:
        _join(draft, line, line.waiting)


def settle(draft: Draft, child: Line, fault: Fault | None) -> None:
    """A child ended: tell its parent."""
    if child.gone:
        return
    parent = draft.get(child.parent)
    draft.add(parent)
    joining = parent.waiting
    assert isinstance(joining, Joining)
    if fault is None:
        _child_succeeded(draft, parent, joining, child)
    else:
        _child_failed(draft, parent, joining, child, fault)


def _child_succeeded(draft: Draft, parent: Line, joining: Joining, child: Line) -> None:
    freed_by = child.last_event
    begun = joining.begun
    if isinstance(node := parent.node, Map):
        draft.emit(child, "MapIterationSucceeded", {"name": parent.state, "index": child.index})
        if begun < joining.total:
            _begin(draft, parent, node, draft.get(f"{parent.id}.{begun}"), freed_by)
            begun += 1
    parent.last_event = child.last_event
    joining = Joining(total=joining.total, begun=begun, left=joining.left - 1)
    parent.waiting = joining
    if not joining.left:
        _join(draft, parent, joining)


def _child_failed(draft: Draft, parent: Line, joining: Joining, child: Line, fault: Fault) -> None:
    failed_by = child.last_event
    if isinstance(parent.node, Map):
        draft.emit(child, "MapIterationFailed", {"name": parent.state, "index": child.index})
    for other in _open_children(draft, parent, joining):
        _abort(draft, parent, other, failed=other is child)
    _drop_children(draft, parent, joining)
    parent.waiting = READY
    parent.last_event = failed_by
    fail(draft, parent, fault)


def _join(draft: Draft, line: Line, joining: Joining) -> None:
    """All children succeeded: their outputs, in order, are the state's result."""
    outputs: list[str] = []
    for number in range(joining.total):
        child = draft.get(f"{line.id}.{number}")
        assert isinstance(child.waiting, Ended)
        outputs.append(child.waiting.output)
        draft.drop(child)
    line.waiting = READY
    node = line.node
    assert isinstance(node, Parallel | Map)
    draft.emit_beside(line.last_event, f"{type(node).__name__}StateSucceeded")
    leave_with_result(draft, line, node, Document(text=f"[{','.join(outputs)}]"))


def _make_child(
    draft: Draft, parent: Line, number: int, place: tuple[str, ...], machine: Machine, input: Document
) -> Line:
    child = Line(f"{parent.id}.{number}", place, machine, machine.start_at, input)
    child.last_event = parent.last_event
    child.entered_at = draft.at
    draft.add(child)
    return child


def _begin(draft: Draft, parent: Line, node: Map, child: Line, previous: int) -> None:
    """The turn of an item has come; `previous` is the event that let it in."""
    if draft.ending is not None:
        return
    draft.add(child)
    child.waiting = READY
    child.item = child.raw
    child.last_event = previous
    draft.emit(child, "MapIterationStarted", {"name": parent.state, "index": child.index})
    if node.selector is not None:
        try:
            child.raw = _selected(draft, parent, node, child.index, child.item.value)
        except EvaluationFailed as problem:
            give_up_evaluating(draft, parent, problem, child)
            return
        if is_too_large(child.raw):
            give_up(draft, child, Fault(oversized(parent.state), wild=False))
            return
    draft.ready.append(child)


def _selected(draft: Draft, parent: Line, node: Map, index: int | None, item: Json) -> Document:
    assert index is not None
    _, effective = effective_input(draft, parent)
    return fields.select_item(node, draft.environment(parent, effective, item=Iteration(index, item)), item)


def reachable(total: int) -> int:
    """How many of `total` items can begin before the history is full.

    Each that ends leaves three events at least; those beyond need no frames.
    """
    return min(total, MAX_HISTORY // 3 + INLINE_CONCURRENCY)


def _drop_children(draft: Draft, parent: Line, joining: Joining) -> None:
    for number in range(reachable(joining.total)):
        if child := draft.find(f"{parent.id}.{number}"):
            draft.drop(child)


def _open_children(draft: Draft, parent: Line, joining: Joining) -> Iterator[Line]:
    for number in range(joining.begun):
        child = draft.find(f"{parent.id}.{number}")
        if child is not None and not isinstance(child.waiting, Ended):
            yield child


def _abort(draft: Draft, parent: Line, child: Line, failed: bool) -> None:
    """Stop a child and all within it, telling of each state that was under way."""
    in_map = isinstance(parent.node, Map)
    if isinstance(child.waiting, Joining):
        for inner in _open_children(draft, child, child.waiting):
            _abort(draft, child, inner, failed=False)
        _drop_children(draft, child, child.waiting)
    if isinstance(child.waiting, MapRunning):
        draft.emit(child, "MapRunAborted")
    # A failed Parallel or Map has said so itself; a task's failure is not yet its state's.
    told = Task if failed else Task | Wait | Parallel | Map
    if child.entered and isinstance(child.node, told) and not (failed and in_map):
        draft.emit(child, f"{type(child.node).__name__}StateAborted")
    if in_map and not failed:
        draft.emit(child, "MapIterationAborted", {"name": parent.state, "index": child.index})
