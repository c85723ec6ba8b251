"""The engine's loop: timers, tasks, turns, endings, and what survives of them."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from collections.abc import Sequence
from types import NoneType
from typing import Any

import pytest

from tests.engine.worlds import World, definition, run, task, until
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.announcer import CALLS
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.port import OutOfStep
from workflow_manager.engine.journal.records import ExecutionWrite, Write
from workflow_manager.engine.resources import Resource
from workflow_manager.engine.runtime import Engine, InvalidOutput, InvalidToken, TooManyExecutions
from workflow_manager.engine.services import ServiceCall, ServiceFailed, Services
from workflow_manager.kernel.beside import stand_by
from workflow_manager.kernel.errors import AlreadyExists, AlreadyFinished, InvalidInput, NotFound, Unavailable

WAIT = definition(A={"Type": "Wait", "Seconds": 60, "End": True})


def test_a_wait_ends_when_its_time_has_come_and_not_before() -> None:
    async def play(world: World) -> None:
        arn = await world.start(WAIT)
        await world.pass_time(59.9)
        assert await world.engine.stop(await world.start(WAIT, name="other"), Failure()) is not None
        assert world.engine.execution(arn).status is Status.RUNNING
        await world.pass_time(0.1)
        found = await world.ended(arn)
        assert found.status is Status.SUCCEEDED
        assert found.stopped_at == world.clock.now()

    run(play)


def test_a_clock_set_back_delays_and_a_clock_set_forward_hastens() -> None:
    async def play(world: World) -> None:
        arn = await world.start(WAIT)
        await world.pass_time(-3600)
        await world.pass_time(120)
        assert world.engine.execution(arn).status is Status.RUNNING
        await world.pass_time(3600)
        assert (await world.ended(arn)).status is Status.SUCCEEDED

    run(play)


def test_many_timers_due_at_once_all_fire() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        arns = [(await world.engine.start(machine, "{}")).arn for _ in range(350)]
        await world.pass_time(60)
        for arn in arns:
            assert (await world.ended(arn)).status is Status.SUCCEEDED

    run(play)


def test_an_execution_ends_when_the_machine_s_time_is_over() -> None:
    async def play(world: World) -> None:
        text = json.dumps({**json.loads(WAIT), "TimeoutSeconds": 5})
        arn = await world.start(text)
        await world.pass_time(5)
        assert (await world.ended(arn)).status is Status.TIMED_OUT
        await world.pass_time(60)
        assert (await world.types(arn))[-1] == "ExecutionTimedOut"

    run(play)


def test_a_poller_wakes_when_a_task_is_there() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        polling = asyncio.create_task(world.engine.take_task(activity, "w", wait=10))
        arn = await world.start(definition(A=task(activity)), '{"a": 1}')
        taken = await polling
        assert taken is not None
        assert taken.input == '{"a": 1}'
        await world.engine.task_succeeded(taken.token, "[1]")
        ending = (await world.ended(arn)).ending
        assert ending is not None
        assert ending.output == "[1]"

    run(play)


def test_tasks_are_taken_in_the_order_they_came() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        machine = await world.machine(definition(A=task(activity)))
        for number in range(5):
            await world.engine.start(machine, str(number))
        assert [(await world.take(activity)).input for _ in range(5)] == ["0", "1", "2", "3", "4"]
        assert await world.engine.take_task(activity) is None

    run(play)


def test_a_poller_who_went_away_takes_no_task_with_it() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        gone = asyncio.create_task(world.engine.take_task(activity, wait=10))
        await asyncio.sleep(0)
        gone.cancel()
        await world.start(definition(A=task(activity)), "7")
        assert (await world.take(activity)).input == "7"

    run(play)


def test_a_poller_cancelled_with_the_task_in_its_hands_leaves_it_to_the_next() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        polling = asyncio.create_task(world.engine.take_task(activity, "first", wait=10))
        await asyncio.sleep(0)
        arn = await world.start(definition(A=task(activity)))
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        taken = await world.take(activity)
        await world.engine.task_succeeded(taken.token, "{}")
        await world.ended(arn)
        assert (await world.types(arn)).count("ActivityStarted") == 1

    run(play)


def test_a_task_given_back_keeps_its_token() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        await world.start(definition(A=task(activity)))
        first = await world.take(activity)
        world.engine.give_back(first)
        second = await world.take(activity)
        assert second.token == first.token
        await world.engine.task_succeeded(second.token, "{}")
        world.engine.give_back(second)
        assert await world.engine.take_task(activity) is None

    run(play)


def test_a_task_of_a_stopped_execution_is_offered_to_nobody() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(A=task(activity)))
        await world.engine.stop(arn, Failure("E", "c"))
        assert await world.engine.take_task(activity) is None

    run(play)


def test_a_silent_worker_loses_its_task() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        retry = [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        await world.start(definition(A=task(activity, HeartbeatSeconds=10, Retry=retry)))
        first = await world.take(activity)
        await world.pass_time(9)
        await world.engine.heartbeat(first.token)
        await world.pass_time(9)
        await world.engine.heartbeat(first.token)
        await world.pass_time(10)
        with pytest.raises(AlreadyFinished):
            await world.engine.heartbeat(first.token)
        await world.pass_time(1)
        second = await world.take(activity)
        assert second.token != first.token
        with pytest.raises(AlreadyFinished):
            await world.engine.task_succeeded(first.token, "{}")
        await world.engine.task_succeeded(second.token, "{}")

    run(play)


def test_a_token_is_honoured_once_and_only_if_it_is_genuine() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(A=task(activity)))
        taken = await world.take(activity)
        with pytest.raises(InvalidOutput):
            await world.engine.task_succeeded(taken.token, "{")
        reports = [world.engine.task_succeeded(taken.token, str(number)) for number in range(5)]
        outcomes = await asyncio.gather(*reports, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [type(None)] + [AlreadyFinished] * 4
        ending = (await world.ended(arn)).ending
        assert ending is not None
        assert ending.output == "0"
        with pytest.raises(InvalidToken):
            await world.engine.heartbeat("AAAA")

    run(play)


def test_a_long_execution_takes_turns_with_the_others() -> None:
    async def play(world: World) -> None:
        loop = definition(
            A={"Type": "Pass", "Next": "B"},
            B={
                "Type": "Choice",
                "Choices": [{"Variable": "$.go", "BooleanEquals": False, "Next": "C"}],
                "Default": "A",
            },
            C={"Type": "Succeed"},
        )
        long = (await world.engine.start(await world.machine(loop, "long"), '{"go": true}')).arn
        short = await world.start(definition(A={"Type": "Pass", "End": True}))
        assert world.engine.execution(short).status is Status.SUCCEEDED
        assert world.engine.execution(long).status is Status.RUNNING
        found = await world.ended(long)
        assert found.ending is not None
        assert found.ending.failure is not None
        assert "25000" in str(found.ending.failure.cause)

    run(play)


def test_the_same_start_is_the_same_execution_only_while_it_runs() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        first, second = await asyncio.gather(
            world.engine.start(machine, "{}", "e"), world.engine.start(machine, "{}", "e")
        )
        assert first == second
        with pytest.raises(AlreadyExists):
            await world.engine.start(machine, "[]", "e")
        await world.pass_time(60)
        await world.ended(first.arn)
        with pytest.raises(AlreadyExists):
            await world.engine.start(machine, "{}", "e")

    run(play)


class Refusing(MemoryJournal):
    """Writes when it is let, and refuses the first execution for good, as no journal should."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = threading.Event()
        self.may_write.set()

    def write(self, writes: Sequence[Write]) -> None:
        assert self.may_write.wait(60)
        if any(isinstance(write, ExecutionWrite) and write.key == 1 for write in writes):
            raise OutOfStep("no")
        super().write(writes)


