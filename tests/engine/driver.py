"""Drives one execution through the pure step: keeps its frames, and makes time pass.

What the runtime does with a journal and timers, in forty honest lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.effects import due_at
from workflow_manager.engine.events import (
    Event,
    ExecutionDue,
    HistoryEvent,
    Resumed,
    Started,
    StopRequested,
    TaskFailed,
    TaskHeartbeat,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
    TimerFired,
)
from workflow_manager.engine.execution import Ending, Execution, Identity, Transition
from workflow_manager.engine.frames import AtWork, Frame, FrameId
from workflow_manager.engine.journal.codec import decode_frame, encode_frame
from workflow_manager.engine.step import BUDGET, advance
from workflow_manager.kernel.clock import ManualClock

ACCOUNT = "123456789012"
REGION = "us-east-1"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:machine"


def identity(input: str, started_at: datetime, **changes: str) -> Identity:
    machine_arn = changes.get("machine_arn", MACHINE_ARN)
    machine_name = machine_arn.rpartition(":")[2]
    name = changes.get("name", "run")
    return Identity(
        arn=f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine_name}:{name}",
        name=name,
        machine_arn=machine_arn,
        machine_name=machine_name,
        role_arn=changes.get("role_arn", f"arn:aws:iam::{ACCOUNT}:role/runner"),
        started_at=started_at,
        input=input,
        secret="never to be told",
    )


class Driver:
    """`history` and `frames` are what a journal would hold; frames come back from their stored form."""

    def __init__(
        self,
        machine: Machine,
        input: str = "{}",
        *,
        budget: int = BUDGET,
        resumes: float = math.inf,
        **identity_changes: str,
    ) -> None:
        """`resumes` is how often an event is followed up at most: some machines never come to rest."""
        self.clock = ManualClock()
        self.budget = budget
        self.resumes = resumes
        self.execution = Execution(
            identity=identity(input, self.clock.now(), **identity_changes), machine=machine, frames={}
        )
        self.history: list[HistoryEvent] = []
        self.ending: Ending | None = None
        self.steps: list[Transition] = []
        self._seed = 0

    @property
    def frames(self) -> Mapping[FrameId, Frame]:
        return self.execution.frames

    @property
    def tasks(self) -> list[AtWork]:
        """What is owed to workers and services, in the order of the frames."""
        return [frame.waiting for frame in self.frames.values() if isinstance(frame.waiting, AtWork)]

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.history]

    def start(self) -> Driver:
        self.send(Started(**self.now()))
        return self

    def now(self) -> dict[str, object]:
        """Time and chance for the next event."""
        self._seed += 1
        return {"at": self.clock.now(), "seed": self._seed}

    def send(self, event: Event) -> bool:
        """Apply the event and all that it leaves ready; was it accepted?"""
        moved = self._apply(event)
        accepted = moved.accepted
        resumes = 0
        while moved.unfinished and resumes < self.resumes:
            moved = self._apply(Resumed(**self.now()))
            resumes += 1
        return accepted

    def take(self, task: AtWork, worker: str | None = None) -> bool:
        return self.send(TaskTaken(**self.now(), token=task.token, worker=worker))

    def submit(self, task: AtWork, output: str) -> bool:
        return self.send(TaskSubmitted(**self.now(), token=task.token, output=output))

    def beat(self, task: AtWork) -> bool:
        return self.send(TaskHeartbeat(**self.now(), token=task.token))

    def succeed(self, task: AtWork, output: str) -> bool:
        return self.send(TaskSucceeded(**self.now(), token=task.token, output=output))

    def fail(self, task: AtWork, error: str | None, cause: str | None = None, phase: str = "Failed") -> bool:
        failure = Failure(error, cause)
        return self.send(TaskFailed(**self.now(), token=task.token, failure=failure, phase=phase))

    def stop(self, error: str | None = None, cause: str | None = None) -> bool:
        return self.send(StopRequested(**self.now(), failure=Failure(error, cause)))

    def time_out(self) -> bool:
        return self.send(ExecutionDue(**self.now()))

    def pass_time(self, span: timedelta) -> None:
        """Move the clock, firing the timers that come due on the way."""
        end = self.clock.now() + span
        while (frame := self._next_timer()) is not None and (due := due_at(frame)) is not None and due <= end:
            self.clock.advance(max(due - self.clock.now(), timedelta()))
            if not self.send(TimerFired(**self.now(), frame=frame.id, visit=frame.visit)):
                raise AssertionError(f"nobody waits for the timer of {frame}")
        self.clock.advance(end - self.clock.now())

    def skip_to_next_timer(self) -> bool:
        """Let time pass up to the next timer; False if there is none."""
        frame = self._next_timer()
        due = None if frame is None else due_at(frame)
        if due is None:
            return False
        self.pass_time(max(due - self.clock.now(), timedelta()))
        return True

    def _next_timer(self) -> Frame | None:
        sleeping = [(due, frame) for frame in self.frames.values() if (due := due_at(frame)) is not None]
        return min(sleeping, key=lambda pair: pair[0])[1] if sleeping else None

    def _apply(self, event: Event) -> Transition:
        moved = advance(self.execution, event, self.budget)
        self.steps.append(moved)
        if not moved.accepted:
            return moved
        frames = dict(self.frames)
        for key, frame in moved.frames.items():
            frames.pop(key, None)
            if frame is not None:
                frames[key] = decode_frame(encode_frame(frame))
        self.history += moved.history
        self.ending = moved.ending
        self.execution = Execution(
            identity=self.execution.identity,
            machine=self.execution.machine,
            frames={} if moved.ending else frames,
            last_event=self.history[-1].id if self.history else 0,
        )
        return moved
