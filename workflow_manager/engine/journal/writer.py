"""Group commit: one thread writes, in one transaction, all that has queued since the last.

So an idle engine commits at once and a busy one in batches that grow with its load, without a
delay that somebody would have to choose.  What is submitted in one turn of the event loop is handed
over together: each hand-over wakes the thread, which then asks for the interpreter.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple, TypeAlias

from workflow_manager.engine.journal.port import Journal, NamesTaken
from workflow_manager.engine.journal.records import ExecutionWrite, Key, Write
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.tally import Distribution

MAX_BATCH: Final = 1024

_SIZES: Final = tuple(2**power for power in range(11))
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Done: TypeAlias = "Callable[[Exception | None], None]"
Outcome: TypeAlias = "tuple[Done, Exception | None]"


class _Order(NamedTuple):
    write: Write
    done: Done


class Commits:
    """How many writes each commit held, how many seconds it took, and how many failed."""

    def __init__(self) -> None:
        self.sizes = Distribution(_SIZES)
        self.seconds = Distribution(_SECONDS)
        self.failed = 0


class GroupCommit:
    """Writes to `journal`, in the order of submission, on a thread of its own; counts in `commits`.

    `deliver` is called on that thread with the outcomes of each batch, in order; `soon` runs what it is
    given at the end of the loop's turn.
    """

    def __init__(
        self,
        journal: Journal,
        deliver: Callable[[Sequence[Outcome]], None],
        commits: Commits,
        soon: Callable[[Callable[[], None]], object],
    ) -> None:
        self._journal = journal
        self._commits = commits
        self._deliver = deliver
        self._soon = soon
        self._gathered: list[_Order] = []
        self._orders: queue.SimpleQueue[list[_Order] | None] = queue.SimpleQueue()
        # Each is counted by one thread alone.
        self._submitted = 0
        self._begun = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """How many writes wait for their batch."""
        return self._submitted - self._begun

    def submit(self, write: Write, done: Done) -> None:
        """`done` will get None once the write is durable, or the reason why it never will be."""
        self._submitted += 1
        self._gathered.append(_Order(write, done))
        if len(self._gathered) == 1:
            self._soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            self._orders.put(gathered)

    def close(self) -> None:
        """Stop when everything that was submitted is written; nothing may follow."""
        self._hand_over()
        self._orders.put(None)

    def join(self) -> None:
        """Wait until it has stopped."""
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._orders.get()) is not None:
            last = False
            while len(batch) < MAX_BATCH and not last:
                try:
                    more = self._orders.get_nowait()
                except queue.Empty:
                    break
                last = more is None
                batch += more or ()
            self._begun += len(batch)
            self._deliver(self._commit(batch))
            if last:
                return

    def _commit(self, batch: list[_Order]) -> list[Outcome]:
        error = self._write([order.write for order in batch])
        if error is None or isinstance(error, Unavailable) or len(batch) == 1:
            return [(order.done, error) for order in batch]
        if isinstance(error, NamesTaken):
            return self._commit_others(batch, error)
        # One of them is at fault, and the others are not to suffer for it.
        middle = len(batch) // 2
        return self._commit(batch[:middle]) + self._commit(batch[middle:])

    def _commit_others(self, batch: list[_Order], taken: NamesTaken) -> list[Outcome]:
        """Nothing of the executions whose names are taken, and all the rest."""
        others = [order for order in batch if not _is_of(order.write, taken.keys)]
        committed = iter(self._commit(others) if others else ())
        return [
            (order.done, taken) if _is_of(order.write, taken.keys) else next(committed) for order in batch
        ]

    def _write(self, writes: Sequence[Write]) -> Exception | None:
        begun = time.perf_counter()
        try:
            self._journal.write(writes)
        except NamesTaken as taken:  # an answer, not a failure
            return taken
        except Exception as error:  # the thread must outlive a write that nobody foresaw
            self._commits.failed += 1
            return error
        self._commits.seconds.add(time.perf_counter() - begun)
        self._commits.sizes.add(len(writes))
        return None


def _is_of(write: Write, executions: Collection[Key]) -> bool:
    return isinstance(write, ExecutionWrite) and write.key in executions
