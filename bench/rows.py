"""The rows of the benchmark: what is measured in each, with what it is compared, and in one run."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import uvloop

from bench.calls import calls
from bench.command import command
from bench.compared import COMPARED, Compared, reason
from bench.figures import Figure, Row, Series
from bench.machine import describe_machine
from bench.scale import ended, open_executions
from bench.server import Server
from bench.workloads import WORKLOADS

# In the order of the report.  Those of SCALED take minutes and are asked for.
ALONE: dict[str, Callable[[Server, int, float], list[Figure]]] = {"command": command, "calls": calls}
ROWS = (*WORKLOADS, *ALONE)
ROW_SECONDS = 600
SCALED: dict[str, Callable[[float], list[Series]]] = {"ended": ended, "open": open_executions}


def measure(name: str, *, repeat: int, scale: float, peers: bool) -> Row:
    """One row.  What goes wrong is in the row, for the others are to be measured all the same."""
    begun = time.perf_counter()
    row = Row(
        name=name,
        measured_at=datetime.now(UTC).isoformat(timespec="minutes"),
        machine=describe_machine(),
    )
    try:
        if name in SCALED:
            row = replace(row, series=SCALED[name](scale))
        else:
            row = replace(row, figures=_by_turns(name, repeat, scale, peers))
    except Exception as error:
        traceback.print_exc()
        row = replace(row, failure=reason(error))
    return replace(row, seconds=round(time.perf_counter() - begun, 1))


def _by_turns(name: str, repeat: int, scale: float, peers: bool) -> list[Figure]:
    """The workload and what it is compared with, one after the other and then both again, `repeat` times:
    the machine may be faster at one time than at another.
    """
    if name not in COMPARED:
        return _figures(name, repeat, scale)
    measured: dict[str, Figure] = {}
    compared = Compared()
    for _ in range(repeat):
        for each in _figures(name, repeat, scale):
            before = measured.get(each.key)
            samples = (*before.samples, *each.samples) if before else each.samples
            measured[each.key] = replace(each, samples=samples)
        compared.join(COMPARED[name](repeat, peers=peers))
    return [_joined(each, compared) for each in measured.values()]


def _figures(name: str, repeat: int, scale: float) -> list[Figure]:
    with Server() as server:
        if name in ALONE:
            return ALONE[name](server, repeat, scale)
        measured: Any = WORKLOADS[name](server, repeat, scale)
        return list(uvloop.run(asyncio.wait_for(measured, ROW_SECONDS)))


def _joined(figure: Figure, compared: Compared) -> Figure:
    return replace(
        figure,
        limits=[*compared.limits.get(figure.key, {}).values()],
        peers=[*compared.peers.get(figure.key, {}).values()],
    )
