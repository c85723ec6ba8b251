"""The clients of the harness: they start, stop, cancel, resume and read, and note what was acknowledged."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.crashes import machines
from tests.crashes.wire import Answer, Stopped, Unanswered, Wire

ROLE = "arn:aws:iam::123456789012:role/r"
NAMESPACE = "crash"
FATES = ("ok", "ok", "ok", "flaky", "fatal", "stop")
MENDING_SECONDS = 30  # how long to wait for the failure of what is to be redriven

Shown = list[tuple[int, str, float]]


@dataclass
class Ledger:
    """What the outside world was told.

    `started` and `submitted` hold the fate of each acknowledged execution (by ARN) and workflow (by
    id); `resumed` leads from a new workflow to its parent; `redriven` holds executions; `shown` is the
    longest history that was read of an execution; `faults` are answers that no server should give.
    """

    started: dict[str, str] = field(default_factory=dict)
    submitted: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    resumed: dict[str, str] = field(default_factory=dict)
    resolved: set[str] = field(default_factory=set)
    redriven: set[str] = field(default_factory=set)
    shown: dict[str, Shown] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)


@dataclass
class Machines:
    mixed: str
    reckoning: str
    patient: str
    spread: str
    mended: str
    child: str
    express: str


def prepare(wire: Wire) -> tuple[Machines, list[str]]:
    """Make the machines and activities; the activities: one whose workers may fail, one that is
    patient, and that of the workflows."""
    moody = wire.insist("CreateActivity", name="moody").body["activityArn"]
    patient = wire.insist("CreateActivity", name="patient").body["activityArn"]
    work = wire.insist("CreateActivity", name=f"{NAMESPACE}--work").body["activityArn"]

    def machine(name: str, definition: dict[str, Any], **more: Any) -> str:
        answer = wire.insist(
            "CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE, **more
        )
        assert answer.ok, answer
        return str(answer.body["stateMachineArn"])

    child = machine("child", machines.CHILD)
    made = Machines(
        mixed=machine("mixed", machines.mixed(moody, child)),
        reckoning=machine("reckoning", machines.reckoning(moody)),
        patient=machine("patient", machines.patient(patient)),
        spread=machine("spread", machines.spread(moody)),
        mended=machine("mended", machines.mended(moody)),
        child=child,
        express=machine("express", machines.EXPRESS, type="EXPRESS"),
    )
    answer = wire.insist_rest(
        "POST",
        "/workflow-definitions",
        {"name": "job", "manager": "step-functions", "stateMachine": machines.job()},
    )
    assert answer.ok, answer
    return made, [moody, patient, work]


class Load:
    """Threads that keep the server busy until `stop` is set."""

    def __init__(self, port: int, made: Machines, ledger: Ledger, seed: int) -> None:
        self.stop = threading.Event()
        self.ledger = ledger
        self._port = port
        self._machines = made
        self._seed = seed
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        acts = [self._start_raw, self._start_raw, self._start_boto3, self._submit, self._submit, self._read]
        acts += [self._express, self._start_and_redrive]
        for number, act in enumerate(acts):
            chance = random.Random(self._seed * 1000 + number)
            thread = threading.Thread(target=self._run, args=(act, Wire(self._port, self.stop), chance))
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, act: Callable[[Wire, random.Random], None], wire: Wire, chance: random.Random) -> None:
        while not self.stop.is_set():
            try:
                act(wire, chance)
            except Stopped:
                return
            except Unanswered:
                pass
            except Exception as error:
                self.ledger.fault(f"{act.__name__}: {error!r}")
            self._pace(chance)

    def _pace(self, chance: random.Random) -> None:
        self.stop.wait(chance.uniform(0.2, 1.2))

    def _checked(self, answer: Answer) -> Answer:
        if answer.status >= 500:
            self.ledger.fault(f"answered {answer.status}: {answer.body}")
        return answer

    def _input(self, chance: random.Random) -> tuple[str, str]:
        fate = chance.choice(FATES)
        return fate, json.dumps({"fate": fate, "pause": chance.choice([0, 1, 2]), "items": [1, 2, 3]})

    def _items(self, fate: str, chance: random.Random) -> str:
        """The input of a distributed Map: the first item has the fate, the others fare well."""
        others = [{"fate": "ok"}] * chance.randrange(1, 8)
        return json.dumps({"fate": fate, "items": [{"fate": fate}, *others]})

    def _start_raw(self, wire: Wire, chance: random.Random) -> None:
        made = self._machines
        machine = chance.choice([made.mixed, made.mixed, made.reckoning, made.patient, made.spread])
        fate, text = self._input(chance)
        if machine == made.spread:
            text = self._items(fate, chance)
        arn = self._insist_on_start(wire, machine, fate, text)
        if fate == "stop" and machine in (made.mixed, made.spread):
            self.stop.wait(chance.uniform(0, 1.0))
            stopped = wire.insist("StopExecution", executionArn=arn, error="Enough", cause="by the harness")
            if stopped.ok:
                self.ledger.stopped.add(arn)
            else:
                self.ledger.fault(f"StopExecution: {stopped}")

    def _insist_on_start(self, wire: Wire, machine: str, fate: str, text: str) -> str:
        """Start under a new name until that is acknowledged; the ARN of the execution."""
        name = str(uuid.uuid4())
        answer = wire.insist("StartExecution", stateMachineArn=machine, name=name, input=text)
        arn = machine.replace(":stateMachine:", ":execution:") + ":" + name
        if not answer.ok and answer.error != "ExecutionAlreadyExists":
            raise AssertionError(f"StartExecution: {answer}")
        if answer.error == "ExecutionAlreadyExists" and answer.tries == 1:
            self.ledger.fault(f"a name nobody used is taken: {arn}")
        self.ledger.started[arn] = fate
        return arn

    def _start_and_redrive(self, wire: Wire, chance: random.Random) -> None:
        machine = chance.choice([self._machines.mended, self._machines.spread])
        arn = self._insist_on_start(wire, machine, "mend", self._items("mend", chance))
        until = time.monotonic() + MENDING_SECONDS
        while wire.insist("DescribeExecution", executionArn=arn).body["status"] == "RUNNING":
            if time.monotonic() > until or self.stop.wait(0.2):
                return
        redriven = wire.insist("RedriveExecution", executionArn=arn, clientToken=str(uuid.uuid4()))
        if redriven.ok:
            self.ledger.redriven.add(arn)
        else:
            self.ledger.fault(f"RedriveExecution: {redriven}")

    def _start_boto3(self, wire: Wire, chance: random.Random) -> None:
        client = boto3.client(
            "stepfunctions",
            endpoint_url=f"http://127.0.0.1:{self._port}",
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
        )
        for _ in range(1000):
            fate, text = self._input(chance)
            try:
                begun = client.start_execution(stateMachineArn=self._machines.mixed, input=text)
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError):
                    self.ledger.fault(f"boto3: {error}")
                self.stop.wait(0.2)
            else:
                self.ledger.started[begun["executionArn"]] = fate
                if fate == "stop":
                    wire.insist("StopExecution", executionArn=begun["executionArn"])
                    self.ledger.stopped.add(begun["executionArn"])
            self._pace(chance)
            if self.stop.is_set():
                return

    def _submit(self, wire: Wire, chance: random.Random) -> None:
        fate, text = self._input(chance)
        body = {
            "workflowDefinition": {"name": "job", "version": 0},
            "namespace": NAMESPACE,
            "queue": "default",
            "input": text,
            "tags": {"fate": fate},
        }
        answer = self._checked(wire.rest("POST", "/workflows", body))
        if not answer.ok:
            return
        workflow = answer.body["id"]
        self.ledger.submitted[workflow] = fate
        if fate == "stop":
            self.stop.wait(chance.uniform(0, 1.0))
            cancel = wire.insist_rest("DELETE", f"/workflows/{workflow}", {"reason": "by the harness"})
            if cancel.ok:
                self.ledger.cancelled.add(workflow)
            else:
                self.ledger.fault(f"cancel: {cancel}")
        elif fate == "fatal":
            self._resume(wire, workflow)

    def _resume(self, wire: Wire, workflow: str) -> None:
        until = time.monotonic() + 20
        while wire.insist_rest("GET", f"/workflows/{workflow}").body["status"] != "failed":
            if time.monotonic() > until or self.stop.wait(0.3):
                return
        again = wire.rest("POST", f"/workflows/{workflow}", {"StartAt": "First"})
        if self._checked(again).ok:
            self.ledger.resumed[again.body["id"]] = workflow
            self.ledger.submitted[again.body["id"]] = "fatal"
        resolved = wire.insist_rest("POST", f"/workflows/{workflow}/resolved")
        if resolved.ok:
            self.ledger.resolved.add(workflow)
        elif resolved.status != 409 or resolved.tries == 1:
            self.ledger.fault(f"resolve: {resolved}")

    def _express(self, wire: Wire, chance: random.Random) -> None:
        text = json.dumps({"n": chance.random()})
        answer = wire.call("StartSyncExecution", stateMachineArn=self._machines.express, input=text)
        if self._checked(answer).ok and json.loads(answer.body["output"]) != json.loads(text):
            self.ledger.fault(f"express: {answer}")
        self.stop.wait(1.0)

    def _read(self, wire: Wire, chance: random.Random) -> None:
        """What was shown once must be there for good."""
        known = list(self.ledger.started)[-200:]
        if not known:
            return
        arn = chance.choice(known)
        shown = read_history(wire, arn)
        before = self.ledger.shown.get(arn, [])
        if shown[: len(before)] != before:
            self.ledger.fault(f"the history of {arn} has changed: {before} became {shown}")
        self.ledger.shown[arn] = shown
        described = self._checked(wire.call("DescribeExecution", executionArn=arn))
        status = described.body.get("status", described.error)
        if self.ledger.started[arn] == "mend" and status != "SUCCEEDED":
            return  # a failure of it is not for good
        if status != "RUNNING":
            if self.ledger.ended.setdefault(arn, status) != status:
                self.ledger.fault(f"{arn} was {self.ledger.ended[arn]} and is {status}")
        elif arn in self.ledger.ended:
            self.ledger.fault(f"{arn} was {self.ledger.ended[arn]} and runs again")


def read_history(wire: Wire, arn: str) -> Shown:
    events: Shown = []
    request: dict[str, Any] = {"executionArn": arn, "maxResults": 50}
    while True:
        answer = wire.call("GetExecutionHistory", **request)
        if not answer.ok:
            raise AssertionError(f"history of {arn}: {answer}")
        events += [(event["id"], event["type"], event["timestamp"]) for event in answer.body["events"]]
        if "nextToken" not in answer.body:
            return events
        request["nextToken"] = answer.body["nextToken"]
