"""History events as GetExecutionHistory shows them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from workflow_manager.engine.events import HistoryEvent

# What `includeExecutionData: false` leaves out.
_DATA: Final = frozenset(
    (
        "input",
        "inputDetails",
        "output",
        "outputDetails",
        "parameters",
        "assignedVariables",
        "assignedVariablesDetails",
    )
)


@lru_cache(maxsize=256)
def _member(type: str) -> str:
    """Where an event of that type has its details."""
    for ending in ("StateEntered", "StateExited"):
        if type.endswith(ending):
            return f"s{ending[1:]}EventDetails"
    return f"{type[0].lower()}{type[1:]}EventDetails"


def show_event(event: HistoryEvent, with_data: bool) -> dict[str, Any]:
    """One event on the wire; its time in seconds since 1970."""
    shown: dict[str, Any] = {
        "timestamp": event.at.timestamp(),
        "type": event.type,
        "id": event.id,
        "previousEventId": event.previous,
    }
    details = event.details
    if details is None:
        return shown
    if not with_data:
        details = {name: value for name, value in details.items() if name not in _DATA}
    shown[_member(event.type)] = details
    return shown
