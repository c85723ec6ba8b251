"""The page of the meters: what the server's `/metrics` and a worker's port tell."""

from __future__ import annotations

from prometheus_client.metrics import MetricWrapperBase

from docs.writing.tables import code, table
from workflow_manager.api.observation import Metrics
from workflow_manager.worker.observation import Exposition

HEAD = """\
# Metrics

Generated from the meters of the server and of the worker by `make docs`.

## Of the server

`GET /metrics` answers in the text format of Prometheus. Where the server has keys, it wants one, as REST
does.

"""

OF_WORKERS = """\
`operation` is the operationId of [the REST reference](rest.md), and `none` for whatever is no operation.
Besides these there are the meters of the process (`process_resident_memory_bytes`,
`process_cpu_seconds_total`, `process_open_fds`, …), as every Prometheus client has them. Calls of the Step
Functions protocol are not in these figures.

## Of a worker

`wfm worker --metrics-port` shows these on 127.0.0.1:

"""


def page() -> str:
    """The whole page."""
    # Any free port: its meters cannot be had without it.
    parts = [HEAD, _meters(Metrics()), OF_WORKERS, _meters(Exposition(0))]
    return "".join(parts).rstrip("\n") + "\n"


def _meters(holder: object) -> str:
    rows = []
    for each in vars(holder).values():
        if isinstance(each, MetricWrapperBase):
            [family] = each.describe()
            shown = f"{family.name}_total" if family.type == "counter" else family.name
            labels = ", ".join(map(code, each._labelnames))
            rows.append((code(shown), family.type, labels, family.documentation))
    return table(("meter", "kind", "labels", "what it tells"), rows)
