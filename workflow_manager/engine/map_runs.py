"""Distributed Map: a map run works on the items as executions of their own.

The step starts the run and hears how it ended.  What lies between, the child executions, is the
runtime's; `child_inputs` tells it what each of them is given.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.failure import RUNTIME
from workflow_manager.asl.nodes import ItemBatcher, ItemReader, Map, QueryLanguage, ResultWriter
from workflow_manager.engine import fields
from workflow_manager.engine.context import Item, Iteration
from workflow_manager.engine.details import describe_failure
from workflow_manager.engine.draft import Draft, Line
from workflow_manager.engine.events import Resumed
from workflow_manager.engine.execution import Execution, Identity
from workflow_manager.engine.frames import READY, FrameId, ItemSink, ItemSource, MapRunning
from workflow_manager.engine.moves import crash, effective_input, fail, leave_with_result
from workflow_manager.engine.retry import Fault
from workflow_manager.kernel.json import Document, document, dumps

_LABELS: Final = uuid.UUID("0d4f2f62-6a3c-4b0e-8d0d-0c5a3fd5c2b9")  # of Map states without a Label


class ChildInput(NamedTuple):
    """What a child execution is given, and how many items that is."""

    text: str
    items: int


def start_run(draft: Draft, line: Line, node: Map) -> None:
    env, _ = effective_input(draft, line)
    language = node.flow.language
    limit = fields.natural(node.max_concurrency, env, language, "MaxConcurrency") or 0
    length = len(fields.run_items(node, env)) if node.reader is None else 0
    draft.emit(line, "MapStateStarted", {"length": length})

    run = _run(node, env, length, limit)
    arn = _map_run_arn(draft.execution.identity, line, node, draft.next_visit(line))
    draft.emit(line, "MapRunStarted", {"mapRunArn": arn})
    line.waiting = replace(run, map_run_arn=arn)


def redrive_run(draft: Draft, line: Line, node: Map, arn: str, number: int) -> None:
    """The line waits again for a run that it has begun before; `number` counts the run's redrives."""
    env, _ = effective_input(draft, line)
    limit = fields.natural(node.max_concurrency, env, node.flow.language, "MaxConcurrency") or 0
    length = len(fields.run_items(node, env)) if node.reader is None else 0
    run = _run(node, env, length, limit)
    draft.next_visit(line)
    draft.emit(line, "MapRunRedriven", {"mapRunArn": arn, "redriveCount": number})
    line.waiting = replace(run, map_run_arn=arn)


def _run(node: Map, env: Environment, length: int, limit: int) -> MapRunning:
    """What to do, for a run that has no name yet."""
    language = node.flow.language
    count = fields.natural(node.tolerated_failure_count, env, language, "ToleratedFailureCount")
    share = fields.percentage(node.tolerated_failure_percentage, env, language, "ToleratedFailurePercentage")
    return MapRunning(
        map_run_arn="",
        length=length,
        reader=None if node.reader is None else _source(node.reader, env, language),
        writer=None if node.writer is None else _sink(node.writer, env),
        max_concurrency=limit,
        tolerated_failure_count=count or 0,
        tolerated_failure_percentage=share or 0.0,
    )


def run_succeeded(draft: Draft, line: Line, node: Map, result: Document) -> None:
    run_started = line.last_event
    draft.emit(line, "MapRunSucceeded")
    draft.emit_beside(line.last_event, "MapStateSucceeded")
    # As recorded: a Map that is not the execution's first state names the event before the
    # run's end as the predecessor of its exit.
    if line.entered_event > 2:
        line.last_event = run_started
    line.waiting = READY
    leave_with_result(draft, line, node, result)


def run_failed(draft: Draft, line: Line, fault: Fault) -> None:
    draft.emit(line, "MapRunFailed", describe_failure(fault.failure))
    line.waiting = READY
    if fault.failure.error == RUNTIME:
        crash(draft, line, fault.failure)
    else:
        fail(draft, line, fault)


def child_inputs(
    execution: Execution, frame: FrameId, read: Iterable[Item] | None, *, at: datetime, seed: int
) -> Iterator[ChildInput]:
    """The inputs of a map run's child executions: selected, and batched where the state says so.

    They are made one by one, because each may be as large as the state's input; with the same `at`
    and `seed` they are the same again.  `read` are the items an ItemReader found, None where the
    state's input holds them.  Raises `EvaluationFailed` where an item cannot be selected, `NotJson`
    where a payload is no JSON.
    """
    draft = Draft(execution, Resumed(at=at, seed=seed))
    line = draft.get(frame)
    node = line.node
    assert isinstance(node, Map)
    env, effective = effective_input(draft, line)
    items = fields.run_items(node, env) if read is None else read
    inputs = (
        fields.select_item(
            node,
            draft.environment(line, effective, item=Iteration(index, item.value, item)),
            item.given,
        )
        for index, item in enumerate(items)
    )
    if node.batcher is None:
        return (ChildInput(given.text, 1) for given in inputs)
    return _batches(node.batcher, inputs, env, node.flow.language)


def _batches(
    batcher: ItemBatcher, inputs: Iterator[Document], env: Environment, language: QueryLanguage
) -> Iterator[ChildInput]:
    """As many items as fit by number and by bytes; an item too large for any batch has its own."""
    most = fields.natural(batcher.max_items, env, language, "MaxItemsPerBatch") or None
    room = fields.natural(batcher.max_bytes, env, language, "MaxInputBytesPerBatch") or None
    common = None if batcher.batch_input is None else dumps(batcher.batch_input.evaluate(env))
    head = '{"Items":[' if common is None else f'{{"BatchInput":{common},"Items":['
    empty = len(head.encode()) + len("]}")

    batch: list[str] = []
    size = empty
    for given in inputs:
        text = given.text
        bytes_more = len(text.encode()) + 1
        full = most is not None and len(batch) >= most
        if batch and (full or (room is not None and size + bytes_more > room)):
            yield ChildInput(f"{head}{','.join(batch)}]}}", len(batch))
            batch, size = [], empty
        batch.append(text)
        size += bytes_more
    if batch:
        yield ChildInput(f"{head}{','.join(batch)}]}}", len(batch))


def _source(reader: ItemReader, env: Environment, language: QueryLanguage) -> ItemSource:
    return ItemSource(
        resource=reader.resource,
        arguments=_evaluated(reader.arguments, env),
        config=dumps(dict(reader.config)),
        # A negative number is the run's to refuse.
        max_items=fields.count(reader.max_items, env, language, "MaxItems"),
    )


def _sink(writer: ResultWriter, env: Environment) -> ItemSink:
    return ItemSink(
        resource=writer.resource,
        arguments=_evaluated(writer.arguments, env),
        config=dumps(dict(writer.config)),
    )


def _evaluated(template: Expression | None, env: Environment) -> str:
    return "{}" if template is None else document(template.evaluate(env)).text


def _map_run_arn(identity: Identity, line: Line, node: Map, visit: int) -> str:
    """`…:mapRun:machine/label:id`, the same again when the step is repeated.

    A state has one label for all its runs, so that they are runs of one state machine.
    """
    base, _, _ = identity.machine_arn.partition(":stateMachine:")
    digest = hashlib.blake2b(
        f"{line.id}\n{visit}\n{identity.arn}".encode(), key=identity.secret.encode()[:64], digest_size=16
    ).digest()
    path = "/".join((*identity.place, *line.place, line.state))
    label = node.label or uuid.uuid5(_LABELS, f"{identity.machine_arn}\n{path}")
    return f"{base}:mapRun:{identity.machine_name}/{label}:{uuid.UUID(bytes=digest, version=4)}"
