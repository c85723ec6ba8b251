"""What the figures of each workload are compared with: limits of the machine, and peers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial

from bench import limits
from bench.environments import PACKAGES, NotToBeHad
from bench.figures import Comparison
from bench.peers import emulators
from bench.peers.scripts import run_in
from bench.processes import listening
from bench.server import ROOT
from bench.wire import drive, rest_request
from bench.workloads import activity_rates

PEER_SECONDS = 90  # for a peer that hangs
IN_MEMORY = "nothing: it is in memory"
EVERY_STEP = "every step (SQLite as DBOS sets it up)"
EVERY_TASK = "every task and result (SQLite, WAL, synchronous=FULL)"
EVERY_COMMIT = "every commit (SQLite, WAL, synchronous=FULL)"

# What went wrong with a peer is that peer's line in the report.
FAILURES = (NotToBeHad, RuntimeError, OSError, EOFError, ValueError, KeyError, subprocess.SubprocessError)


@dataclass
class Compared:
    """By the key of the figure, and by name within it."""

    limits: dict[str, dict[str, Comparison]] = field(default_factory=dict)
    peers: dict[str, dict[str, Comparison]] = field(default_factory=dict)

    def limit(self, key: str, name: str, samples: list[float], durable: str) -> None:
        _add(self.limits, key, Comparison(name=name, samples=samples, durable=durable))

    def peer(self, key: str, name: str, samples: list[float], durable: str) -> None:
        _add(self.peers, key, Comparison(name=name, samples=samples, durable=durable))

    def skip(self, key: str, name: str, reason: str) -> None:
        _add(self.peers, key, Comparison(name=name, skipped=reason))

    def join(self, later: Compared) -> None:
        """What was found in a later turn, too."""
        for mine, others in ((self.limits, later.limits), (self.peers, later.peers)):
            for key, comparisons in others.items():
                for comparison in comparisons.values():
                    _add(mine, key, comparison)


def _add(known: dict[str, dict[str, Comparison]], key: str, found: Comparison) -> None:
    of_key = known.setdefault(key, {})
    before = of_key.get(found.name)
    if before is None or not before.samples:
        of_key[found.name] = found
    else:
        of_key[found.name] = replace(before, samples=[*before.samples, *found.samples])


def version_of(environment: str) -> str:
    """The peer's name and version, as it is pinned."""
    return PACKAGES[environment][0].replace("==", " ").replace("[stepfunctions]", "")


Emulator = Callable[[], AbstractContextManager[str]]
EMULATORS: dict[str, Emulator] = {"moto": emulators.moto, "ministack": emulators.ministack}


def transitions(repeat: int, *, peers: bool) -> Compared:
    found = Compared()
    rows = [limits.durable_rows(batch=1) for _ in range(repeat)]
    found.limit("start", "rows into SQLite, one to a commit", rows, EVERY_COMMIT)
    rows = [limits.durable_rows(batch=100) for _ in range(repeat)]
    found.limit("start", "rows into SQLite, 100 to a commit", rows, EVERY_COMMIT)
    every = [limits.bare_transitions(commit_each=True) for _ in range(repeat)]
    found.limit("transitions", "a bare loop that commits every transition", every, EVERY_COMMIT)
    ends = [limits.bare_transitions() for _ in range(repeat)]
    found.limit("transitions", "a bare loop that commits starts and ends, 32 at a time", ends, EVERY_COMMIT)
    for name, emulator in EMULATORS.items() if peers else ():
        measured = partial(_chains, emulator, repeat)
        for key, samples in _guarded(found, ("transitions", "start"), name, measured):
            found.peer(key, version_of(name), samples, IN_MEMORY)
    if peers:
        for key, samples in _guarded(found, ("transitions",), "dbos", lambda: [dbos()["steps"]]):
            found.peer(key, version_of("dbos"), samples, EVERY_STEP)
    return found


