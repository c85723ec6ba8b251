"""Worker processes of the harness: `python -m tests.crashes.hands PORT LOG SEED TEMPER ACTIVITY…`.

A worker takes tasks, sometimes vanishes with one, sometimes is late, and reports until it is told
that the report counts or that it does not.  Every report carries a nonce, and LOG gets a line
before it is sent and one for what came of it.  A `patient` worker never lets a task go.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from tests.crashes.wire import Answer, Unanswered, Wire


class Log:
    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, **line: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")


class Hand:
    """One worker: a thread with a connection and a temper of its own."""

    def __init__(self, port: int, log: Log, seed: int, activity: str, *, patient: bool) -> None:
        self._wire = Wire(port)
        self._log = log
        self._chance = random.Random(seed)
        self._activity = activity
        self._patient = patient
        self._name = f"{os.getpid()}-{seed}"
        self._reports = 0

    def work(self) -> None:
        while True:
            try:
                answer = self._wire.call("GetActivityTask", activityArn=self._activity, workerName=self._name)
            except Unanswered:
                time.sleep(self._chance.uniform(0.02, 0.2))
                continue
            if not answer.ok:
                time.sleep(0.2)
            elif answer.body.get("taskToken"):
                self._do(answer.body["taskToken"], json.loads(answer.body["input"]))

    def _do(self, token: str, task: dict[str, Any]) -> None:
        mood = 1.0 if self._patient else self._chance.random()
        if mood < 0.03:
            return  # it crashed, as far as anybody can tell
        if mood < 0.06:
            time.sleep(2.5)  # the heartbeat is over by now
        elif mood < 0.2:
            self._wire.insist("SendTaskHeartbeat", taskToken=token)
        fate = task.get("fate")
        if fate == "fatal" and task.get("state") == "First":
            self._report(token, "Fatal")
        elif fate == "flaky" and task.get("retry") == 0:
            self._report(token, "Flaky")
        elif fate == "mend" and task.get("state") == "First" and task.get("redrive") == 0:
            self._report(token, "Broken")
        else:
            self._report(token, None)
        if self._chance.random() < 0.1:
            self._report(token, None)  # once more, which must not count

    def _report(self, token: str, error: str | None) -> None:
        self._reports += 1
        nonce = f"<{self._name}-{self._reports}>"
        self._log.write(nonce=nonce, token=token, sent=True)
        if error is None:
            answer = self._insist_once(
                "SendTaskSuccess", taskToken=token, output=json.dumps({"nonce": nonce, "fate": "ok"})
            )
        else:
            answer = self._insist_once("SendTaskFailure", taskToken=token, error=error, cause=nonce)
        self._log.write(
            nonce=nonce, token=token, tries=answer.tries, accepted=answer.ok, refusal=answer.error
        )

    def _insist_once(self, operation: str, **request: Any) -> Answer:
        return self._wire.insist(operation, **request)


def main(port: int, log: Path, seed: int, temper: str, activities: list[str]) -> None:
    lines = Log(log)
    hands = [
        Hand(port, lines, seed * 100 + number, activity, patient=temper == "patient")
        for number, activity in enumerate(activities)
    ]
    threads = [threading.Thread(target=hand.work, daemon=True) for hand in hands]
    for thread in threads:
        thread.start()
    sys.stdin.read()  # until whoever started us lets go


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
