"""Contains all the data models used in inputs/outputs"""

from .activity import Activity
from .activity_load import ActivityLoad
from .backfill import Backfill
from .backfill_request import BackfillRequest
from .bad_request import BadRequest
from .cancel_reason import CancelReason
from .catch_up import CatchUp
from .conflict import Conflict
from .delivery_status import DeliveryStatus
from .end_status import EndStatus
from .history_event import HistoryEvent
from .internal_error import InternalError
from .job import Job
from .job_attempt import JobAttempt
from .job_status import JobStatus
from .manager import Manager
from .map_items import MapItems
from .new_state_resource import NewStateResource
from .new_workflow_definition_request import NewWorkflowDefinitionRequest
from .new_workflow_definition_request_default_tags_type_0 import (
    NewWorkflowDefinitionRequestDefaultTagsType0,
)
from .not_found import NotFound
from .overlap import Overlap
from .reason_request import ReasonRequest
from .schedule import Schedule
from .schedule_request import ScheduleRequest
from .schedule_request_tags_type_0 import ScheduleRequestTagsType0
from .schedule_run import ScheduleRun
from .schedule_run_outcome import ScheduleRunOutcome
from .schedule_tags import ScheduleTags
from .schedule_times import ScheduleTimes
from .scheduled_definition import ScheduledDefinition
from .sl_state_machine import SLStateMachine
from .start_workflow_request import StartWorkflowRequest
from .start_workflow_request_tags_type_0 import StartWorkflowRequestTagsType0
from .state_resource import StateResource
from .state_resource_type import StateResourceType
from .webhook import Webhook
from .webhook_delivery import WebhookDelivery
from .webhook_request import WebhookRequest
from .webhook_request_tags_type_0 import WebhookRequestTagsType0
from .webhook_tags import WebhookTags
from .worker_seen import WorkerSeen
from .workflow import Workflow
from .workflow_definition import WorkflowDefinition
from .workflow_definition_default_tags import WorkflowDefinitionDefaultTags
from .workflow_definition_overrides import WorkflowDefinitionOverrides
from .workflow_definition_ref import WorkflowDefinitionRef
from .workflow_status import WorkflowStatus
from .workflow_summary import WorkflowSummary
from .workflow_summary_tags import WorkflowSummaryTags

__all__ = (
    "Activity",
    "ActivityLoad",
    "Backfill",
    "BackfillRequest",
    "BadRequest",
    "CancelReason",
    "CatchUp",
    "Conflict",
    "DeliveryStatus",
    "EndStatus",
    "HistoryEvent",
    "InternalError",
    "Job",
    "JobAttempt",
    "JobStatus",
    "Manager",
    "MapItems",
    "NewStateResource",
    "NewWorkflowDefinitionRequest",
    "NewWorkflowDefinitionRequestDefaultTagsType0",
    "NotFound",
    "Overlap",
    "ReasonRequest",
    "Schedule",
    "ScheduledDefinition",
    "ScheduleRequest",
    "ScheduleRequestTagsType0",
    "ScheduleRun",
    "ScheduleRunOutcome",
    "ScheduleTags",
    "ScheduleTimes",
    "SLStateMachine",
    "StartWorkflowRequest",
    "StartWorkflowRequestTagsType0",
    "StateResource",
    "StateResourceType",
    "Webhook",
    "WebhookDelivery",
    "WebhookRequest",
    "WebhookRequestTagsType0",
    "WebhookTags",
    "WorkerSeen",
    "Workflow",
    "WorkflowDefinition",
    "WorkflowDefinitionDefaultTags",
    "WorkflowDefinitionOverrides",
    "WorkflowDefinitionRef",
    "WorkflowStatus",
    "WorkflowSummary",
    "WorkflowSummaryTags",
)
