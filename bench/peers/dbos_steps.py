"""Runs in the environment of DBOS: durable steps on SQLite.  Prints what it measured as JSON.

`python dbos_steps.py FOLDER SECONDS`; one workflow is a chain of ten steps that do nothing.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS, Queue

THREADS = 16
LENGTH = 10
ITEMS = 1000


@DBOS.step()
def step(number: int) -> int:
    return number


@DBOS.workflow()
def chain(length: int) -> int:
    for number in range(length):
        step(number)
    return length


@DBOS.workflow()
def task(number: int) -> int:
    return step(number)


def steps_per_second(seconds: float) -> float:
    """Chains started from several threads, each of which waits for its chain to end."""
    until = time.perf_counter() + seconds
    begun = time.perf_counter()

    def one(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            done += chain(LENGTH)
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        done = sum(pool.map(one, range(THREADS)))
    return done / (time.perf_counter() - begun)


def tasks_per_second(queue: Queue, count: int) -> float:
    """Tasks put into a queue and done by 16 workers in the same process."""
    begun = time.perf_counter()
    handles = [queue.enqueue(task, number) for number in range(count)]
    for handle in handles:
        handle.get_result()
    return count / (time.perf_counter() - begun)


def main(folder: str, seconds: float) -> None:
    DBOS(
        config={
            "name": "bench",
            "system_database_url": f"sqlite:///{folder}/dbos.sqlite",
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    DBOS.launch()
    queue = DBOS.register_queue("bench", worker_concurrency=THREADS, polling_interval_sec=0.01)
    chain(LENGTH)
    rates = [steps_per_second(seconds / 3) for _ in range(3)]
    begun = time.perf_counter()
    chain(ITEMS)
    thousand = time.perf_counter() - begun
    queued = tasks_per_second(queue, 100)
    DBOS.destroy()
    print(json.dumps({"steps": rates, "thousand_steps_seconds": [thousand], "tasks": [queued]}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
