"""What must be true in the end, judged from outside: by the answers of the server and the notes of
its clients and workers, and by no knowledge of how it works.

Nothing acknowledged was lost; nothing is stuck; a history has no gap, no repeat and one end, and
begins with what was shown of it; a token counted once; workflows agree with their executions.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crashes.load import NAMESPACE, Ledger, Machines
from tests.crashes.wire import Wire

Event = dict[str, Any]

EXPECTED = {"ok": "SUCCEEDED", "flaky": "SUCCEEDED", "fatal": "FAILED", "stop": "ABORTED"}
WORKFLOW_STATUS = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "failed",
    "ABORTED": "cancelled",
}
ENDS = {f"Execution{end}" for end in ("Succeeded", "Failed", "Aborted", "TimedOut")}
TASK_ENDS = {f"{kind}{end}" for kind in ("Activity", "Task") for end in ("Succeeded", "Failed", "TimedOut")}


@dataclass
class Verdict:
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def check(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)


class Model:
    def __init__(self, wire: Wire, made: Machines, ledger: Ledger, logs: Iterable[Path]) -> None:
        self._wire = wire
        self._made = made
        self._ledger = ledger
        self._logs = list(logs)
        self.verdict = Verdict()
        self._statuses: dict[str, str] = {}
        self._nonces: defaultdict[str, list[str]] = defaultdict(list)
        self._children: Counter[str] = Counter()
        self._nested: Counter[str] = Counter()

    def running(self) -> list[str]:
        """The executions that have not ended."""
        return [
            each["executionArn"]
            for machine in self._machines()
            for each in self._wire.pages(
                "ListExecutions", "executions", stateMachineArn=machine, statusFilter="RUNNING"
            )
        ]

    def stop_the_unacknowledged(self) -> None:
        """What was started without an answer has nobody who would stop it, and some wait for a day."""
        for arn in self.running():
            if arn not in self._ledger.started and arn.rpartition(":")[2] not in self._ledger.submitted:
                events = self._wire.pages("GetExecutionHistory", "events", executionArn=arn)
                if any(_is_entry_of(event, "Long") for event in events):
                    self._wire.insist("StopExecution", executionArn=arn, cause="not acknowledged")
                    self.verdict.counts["stopped, as nobody else would"] += 1

    def judge(self) -> Verdict:
        self.verdict.problems += self._ledger.faults
        self._judge_executions()
        self._judge_reports()
        self._judge_workflows()
        return self.verdict

    def _machines(self) -> Iterator[str]:
        for machine in self._wire.pages("ListStateMachines", "stateMachines"):
            if machine["type"] == "STANDARD":
                yield machine["stateMachineArn"]

    # Executions

    def _judge_executions(self) -> None:
        check = self.verdict.check
        for machine in self._machines():
            for each in self._wire.pages("ListExecutions", "executions", stateMachineArn=machine):
                arn = each["executionArn"]
                check(arn not in self._statuses, f"{arn} is listed twice")
                self._statuses[arn] = each["status"]
                self._judge_history(arn, each["status"])
        for arn, fate in self._ledger.started.items():
            status = self._statuses.get(arn)
            expected = "SUCCEEDED" if ":patient:" in arn else EXPECTED[fate]
            if ":reckoning:" in arn:
                expected = "SUCCEEDED"
            check(status is not None, f"{arn} was acknowledged and is lost")
            check(status in (None, expected), f"{arn} ({fate}) is {status}, not {expected}")
        for arn in self._ledger.stopped:
            check(self._statuses.get(arn) == "ABORTED", f"{arn} was stopped and is {self._statuses.get(arn)}")
        for parent, asked in self._nested.items():
            started = self._children[parent]
            check(started <= asked, f"{parent} asked for {asked} children and has {started}")
        self.verdict.counts["executions"] = len(self._statuses)
        self.verdict.counts["started and acknowledged"] = len(self._ledger.started)

    def _judge_history(self, arn: str, status: str) -> None:
        check = self.verdict.check
        events: list[Event] = self._wire.pages(
            "GetExecutionHistory", "events", executionArn=arn, maxResults=1000
        )
        self.verdict.counts["history events"] += len(events)
        ids = [event["id"] for event in events]
        check(ids == list(range(1, len(events) + 1)), f"{arn}: the events are numbered {ids}")
        check(all(event["previousEventId"] < event["id"] for event in events), f"{arn}: cause after effect")
        times = [event["timestamp"] for event in events]
        check(times == sorted(times), f"{arn}: the times of its events go back")
        types = [event["type"] for event in events]
        check(types[:1] == ["ExecutionStarted"], f"{arn} begins with {types[:1]}")
        check(types.count("ExecutionStarted") == 1, f"{arn} has started more than once")
        ends = [each for each in types if each in ENDS]
        check(len(ends) == 1 and types[-1] in ENDS, f"{arn} is {status} and its ends are {ends}")
        shown = self._ledger.shown.get(arn, [])
        now = [(event["id"], event["type"], event["timestamp"]) for event in events[: len(shown)]]
        check(now == shown, f"{arn}: what was shown of its history has changed")
        self._judge_steps(arn, events, has_ended_well=types[-1] == "ExecutionSucceeded")
        if ":child:" in arn and events:
            started = json.loads(events[0]["executionStartedEventDetails"]["input"])
            self._children[started["by"]] += 1
        self._nested[arn] += types.count("TaskScheduled")

    def _judge_steps(self, arn: str, events: list[Event], *, has_ended_well: bool) -> None:
        """What is begun is ended once; a wait is as long as it has to be."""
        check = self.verdict.check
        types = Counter(event["type"] for event in events)
        causes: Counter[tuple[int, str]] = Counter()
        for event in events:
            kind = event["type"]
            if kind in TASK_ENDS:
                causes[self._scheduled(events, event), "end"] += 1
                self._note_nonce(arn, event)
            elif kind in ("ActivityStarted", "TaskStarted"):
                causes[event["previousEventId"], "start"] += 1
            elif kind == "WaitStateExited":
                entered = events[event["previousEventId"] - 1]
                name = entered.get("stateEnteredEventDetails", {}).get("name")
                if name == "Sleep":
                    check(event["timestamp"] - entered["timestamp"] >= 0.999, f"{arn}: woke too early")
        for (event_id, what), times in causes.items():
            check(times == 1, f"{arn}: the task scheduled by event {event_id} has {times} times its {what}")
        if has_ended_well:
            entered = sum(times for kind, times in types.items() if kind.endswith("StateEntered"))
            exited = sum(times for kind, times in types.items() if kind.endswith("StateExited"))
            check(entered == exited, f"{arn}: {entered} states entered, {exited} left")
            scheduled = types["ActivityScheduled"] + types["TaskScheduled"]
            ended = sum(types[kind] for kind in TASK_ENDS)
            check(scheduled == ended, f"{arn}: {scheduled} tasks scheduled, {ended} ended")

    def _scheduled(self, events: list[Event], event: Event) -> int:
        while not event["type"].endswith("Scheduled"):
            event = events[event["previousEventId"] - 1]
        return int(event["id"])

    def _note_nonce(self, arn: str, event: Event) -> None:
        succeeded = event.get("activitySucceededEventDetails", {})
        failed = event.get("activityFailedEventDetails", {})
        if "output" in succeeded:
            nonce = json.loads(succeeded["output"]).get("nonce")
        else:
            nonce = failed.get("cause", "")
        if nonce and nonce.startswith("<"):
            self._nonces[nonce].append(arn)

    # Reports of workers

    def _judge_reports(self) -> None:
        check = self.verdict.check
        accepted: defaultdict[str, list[str]] = defaultdict(list)
        for line in self._lines():
            nonce = line["nonce"]
            found = self._nonces[nonce]
            check(len(found) <= 1, f"the report {nonce} counted {len(found)} times")
            if "accepted" not in line:
                continue
            self.verdict.counts["reports of workers"] += 1
            if line["accepted"]:
                accepted[line["token"]].append(nonce)
                self.verdict.counts["reports acknowledged"] += 1
                check(len(found) == 1, f"the report {nonce} was acknowledged and is lost")
            else:
                refusal = line["refusal"]
                check(refusal in ("TaskTimedOut", "TaskDoesNotExist"), f"{nonce} was refused with {refusal}")
                if line["tries"] == 1:
                    check(not found, f"the report {nonce} was refused and counted")
        for token, nonces in accepted.items():
            check(len(nonces) == 1, f"the token {token[:40]} was honoured for {nonces}")

    def _lines(self) -> Iterator[dict[str, Any]]:
        for log in self._logs:
            for line in log.read_text().splitlines():
                if line.endswith("}"):  # the last line of a worker that was killed may be torn
                    yield json.loads(line)

    # Workflows

    def _judge_workflows(self) -> None:
        check = self.verdict.check
        workflows = {each["id"]: each for each in self._all_workflows()}
        for key, fate in self._ledger.submitted.items():
            check(key in workflows, f"workflow {key} was acknowledged and is lost")
            status = WORKFLOW_STATUS[EXPECTED[fate]]
            found = workflows.get(key, {}).get("status")
            check(found in (None, status), f"workflow {key} ({fate}) is {found}, not {status}")
        for key in self._ledger.cancelled:
            found = workflows.get(key, {})
            check(found.get("status") == "cancelled", f"workflow {key} was cancelled: {found.get('status')}")
            check(found.get("statusReason") == "by the harness", f"workflow {key} has lost why")
        for key in self._ledger.resolved:
            check(workflows.get(key, {}).get("resolvedByUser") is True, f"workflow {key} was resolved")
        retries: defaultdict[str, set[str]] = defaultdict(set)
        executions = {arn.rpartition(":")[2]: arn for arn in self._statuses if f":{NAMESPACE}--job--" in arn}
        for key, workflow in workflows.items():
            self._judge_workflow(workflow, executions.pop(key, None))
            if workflow.get("retryFor"):
                retries[workflow["retryFor"]].add(key)
        check(not executions, f"executions without a workflow: {list(executions)}")
        for new, parent in self._ledger.resumed.items():
            check(new in retries[parent], f"{new} resumes {parent}, which does not know")
        for key, workflow in workflows.items():
            known = set(workflow.get("retries") or ())
            check(known == retries[key], f"workflow {key} has the retries {known}, not {retries[key]}")
        self.verdict.counts["workflows"] = len(workflows)
        self.verdict.counts["submitted and acknowledged"] = len(self._ledger.submitted)

    def _all_workflows(self) -> Iterator[dict[str, Any]]:
        path = "/workflows?workflowDefinitionName=job&limit=500&oldestFirst=true"
        while path:
            answer = self._wire.insist_rest("GET", path)
            assert answer.ok, answer
            yield from answer.body
            headers = {name.lower(): value for name, value in answer.headers.items()}
            path = headers.get("x-next-page-path", "")

    def _judge_workflow(self, workflow: dict[str, Any], arn: str | None) -> None:
        check, key = self.verdict.check, workflow["id"]
        if arn is None:
            # Its submission was cut short between the record and the execution, and not acknowledged.
            self.verdict.counts["workflows that never began"] += 1
            check(key not in self._ledger.submitted, f"workflow {key} was acknowledged without an execution")
            check(workflow["status"] == "failed", f"workflow {key} never began and is {workflow['status']}")
            return
        status = WORKFLOW_STATUS.get(self._statuses[arn], "running")
        check(workflow["status"] == status, f"workflow {key} is {workflow['status']}, its execution {status}")


def _is_entry_of(event: Event, state: str) -> bool:
    return bool(event.get("stateEnteredEventDetails", {}).get("name") == state)
