"""The page of the meters: what the server's `/metrics` and a worker's port tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client.metrics import MetricWrapperBase

from docs.writing.tables import code, table
from workflow_manager.api.observation import Metrics
from workflow_manager.assembly.meters import COUNTER, DATA, ENGINE, OUTREACH, TRAFFIC, Meter
from workflow_manager.worker.observation import Exposition

HEAD = """\
# Metrics

Generated from the meters of the server and of the worker by `make docs`.

## Of the server

`GET /metrics` answers in the text format of Prometheus. Where the server has keys, it wants one, as REST
does.

### Requests over REST

"""

OF_REQUESTS = """\
`operation` is the operationId of [the REST reference](rest.md), and `none` for whatever is no operation.
Besides these there are the meters of the process (`process_resident_memory_bytes`,
`process_cpu_seconds_total`, `process_open_fds`, …), as every Prometheus client has them.

Counters begin at zero with the server. What alerts can be made of all this is in
[Watch a server](../how-to/watch-a-server.md).

"""

OF_TRAFFIC = """\
### The protocol, and what is turned away

"""

AFTER_TRAFFIC = """\
`operation` is one of [Step Functions' operations](step-functions.md), `error` is empty for a request that
succeeded, and `ClientGone` where nobody waited for the answer. `ActivityWorkerLimitExceeded` and
`ExecutionLimitExceeded` are the protocol's throttles. `door` is `rest` or `protocol`.

"""

OF_ENGINE = """\
### The engine

Where state machines run here, and not on AWS. The words are those of `wfm top`: WAITING, SINCE, RUNNING,
POLLING and WORKERS of an activity. An activity is shown while it has a task or a worker, up to 200 of them:
those with most to do. `status` is that of executions, as AWS has it: a workflow whose execution is `ABORTED`
is `cancelled` in `/events` and in lists, one whose execution is `TIMED_OUT` has `failed`.

"""

OF_DATA = """\
### The data directory

"""

OF_OUTREACH = """\
### Schedules and webhooks

Read from the store at most every ten seconds. Counters are of this server; `waiting`, `failing` and
`disabled` are of the store, and so the same for all servers on it.

"""

OF_WORKERS = """\
## Of a worker

`wfm worker --metrics-port` shows these on 127.0.0.1:

"""


def page() -> str:
    """The whole page."""
    # Any free port: its meters cannot be had without it.
    worker = _meters(Exposition(0))
    parts = [
        *(HEAD, _meters(Metrics()), OF_REQUESTS),
        *(OF_TRAFFIC, _told(TRAFFIC), AFTER_TRAFFIC),
        *(OF_ENGINE, _told(ENGINE)),
        *(OF_DATA, _told(DATA)),
        *(OF_OUTREACH, _told(OUTREACH)),
        *(OF_WORKERS, worker),
    ]
    return "".join(parts).rstrip("\n") + "\n"


def _meters(holder: object) -> str:
    rows = []
    for each in vars(holder).values():
        if isinstance(each, MetricWrapperBase):
            [family] = each.describe()
            rows.append(_row(family.name, family.type, each._labelnames, family.documentation))
    return _table(rows)


def _told(meters: Iterable[Meter[Any]]) -> str:
    return _table(_row(each.name, each.kind, each.labels, each.text) for each in meters)


def _row(name: str, kind: str, labels: Iterable[str], text: str) -> tuple[str, ...]:
    shown = f"{name}_total" if kind == COUNTER else name
    return (code(shown), kind, ", ".join(map(code, labels)), text)


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    return table(("meter", "kind", "labels", "what it tells"), list(rows))
