"""A Step Functions that runs nothing: executions move when a test says so.

Keeps machines, tags and executions as the real one does, and raises boto3's errors.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.executor.histories import event
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

    # What tests do

    def finish(
        self, execution_arn: str, status: str, events: Sequence[Mapping[str, Any]] = (), **end: Any
    ) -> None:
        execution = self.executions[execution_arn]
        execution.status = status
        execution.end = {"stopDate": self._clock.now(), **end}
        execution.events.extend(dict(event) for event in events)

    # What boto3's client does

    def create_activity(self, **request: Any) -> dict[str, Any]:
        return {"activityArn": activity_arn(request["name"])}

    def list_activities(self, **request: Any) -> dict[str, Any]:
        """In pages of two, in no order."""
        with self._lock:
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
            arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:{request['name']}"
            there = self.machines.get(arn)
            if there is not None and there.definition != request["definition"]:
                raise client_error("StateMachineAlreadyExists")
            tags = {tag["key"]: tag["value"] for tag in request["tags"]}
            self.machines[arn] = Machine(request["definition"], tags, request.get("loggingConfiguration"))
            return {"stateMachineArn": arn}

    def describe_state_machine(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            machine = self._machine(request["stateMachineArn"])
            return {"definition": machine.definition, "loggingConfiguration": machine.logging}

    def update_state_machine(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            machine = self._machine(request["stateMachineArn"])
            machine.definition = request.get("definition", machine.definition)
            machine.logging = request.get("loggingConfiguration", machine.logging)
            return {}

    def delete_state_machine(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self.machines.pop(request["stateMachineArn"], None)
            return {}

    def list_state_machines(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            return {"stateMachines": [{"stateMachineArn": arn} for arn in self.machines]}

    def list_executions(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            wanted = request["stateMachineArn"]
            return {
                "executions": [
                    {"executionArn": arn, "status": each.status}
                    for arn, each in self.executions.items()
                    if each.machine == wanted
                ]
            }

    def list_tags_for_resource(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            tags = self._machine(request["resourceArn"]).tags
            return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def tag_resource(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            tags = {tag["key"]: tag["value"] for tag in request["tags"]}
            self._machine(request["resourceArn"]).tags |= tags
            return {}

    def start_execution(self, **request: Any) -> dict[str, Any]:
        with self._lock:
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
            execution = self._execution(request)
            return {"status": execution.status, "input": execution.input, **execution.end}

    def stop_execution(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            execution = self._execution(request)
            if execution.status == "RUNNING":
                cause = request.get("cause", "")
                number = execution.events[-1]["id"] + 1 if execution.events else 2
                aborted = event(number, "ExecutionAborted", 0, cause=cause)
                self.finish(request["executionArn"], "ABORTED", [aborted], cause=cause)
            return {"stopDate": self._clock.now()}

    def get_execution_history(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            events = list(self._execution(request).events)
        if request.get("reverseOrder"):
            events.reverse()
        begin = int(request.get("nextToken", 0))
        end = begin + request.get("maxResults", 100)
        answer: dict[str, Any] = {"events": events[begin:end]}
        if end < len(events):
            answer["nextToken"] = str(end)
        return answer

    def _machine(self, arn: str) -> Machine:
        if arn not in self.machines:
            raise client_error("StateMachineDoesNotExist")
        return self.machines[arn]

    def _execution(self, request: Mapping[str, Any]) -> Execution:
        if request["executionArn"] not in self.executions:
            raise client_error("ExecutionDoesNotExist")
        return self.executions[request["executionArn"]]
