"""The contract of every journal.  `tests/conformance/test_journal.py` is its other half."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence

from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import FrameId
from workflow_manager.engine.journal.records import (
    Abandoned,
    Catalogue,
    Child,
    ExecutionRecord,
    ExecutionSummary,
    HistoryPage,
    Key,
    MapRun,
    OpenExecution,
    OpenFrame,
    RunKey,
    Snapshot,
    Unnamed,
    Write,
)
from workflow_manager.kernel.errors import Conflict


class OutOfStep(Conflict):
    """A write was computed from something that is not there any more."""


class NamesTaken(OutOfStep):
    """Executions that were to start have the name of another one of their machine; `keys` are theirs."""

    def __init__(self, keys: Collection[Key]) -> None:
        super().__init__("an execution of that name is there already")
        self.keys = frozenset(keys)


class Journal(ABC):
    """What survives a crash.

    Written by one thread, read by any number; what was written is seen by every later read.
    Reading raises `Unavailable` when the medium fails.
    """

    @abstractmethod
    def write(self, writes: Sequence[Write]) -> None:
        """Make all of them durable, in order, or none.

        Raises `OutOfStep` when an execution is not at the version a write was computed from, when
        an execution that starts is there already (by key, or, with `NamesTaken`, by the name of its
        machine and its own), or when one that is redriven has not failed, or was redriven another
        number of times; `Unavailable` when the medium fails.
        """

    @abstractmethod
    def catalogue(self) -> Catalogue: ...

    @abstractmethod
    def definition(self, digest: str) -> str:
        """The text of a definition.  Raises `NotFound`."""

    @abstractmethod
    def unnamed(self, limit: int) -> Unnamed | None:
        """Definitions that neither an execution nor the catalogue names, and what is kept of state machines
        without executions for them; at most `limit` of each.  None when there are none.
        """

    @abstractmethod
    def last_key(self) -> Key:
        """The highest key ever given to an execution; 0 if there was none."""

    @abstractmethod
    def find(self, arn: str) -> ExecutionRecord | None:
        """The execution with that ARN, running or not."""

    @abstractmethod
    def record(self, key: Key) -> ExecutionRecord | None: ...

    @abstractmethod
    def snapshot(self, key: Key) -> Snapshot | None:
        """None when there is no such execution, or when it has ended.

        Frames that cannot be read are its damage.
        """

    @abstractmethod
    def open_executions(self) -> Iterator[OpenExecution]:
        """Every execution that has not ended."""

    @abstractmethod
    def open_frames(self, key: Key | None = None) -> Iterator[OpenFrame]:
        """Frames that time, a worker or a service can move, and those left ready; of all executions
        or of one.  Frames that wait for other frames are left out.  Ordered by key, and
        within one execution by how long they have waited, so that work is offered in its old order.
        """

    @abstractmethod
    def undelivered(self, key: Key | None = None) -> list[tuple[Key, FrameId]]:
        """Frames whose task was taken by a worker who may not have been sent it; of all executions or
        of one.  Frames that have moved on since may be among them.
        """

    @abstractmethod
    def abandoned(self, key: Key | None = None) -> list[tuple[Key, Abandoned]]:
        """Jobs that services have yet to be told to end; of all executions or of one."""

    @abstractmethod
    def executions(
        self,
        machine_arn: str,
        status: Status | None,
        before: Key | None,
        limit: int,
        qualified: str | None = None,
    ) -> list[ExecutionSummary]:
        """Executions of a state machine, newest first, with keys below `before`.

        `qualified` is the ARN of the version or the alias they were started by, where only those are
        asked for.
        """

    @abstractmethod
    def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        """Events numbered above `after` and below `before`, oldest first, or newest first.

        At most `limit`, and fewer where they are large; at least one, if there is one.
        """

    @abstractmethod
    def map_run(self, arn: str) -> MapRun | None: ...

    @abstractmethod
    def map_runs(self, execution: Key, before: RunKey | None, limit: int) -> list[MapRun]:
        """Those of an execution, newest first, with keys below `before`."""

    @abstractmethod
    def open_map_runs(self) -> list[MapRun]:
        """Those that are not settled, oldest first."""

    @abstractmethod
    def last_map_run(self) -> RunKey:
        """The highest key ever given to a map run; 0 if there was none."""

    @abstractmethod
    def items(self, run: RunKey, page: int) -> str | None:
        """A page of what was read for a map run; None when there is no such page."""

    @abstractmethod
    def children(self, run: RunKey) -> Iterator[Child]:
        """Every execution that the map run has begun, by number."""

    @abstractmethod
    def child_records(self, run: RunKey, start: int, limit: int) -> list[ExecutionRecord]:
        """Its executions numbered `start` or above, by number."""

    @abstractmethod
    def child_executions(
        self,
        run: RunKey,
        status: Status | None,
        before: Key | None,
        limit: int,
        redriven: bool | None = None,
    ) -> list[ExecutionSummary]:
        """Its executions, newest first, with keys below `before`.

        `redriven` asks for those that have been redriven, or for those that have not.
        """

    @abstractmethod
    def unannounced(self, limit: int) -> list[Key]:
        """Ended executions whose ending was to be announced and has not been, oldest first; at most
        `limit`.
        """

    @abstractmethod
    def close(self) -> None: ...
