"""Workflows in the Amazon States Language, run on a durable engine or on AWS Step Functions.

    from workflow_manager import WorkflowManager

runs workflows inside a Python program; the names below are all that programs should import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_manager.kernel.errors import (
        AlreadyExists,
        Conflict,
        InvalidDefinition,
        InvalidInput,
        InvalidRequest,
        NotFound,
        NotSupported,
        Unavailable,
        WorkflowManagerError,
    )
    from workflow_manager.library.manager import WorkflowFailed, WorkflowManager
    from workflow_manager.models.schedule import CatchUp, Overlap, Plan, Submission, Timing
    from workflow_manager.models.webhook import Filter
    from workflow_manager.models.workflow import Workflow, WorkflowDefinition, WorkflowStatus
    from workflow_manager.store.port import WorkflowQuery
    from workflow_manager.worker.functions import Context, TaskFailed

# Where each name comes from; importing the package brings in none of them.
_HOMES = {
    "AlreadyExists": "kernel.errors",
    "CatchUp": "models.schedule",
    "Conflict": "kernel.errors",
    "Context": "worker.functions",
    "Filter": "models.webhook",
    "InvalidDefinition": "kernel.errors",
    "InvalidInput": "kernel.errors",
    "InvalidRequest": "kernel.errors",
    "NotFound": "kernel.errors",
    "NotSupported": "kernel.errors",
    "Overlap": "models.schedule",
    "Plan": "models.schedule",
    "Submission": "models.schedule",
    "TaskFailed": "worker.functions",
    "Timing": "models.schedule",
    "Unavailable": "kernel.errors",
    "Workflow": "models.workflow",
    "WorkflowDefinition": "models.workflow",
    "WorkflowFailed": "library.manager",
    "WorkflowManager": "library.manager",
    "WorkflowManagerError": "kernel.errors",
    "WorkflowQuery": "store.port",
    "WorkflowStatus": "models.workflow",
}

__all__ = [
    "AlreadyExists",
    "CatchUp",
    "Conflict",
    "Context",
    "Filter",
    "InvalidDefinition",
    "InvalidInput",
    "InvalidRequest",
    "NotFound",
    "NotSupported",
    "Overlap",
    "Plan",
    "Submission",
    "TaskFailed",
    "Timing",
    "Unavailable",
    "Workflow",
    "WorkflowDefinition",
    "WorkflowFailed",
    "WorkflowManager",
    "WorkflowManagerError",
    "WorkflowQuery",
    "WorkflowStatus",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
