"""The records of map runs, which are written with the moves of the execution their Map state belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import Frame, FrameId, MapRunning
from workflow_manager.engine.journal.records import MapRun, RunKey
from workflow_manager.engine.map_progress import Run, map_run_arn
from workflow_manager.engine.residents import Resident
from workflow_manager.kernel.ids import Chance


class MapRecords:
    """Those of the runs that have not ended; `live` gives the run itself, where it is under way."""

    def __init__(self, live: Callable[[str], Run | None], chance: Chance) -> None:
        self._live = live
        self._chance = chance
        self._known: dict[str, MapRun] = {}
        self._last_key: RunKey = 0

    def open(self, last_key: RunKey) -> None:
        """Begin after the newest run of the journal."""
        self._last_key = last_key

    def get(self, arn: str) -> MapRun | None:
        return self._known.get(arn)

    def keep(self, record: MapRun) -> MapRun:
        """The record, which is the run's from now on."""
        self._known[record.arn] = record
        return record

    def forget(self, arn: str) -> None:
        self._known.pop(arn, None)

    def changes(
        self,
        resident: Resident,
        frames: Mapping[FrameId, Frame | None],
        at: datetime,
        ending: MapRun | None,
        redriven: Mapping[str, MapRun],
    ) -> tuple[MapRun, ...]:
        """The runs that begin and end when `frames` change so; `ending` has ended by itself.

        Those in `redriven`, by their ARNs, do not begin but go on.
        """
        changed: list[MapRun] = [] if ending is None else [ending]
        for name, frame in frames.items():
            old, new = map_run_arn(resident.frames.get(name)), map_run_arn(frame)
            if old == new:
                continue
            if old is not None:
                record = self._known.pop(old, None)
                if record is not None and (ending is None or ending.arn != old):
                    changed.append(self.over(record, Status.ABORTED, at))
            if new is not None and frame is not None:
                known = redriven.get(new)
                record = self._begin(resident, frame, at) if known is None else known
                changed.append(self.keep(record))
        return tuple(changed)

    def _begin(self, resident: Resident, frame: Frame, at: datetime) -> MapRun:
        assert isinstance(frame.waiting, MapRunning)
        waiting = frame.waiting
        self._last_key += 1
        return MapRun(
            key=self._last_key,
            arn=waiting.map_run_arn,
            execution=resident.key,
            execution_arn=resident.identity.arn,
            frame=frame.id,
            visit=frame.visit,
            label=waiting.map_run_arn.rpartition("/")[2].partition(":")[0],
            started_at=at,
            seed=self._chance.seed(),
            max_concurrency=waiting.max_concurrency,
            tolerated_failure_count=waiting.tolerated_failure_count,
            tolerated_failure_percentage=waiting.tolerated_failure_percentage,
            items=None if waiting.reader is not None else waiting.length,
        )

    def over(self, record: MapRun, status: Status, at: datetime) -> MapRun:
        """The run's record once it has ended; it is settled when no child is left to be stopped."""
        run = self._live(record.arn)
        if run is None:
            return replace(record, status=status, stopped_at=at)
        run.over = True
        run.record = replace(run.record, status=status, stopped_at=at, tally=run.tally, settled=not run.open)
        return run.record


def redriven_run(run: MapRun, at: datetime) -> MapRun:
    """The run once it goes on again."""
    return replace(
        run,
        status=Status.RUNNING,
        stopped_at=None,
        tally={},
        settled=False,
        redrives=run.redrives + 1,
        redriven_at=at,
    )