def test_a_start_that_waited_for_one_of_its_name_finds_the_machine_as_it_is_now() -> None:
    journal = Refusing()

    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        journal.may_write.clear()
        under_way: list[asyncio.Task[Any]] = [asyncio.create_task(world.engine.delete_machine(machine))]
        for _ in range(2):
            for _ in range(3):
                await asyncio.sleep(0)  # until what is under way has submitted its write, or waits
            under_way.append(asyncio.create_task(world.engine.start(machine, "{}", "e")))
        await asyncio.sleep(0)
        journal.may_write.set()
        outcomes = await asyncio.gather(*under_way, return_exceptions=True)
        assert [type(each) for each in outcomes] == [NoneType, OutOfStep, NotFound]

    run(play, journal=journal)


def test_what_cannot_be_started_leaves_nothing_behind() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        with pytest.raises(InvalidInput):
            await world.engine.start(machine, "{", "e")
        with pytest.raises(NotFound):
            await world.engine.start(machine + "x", "{}", "e")
        assert await world.engine.executions(machine, limit=9) == []

    run(play)


class Failing(MemoryJournal):
    """A journal whose medium can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False

    def write(self, writes: Sequence[Write]) -> None:
        if self.is_full and any(isinstance(write, ExecutionWrite) for write in writes):
            raise Unavailable("The disk is full.")
        super().write(writes)


def test_a_failed_write_fails_the_answer_and_what_ran_ahead_is_forgotten() -> None:
    journal = Failing()

    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(A=task(activity)))
        taken = await world.take(activity)
        journal.is_full = True
        with pytest.raises(Unavailable):
            await world.engine.task_succeeded(taken.token, "1")
        with pytest.raises(Unavailable):
            await world.engine.start(await world.machine(WAIT, "other"), "{}", "lost")
        assert world.engine.execution(arn).status is Status.RUNNING
        journal.is_full = False
        await world.engine.task_succeeded(taken.token, "2")
        ending = (await world.ended(arn)).ending
        assert ending is not None
        assert ending.output == "2"

    run(play, journal=journal)


def test_reports_that_overtake_a_failing_write_fail_with_it() -> None:
    journal = Failing()

    async def play(world: World) -> None:
        activity = await world.activity()
        states = definition(A=task(activity, Next="B"), B=task(activity))
        arn = await world.start(states)
        taken = await world.take(activity)
        journal.is_full = True
        outcomes = await asyncio.gather(
            world.engine.task_succeeded(taken.token, "1"),
            world.engine.heartbeat(taken.token),
            world.engine.stop(arn, Failure()),
            return_exceptions=True,
        )
        assert not any(outcome is None for outcome in outcomes)
        journal.is_full = False
        await world.engine.task_succeeded(taken.token, "2")
        assert (await world.take(activity)).input == "2"

    run(play, journal=journal)


@pytest.mark.parametrize("beside", [False, True])
def test_every_ending_is_announced_once_it_is_durable(beside: bool) -> None:
    heard: list[str] = []

    async def play(world: World) -> None:
        arn = await world.start(WAIT)
        assert heard == []
        await world.pass_time(60)
        await world.ended(arn)
        await until(lambda: heard == [arn] and world.journal.unannounced(9) == [])

    run(play, listeners=[heard.append], announce_beside=beside)


@pytest.mark.parametrize("beside", [False, True])
def test_an_ending_nobody_took_note_of_is_announced_after_a_restart(beside: bool) -> None:
    journal = MemoryJournal()
    heard: list[str] = []

    def deaf(arn: str) -> None:
        raise RuntimeError("not now")

    async def end_unheard(world: World) -> None:
        await world.ended(await world.start(definition(A={"Type": "Pass", "End": True})))

    async def listen(world: World) -> None:
        await until(lambda: len(heard) == 1 and world.journal.unannounced(9) == [])

    run(end_unheard, journal=journal, listeners=[deaf], announce_beside=beside)
    run(listen, journal=journal, listeners=[heard.append], announce_beside=beside)


def test_more_endings_than_are_told_at_a_time_are_all_told() -> None:
    heard: list[str] = []

    async def play(world: World) -> None:
        machine = await world.machine(definition(A={"Type": "Pass", "End": True}))
        for number in range(3 * CALLS):
            await world.engine.start(machine, "{}", f"e{number}")
        await until(lambda: len(heard) == 3 * CALLS and world.journal.unannounced(1) == [])
        assert len(set(heard)) == len(heard)

    run(play, listeners=[lambda arn: heard.append(stand_by(asyncio.sleep(0, arn)))], announce_beside=True)


def test_a_restart_goes_on_with_everything_that_waits() -> None:
    journal = MemoryJournal()
    world = World(journal)

    async def begin(world: World) -> None:
        activity = await world.activity()
        timeout = json.loads(WAIT) | {"TimeoutSeconds": 30}
        await world.engine.start(await world.machine(WAIT, "waiting"), "{}", "e")
        await world.engine.start(await world.machine(json.dumps(timeout), "limited"), "{}", "e")
        machine = await world.machine(definition(A=task(activity, HeartbeatSeconds=20)), "working")
        for name in ("taken", "offered"):
            await world.engine.start(machine, f'"{name}"', name)
        taken = await world.take(activity)
        world.engine.delivered(taken)
        await world.engine.heartbeat(taken.token)

    async def go_on(world: World) -> None:
        realm = world.engine.realm
        offered = await world.take(realm.activity("a"))
        assert offered.input == '"offered"'
        assert await world.engine.take_task(realm.activity("a")) is None
        await world.pass_time(20)
        assert (await world.ended(realm.execution("working", "taken"))).status is Status.FAILED
        await world.pass_time(10)
        assert (await world.ended(realm.execution("limited", "e"))).status is Status.TIMED_OUT
        await world.pass_time(30)
        assert (await world.ended(realm.execution("waiting", "e"))).status is Status.SUCCEEDED

    run(begin, journal=journal, clock=world.clock)
    run(go_on, journal=journal, clock=world.clock)


def test_a_task_whose_worker_was_never_sent_it_is_offered_again_after_a_restart() -> None:
    journal = MemoryJournal()
    tokens: list[str] = []

    async def take(world: World) -> None:
        if not tokens:
            await world.start(definition(A=task(await world.activity())))
        tokens.append((await world.take(world.engine.realm.activity("a"))).token)

    run(take, journal=journal)
    run(take, journal=journal)
    assert tokens[0] == tokens[1]


class Echo:
    """Answers with the arguments, or fails when they say so."""

    def __init__(self) -> None:
        self.calls: list[ServiceCall] = []

    def serves(self, resource: Resource) -> bool:
        return resource.service in ("glue", "eks")

    async def call(self, call: ServiceCall) -> str:
        self.calls.append(call)
        if call.arguments == '"fail"':
            raise ServiceFailed(Failure("Echo.Failed", "as told"))
        if call.arguments == '"bug"':
            raise ZeroDivisionError("a bug")
        return call.arguments

    async def finish(self, call: ServiceCall, answer: str) -> str:
        return f"[{answer}]"

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        pass


@pytest.mark.parametrize(
    ("resource", "input", "output", "error"),
    [
        ("arn:aws:states:::glue:startJobRun", "1", "1", None),
        ("arn:aws:states:::glue:startJobRun.sync", "1", "[1]", None),
        ("arn:aws:states:::glue:startJobRun", '"fail"', None, "Echo.Failed"),
        ("arn:aws:states:::glue:startJobRun", '"bug"', None, "States.TaskFailed"),
        ("arn:aws:states:::athena:getQueryResults", "1", None, "States.TaskFailed"),
    ],
)
def test_a_service_does_the_work(resource: str, input: str, output: str | None, error: str | None) -> None:
    async def play(world: World) -> None:
        ending = (await world.ended(await world.start(definition(A=task(resource)), input))).ending
        assert ending is not None
        assert ending.output == output
        assert (ending.failure.error if ending.failure else None) == error

    def services(engine: Engine) -> Services:
        return Echo()

    run(play, services=services)


def test_a_callback_waits_for_whoever_has_the_token() -> None:
    echo = Echo()

    async def play(world: World) -> None:
        arn = await world.start(
            definition(
                A=task(
                    "arn:aws:states:::eks:call.waitForTaskToken",
                    Parameters={"token.$": "$$.Task.Token"},
                )
            )
        )
        await until(lambda: bool(echo.calls))
        token = json.loads(echo.calls[0].arguments)["token"]
        await world.engine.task_succeeded(token, '"called back"')
        ending = (await world.ended(arn)).ending
        assert ending is not None
        assert ending.output == '"called back"'

    run(play, services=lambda engine: echo)


class Slow(Echo):
    """Takes a request, and never says what came of it."""

    async def finish(self, call: ServiceCall, answer: str) -> str:
        await asyncio.Event().wait()
        raise AssertionError


def test_what_a_service_had_begun_before_a_restart_is_not_begun_again() -> None:
    slow, echo = Slow(), Echo()

    async def play(world: World) -> None:
        arn = await world.start(definition(A=task("arn:aws:states:::glue:startJobRun.sync")), '"once"')

        async def is_submitted() -> bool:
            return "TaskSubmitted" in await world.types(arn)

        await until(is_submitted)
        await world.engine.close()
        again = World(world.journal, world.clock, services=lambda engine: echo)
        await again.engine.open()
        try:
            ending = (await again.ended(arn)).ending
            assert ending is not None
            assert ending.output == '["once"]'
            assert (await again.types(arn)).count("TaskSubmitted") == 1
        finally:
            await again.engine.close()

    run(play, services=lambda engine: slow)
    assert (len(slow.calls), len(echo.calls)) == (1, 0)


class Deaf(Slow):
    """Does not answer when it is told to end a job, unless it `listens`."""

    def __init__(self, *, listens: bool) -> None:
        super().__init__()
        self.listens = listens
        self.told: list[tuple[str, str]] = []

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        self.told.append((call.token, answer))
        if not self.listens:
            await asyncio.Event().wait()


def test_a_job_that_nobody_waits_for_is_ended_though_the_server_is_restarted() -> None:
    lives = [Deaf(listens=False), Deaf(listens=True), Deaf(listens=True)]

    async def play(world: World) -> None:
        arn = await world.start(definition(A=task("arn:aws:states:::glue:startJobRun.sync")), '"once"')

        async def is_submitted() -> bool:
            return "TaskSubmitted" in await world.types(arn)

        await until(is_submitted)
        await world.engine.stop(arn, Failure())
        await until(lambda: bool(lives[0].told))
        await world.engine.close()
        for services in lives[1:]:
            again = World(world.journal, world.clock, services=lambda engine, it=services: it)
            await again.engine.open()
            await until(lambda: not world.journal.abandoned())
            await again.engine.close()

    run(play, services=lambda engine: lives[0])
    first, second, third = (services.told for services in lives)
    assert first == second
    assert [answer for _, answer in first] == ['"once"']
    assert third == []


def test_a_job_that_came_to_its_end_is_not_ended_again() -> None:
    async def play(world: World) -> None:
        await world.ended(await world.start(definition(A=task("arn:aws:states:::glue:startJobRun.sync"))))
        assert world.journal.abandoned() == []

    run(play, services=lambda engine: Echo())


def test_executions_that_only_wait_are_not_kept_in_memory() -> None:
    async def play(world: World) -> None:
        world.engine._runner.residents._max_weight = 50_000
        machine = await world.machine(WAIT)
        arns = [(await world.engine.start(machine, "{}")).arn for _ in range(200)]
        gc.collect()
        assert len(world.engine._runner.residents) < 20
        await world.pass_time(60)
        for arn in arns:
            assert (await world.ended(arn)).status is Status.SUCCEEDED

    run(play)


def test_a_closed_engine_takes_nothing() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        activity = await world.activity()
        await world.engine.close()
        with pytest.raises(Unavailable):
            await world.engine.start(machine, "{}")
        assert await world.engine.take_task(activity, wait=10) is None

    run(play)


def test_closing_wakes_those_who_wait_for_tasks() -> None:
    async def play(world: World) -> None:
        polling = asyncio.create_task(world.engine.take_task(await world.activity(), wait=60))
        await asyncio.sleep(0)
        await world.engine.close()
        assert await asyncio.wait_for(polling, 40) is None

    run(play)


def test_only_so_many_executions_run_at_once() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        first = (await world.engine.start(machine, "{}", "first")).arn
        await world.engine.start(machine, "{}", "second")
        with pytest.raises(TooManyExecutions, match="More than 2"):
            await world.engine.start(machine, "{}", "third")
        assert (await world.engine.start(machine, "{}", "first")).arn == first, "it is running already"
        await world.engine.stop(first, Failure())
        await world.engine.start(machine, "{}", "third")
        with pytest.raises(TooManyExecutions):
            await world.engine.start(machine, "{}", "fourth")

    run(play, max_open=2)


def test_executions_that_wait_count_after_a_restart_too() -> None:
    journal = MemoryJournal()

    async def begin(world: World) -> None:
        await world.start(WAIT)

    async def go_on(world: World) -> None:
        with pytest.raises(TooManyExecutions):
            await world.engine.start(world.engine.realm.machine("m"), "{}", "other")

    run(begin, journal=journal)
    run(go_on, journal=journal, max_open=1)


def test_a_name_that_is_used_already_leaves_the_execution_that_has_it_alone() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        machine = await world.machine(definition(T=task(activity)))
        first = await world.engine.start(machine, "{}", "e")
        taken = await world.take(activity)
        world.engine._runner.residents._max_weight = 0
        world.engine._runner.residents.shrink()
        assert await world.engine.start(machine, "{}", "e") == first
        other, reported = await asyncio.gather(
            world.engine.start(machine, "[]", "e"),
            world.engine.task_succeeded(taken.token, "1"),
            return_exceptions=True,
        )
        assert (type(other), reported) == (AlreadyExists, None)
        assert (await world.ended(first.arn)).status is Status.SUCCEEDED
        with pytest.raises(AlreadyExists):
            await world.engine.start(machine, "{}", "e")
        assert len(await world.engine.executions(machine, limit=9)) == 1

    run(play)


def test_a_worker_is_given_no_task_of_an_execution_that_never_came_to_be() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        machine = await world.machine(definition(T=task(activity)))
        await world.engine.start(machine, "{}", "e")
        await world.engine.task_succeeded((await world.take(activity)).token, "1")
        await world.ended(world.engine.realm.execution("m", "e"))
        polling = asyncio.create_task(world.engine.take_task(activity, "w", wait=60))
        await asyncio.sleep(0)
        with pytest.raises(AlreadyExists):
            await world.engine.start(machine, "{}", "e")
        assert not polling.done()
        await world.engine.start(machine, '"other"', "other")
        found = await polling
        assert found is not None
        assert found.input == '"other"'
        assert (await world.engine.figures()).executions_open == 1

    run(play)


def test_starts_of_one_name_at_the_same_time_are_one_execution() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        begun = await asyncio.gather(*(world.engine.start(machine, "{}", "e") for _ in range(5)))
        assert len(set(begun)) == 1
        assert len(await world.engine.executions(machine, limit=9)) == 1

    run(play)


def test_a_running_execution_is_found_by_its_name_although_no_more_may_run() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(WAIT)
        first = await world.engine.start(machine, "{}", "e")
        world.engine._runner.residents._max_weight = 0
        world.engine._runner.residents.shrink()
        assert await world.engine.start(machine, "{}", "e") == first

    run(play, max_open=1)