def inline_map(repeat: int, *, peers: bool) -> Compared:
    found = Compared()
    for name, emulator in EMULATORS.items() if peers else ():
        for key, samples in _guarded(found, ("inline-map",), name, partial(_map, emulator, repeat)):
            found.peer(key, version_of(name), samples, IN_MEMORY)
    if peers:
        thousand = "thousand_steps_seconds"
        for key, samples in _guarded(found, ("inline-map",), "dbos", lambda: [dbos()[thousand]]):
            found.peer(key, f"{version_of('dbos')}, a workflow of 1 000 steps", samples, EVERY_STEP)
    return found


def activities(repeat: int, *, peers: bool) -> Compared:
    found = Compared()
    if peers:
        for key, samples in _guarded(found, ("activities",), "huey", lambda: [huey()["tasks"]]):
            found.peer(key, f"{version_of('huey')}, a bare task queue", samples, EVERY_TASK)
        for key, samples in _guarded(found, ("activities",), "dbos", lambda: [dbos()["tasks"]]):
            found.peer(key, f"{version_of('dbos')}, a queue of one-step workflows", samples, EVERY_STEP)
        for name, emulator in EMULATORS.items():
            for key, samples in _guarded(found, ("activities",), name, partial(_tasks, emulator, repeat)):
                found.peer(key, version_of(name), samples, IN_MEMORY)
    return found


def rest(repeat: int, *, peers: bool) -> Compared:
    found = Compared()
    body = {"workflowDefinition": {"name": "bench", "version": -1}, "input": "{}", "namespace": "bench"}
    request = rest_request("POST", "/workflows", body)
    command = [sys.executable, "-m", "bench.bare_connexion", "{port}"]
    with listening(command, folder=ROOT) as url:
        asyncio.run(drive(url, [request] * 200, 32))
        rates = [asyncio.run(drive(url, [request] * 1000, 32)).rate for _ in range(repeat)]
    found.limit("rest", "Connexion that validates, with nothing behind it", rates, "nothing")
    return found


def dbos() -> dict[str, list[float]]:
    """One run gives what several workloads are compared with."""
    return run_in("dbos", "dbos_steps.py", "9")


def huey() -> dict[str, list[float]]:
    return run_in("huey", "huey_queue.py", "1000")


def _chains(emulator: Emulator, repeat: int) -> list[list[float]]:
    with emulator() as url:
        return list(asyncio.run(asyncio.wait_for(emulators.transitions(url, repeat), PEER_SECONDS)))


def _map(emulator: Emulator, repeat: int) -> list[list[float]]:
    with emulator() as url:
        return [asyncio.run(asyncio.wait_for(emulators.inline_map(url, repeat), PEER_SECONDS))]


def _tasks(emulator: Emulator, repeat: int) -> list[list[float]]:
    with emulator() as url:
        rates = activity_rates(url, repeat, emulators.STARTS)
        return [asyncio.run(asyncio.wait_for(rates, PEER_SECONDS))]


def _guarded(
    found: Compared, keys: tuple[str, ...], name: str, measure: Callable[[], list[list[float]]]
) -> Iterator[tuple[str, list[float]]]:
    """The samples for each key; where the peer fails, the reason is noted instead."""
    try:
        yield from zip(keys, measure(), strict=True)
    except FAILURES as error:
        for key in keys:
            found.skip(key, version_of(name), reason(error))


def reason(error: BaseException) -> str:
    """What went wrong, in one line."""
    if isinstance(error, subprocess.CalledProcessError):
        said = str(error.stderr or error.stdout or "").strip().splitlines()
        return f"it failed: {said[-1] if said else error}"
    if isinstance(error, json.JSONDecodeError):
        return f"its answer was no JSON: {error}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


COMPARED: dict[str, Callable[..., Compared]] = {
    "transitions": transitions,
    "inline-map": inline_map,
    "activities": activities,
    "rest": rest,
}
