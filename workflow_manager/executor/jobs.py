"""Execution history folded into jobs: one job for each visit of a state.

An event belongs to the visit that its previous event belongs to, so branches that are interleaved in
the history stay apart.  What an event does to its visit stands in one table, `_EFFECTS`.  The fold
takes events oldest first, in as many pages as they come, and may begin in the middle of a history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from workflow_manager.executor.state_facts import StateFacts
from workflow_manager.models.workflow import Job, JobAttempt, JobStatus, StateResource

Event = Mapping[str, Any]  # as GetExecutionHistory returns it

JOB_TIMED_OUT: Final = "Job timed out"
WORKFLOW_TIMED_OUT: Final = "Workflow timed out"
RESOURCE_MISSING: Final = "State resource does not exist"

_UNSUCCESSFUL: Final = (JobStatus.FAILED, JobStatus.ABORTED_BY_USER, JobStatus.ABORTED_DEPS_FAILED)
_CONTAINERS: Final = ("Parallel", "Map")
_AT_ONCE: Final = ("Choice", "Succeed", "Pass")


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
        return not self.exited and self.status not in _UNSUCCESSFUL

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
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an event stands: at a visit, or inside it, where its branches begin."""

    visit: Visit
    inside: bool = False


class JobFold:
    def __init__(self, facts: Mapping[str, StateFacts], namespace: str) -> None:
        self._facts = facts
        self._namespace = namespace
        self._visits: list[Visit] = []
        self._places: dict[int, _Place] = {}
        self._culprit: Visit | None = None
        self.unattached: list[int] = []

    def add(self, events: Iterable[Event]) -> None:
        for event in events:
            self._add(event)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """In the order in which their states were entered."""
        return tuple(visit.job() for visit in self._visits)

    @property
    def culprit(self) -> Job | None:
        """The job for which the execution failed; None while its beginning is not among the events."""
        if self._culprit is None:
            return None
        return self._innermost_failure(self._culprit).job()

    @property
    def last(self) -> Job | None:
        """The job entered last."""
        return self._visits[-1].job() if self._visits else None

    def _innermost_failure(self, visit: Visit) -> Visit:
        inside = [
            each for each in self._visits if each.status is JobStatus.FAILED and visit in each.enclosing()
        ]
        leaves = [each for each in inside if each.type not in _CONTAINERS]
        if not leaves:
            return visit
        return max(leaves, key=lambda each: each.stopped_at or each.created_at)

    def _add(self, event: Event) -> None:
        kind: str = event["type"]
        before = self._places.get(event.get("previousEventId") or 0)
        if kind.endswith("StateEntered"):
            place: _Place | None = _Place(self._enter(kind.removesuffix("StateEntered"), event, before))
        elif kind in _EXECUTION_ENDS:
            _EXECUTION_ENDS[kind](self, event, before.visit if before else None)
            return
        elif kind == "ExecutionRedriven":
            place = _Place(self._culprit) if self._culprit else before
        else:
            place = self._apply(kind, event, before)
        if place is not None:
            self._places[event["id"]] = place
        elif kind != "ExecutionStarted":
            self.unattached.append(event["id"])

    def _enter(self, kind: str, event: Event, before: _Place | None) -> Visit:
        at = moment(event)
        details = event.get("stateEnteredEventDetails") or {}
        name = details.get("name") or ""
        facts = self._facts.get(name, StateFacts())
        visit = Visit(
            id=str(event["id"]),
            state=name,
            type=kind,
            container=_container_at(before),
            created_at=at,
            input=details.get("input") or "",
            resource=facts.state_resource(self._namespace, at),
        )
        if kind != "Task":
            visit.started_at = at
        if kind == "Fail":
            visit.stop(JobStatus.FAILED, at, reason_of(*facts.failure))
        elif kind not in _AT_ONCE and kind != "Task":
            visit.status = JobStatus.RUNNING
        self._visits.append(visit)
        return visit

    def _apply(self, kind: str, event: Event, before: _Place | None) -> _Place | None:
        """Let the event do what it does to its visit, and say where it stands."""
        owner = self._named(event) if kind == "EvaluationFailed" else _owner(kind, event, before)
        effect = _EFFECTS.get(kind)
        if effect is not None and owner is not None:
            effect(owner, event, before)
        if owner is None:
            return before
        return _Place(owner, inside=kind in _BEGINS_INSIDE)

    def _named(self, event: Event) -> Visit | None:
        """An evaluation that fails is told from before its state was entered, but names the state."""
        state = details_of(event).get("state")
        return next((each for each in reversed(self._visits) if each.state == state and each.is_open), None)

    def _end_failed(self, event: Event, visit: Visit | None) -> None:
        at = moment(event)
        # What was left already did not fail, whatever the event says it follows.
        culprit = visit if visit and not visit.exited else self._last_open(event, visit)
        if culprit is not None:
            reason = _failure_reason(event, culprit.reason)
            stopped_at = culprit.stopped_at if culprit.status is JobStatus.FAILED else None
            culprit.stop(JobStatus.FAILED, stopped_at or at, reason)
            for container in culprit.enclosing():
                if container.is_open:
                    container.stop(JobStatus.FAILED, at, reason)
            self._culprit = culprit
        for other in self._visits:
            if other.is_open:
                other.stop(JobStatus.ABORTED_DEPS_FAILED, at, other.reason)

    def _last_open(self, event: Event, before: Visit | None) -> Visit | None:
        """The visit entered last, unless the end follows an event that is not among these."""
        is_elsewhere = before is None and bool(event.get("previousEventId"))
        if is_elsewhere or not self._visits or not self._visits[-1].is_open:
            return None
        return self._visits[-1]

    def _end_timed_out(self, event: Event, visit: Visit | None) -> None:
        reason = timeout_reason(WORKFLOW_TIMED_OUT, details_of(event))
        for each in self._visits:
            if each.is_open:
                each.stop(JobStatus.FAILED, moment(event), reason)
                if each.type not in _CONTAINERS or self._culprit is None:
                    self._culprit = each
        self._culprit = self._culprit or visit

    def _end_aborted(self, event: Event, visit: Visit | None) -> None:
        cause = details_of(event).get("cause") or ""
        for each in self._visits:
            # A branch whose neighbour failed earlier was not aborted by the user.
            by_user = each.aborted and not any(c.status is JobStatus.FAILED for c in each.enclosing())
            if each.is_open or by_user:
                each.stop(JobStatus.ABORTED_BY_USER, moment(event), cause)


