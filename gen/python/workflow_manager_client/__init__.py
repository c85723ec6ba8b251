"""A client of workflow-manager's REST API: `WorkflowManager`, and `AsyncWorkflowManager` for asyncio."""

from workflow_manager_client.aio import AsyncWorkflowManager
from workflow_manager_client.answers import NEVER, HistoryQuery, WorkflowQuery
from workflow_manager_client.client import WorkflowManager
from workflow_manager_client.errors import (
    BadRequest,
    Conflict,
    ConnectionFailed,
    InternalError,
    InvalidRequest,
    NotFound,
    ResponseError,
    TimedOut,
    UnexpectedResponse,
    WorkflowManagerError,
)
from workflow_manager_client.generated.models import (
    HistoryEvent,
    Job,
    JobAttempt,
    JobStatus,
    MapItems,
    NewStateResource,
    NewWorkflowDefinitionRequest,
    SLStateMachine,
    StartWorkflowRequest,
    StateResource,
    Workflow,
    WorkflowDefinition,
    WorkflowDefinitionRef,
    WorkflowStatus,
    WorkflowSummary,
)
from workflow_manager_client.generated.types import UNSET, Unset
from workflow_manager_client.retries import EXPONENTIAL, NONE, SINGLE, RetryPolicy
from workflow_manager_client.streaming import StreamEvent
from workflow_manager_client.version import VERSION

__all__ = [
    "EXPONENTIAL",
    "NEVER",
    "NONE",
    "SINGLE",
    "UNSET",
    "VERSION",
    "AsyncWorkflowManager",
    "BadRequest",
    "Conflict",
    "ConnectionFailed",
    "HistoryEvent",
    "HistoryQuery",
    "InternalError",
    "InvalidRequest",
    "Job",
    "JobAttempt",
    "JobStatus",
    "MapItems",
    "NewStateResource",
    "NewWorkflowDefinitionRequest",
    "NotFound",
    "ResponseError",
    "RetryPolicy",
    "SLStateMachine",
    "StartWorkflowRequest",
    "StateResource",
    "StreamEvent",
    "TimedOut",
    "UnexpectedResponse",
    "Unset",
    "Workflow",
    "WorkflowDefinition",
    "WorkflowDefinitionRef",
    "WorkflowManager",
    "WorkflowManagerError",
    "WorkflowQuery",
    "WorkflowStatus",
    "WorkflowSummary",
]
