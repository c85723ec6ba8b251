"""Runs in the environment of huey: a bare task queue on SQLite.  Prints what it measured as JSON.

`python huey_queue.py FOLDER TASKS`; the tasks do nothing, sixteen threads work on them.
"""

from __future__ import annotations

import json
import logging
import sys
import time

from huey import SqliteHuey

THREADS = 16


def tasks_per_second(path: str, count: int) -> float:
    """From the first task put in to the last result kept, while the workers are at work."""
    huey = SqliteHuey(filename=path, fsync=True, timeout=30)

    @huey.task()
    def nothing(number: int) -> int:
        return number

    consumer = huey.create_consumer(workers=THREADS, periodic=False, initial_delay=0.01, max_delay=0.05)
    consumer.start()
    begun = time.perf_counter()
    results = [nothing(number) for number in range(count)]
    for result in results:
        result.get(blocking=True, timeout=120, backoff=1.0, max_delay=0.005)
    rate = count / (time.perf_counter() - begun)
    consumer.stop(graceful=True)
    return rate


def main(folder: str, count: int) -> None:
    logging.disable(logging.WARNING)
    print(json.dumps({"tasks": [tasks_per_second(f"{folder}/{run}.db", count) for run in range(3)]}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
