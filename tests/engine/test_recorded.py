"""Histories recorded from AWS, replayed through the pure step.

Workers and services answer what they answered then; see `tests/recorded/`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engine.comparing import WILDCARD, Comparison
from tests.engine.driver import ACCOUNT, REGION, Driver
from workflow_manager.asl.failure import Failure
from workflow_manager.asl.parse import parse
from workflow_manager.engine.events import HistoryEvent, MapRunFailed, MapRunSucceeded
from workflow_manager.engine.frames import AtWork, MapRunning
from workflow_manager.kernel.clock import ManualClock

RECORDED = Path(__file__).parent.parent / "recorded"
REFERENCE = re.compile(r"\$\{([^?{}][^{}]*)\}")
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"
SCHEDULED = ("ActivityScheduled", "LambdaFunctionScheduled", "TaskScheduled")


class Replay:
    """Plays one case: definitions are parsed, executions run, everything else is left out."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.results: dict[str, dict[str, Any]] = {}
        self.definitions: dict[str, str] = {}
        self.roles: dict[str, str] = {}

    def run(self) -> list[str]:
        expected = {
            check["value"].strip("${}"): check["expected"]
            for check in self.case["checks"]
            if isinstance(check["expected"], dict) and "events" in check["expected"]
        }
        histories: dict[str, str] = {}
        for step in self.case["steps"]:
            if step.get("call") == "stepfunctions.get_execution_history" and step["as"] in expected:
                histories[step["params"]["executionArn"].strip("${}").split(".")[0]] = step["as"]
        self.comparison = Comparison(self.case["recorded"])
        differences: list[str] = []
        for step in self.case["steps"]:
            name = step.get("as", "")
            params = step.get("params", {})
            match step.get("call"):
                case "stepfunctions.create_activity":
                    self.results[name] = {"activityArn": f"{STATES}:activity:{self.resolve(params['name'])}"}
                case "stepfunctions.create_state_machine":
                    self._create(name, params)
                case "stepfunctions.start_execution":
                    recorded = expected.get(histories.get(name, ""), {"events": []})
                    driver = self._start(name, params, recorded["events"])
                    if recorded["events"]:
                        events = self.resolve(recorded["events"])
                        differences += self.comparison.histories(events, [_wire(e) for e in driver.history])
                case "sqs.create_queue":
                    self.results[name] = {"QueueUrl": "http://queue"}
                case "sns.create_topic":
                    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{self.resolve(params['Name'])}"
                    self.results[name] = {"TopicArn": arn}
                case _:
                    pass
        return differences

    def _create(self, name: str, params: dict[str, Any]) -> None:
        machine = self.resolve(params["name"])
        arn = f"{STATES}:stateMachine:{machine}"
        self.results[name] = {"stateMachineArn": arn}
        self.definitions[arn] = self.text(params["definition"])
        self.roles[arn] = self.resolve(params["roleArn"])

    def _start(self, name: str, params: dict[str, Any], events: list[Any]) -> Driver:
        arn = self.resolve(params["stateMachineArn"])
        run = self.resolve(params.get("name", "run"))
        execution = arn.replace(":stateMachine:", ":execution:") + f":{run}"
        self.results[name] = {"executionArn": execution}
        driver = Driver(
            parse(self.definitions[arn]),
            self.text(params.get("input", "{}")),
            machine_arn=arn,
            name=run,
            role_arn=self.roles[arn],
        )
        driver.start()
        world = World(self.resolve(events), self.comparison)
        for _ in range(200):
            if driver.ending is not None or not (world.answer(driver) or driver.skip_to_next_timer()):
                break
        return driver

    def text(self, value: Any) -> str:
        value = self.resolve(value)
        return value if isinstance(value, str) else json.dumps(value["$json"])

    def resolve(self, value: Any) -> Any:
        if isinstance(value, str):
            return REFERENCE.sub(lambda m: self._lookup(m[1]), value)
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, dict):
            return {self.resolve(key): self.resolve(item) for key, item in value.items()}
        return value

    def _lookup(self, reference: str) -> str:
        if reference in ("account", "region"):
            return {"account": ACCOUNT, "region": REGION}[reference]
        if reference.startswith("uid"):
            return reference
        if reference.startswith("now+"):
            moment = ManualClock().now() + timedelta(days=int(reference[4:-1]))
            return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        path, _, part = reference.partition("#")
        name, *members = path.split(".")
        value: Any = self.results.get(name)
        for member in members:
            value = value.get(member) if isinstance(value, dict) else None
        if value is None:
            return f"<{reference}>"
        return str(value).split(":")[int(part)] if part else str(value)


