"""What must be true in the end, judged from outside: by the answers of the server and the notes of
its clients and workers, and by no knowledge of how it works.

Nothing acknowledged was lost; nothing is stuck; a history has no gap, no repeat and one end, one more
for each redrive, and begins with what was shown of it; a token counted once; a distributed Map began
each of its items once; workflows agree with their executions.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.crashes.load import NAMESPACE, Ledger, Machines
from tests.crashes.wire import Wire

Event = dict[str, Any]

EXPECTED = {"ok": "SUCCEEDED", "flaky": "SUCCEEDED", "fatal": "FAILED", "stop": "ABORTED", "mend": "FAILED"}
WORKFLOW_STATUS = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "failed",
    "ABORTED": "cancelled",
}
END_OF = {
    "SUCCEEDED": "ExecutionSucceeded",
    "FAILED": "ExecutionFailed",
    "TIMED_OUT": "ExecutionTimedOut",
    "ABORTED": "ExecutionAborted",
}
ENDS = set(END_OF.values())
STATUS_OF_COUNT = {
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "timedOut": "TIMED_OUT",
    "aborted": "ABORTED",
}
TASK_ENDS = {f"{kind}{end}" for kind in ("Activity", "Task") for end in ("Succeeded", "Failed", "TimedOut")}


@dataclass
class Verdict:
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def check(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)


class Model:
    """`set_back` is by how many seconds the server's clock may have been set back."""

    def __init__(
        self, wire: Wire, made: Machines, ledger: Ledger, logs: Iterable[Path], *, set_back: float = 0.0
    ) -> None:
        self._set_back = set_back
        self._settled_runs: set[str] = set()
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
        """The executions and the map runs that have not ended."""
        return self._running_executions() + self._running_map_runs()

    def _running_executions(self) -> list[str]:
        return [
            each["executionArn"]
            for machine in self._machines()
            for each in self._wire.pages(
                "ListExecutions", "executions", stateMachineArn=machine, statusFilter="RUNNING"
            )
        ]

    def _running_map_runs(self) -> list[str]:
        """What has ended may still have children that have yet to be stopped."""
        found = []
        for each in self._wire.pages("ListExecutions", "executions", stateMachineArn=self._made.spread):
            if each["executionArn"] in self._settled_runs:
                continue
            runs = self._map_runs(each["executionArn"])
            moving = [run["mapRunArn"] for run in runs if _is_moving(run)]
            if not moving and each["status"] != "RUNNING":
                self._settled_runs.add(each["executionArn"])
            found += moving
        return found

    def _map_runs(self, execution: str) -> list[dict[str, Any]]:
        listed = self._wire.pages("ListMapRuns", "mapRuns", executionArn=execution)
        return [self._wire.insist("DescribeMapRun", mapRunArn=each["mapRunArn"]).body for each in listed]

    def stop_the_unacknowledged(self) -> None:
        """What was started without an answer has nobody who would stop it, and some wait for a day."""
        for arn in self._running_executions():
            if arn in self._ledger.started or arn.rpartition(":")[2] in self._ledger.submitted:
                continue
            if self._is_for_a_day(arn):
                self._wire.insist("StopExecution", executionArn=arn, cause="not acknowledged")
                self.verdict.counts["stopped, as nobody else would"] += 1

    def _is_for_a_day(self, arn: str) -> bool:
        events = self._wire.pages("GetExecutionHistory", "events", executionArn=arn)
        started = json.loads(events[0]["executionStartedEventDetails"]["input"])
        waits = any(_is_entry_of(event, "Long") for event in events)
        return waits or (":spread:" in arn and started["fate"] == "stop")

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
                if machine == self._made.spread:
                    self._judge_map(arn, each["status"])
        for arn, fate in self._ledger.started.items():
            status = self._statuses.get(arn)
            expected = self._expected(arn, fate)
            check(status is not None, f"{arn} was acknowledged and is lost")
            check(status is None or status in expected, f"{arn} ({fate}) is {status}, not {expected}")
        for arn in self._ledger.stopped:
            check(self._statuses.get(arn) == "ABORTED", f"{arn} was stopped and is {self._statuses.get(arn)}")
        for parent, asked in self._nested.items():
            started = self._children[parent]
            check(started <= asked, f"{parent} asked for {asked} children and has {started}")
        self.verdict.counts["executions"] = len(self._statuses)
        self.verdict.counts["started and acknowledged"] = len(self._ledger.started)

    def _expected(self, arn: str, fate: str) -> tuple[str, ...]:
        if ":patient:" in arn or ":reckoning:" in arn or arn in self._ledger.redriven:
            return ("SUCCEEDED",)
        if fate == "mend":  # a redrive that nobody was told of may have happened all the same
            return ("FAILED", "SUCCEEDED")
        return (EXPECTED[fate],)

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
        back = max((before - after for before, after in pairwise(times)), default=0.0)
        check(back <= self._set_back, f"{arn}: the times of its events go back by {back} seconds")
        types = [event["type"] for event in events]
        check(types[:1] == ["ExecutionStarted"], f"{arn} begins with {types[:1]}")
        check(types.count("ExecutionStarted") == 1, f"{arn} has started more than once")
        self._judge_ends(arn, types, status)
        shown = self._ledger.shown.get(arn, [])
        now = [(event["id"], event["type"], event["timestamp"]) for event in events[: len(shown)]]
        check(now == shown, f"{arn}: what was shown of its history has changed")
        self._judge_steps(arn, events, has_ended_well=types[-1] == "ExecutionSucceeded")
        if ":child:" in arn and events:
            started = json.loads(events[0]["executionStartedEventDetails"]["input"])
            self._children[started["by"]] += 1
        self._nested[arn] += types.count("TaskScheduled")

    def _judge_ends(self, arn: str, types: list[str], status: str) -> None:
        check = self.verdict.check
        turns = [each for each in types if each in ENDS or each == "ExecutionRedriven"]
        redrives = turns.count("ExecutionRedriven")
        shape = turns[1::2] == ["ExecutionRedriven"] * redrives and len(turns) == 2 * redrives + 1
        check(shape and types[-1] in ENDS, f"{arn} is {status}, ended and was redriven: {turns}")
        check(types[-1:] == [END_OF.get(status)], f"{arn} is {status} and ends with {types[-1:]}")
        counted = self._wire.insist("DescribeExecution", executionArn=arn).body["redriveCount"]
        check(counted == redrives, f"{arn} was redriven {redrives} times and says {counted}")
        if arn in self._ledger.redriven:
            check(redrives == 1, f"{arn} was redriven once and its history says {redrives} times")
        self.verdict.counts["redrives"] += redrives

    # Distributed Maps

    def _judge_map(self, arn: str, status: str) -> None:
        """Every item began once, as often as the state was gone through, and the counts are right."""
        check = self.verdict.check
        started = self._wire.insist("DescribeExecution", executionArn=arn).body
        items = json.loads(started["input"])["items"]
        runs = self._map_runs(arn)
        check(bool(runs) or status == "ABORTED", f"{arn} is {status} without a map run")
        for run in runs:
            self._judge_map_run(run, len(items))
        if status == "SUCCEEDED":
            latest = max(runs, key=lambda run: float(run["startDate"]))
            check(latest["status"] == "SUCCEEDED", f"{arn} succeeded, its run is {latest['status']}")
            good = latest["itemCounts"]["succeeded"]
            check(good == len(items), f"{arn} has {len(items)} items, and {good} of them succeeded")

    def _judge_map_run(self, run: dict[str, Any], items: int) -> None:
        check, arn = self.verdict.check, run["mapRunArn"]
        children = self._wire.pages("ListExecutions", "executions", mapRunArn=arn)
        statuses = Counter(child["status"] for child in children)
        counts = {name: run["executionCounts"][name] for name in STATUS_OF_COUNT}
        found = {name: statuses[status] for name, status in STATUS_OF_COUNT.items()}
        check(counts == found, f"{arn} counts {counts} and has {found}")
        numbers = []
        for child in children:
            self._judge_history(child["executionArn"], child["status"])
            text = self._wire.insist("DescribeExecution", executionArn=child["executionArn"]).body["input"]
            numbers.append(json.loads(text)["n"])
        check(len(set(numbers)) == len(numbers), f"{arn} began an item twice: {sorted(numbers)}")
        check(set(numbers) <= set(range(items)), f"{arn} began items nobody gave it: {sorted(numbers)}")
        self.verdict.counts["map runs"] += 1
        self.verdict.counts["executions of map runs"] += len(children)

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
        if has_ended_well and not types["ExecutionRedriven"]:
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


def _is_moving(run: dict[str, Any]) -> bool:
    return bool(run["status"] == "RUNNING" or run["executionCounts"]["running"])


def _is_entry_of(event: Event, state: str) -> bool:
    return bool(event.get("stateEnteredEventDetails", {}).get("name") == state)
