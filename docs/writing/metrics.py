"""The page of the meters: what `/metrics` tells."""

from __future__ import annotations

from prometheus_client.metrics import MetricWrapperBase

from docs.writing.tables import code, table
from workflow_manager.api.observation import Metrics

HEAD = """\
# Metrics

Generated from the server's meters by `make docs`.

`GET /metrics` answers in the text format of Prometheus. Where the server has keys, it wants one, as REST
does.

"""

TAIL = """\
`operation` is the operationId of [the REST reference](rest.md), and `none` for whatever is no operation.
Besides these there are the meters of the process (`process_resident_memory_bytes`,
`process_cpu_seconds_total`, `process_open_fds`, …), as every Prometheus client has them. Calls of the
Step Functions protocol are not in these figures.

A worker has a meter of its own, `wfm_worker_active_percent`, on the port that `wfm worker --metrics-port`
names.
"""


def page() -> str:
    """The whole page."""
    rows = []
    for each in vars(Metrics()).values():
        if isinstance(each, MetricWrapperBase):
            [family] = each.describe()
            shown = f"{family.name}_total" if family.type == "counter" else family.name
            rows.append(
                (code(shown), family.type, ", ".join(map(code, each._labelnames)), family.documentation)
            )
    return HEAD + table(("meter", "kind", "labels", "what it tells"), rows) + TAIL
