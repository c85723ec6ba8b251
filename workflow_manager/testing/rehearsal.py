"""Plays a definition through with mocked tasks: no worker, no waiting, nothing written.

Decides what each visit of a Task state is answered with, and lets time jump to whatever is due next:
a Wait of a year takes no time, and is a year all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.parse import parse
from workflow_manager.engine.effects import due_at
from workflow_manager.engine.events import (
    Event,
    ExecutionDue,
    HistoryEvent,
    MapRunFailed,
    MapRunSucceeded,
    Resumed,
    Started,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
    TimerFired,
)
from workflow_manager.engine.execution import Ending, Execution, Identity
from workflow_manager.engine.frames import AtWork, Frame, FrameId, MapRunning
from workflow_manager.engine.resources import Pattern, parse_resource
from workflow_manager.engine.step import advance
from workflow_manager.executor.expand import definition_text
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, dumps
from workflow_manager.models.names import Naming

_NAMESPACE: Final = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a mocked task gives: a result, or a failure where `error` is set; `after` that long."""

    result: Json = None
    error: str | None = None
    cause: str = ""
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended.  `path` are the machine's own states in the order they were entered, `visited`
    those of branches and iterations too; `took` is the time that would have passed."""

    status: str
    output: str | None
    error: str | None
    cause: str | None
    path: tuple[str, ...]
    visited: tuple[str, ...]
    took: timedelta
    history: tuple[HistoryEvent, ...]


class Unmocked(InvalidRequest):
    """A task was reached for which no answer, or no further one, was given."""


def rehearse(
    state_machine: Mapping[str, Json],
    input: str = "{}",
    answers: Mapping[str, Sequence[Answer]] | None = None,
    *,
    started_at: datetime | None = None,
) -> Outcome:
    """Play the machine, as users write it, to its end.

    `answers` are those of each Task state, and of each distributed Map, one for each visit and each
    retry, by the state's name.  Raises `InvalidDefinition`, `Unmocked`.
    """
    text = definition_text(dict(state_machine), _NAMESPACE, Naming())
    clock = ManualClock(started_at)
    identity = Identity(
        arn="arn:aws:states:us-east-1:123456789012:execution:rehearsal:rehearsal",
        name="rehearsal",
        machine_arn="arn:aws:states:us-east-1:123456789012:stateMachine:rehearsal",
        machine_name="rehearsal",
        role_arn="arn:aws:iam::123456789012:role/rehearsal",
        started_at=clock.now(),
        input=input,
        secret="rehearsal",
    )
    stage = _Stage(Execution(identity=identity, machine=parse(text), frames={}), clock, answers or {})
    return stage.play()


@dataclass(slots=True)
class _Stage:
    execution: Execution
    clock: ManualClock
    answers: Mapping[str, Sequence[Answer]]
    history: list[HistoryEvent] = field(default_factory=list)
    ending: Ending | None = None
    # When the work of a frame's visit is answered, and with what.
    owed: dict[tuple[FrameId, int], tuple[datetime, Answer]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    seed: int = 0

    def play(self) -> Outcome:
        begun_at = self.clock.now()
        limit = self.execution.machine.timeout_seconds
        ends_at = None if limit is None else begun_at + timedelta(seconds=limit)
        self._send(Started(**self._moment()))
        while self.ending is None:
            self._begin_work()
            self._next(ends_at)
        failure = self.ending.failure
        return Outcome(
            status=self.ending.status.value,
            output=self.ending.output,
            error=failure.error if failure else None,
            cause=failure.cause if failure else None,
            path=tuple(name for name in self._entered() if name in self.execution.machine.states),
            visited=tuple(self._entered()),
            took=self.clock.now() - begun_at,
            history=tuple(self.history),
        )

    def _entered(self) -> list[str]:
        entered = (event for event in self.history if event.type.endswith("StateEntered"))
        return [str((event.details or {})["name"]) for event in entered]

    def _begin_work(self) -> None:
        """Draw an answer for all work that is new."""
        for frame in list(self.execution.frames.values()):
            place = (frame.id, frame.visit)
            if not isinstance(frame.waiting, AtWork | MapRunning) or place in self.owed:
                continue
            answer = self._draw(frame)
            self.owed[place] = (self.clock.now() + answer.after, answer)
            if isinstance(frame.waiting, AtWork):
                self._take(frame.waiting)

    def _draw(self, frame: Frame) -> Answer:
        given = self.answers.get(frame.state, ())
        number = self.used.get(frame.state, 0)
        if number >= len(given):
            times = f"visit {number + 1} of " if given else ""
            raise Unmocked(f"{times}the state {frame.state} has no mocked result; its input is {frame.input}")
        self.used[frame.state] = number + 1
        return given[number]

    def _take(self, work: AtWork) -> None:
        self._send(TaskTaken(**self._moment(), token=work.token))
        if parse_resource(work.resource).pattern is not Pattern.REQUEST_RESPONSE:
            self._send(TaskSubmitted(**self._moment(), token=work.token, output="{}"))

    def _next(self, ends_at: datetime | None) -> None:
        """Whatever is due first; an answer that comes when its time is just over is late."""
        if self.ending is not None:
            return
        frames = self.execution.frames
        # Work that was given up, by a timeout or with its branch, is answered to nobody.
        self.owed = {
            place: owed
            for place, owed in self.owed.items()
            if (frame := frames.get(place[0])) is not None and frame.visit == place[1]
        }
        answers = [(at, 1, place) for place, (at, _) in self.owed.items()]
        timers = [
            (at, 0, (frame.id, frame.visit)) for frame in frames.values() if (at := due_at(frame)) is not None
        ]
        due, kind, place = min(answers + timers)
        if ends_at is not None and ends_at <= due:
            self._advance(ends_at)
            self._send(ExecutionDue(**self._moment()))
            return
        self._advance(due)
        if kind == 0:
            self._send(TimerFired(**self._moment(), frame=place[0], visit=place[1]))
        else:
            _, answer = self.owed.pop(place)
            self._send(self._report(frames[place[0]], answer))

    def _report(self, frame: Frame, answer: Answer) -> Event:
        failure = None if answer.error is None else Failure(answer.error, answer.cause)
        if isinstance(frame.waiting, MapRunning):
            run = {**self._moment(), "frame": frame.id, "map_run_arn": frame.waiting.map_run_arn}
            if failure is not None:
                return MapRunFailed(**run, failure=failure)
            return MapRunSucceeded(**run, output=dumps(answer.result))
        assert isinstance(frame.waiting, AtWork)
        token = frame.waiting.token
        if failure is not None:
            return TaskFailed(**self._moment(), token=token, failure=failure)
        return TaskSucceeded(**self._moment(), token=token, output=dumps(answer.result))

    def _advance(self, to: datetime) -> None:
        self.clock.advance(max(to - self.clock.now(), timedelta(0)))

    def _moment(self) -> Any:
        self.seed += 1
        return {"at": self.clock.now(), "seed": self.seed}

    def _send(self, event: Event) -> None:
        moved = advance(self.execution, event)
        while True:
            frames = dict(self.execution.frames)
            for name, frame in moved.frames.items():
                frames.pop(name, None)
                if frame is not None:
                    frames[name] = frame
            self.history += moved.history
            self.ending = moved.ending or self.ending
            self.execution = Execution(
                identity=self.execution.identity,
                machine=self.execution.machine,
                frames=frames,
                last_event=self.history[-1].id if self.history else 0,
            )
            if not moved.unfinished:
                return
            moved = advance(self.execution, Resumed(**self._moment()))
