"""Calls for many workflows, many at once and not too many a second; and what a person sees of it meanwhile.

Single errors are told, and the run goes on.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from workflow_manager.cli.output import describe, show

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

_CALLERS: Final = 50
_REPORT_SECONDS: Final = 5.0


class Outcome(NamedTuple):
    """Of one call.  `done` is "" where there was nothing to do; `line` tells people, on stdout."""

    done: str
    line: str = ""
    started: str = ""  # the id of the new workflow, if there is one


class Run:
    """Each caller has its own connection to the server."""

    def __init__(
        self, server: Server, call: Callable[[Server, Any], Outcome], rate: float, total: int, output: str
    ) -> None:
        self._server = server
        self._call = call
        self._between = 1.0 / rate
        self._total = total
        self._output = output
        self._waiting: queue.Queue[Any] = queue.Queue(maxsize=_CALLERS)
        self._telling = threading.RLock()
        self._outcomes: Counter[str] = Counter()
        self._told: dict[str, dict[str, str]] = {}
        self._failed = 0
        self._over = 0

    def over(self, workflows: Sequence[Any]) -> int:
        """1 if any call failed, else 0; returns when all callers are done.

        After Ctrl-C what has begun is waited for, and the rest is left alone.
        """
        count = min(_CALLERS, len(workflows))
        callers = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for caller in callers:
            caller.start()
        try:
            self._feed(workflows)
            self._wait_for(callers)
        except KeyboardInterrupt:
            self._drop()
            self._wait_for(callers)
            self._sum_up(f"{self._total - self._over} left alone", workflows)
            raise
        self._sum_up("0 in the queue", workflows)
        return 1 if self._failed else 0

    def _feed(self, workflows: Sequence[Any]) -> None:
        next_report = time.monotonic() + _REPORT_SECONDS
        next_call = time.monotonic()
        for workflow in workflows:
            next_call = max(next_call, time.monotonic())
            time.sleep(max(0.0, next_call - time.monotonic()))
            next_call += self._between
            self._waiting.put(workflow)
            self._paint()
            if not sys.stderr.isatty() and time.monotonic() >= next_report:
                self._report(f"{self._waiting.qsize()} in the queue")
                next_report += _REPORT_SECONDS

    def _wait_for(self, callers: Sequence[threading.Thread]) -> None:
        for _ in callers:
            self._waiting.put(None)
        while alive := [caller for caller in callers if caller.is_alive()]:
            alive[0].join(0.1)
            self._paint()

    def _drop(self) -> None:
        """What no caller has taken."""
        while not self._waiting.empty():
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                return

    def _work(self) -> None:
        from workflow_manager.kernel.errors import WorkflowManagerError

        with self._server.another() as connection:
            while (workflow := self._waiting.get()) is not None:
                try:
                    outcome = self._call(connection, workflow)
                except WorkflowManagerError as error:
                    self._tell(workflow["id"], {"error": str(error)})
                    self._say(f"{workflow['id']}: {describe(error)}", err=True)
                else:
                    self._tell(
                        workflow["id"],
                        {"outcome": outcome.done or "unchanged"}
                        | ({"started": outcome.started} if outcome.started else {}),
                    )
                    if outcome.line and self._output == "table":
                        self._say(outcome.line)

    def _tell(self, workflow_id: str, what: dict[str, str]) -> None:
        with self._telling:
            self._told[workflow_id] = {"id": workflow_id, **what}
            self._over += 1
            if "error" in what:
                self._failed += 1
            elif what["outcome"] != "unchanged":
                self._outcomes[what["outcome"]] += 1

    def _say(self, line: str, *, err: bool = False) -> None:
        """A line of its own, above the bar."""
        with self._telling:
            self._wipe()
            click.echo(line, err=err)

    def _wipe(self) -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)

    def _paint(self) -> None:
        """A bar in place, where somebody looks."""
        if not sys.stderr.isatty():
            return
        width = 30
        with self._telling:
            full = width * self._over // max(1, self._total)
            bar = "━" * full + "─" * (width - full)
            self._wipe()
            click.echo(f"{bar} {self._over}/{self._total}, {self._failed} failed", nl=False, err=True)

    def _sum_up(self, rest: str, workflows: Sequence[Any]) -> None:
        self._wipe()
        self._report(rest)
        if len(self._outcomes) > 1:
            for outcome, count in sorted(self._outcomes.items()):
                click.echo(f"  {count} {outcome}", err=True)
        told = [self._told[each["id"]] for each in workflows if each["id"] in self._told]
        names = [each.get("started", each["id"]) for each in told if each.get("outcome") in self._outcomes]
        show(self._output, told, text=lambda: None, names=names)

    def _report(self, rest: str) -> None:
        click.echo(f"{self._outcomes.total()} done, {self._failed} failed, {rest}", err=True)
