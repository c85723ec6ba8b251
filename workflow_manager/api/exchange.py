"""What the stages of the pipeline tell each other about one request."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

_KEY = "workflow_manager.exchange"


@dataclass(slots=True)
class Exchange:
    """Filled in on the way; `declared` are the statuses that the operation lists."""

    operation: str = ""
    declared: frozenset[int] = frozenset()
    workflow_id: str = ""
    status: int = 0
    error: str = ""


def exchange_of(scope: Scope) -> Exchange:
    """The exchange of this request, the same object for every stage."""
    exchange = scope.get(_KEY)
    if not isinstance(exchange, Exchange):
        exchange = scope[_KEY] = Exchange()
    return exchange
