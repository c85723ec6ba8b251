"""A Step Functions that runs nothing: executions move when a test says so.

Keeps machines, tags and executions as the real one does, and raises boto3's errors.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from workflow_manager.kernel.clock import Clock


def client_error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message or f"the text of {code}"}}, "Operation")


@dataclass
class Machine:
    definition: str
    tags: dict[str, str]
    logging: Mapping[str, Any] | None


@dataclass
class Execution:
    machine: str
    input: str
    status: str = "RUNNING"
    end: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)


def activity_arn(name: str) -> str:
    return f"arn:aws:states:us-east-1:123456789012:activity:{name}"


class FakeStepFunctions:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self.machines: dict[str, Machine] = {}
        self.executions: dict[str, Execution] = {}
        self.activities: list[str] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self._failures: dict[str, list[Exception]] = {}

    # What tests do

    def fail_next(self, operation: str, *errors: Exception) -> None:
        self._failures.setdefault(operation, []).extend(errors)

    def finish(
        self, execution_arn: str, status: str, events: Sequence[Mapping[str, Any]] = (), **end: Any
    ) -> None:
        execution = self.executions[execution_arn]
        execution.status = status
        execution.end = {"stopDate": self._clock.now(), **end}
        execution.events.extend(dict(event) for event in events)

    def count(self, operation: str) -> int:
        return Counter(name for name, _ in self.requests)[operation]

    def last(self, operation: str) -> dict[str, Any]:
        return [request for name, request in self.requests if name == operation][-1]

    # What boto3's client does

    def create_activity(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("create_activity", request)
            return {"activityArn": activity_arn(request["name"])}

    def list_activities(self, **request: Any) -> dict[str, Any]:
        """In pages of two, in no order."""
        with self._lock:
            self._begin("list_activities", request)
            begin = int(request.get("nextToken", 0))
            page = self.activities[begin : begin + 2]
            more = {"nextToken": str(begin + 2)} if begin + 2 < len(self.activities) else {}
            listed = [
                {"name": each, "activityArn": activity_arn(each), "creationDate": self._clock.now()}
                for each in page
            ]
            return {"activities": listed, **more}

    def create_state_machine(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("create_state_machine", request)
            arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:{request['name']}"
            there = self.machines.get(arn)
            if there is not None and there.definition != request["definition"]:
                raise client_error("StateMachineAlreadyExists")
            tags = {tag["key"]: tag["value"] for tag in request["tags"]}
            self.machines[arn] = Machine(request["definition"], tags, request.get("loggingConfiguration"))
            return {"stateMachineArn": arn}

    def describe_state_machine(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("describe_state_machine", request)
            machine = self._machine(request["stateMachineArn"])
            return {"definition": machine.definition, "loggingConfiguration": machine.logging}

    def update_state_machine(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("update_state_machine", request)
            machine = self._machine(request["stateMachineArn"])
            machine.definition = request.get("definition", machine.definition)
            machine.logging = request.get("loggingConfiguration", machine.logging)
            return {}

    def list_tags_for_resource(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("list_tags_for_resource", request)
            tags = self._machine(request["resourceArn"]).tags
            return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def tag_resource(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("tag_resource", request)
            tags = {tag["key"]: tag["value"] for tag in request["tags"]}
            self._machine(request["resourceArn"]).tags |= tags
            return {}

    def start_execution(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("start_execution", request)
            self._machine(request["stateMachineArn"])
            machine = request["stateMachineArn"].replace(":stateMachine:", ":execution:")
            arn = f"{machine}:{request['name']}"
            there = self.executions.get(arn)
            if there is not None and (there.input != request["input"] or there.status != "RUNNING"):
                raise client_error("ExecutionAlreadyExists")
            self.executions[arn] = Execution(request["stateMachineArn"], request["input"])
            return {"executionArn": arn, "startDate": self._clock.now()}

    def describe_execution(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("describe_execution", request)
            execution = self._execution(request)
            return {"status": execution.status, "input": execution.input, **execution.end}

    def stop_execution(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("stop_execution", request)
            execution = self._execution(request)
            if execution.status == "RUNNING":
                self.finish(request["executionArn"], "ABORTED", cause=request.get("cause", ""))
            return {"stopDate": self._clock.now()}

    def get_execution_history(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self._begin("get_execution_history", request)
            events = list(self._execution(request).events)
        if request.get("reverseOrder"):
            events.reverse()
        begin = int(request.get("nextToken", 0))
        end = begin + request.get("maxResults", 100)
        answer: dict[str, Any] = {"events": events[begin:end]}
        if end < len(events):
            answer["nextToken"] = str(end)
        return answer

    def _begin(self, operation: str, request: dict[str, Any]) -> None:
        self.requests.append((operation, request))
        failures = self._failures.get(operation)
        if failures:
            raise failures.pop(0)

    def _machine(self, arn: str) -> Machine:
        if arn not in self.machines:
            raise client_error("StateMachineDoesNotExist")
        return self.machines[arn]

    def _execution(self, request: Mapping[str, Any]) -> Execution:
        if request["executionArn"] not in self.executions:
            raise client_error("ExecutionDoesNotExist")
        return self.executions[request["executionArn"]]
