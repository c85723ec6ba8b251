"""The 400 KB rule: what is given up, in which order, when a record does not fit into an item.

Jobs go first (they can be had from the history again), then the last job's input and output, then
the tails of output and input, with a mark.  Source: spec section 7.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from workflow_manager.kernel.json import Absent
from workflow_manager.models.workflow import Job, Workflow
from workflow_manager.store.port import WorkflowChange

KEPT = 32 * 1024
MARK = "[truncated]"

Record = TypeVar("Record", Workflow, WorkflowChange)


def shrinkings(record: Record) -> Iterator[Record]:
    """The record itself, then ever smaller ones, each only if it differs from the one before."""
    yield record
    if record.jobs is not None and not isinstance(record.jobs, Absent) and record.jobs:
        record = replace(record, jobs=())
        yield record
    if isinstance(record.last_job, Job) and (record.last_job.input or record.last_job.output):
        record = replace(record, last_job=replace(record.last_job, input="", output=""))
        yield record
    if not isinstance(record.output, Absent) and len(record.output) > KEPT:
        record = replace(record, output=truncated(record.output))
        yield record
    if isinstance(record, Workflow) and len(record.input) > KEPT:
        yield replace(record, input=truncated(record.input))


def truncated(text: str) -> str:
    """The beginning of the text, and a mark that there was more."""
    return text[:KEPT] + MARK
