"""The workloads: what is done to a running server, and the figures it gives."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

from bench.figures import Figure
from bench.server import Server
from bench.wire import Connection, Load, aws_request, call, drive, percentile, rest_request, until

ROLE = "arn:aws:iam::123456789012:role/bench"
COMMITTED = "every answer after its commit (SQLite, WAL, synchronous=FULL)"


def chain(length: int) -> dict[str, Any]:
    states: dict[str, Any] = {
        f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(1, length)
    }
    states[f"S{length}"] = {"Type": "Pass", "End": True}
    return {"StartAt": "S1", "States": states}


def thousand_items() -> dict[str, Any]:
    """A Map over its input, one Pass state for each item."""
    processor = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": processor, "End": True}}}


async def machine(connection: Connection, name: str, definition: Any) -> str:
    made = await call(
        connection,
        "CreateStateMachine",
        {"name": name, "definition": json.dumps(definition), "roleArn": ROLE},
    )
    return str(made["stateMachineArn"])


async def running(connection: Connection, arn: str) -> int:
    listed = await call(
        connection,
        "ListExecutions",
        {"stateMachineArn": arn, "statusFilter": "RUNNING", "maxResults": 1},
    )
    return len(listed["executions"])


async def timed_to_end(url: str, arn: str, requests: list[bytes], connections: int) -> tuple[Load, float]:
    """The load, and the seconds until the last execution had ended."""
    watcher = Connection(url)
    begun = time.perf_counter()
    load = await drive(url, requests, connections)

    async def all_ended() -> bool:
        return await running(watcher, arn) == 0

    await until(all_ended)
    seconds = time.perf_counter() - begun
    watcher.close()
    return load, seconds


def starts(arn: str, count: int, prefix: str) -> list[bytes]:
    return [
        aws_request(
            "StartExecution", {"stateMachineArn": arn, "name": f"{prefix}-{number}", "input": '{"n":1}'}
        )
        for number in range(count)
    ]


async def transitions(server: Server, repeat: int, scale: float) -> list[Figure]:
    connection = Connection(server.url)
    arn = await machine(connection, "chain", chain(10))
    count = max(200, int(3000 * scale))
    await timed_to_end(server.url, arn, starts(arn, count // 5, "warm"), 32)
    rates, start_rates, slowest = [], [], []
    for run in range(repeat):
        load, seconds = await timed_to_end(server.url, arn, starts(arn, count, f"run{run}"), 32)
        rates.append(count * 10 / seconds)
        start_rates.append(load.rate)
        slowest.append(percentile(load.latencies, 0.99) * 1000)
    return [
        Figure(
            key="transitions",
            name="State transitions, chains of 10 Pass states started over the wire, 32 connections",
            unit="per second",
            samples=rates,
            target=10_000,
            durable=COMMITTED,
        ),
        Figure(
            key="start",
            name="StartExecution of such a chain",
            unit="per second",
            samples=start_rates,
            target=1300,
            durable=COMMITTED,
        ),
        Figure(
            key="start-p99",
            name="StartExecution of such a chain, 99th percentile at that load",
            unit="ms",
            samples=slowest,
            better="lower",
            target=50,
            durable=COMMITTED,
        ),
    ]


async def one_activity(server: Server, repeat: int, scale: float) -> list[Figure]:
    connection, poller = Connection(server.url), Connection(server.url)
    activity = (await call(connection, "CreateActivity", {"name": "idle"}))["activityArn"]
    arn = await machine(connection, "one-task", task_machine(activity))
    runs: list[list[float]] = [[] for _ in range(repeat)]
    size = max(50, int(300 * scale))
    for number in range(size * repeat):
        polling = asyncio.create_task(call(poller, "GetActivityTask", {"activityArn": activity}))
        await asyncio.sleep(0.005)
        begun = time.perf_counter()
        starting = asyncio.create_task(
            call(
                connection, "StartExecution", {"stateMachineArn": arn, "name": f"one-{number}", "input": "{}"}
            )
        )
        task = await polling
        runs[number // size].append((time.perf_counter() - begun) * 1000)
        await starting
        await call(connection, "SendTaskSuccess", {"taskToken": task["taskToken"], "output": "{}"})
    return [
        Figure(
            key=key,
            name=f"One activity, start → an idle worker has it, {label}",
            unit="ms",
            samples=[percentile(run, share) for run in runs],
            better="lower",
            target=target,
            durable=COMMITTED,
        )
        for key, label, share, target in (
            ("one-activity", "median", 0.5, 5),
            ("one-activity-p99", "99th percentile", 0.99, 25),
        )
    ]


def task_machine(activity: str) -> dict[str, Any]:
    return {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}


async def activities(server: Server, repeat: int, scale: float) -> list[Figure]:
    return [
        Figure(
            key="activities",
            name="Activity executions with 16 workers (start, task, success, end)",
            unit="per second",
            samples=await activity_rates(server.url, repeat, max(100, int(2000 * scale))),
            target=1000,
            durable=COMMITTED,
        )
    ]


async def activity_rates(url: str, repeat: int, count: int) -> list[float]:
    """Executions per second, of so many in each repetition, from the first start to the last end."""
    connection = Connection(url)
    activity = (await call(connection, "CreateActivity", {"name": "busy"}))["activityArn"]
    arn = await machine(connection, "busy-task", task_machine(activity))
    workers = [asyncio.create_task(_work(url, activity)) for _ in range(16)]
    rates = []
    try:
        for run in range(repeat + 1):
            size = count if run else count // 5
            loading = asyncio.create_task(timed_to_end(url, arn, starts(arn, size, f"act{run}"), 16))
            # A worker that fails would leave executions that never end.
            await asyncio.wait([loading, *workers], return_when=asyncio.FIRST_COMPLETED)
            for worker in workers:
                if worker.done():
                    loading.cancel()
                    worker.result()
            _, seconds = await loading
            if run:
                rates.append(size / seconds)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        connection.close()
    return rates


async def _work(url: str, activity: str) -> None:
    """Take tasks and do them at once, for ever."""
    mine = Connection(url)
    take = aws_request("GetActivityTask", {"activityArn": activity, "workerName": "bench"})
    while True:
        status, answer = await mine.send(take)
        if status >= 500:
            raise RuntimeError(f"GetActivityTask was answered with {status}")
        token = json.loads(answer).get("taskToken") if status == 200 else None
        if token:
            await mine.send(aws_request("SendTaskSuccess", {"taskToken": token, "output": "{}"}))


async def inline_map(server: Server, repeat: int, scale: float) -> list[Figure]:
    connection = Connection(server.url)
    arn = await machine(connection, "thousand", thousand_items())
    items = json.dumps(list(range(1000)))
    seconds = []
    for run in range(repeat + 1):
        begun = time.perf_counter()
        started = await call(
            connection, "StartExecution", {"stateMachineArn": arn, "name": f"map-{run}", "input": items}
        )

        async def ended(execution: str = started["executionArn"]) -> bool:
            described = await call(connection, "DescribeExecution", {"executionArn": execution})
            return str(described["status"]) != "RUNNING"

        await until(ended, every=0.002)
        if run:
            seconds.append(time.perf_counter() - begun)
    return [
        Figure(
            key="inline-map",
            name="Inline Map of 1 000 items, all history kept",
            unit="s",
            samples=seconds,
            better="lower",
            target=0.3,
            durable=COMMITTED,
        )
    ]


async def rest(server: Server, repeat: int, scale: float) -> list[Figure]:
    connection = Connection(server.url)
    definition = {"name": "bench", "manager": "step-functions", "stateMachine": chain(1)}
    await connection.send(rest_request("POST", "/workflow-definitions", definition))
    body = {
        "workflowDefinition": {"name": "bench", "version": -1},
        "input": '{"n": 1}',
        "namespace": "bench",
        "tags": {"team": "bench"},
    }
    count = max(200, int(1500 * scale))
    request = rest_request("POST", "/workflows", body)
    await drive(server.url, [request] * (count // 5), 32)
    rates, slowest = [], []
    for _ in range(repeat):
        load = await drive(server.url, [request] * count, 32)
        rates.append(load.rate)
        slowest.append(percentile(load.latencies, 0.99) * 1000)
    return [
        Figure(
            key="rest",
            name="REST POST /workflows, 32 connections, validated",
            unit="per second",
            samples=rates,
            target=600,
            durable="the record and the execution's start, both before the answer",
        ),
        Figure(
            key="rest-p99",
            name="REST POST /workflows, 99th percentile at that load",
            unit="ms",
            samples=slowest,
            better="lower",
            target=150,
            durable="as above",
        ),
    ]


async def waiting(server: Server, repeat: int, scale: float) -> list[Figure]:
    connection = Connection(server.url)
    arn = await machine(
        connection,
        "waiting",
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": True}}},
    )
    count = int(100_000 * scale)
    padding = json.dumps({"padding": "x" * 3500})
    before = server.memory
    for first in range(0, count, 10_000):
        batch = [
            aws_request("StartExecution", {"stateMachineArn": arn, "name": f"w-{number}", "input": padding})
            for number in range(first, min(count, first + 10_000))
        ]
        await drive(server.url, batch, 32)
    grown = server.memory
    await asyncio.sleep(2)
    cpu, begun = server.cpu_seconds, time.perf_counter()
    await asyncio.sleep(5)
    idle = (server.cpu_seconds - cpu) / (time.perf_counter() - begun) * 100
    connection.close()
    server.stop()
    server.start(ready="/_ready")
    note = f"{count:,} executions of 3.5 KiB input in a Wait state; {before / 2**20:.0f} MiB before the first"
    figures = (
        ("waiting-memory", "memory of the server", "MiB", grown / 2**20, 400),
        ("waiting-memory-restarted", "memory after a restart", "MiB", server.memory / 2**20, 400),
        ("waiting-idle", "idle CPU", "% of a core", idle, 2),
        ("waiting-restart", "restart until ready", "s", server.ready_after, 10),
    )
    return [
        Figure(
            key=key,
            name=f"Waiting executions: {what}",
            unit=unit,
            samples=[value],
            better="lower",
            target=target,
            durable=COMMITTED,
            note=note,
        )
        for key, what, unit, value, target in figures
    ]


Workload = Callable[[Server, int, float], Coroutine[Any, Any, list[Figure]]]

WORKLOADS: dict[str, Workload] = {
    "transitions": transitions,
    "one-activity": one_activity,
    "activities": activities,
    "inline-map": inline_map,
    "rest": rest,
    "waiting": waiting,
}