class World:
    """The workers and services of a recording: each task is answered as it was then."""

    def __init__(self, events: list[Any], comparison: Comparison) -> None:
        lost = any(isinstance(event["id"], list) for event in events)
        self._events = events
        self._comparison = comparison
        self._chains = [_follow(events, i, lost) for i, e in enumerate(events) if e["type"] in SCHEDULED]
        self._seen: dict[str, list[Any]] = {}

    def answer(self, driver: Driver) -> bool:
        """Give one answer; False when nobody has one."""
        self._learn(driver)
        for task in driver.tasks:
            if task.token not in self._seen and self._chains:
                self._seen[task.token] = self._chains.pop(0)
            chain = self._seen.get(task.token, [])
            if chain:
                return self._tell(driver, task, self._known(chain.pop(0)))
        return self._end_map_run(driver)

    def _learn(self, driver: Driver) -> None:
        """Find out what the wildcards stand for that have occurred by now."""
        history = [_wire(event) for event in driver.history]
        self._comparison.histories(self._events[: len(history)], history)

    def _known(self, value: Any) -> Any:
        if isinstance(value, str):
            return WILDCARD.sub(lambda m: self._comparison.bound.get(m[1], m[0]), value)
        if isinstance(value, list):
            return [self._known(item) for item in value]
        if isinstance(value, dict):
            return {key: self._known(item) for key, item in value.items()}
        return value

    def _end_map_run(self, driver: Driver) -> bool:
        by_type = {event["type"]: event for event in self._events}
        for frame in driver.frames.values():
            if not isinstance(frame.waiting, MapRunning):
                continue
            run: dict[str, Any] = {"frame": frame.id, "map_run_arn": frame.waiting.map_run_arn}
            if failed := by_type.get("MapRunFailed"):
                details = failed["mapRunFailedEventDetails"]
                failure = Failure(details.get("error"), details.get("cause"))
                return driver.send(MapRunFailed(**driver.now(), **run, failure=failure))
            output = _text(by_type["MapStateExited"]["stateExitedEventDetails"]["output"])
            return driver.send(MapRunSucceeded(**driver.now(), **run, output=output))
        return False

    def _tell(self, driver: Driver, task: AtWork, event: Any) -> bool:
        details = next((v for k, v in event.items() if k.endswith("EventDetails")), {})
        phase = re.sub("^(Activity|LambdaFunction|Task)", "", event["type"])
        match phase:
            case "Started":
                return driver.take(task, details.get("workerName"))
            case "Submitted":
                return driver.submit(task, _text(details["output"]))
            case "Succeeded":
                return driver.succeed(task, _text(details["output"]))
            case "TimedOut":
                return driver.skip_to_next_timer()
            case _:
                cause = details.get("cause")
                cause = cause if cause is None or isinstance(cause, str) else json.dumps(cause)
                return driver.fail(task, details.get("error"), cause, phase)


def _follow(events: list[Any], start: int, lost: bool) -> list[Any]:
    """What followed a …Scheduled event on its own thread."""
    prefix = events[start]["type"].removesuffix("Scheduled")
    after = [e for e in events[start + 1 :] if re.fullmatch(prefix + "[A-Z][a-z]+([A-Z][a-z]+)?", e["type"])]
    after = [e for e in after if not e["type"].startswith("TaskState")]
    if lost:
        rank = sum(1 for e in events[:start] if e["type"] in SCHEDULED)
        by_type: dict[str, list[Any]] = {}
        for event in events:
            by_type.setdefault(event["type"], []).append(event)
        chain = []
        for phase in ("Started", "Submitted", "Succeeded", "Failed", "TimedOut"):
            chain += by_type.get(prefix + phase, [])[rank : rank + 1]
        return chain
    chain, last = [], events[start]["id"]
    for event in after:
        if event["previousEventId"] == last and event["type"] not in SCHEDULED:
            chain.append(event)
            last = event["id"]
    return chain


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _wire(event: HistoryEvent) -> dict[str, Any]:
    """The event as GetExecutionHistory shows it, without its time."""
    wire: dict[str, Any] = {
        "id": event.id,
        "previousEventId": event.previous,
        "type": event.type,
        "timestamp": "timestamp",
    }
    if event.details is not None:
        wire[_member(event.type)] = event.details
    return wire


def _member(type: str) -> str:
    if type.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if type.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{type[0].lower()}{type[1:]}EventDetails"


def _cases() -> Iterator[Any]:
    for path in sorted(RECORDED.glob("*.json")):
        for case in json.loads(path.read_text())["cases"]:
            if any(isinstance(c["expected"], dict) and "events" in c["expected"] for c in case["checks"]):
                yield pytest.param(case, id=case["id"].split("::")[-1])


@pytest.mark.parametrize("case", list(_cases()))
def test_aws_writes_the_same_history(case: dict[str, Any]) -> None:
    assert Replay(case).run() == []
