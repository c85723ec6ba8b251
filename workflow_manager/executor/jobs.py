"""Execution history folded into jobs: one job for each visit of a state.

An event belongs to the visit that its previous event belongs to, so branches that are interleaved in
the history stay apart.  The fold takes events oldest first, in as many pages as they come, and may begin
in the middle of a history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from workflow_manager.executor.state_facts import StateFacts
from workflow_manager.executor.visits import (
    EFFECTS,
    Event,
    Visit,
    details_of,
    moment,
    reason_of,
    timeout_reason,
)
from workflow_manager.models.workflow import Job, JobStatus

WORKFLOW_TIMED_OUT: Final = "Workflow timed out"
RESOURCE_MISSING: Final = "State resource does not exist"

_CONTAINERS: Final = ("Parallel", "Map")
_AT_ONCE: Final = ("Choice", "Succeed", "Pass")

_BEGINS_INSIDE: Final = ("ParallelStateStarted", "MapStateStarted", "MapIterationStarted")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an event stands: at a visit, or inside it, where its branches begin.

    `map_index` is that of the item which begins there.
    """

    visit: Visit
    inside: bool = False
    map_index: int | None = None


class JobFold:
    def __init__(self, facts: Mapping[str, StateFacts], namespace: str) -> None:
        self._facts = facts
        self._namespace = namespace
        self._visits: list[Visit] = []
        self._places: dict[int, _Place] = {}
        self._culprit: Visit | None = None
        self.unattached: list[int] = []
        self.is_over = False
        """Whether the events tell how the execution ended, and no redrive after that."""
        self.nobodys_reason = ""
        """Why the execution failed, where that is no job's doing, as of too long a history."""

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
            self.is_over = True
            _EXECUTION_ENDS[kind](self, event, before.visit if before else None)
            return
        elif kind == "ExecutionRedriven":
            self.is_over = False
            self.nobodys_reason = ""
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
        container = _container_at(before)
        visit = Visit(
            id=str(event["id"]),
            state=name,
            type=kind,
            container=container,
            created_at=at,
            input=details.get("input") or "",
            resource=facts.state_resource(self._namespace, at),
            map_index=_map_index_at(before),
            branch=facts.branch if container and container.type == "Parallel" else None,
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
        effect = EFFECTS.get(kind)
        if effect is not None and owner is not None:
            effect(owner, event, before.visit if before else None)
        if owner is None:
            return before
        index = details_of(event).get("index") if kind == "MapIterationStarted" else None
        return _Place(owner, inside=kind in _BEGINS_INSIDE, map_index=index)

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
            self._hand_in(reason, self._innermost_failure(culprit))
        else:
            self.nobodys_reason = _failure_reason(event, "")
        for other in self._visits:
            if other.is_open:
                other.stop(JobStatus.ABORTED_DEPS_FAILED, at, other.reason)

    def _hand_in(self, reason: str, visit: Visit) -> None:
        """What a Fail state inside took from its input is told by the end of the execution alone."""
        for each in (visit, *visit.enclosing()):
            if each.status is JobStatus.FAILED:
                each.reason = each.reason or reason

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


def _map_index_at(place: _Place | None) -> int | None:
    if place is None:
        return None
    return place.map_index if place.inside else place.visit.map_index


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


def _failure_reason(event: Event, kept: str) -> str:
    details = details_of(event)
    error, cause = details.get("error"), details.get("cause")
    if error == "States.Runtime" and "Internal Error" in (cause or ""):
        return RESOURCE_MISSING
    if error == "States.Timeout" and kept:
        return kept
    return reason_of(error, cause) or kept


_EXECUTION_ENDS: Final[Mapping[str, Callable[[JobFold, Event, Visit | None], None]]] = {
    "ExecutionFailed": JobFold._end_failed,
    "ExecutionTimedOut": JobFold._end_timed_out,
    "ExecutionAborted": JobFold._end_aborted,
    "ExecutionSucceeded": lambda fold, event, visit: None,
}
