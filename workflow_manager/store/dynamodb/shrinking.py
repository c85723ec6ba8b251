"""The 400 KB rule: what is given up, in which order, when a record does not fit into an item.

At first nothing: payloads, documents and jobs are compressed.  Then jobs go (they can be had from the
history again), then the last job's input and output, then the tails of output and input, with a mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from workflow_manager.models.workflow import Workflow

# In characters, compressed or not: two of them and a definition of some size fit.
KEPT: Final = 32 * 1024
MARK: Final = "[truncated]"


def shrinkings(workflow: Workflow) -> Iterator[tuple[Workflow, bool]]:
    """The record and whether to compress it, ever smaller, each only if it differs from the one before."""
    yield workflow, False
    yield workflow, True
    if workflow.jobs:
        workflow = replace(workflow, jobs=None)
        yield workflow, True
    job = workflow.last_job
    if job is not None and (job.input or job.output):
        workflow = replace(workflow, last_job=replace(job, input="", output=""))
        yield workflow, True
    if len(workflow.output) > KEPT:
        workflow = replace(workflow, output=truncated(workflow.output))
        yield workflow, True
    if len(workflow.input) > KEPT:
        yield replace(workflow, input=truncated(workflow.input)), True


def truncated(text: str) -> str:
    """The beginning of the text, and a mark that there was more."""
    return text[:KEPT] + MARK
