"""How costs grow, or rather do not: with what has ended, and with what is open."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.bulk import fill
from bench.figures import Series
from bench.server import Server
from bench.wire import Connection, aws_request, call, drive, rest_request, until
from bench.workloads import chain, machine, running, starts, timed_to_end

ENDED = (1_000, 10_000, 100_000, 1_000_000)
OPEN = (10, 1_000, 100_000)
PROBES = 300
CHAINS = 1_000
WAITING = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": True}}}

# What is asked of a server that has so much behind it, as (key, name).
QUESTIONS = (
    ("list", "GET /workflows, the newest ten of a definition"),
    ("list-status", "GET /workflows, the newest ten of a definition that succeeded"),
    ("list-tag", "GET /workflows, the newest ten with a tag, of a definition"),
    ("list-executions", "ListExecutions, a hundred of a machine"),
    ("get", "GET /workflows/{id}"),
    ("describe", "DescribeExecution"),
    ("submit", "POST /workflows"),
    ("start", "StartExecution"),
)


def ended(scale: float) -> list[Series]:
    """Milliseconds of each question at each number of ended workflows."""
    sizes = [max(100, int(size * scale)) for size in ENDED]
    found: dict[str, list[float]] = {key: [] for key, _ in QUESTIONS}
    ready = []
    with tempfile.TemporaryDirectory(prefix="wfm-bench-") as folder:
        data = Path(folder)
        workflow = _one_workflow(data)
        held = 1
        some = [workflow]
        for size in sizes:
            some += fill(data / "state", workflow, size - held)
            held = size
            with Server(data) as server:
                ready.append(server.ready_after)
                for key, value in asyncio.run(_ask(server, some[-1])).items():
                    found[key].append(value)
        gigabytes = sum(path.stat().st_size for path in (data / "state").iterdir()) / 1e9
    note = f"{gigabytes:.2f} GB on disk at the largest; medians of {PROBES}, one connection"
    series = [
        Series(
            key=f"ended-{key}",
            name=name,
            unit="ms",
            sizes=sizes,
            values=found[key],
            of="ended workflows",
            note=note,
        )
        for key, name in QUESTIONS
    ]
    restart = Series(
        key="ended-ready",
        name="a start of the server until it is ready",
        unit="s",
        sizes=sizes,
        values=ready,
        of="ended workflows",
    )
    return [*series, restart]


def _one_workflow(data: Path) -> str:
    """The id of a workflow that a server has run to its end."""
    with Server(data) as server:
        return asyncio.run(_submit_one(server))


async def _submit_one(server: Server) -> str:
    connection = Connection(server.url)
    definition = {"name": "bench", "manager": "step-functions", "stateMachine": chain(3)}
    await connection.send(rest_request("POST", "/workflow-definitions", definition))
    _, answer = await connection.send(_submission())
    workflow = str(json.loads(answer)["id"])

    async def over() -> bool:
        _, answer = await connection.send(rest_request("GET", f"/workflows/{workflow}"))
        return str(json.loads(answer)["status"]) == "succeeded"

    await until(over)
    connection.close()
    return workflow


def _submission() -> bytes:
    body = {
        "workflowDefinition": {"name": "bench", "version": -1},
        "input": '{"n": 1}',
        "namespace": "bench",
        "tags": {"team": "bench"},
    }
    return rest_request("POST", "/workflows", body)


async def _ask(server: Server, workflow: str) -> dict[str, float]:
    """The median of each question, in milliseconds; `workflow` is asked about."""
    connection = Connection(server.url)
    listed = await call(connection, "ListStateMachines", {})
    machine_arn = str(listed["stateMachines"][0]["stateMachineArn"])
    execution = machine_arn.replace(":stateMachine:", ":execution:") + f":{workflow}"
    listing = "/workflows?limit=10&workflowDefinitionName=bench"
    requests: dict[str, bytes] = {
        "list": rest_request("GET", listing),
        "list-status": rest_request("GET", f"{listing}&status=succeeded"),
        "list-tag": rest_request("GET", f"{listing}&tag=team=bench"),
        "list-executions": aws_request("ListExecutions", {"stateMachineArn": machine_arn, "maxResults": 100}),
        "get": rest_request("GET", f"/workflows/{workflow}"),
        "describe": aws_request("DescribeExecution", {"executionArn": execution}),
        "submit": _submission(),
        "start": aws_request("StartExecution", {"stateMachineArn": machine_arn, "input": "{}"}),
    }
    found = {key: await _median(connection, request) for key, request in requests.items()}
    connection.close()
    return found


async def _median(connection: Connection, request: bytes) -> float:
    took: list[float] = []
    for number in range(PROBES + PROBES // 10):
        begun = time.perf_counter()
        status, answer = await connection.send(request)
        if status >= 300:
            raise RuntimeError(f"{status}: {answer[:300]!r} to {request[:200]!r}")
        if number >= PROBES // 10:
            took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def open_executions(scale: float) -> list[Series]:
    """Microseconds of a transition, and of a task from worker to worker, at each number of open ones."""
    sizes = [max(5, int(size * scale)) for size in OPEN]
    with Server() as server:
        return asyncio.run(_with_open(server, sizes))


async def _with_open(server: Server, sizes: list[int]) -> list[Series]:
    connection = Connection(server.url)
    waiting = await machine(connection, "waiting", WAITING)
    chains = await machine(connection, "chain", chain(10))
    await timed_to_end(server.url, chains, starts(chains, CHAINS, "warm"), 32)
    each: list[float] = []
    describe: list[float] = []
    held = 0
    for size in sizes:
        await _fill_waiting(server, waiting, held, size)
        held = size
        runs = []
        for run in range(3):
            requests = starts(chains, CHAINS, f"at{size}-{run}")
            _, seconds = await timed_to_end(server.url, chains, requests, 32)
            runs.append(seconds / (CHAINS * 10) * 1e6)
        each.append(statistics.median(runs))
        arn = waiting.replace(":stateMachine:", ":execution:") + ":w-0"
        describe.append(await _median(connection, aws_request("DescribeExecution", {"executionArn": arn})))
    assert await running(connection, waiting) == 1
    connection.close()
    common: dict[str, Any] = {"sizes": sizes, "of": "open executions"}
    return [
        Series(
            key="open-transition",
            name="a state transition, chains of 10 started over the wire",
            unit="µs",
            values=each,
            **common,
        ),
        Series(
            key="open-describe", name="DescribeExecution of the oldest", unit="ms", values=describe, **common
        ),
    ]


async def _fill_waiting(server: Server, arn: str, held: int, size: int) -> None:
    requests = [
        aws_request("StartExecution", {"stateMachineArn": arn, "name": f"w-{number}", "input": "{}"})
        for number in range(held, size)
    ]
    await drive(server.url, requests, 32)
