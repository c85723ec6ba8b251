"""One visit of a state, and what each type of history event does to it.

Which visit an event is about is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from workflow_manager.models.workflow import Job, JobAttempt, JobStatus, MapItems, StateResource

Event = Mapping[str, Any]  # as GetExecutionHistory returns it

JOB_TIMED_OUT: Final = "Job timed out"

UNSUCCESSFUL: Final = (JobStatus.FAILED, JobStatus.ABORTED_BY_USER, JobStatus.ABORTED_DEPS_FAILED)


@dataclass(slots=True, eq=False)
class Visit:
    """One visit of a state, as far as it is known."""

    id: str
    state: str
    type: str
    container: Visit | None
    created_at: datetime
    input: str
    resource: StateResource | None
    map_index: int | None = None
    branch: int | None = None
    items: MapItems | None = None
    status: JobStatus = JobStatus.CREATED
    reason: str = ""
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    output: str = ""
    worker: str = ""
    attempts: list[JobAttempt] = field(default_factory=list)
    exited: bool = False
    aborted: bool = False

    @property
    def is_open(self) -> bool:
        """A task that reported success is open until its state is left."""
        return not self.exited and self.status not in UNSUCCESSFUL

    def stop(self, status: JobStatus, at: datetime, reason: str) -> None:
        self.status, self.stopped_at, self.reason = status, at, reason

    def begin_attempt(self, id: str, at: datetime) -> None:
        """Put what has been behind, and start afresh with the same state and input."""
        self.attempts.append(
            JobAttempt(
                created_at=self.created_at,
                started_at=self.started_at,
                stopped_at=self.stopped_at,
                reason=self.reason,
                task_arn=self.worker,
            )
        )
        self.id, self.created_at = id, at
        self.started_at = self.stopped_at = None
        self.reason = self.worker = self.output = ""
        self.exited = self.aborted = False
        if self.resource is not None:
            kept = self.resource
            self.resource = StateResource(
                name=kept.name, namespace=kept.namespace, type=kept.type, last_updated=at
            )

    def enclosing(self) -> Iterator[Visit]:
        """The containers around it, innermost first."""
        container = self.container
        while container is not None:
            yield container
            container = container.container

    def _items_now(self) -> MapItems | None:
        """Nothing runs any more in a Map that has ended, though nobody said so of each item."""
        if self.items is None or self.is_open:
            return self.items
        return replace(self.items, running=0)

    def job(self) -> Job:
        return Job(
            id=self.id,
            state=self.state,
            state_type=self.type,
            status=self.status,
            status_reason=self.reason,
            created_at=self.created_at,
            started_at=self.started_at,
            stopped_at=self.stopped_at,
            input=self.input,
            output=self.output,
            container=self.worker,
            state_resource=self.resource,
            attempts=tuple(self.attempts),
            nested=self.container is not None,
            parent=self.container.id if self.container else "",
            map_index=self.map_index,
            branch=self.branch,
            map_items=self._items_now(),
        )


def moment(event: Event) -> datetime:
    at: datetime = event["timestamp"]
    return at.astimezone(UTC)


def details_of(event: Event) -> Mapping[str, Any]:
    """The part of the event that is named for its type; empty where it is missing."""
    kind: str = event["type"]
    if kind.endswith("StateExited"):
        found = event.get("stateExitedEventDetails")
    else:
        found = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails")
    return found or {}


def last_lines(text: str | None) -> str:
    """The last three lines."""
    return "\n".join((text or "").strip().split("\n")[-3:])


def reason_of(error: str | None, cause: str | None) -> str:
    return f"{last_lines(cause)}\n{error or ''}".strip()


def timeout_reason(what: str, details: Mapping[str, Any]) -> str:
    return f"{what}\n{details.get('error') or ''}\n{last_lines(details.get('cause'))}".strip()


def _scheduled(visit: Visit, event: Event, before: Visit | None) -> None:
    if visit.status in UNSUCCESSFUL:
        visit.begin_attempt(str(event["id"]), moment(event))
    visit.status = JobStatus.QUEUED


def _started(visit: Visit, event: Event, before: Visit | None) -> None:
    visit.status = JobStatus.RUNNING
    visit.started_at = moment(event)
    visit.worker = details_of(event).get("workerName") or visit.worker


def _failed(visit: Visit, event: Event, before: Visit | None) -> None:
    details = details_of(event)
    visit.stop(JobStatus.FAILED, moment(event), reason_of(details.get("error"), details.get("cause")))


def _timed_out(visit: Visit, event: Event, before: Visit | None) -> None:
    visit.stop(JobStatus.FAILED, moment(event), timeout_reason(JOB_TIMED_OUT, details_of(event)))


def _succeeded(visit: Visit, event: Event, before: Visit | None) -> None:
    visit.status = JobStatus.SUCCEEDED


def _exited(visit: Visit, event: Event, before: Visit | None) -> None:
    """A failure that was caught stays one."""
    if visit.status not in UNSUCCESSFUL:
        visit.status = JobStatus.SUCCEEDED
    visit.stopped_at = moment(event)
    visit.output = details_of(event).get("output") or visit.output
    visit.exited = True


def _aborted(visit: Visit, event: Event, before: Visit | None) -> None:
    if visit.is_open:
        visit.stop(JobStatus.ABORTED_DEPS_FAILED, moment(event), visit.reason)
        visit.aborted = True


def _container_started(visit: Visit, event: Event, before: Visit | None) -> None:
    if visit.status in UNSUCCESSFUL:
        visit.begin_attempt(str(event["id"]), moment(event))
        visit.started_at = moment(event)
    visit.status = JobStatus.RUNNING


def _map_started(visit: Visit, event: Event, before: Visit | None) -> None:
    _container_started(visit, event, before)
    visit.items = MapItems(total=details_of(event).get("length") or 0)


def _iteration_started(visit: Visit, event: Event, before: Visit | None) -> None:
    items = visit.items or MapItems()
    visit.items = replace(items, running=items.running + 1)


def _iteration_succeeded(visit: Visit, event: Event, before: Visit | None) -> None:
    items = visit.items or MapItems()
    visit.items = replace(items, running=max(0, items.running - 1), succeeded=items.succeeded + 1)


def _iteration_failed(visit: Visit, event: Event, before: Visit | None) -> None:
    items = visit.items or MapItems()
    visit.items = replace(items, running=max(0, items.running - 1), failed=items.failed + 1)


def _iteration_aborted(visit: Visit, event: Event, before: Visit | None) -> None:
    items = visit.items or MapItems()
    visit.items = replace(items, running=max(0, items.running - 1))


def _container_failed(visit: Visit, event: Event, before: Visit | None) -> None:
    """Failed for the reason of what failed inside, where the event has none of its own."""
    details = details_of(event)
    reason = reason_of(details.get("error"), details.get("cause"))
    if not reason and before is not None and before is not visit:
        reason = before.reason
    visit.stop(JobStatus.FAILED, moment(event), reason or visit.reason)


Effect = Callable[[Visit, Event, Visit | None], None]

_TASK_KINDS: Final = ("Task", "Activity", "LambdaFunction")
_STATE_TYPES: Final = ("Task", "Choice", "Succeed", "Pass", "Wait", "Parallel", "Map")

# Events that are not here have no effect on jobs; they only carry the chain on.
EFFECTS: Final[Mapping[str, Effect]] = {
    **{f"{kind}Scheduled": _scheduled for kind in _TASK_KINDS},
    **{f"{kind}Started": _started for kind in _TASK_KINDS},
    **{f"{kind}Succeeded": _succeeded for kind in _TASK_KINDS},
    **{f"{kind}Failed": _failed for kind in _TASK_KINDS},
    **{f"{kind}TimedOut": _timed_out for kind in _TASK_KINDS},
    **{f"{kind}StateExited": _exited for kind in _STATE_TYPES},
    **{f"{kind}StateAborted": _aborted for kind in ("Task", "Wait", "Parallel", "Map")},
    "ActivityScheduleFailed": _failed,
    "LambdaFunctionScheduleFailed": _failed,
    "LambdaFunctionStartFailed": _failed,
    "TaskStartFailed": _failed,
    "TaskSubmitFailed": _failed,
    "EvaluationFailed": _failed,
    "ParallelStateStarted": _container_started,
    "ParallelStateSucceeded": _succeeded,
    "ParallelStateFailed": _container_failed,
    "MapStateStarted": _map_started,
    "MapIterationStarted": _iteration_started,
    "MapIterationSucceeded": _iteration_succeeded,
    "MapIterationFailed": _iteration_failed,
    "MapIterationAborted": _iteration_aborted,
    "MapStateSucceeded": _succeeded,
    "MapStateFailed": _container_failed,
    "MapRunStarted": _container_started,
    "MapRunRedriven": _container_started,
    "MapRunSucceeded": _succeeded,
    "MapRunFailed": _container_failed,
    "MapRunAborted": _aborted,
}
