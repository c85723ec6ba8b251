"""What a map run makes of the results of its children."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import ExecutionRecord
from workflow_manager.engine.map_progress import Run
from workflow_manager.engine.objects import Objects
from workflow_manager.engine.result_writing import export, gather

RESULTS_A_READ: Final = 50


def results(run: Run, journal: Journal, objects: Objects) -> str:
    """What the Map state gets, once the children's results are where its writer wants them.

    Raises `Unwritable`, `Unavailable`.
    """
    writer = run.waiting.writer
    if writer is not None and run.is_exported:
        unbegun = run.unbegun(run.record.started_at) if run.failing else ()
        return export(_records_of(run, journal), run.record, writer, objects, unbegun)
    return gather(_records_of(run, journal), writer)


def _records_of(run: Run, journal: Journal) -> Iterator[ExecutionRecord]:
    number = 0
    while not run.over and (found := journal.child_records(run.record.key, number, RESULTS_A_READ)):
        yield from found
        number += len(found)