def _container_at(place: _Place | None) -> Visit | None:
    if place is None:
        return None
    return place.visit if place.inside else place.visit.container


def _owner(kind: str, event: Event, before: _Place | None) -> Visit | None:
    """The visit an event is about: the one before it, or for the events of a container, that."""
    if before is None:
        return None
    if not kind.startswith(_CONTAINERS):
        return before.visit
    type_ = "Parallel" if kind.startswith("Parallel") else "Map"
    name = details_of(event).get("name")
    for visit in (before.visit, *before.visit.enclosing()):
        if visit.type == type_ and not visit.exited and name in (None, "", visit.state):
            return visit
    return None


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


def _failure_reason(event: Event, kept: str) -> str:
    details = details_of(event)
    error, cause = details.get("error"), details.get("cause")
    if error == "States.Runtime" and "Internal Error" in (cause or ""):
        return RESOURCE_MISSING
    if error == "States.Timeout" and kept:
        return kept
    return reason_of(error, cause) or kept


def _scheduled(visit: Visit, event: Event, before: _Place | None) -> None:
    if visit.status in _UNSUCCESSFUL:
        visit.begin_attempt(str(event["id"]), moment(event))
    visit.status = JobStatus.QUEUED


def _started(visit: Visit, event: Event, before: _Place | None) -> None:
    visit.status = JobStatus.RUNNING
    visit.started_at = moment(event)
    visit.worker = details_of(event).get("workerName") or visit.worker


def _failed(visit: Visit, event: Event, before: _Place | None) -> None:
    details = details_of(event)
    visit.stop(JobStatus.FAILED, moment(event), reason_of(details.get("error"), details.get("cause")))


def _timed_out(visit: Visit, event: Event, before: _Place | None) -> None:
    visit.stop(JobStatus.FAILED, moment(event), timeout_reason(JOB_TIMED_OUT, details_of(event)))


def _succeeded(visit: Visit, event: Event, before: _Place | None) -> None:
    visit.status = JobStatus.SUCCEEDED


def _exited(visit: Visit, event: Event, before: _Place | None) -> None:
    """A failure that was caught stays one."""
    if visit.status not in _UNSUCCESSFUL:
        visit.status = JobStatus.SUCCEEDED
    visit.stopped_at = moment(event)
    visit.output = details_of(event).get("output") or visit.output
    visit.exited = True


def _aborted(visit: Visit, event: Event, before: _Place | None) -> None:
    if visit.is_open:
        visit.stop(JobStatus.ABORTED_DEPS_FAILED, moment(event), visit.reason)
        visit.aborted = True


def _container_started(visit: Visit, event: Event, before: _Place | None) -> None:
    if visit.status in _UNSUCCESSFUL:
        visit.begin_attempt(str(event["id"]), moment(event))
        visit.started_at = moment(event)
    visit.status = JobStatus.RUNNING


def _container_failed(visit: Visit, event: Event, before: _Place | None) -> None:
    """Failed for the reason of what failed inside, where the event has none of its own."""
    details = details_of(event)
    reason = reason_of(details.get("error"), details.get("cause"))
    if not reason and before is not None and before.visit is not visit:
        reason = before.visit.reason
    visit.stop(JobStatus.FAILED, moment(event), reason or visit.reason)


_Effect = Callable[[Visit, Event, "_Place | None"], None]

_TASK_KINDS: Final = ("Task", "Activity", "LambdaFunction")
_STATE_TYPES: Final = ("Task", "Choice", "Succeed", "Pass", "Wait", "Parallel", "Map")

_BEGINS_INSIDE: Final = ("ParallelStateStarted", "MapStateStarted", "MapIterationStarted")

# Events that are not here have no effect on jobs; they only carry the chain on.
_EFFECTS: Final[Mapping[str, _Effect]] = {
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
    "MapStateStarted": _container_started,
    "MapStateSucceeded": _succeeded,
    "MapStateFailed": _container_failed,
    "MapRunStarted": _container_started,
    "MapRunSucceeded": _succeeded,
    "MapRunFailed": _container_failed,
    "MapRunAborted": _aborted,
}

_EXECUTION_ENDS: Final[Mapping[str, Callable[[JobFold, Event, Visit | None], None]]] = {
    "ExecutionFailed": JobFold._end_failed,
    "ExecutionTimedOut": JobFold._end_timed_out,
    "ExecutionAborted": JobFold._end_aborted,
    "ExecutionSucceeded": lambda fold, event, visit: None,
}
