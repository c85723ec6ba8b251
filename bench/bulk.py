"""Many ended workflows, written as the engine and the executor write them, only without their work.

One workflow is run by a real server.  Its records, under other names and keys, then go through the
journal's and the store's own writing, in large transactions and without waiting for the disk.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from msgspec import structs

from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.journal.records import ExecutionRecord, ExecutionWrite, NewExecution
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.models.workflow import Workflow
from workflow_manager.store.sqlite import SqliteStore

BATCH = 1000


@dataclass(frozen=True)
class Pattern:
    """What every workflow is to look like: one that a server has run."""

    workflow: Workflow
    record: ExecutionRecord
    write: ExecutionWrite


def fill(data: Path, workflow_id: str, count: int) -> list[str]:
    """Add `count` workflows like that one, executions and all; the ids of some of them."""
    journal = SqliteJournal(journal_of(data), synchronous="OFF")
    store = SqliteStore(records_of(data), clock=SystemClock(), synchronous="OFF")
    try:
        pattern = _pattern(journal, store, workflow_id)
        first = journal.last_key() + 1
        keys = iter(range(first, first + count))
        some: list[str] = []
        while batch := list(islice(keys, BATCH)):
            made = [(key, str(uuid.uuid4())) for key in batch]
            journal.write([_execution(pattern, key, name) for key, name in made])
            workflows = [_workflow(pattern, name) for _, name in made]
            store._write(partial(_insert, store, workflows))
            some.append(made[0][1])
        return some
    finally:
        store.close()
        journal.close()


def _insert(store: SqliteStore, workflows: Sequence[Workflow], db: sqlite3.Connection) -> None:
    for each in workflows:
        store._insert(db, each)


def _pattern(journal: SqliteJournal, store: SqliteStore, workflow_id: str) -> Pattern:
    workflow = store.get_workflow(workflow_id)
    record = journal.find(workflow.execution_arn)
    assert record is not None
    history = journal.history(record.key, limit=1000).events
    write = ExecutionWrite(
        key=record.key,
        after=0,
        last_event=history[-1].id,
        started=NewExecution(identity=record.identity, definition=record.definition),
        history=tuple(history),
        ending=record.ending,
        stopped_at=record.stopped_at,
    )
    return Pattern(workflow, record, write)


def _execution(pattern: Pattern, key: int, name: str) -> ExecutionWrite:
    old = pattern.record.identity
    arn = old.arn.removesuffix(old.name) + name
    identity = structs.replace(old, arn=arn, name=name)
    started = NewExecution(identity=identity, definition=pattern.record.definition)
    return structs.replace(pattern.write, key=key, started=started)


def _workflow(pattern: Pattern, name: str) -> Workflow:
    old = pattern.workflow
    arn = old.execution_arn.removesuffix(old.id) + name
    return replace(old, id=name, execution_arn=arn)
