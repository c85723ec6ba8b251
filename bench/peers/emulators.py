"""Emulators of Step Functions that speak its protocol: driven by the load that drives us."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from bench.environments import python_of
from bench.processes import listening
from bench.wire import Connection, call, drive, until
from bench.workloads import chain, machine, running, starts, thousand_items

STARTS = 100  # executions of the chain in one repetition
WARM = 10


@contextmanager
def moto() -> Iterator[str]:
    """A moto server that runs executions with its own interpreter.  Raises `NotToBeHad`, `RuntimeError`."""
    command = [str(python_of("moto")), "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"]
    with listening(command) as url:
        body = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
        urllib.request.urlopen(f"{url}/moto-api/config", body, timeout=30).close()
        yield url


@contextmanager
def ministack() -> Iterator[str]:
    """Raises `NotToBeHad`, `RuntimeError`."""
    environment = {"GATEWAY_PORT": "{port}", "BIND_HOST": "127.0.0.1"}
    with listening([str(python_of("ministack")), "-m", "ministack"], environment) as url:
        yield url


async def transitions(url: str, repeat: int) -> tuple[list[float], list[float]]:
    """Transitions per second, and starts per second, of chains of 10 Pass states."""
    connection = Connection(url)
    arn = await machine(connection, "chain", chain(10))

    async def over() -> bool:
        return await running(connection, arn) == 0

    await drive(url, starts(arn, WARM, "warm"), 4)
    await until(over)
    rates, start_rates = [], []
    for run in range(repeat):
        begun = time.perf_counter()
        load = await drive(url, starts(arn, STARTS, f"run{run}"), 4)
        await until(over)
        rates.append(STARTS * 10 / (time.perf_counter() - begun))
        start_rates.append(load.rate)
    connection.close()
    return rates, start_rates


async def inline_map(url: str, repeat: int) -> list[float]:
    """Seconds for a Map of 1 000 items."""
    connection = Connection(url)
    arn = await machine(connection, "thousand", thousand_items())
    seconds = []
    for run in range(repeat):
        begun = time.perf_counter()
        started = await call(
            connection,
            "StartExecution",
            {"stateMachineArn": arn, "name": f"map-{run}", "input": json.dumps(list(range(1000)))},
        )

        async def ended(execution: str = started["executionArn"]) -> bool:
            described = await call(connection, "DescribeExecution", {"executionArn": execution})
            return str(described["status"]) != "RUNNING"

        await until(ended)
        seconds.append(time.perf_counter() - begun)
    connection.close()
    return seconds
