"""The server's meters that are read only when somebody looks: of the engine, the data, schedules, webhooks.

Each table is told by the reference too.  What one of them reads may not be there for a moment: then
its meters are left out, and the others are told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

import structlog
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from workflow_manager.engine.runtime import ActivityLoad, Figures
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.tally import Distribution, Tally
from workflow_manager.webhooks.watching import Standing

T = TypeVar("T")

Samples: TypeAlias = "Iterable[tuple[tuple[str, ...], float]] | Distribution"

COUNTER: Final = "counter"
GAUGE: Final = "gauge"
HISTOGRAM: Final = "histogram"

_log = structlog.get_logger("metrics")


class Meter(NamedTuple, Generic[T]):
    """`read` finds its samples, by the values of its labels, in what was looked at."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str
    read: Callable[[T], Samples]

    def family(self, samples: Samples) -> Metric:
        if isinstance(samples, Distribution):
            return _histogram(self.name, self.text, samples)
        kind = CounterMetricFamily if self.kind == COUNTER else GaugeMetricFamily
        family = kind(self.name, self.text, labels=self.labels)
        for labels, value in samples:
            family.add_metric(labels, value)
        return family


def _histogram(name: str, text: str, found: Distribution) -> Metric:
    counts, total = found.counts()
    buckets, seen = [], 0
    for bound, count in zip((*map(str, found.bounds), "+Inf"), counts, strict=True):
        seen += count
        buckets.append((bound, float(seen)))
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=total)


class Group(Generic[T]):
    """Meters that are read from one thing, which `look` looks at."""

    def __init__(self, meters: Sequence[Meter[T]], look: Callable[[], Awaitable[T]]) -> None:
        self._meters = meters
        self._look = look
        self._seen: T | None = None

    async def look(self) -> None:
        """Before each `collect`."""
        try:
            self._seen = await self._look()
        except Unavailable as error:
            self._seen = None
            _log.warning("metrics-not-read", error=str(error))

    def collect(self) -> Iterator[Metric]:
        if self._seen is not None:
            for meter in self._meters:
                yield meter.family(meter.read(self._seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What comes in beside REST, and what is not let in."""

    protocol: Tally | None
    refused: Tally
    streams: int


class DataFigures(NamedTuple):
    """In bytes: files by their names, and the disk that they are on."""

    files: Mapping[str, int]
    disk_size: int
    disk_free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachFigures:
    """`overdue` is how many seconds ago the schedule that is due next was due."""

    outcomes: Tally
    delays: Distribution
    overdue: float
    attempts: Tally
    webhooks: Sequence[Standing]
    at: datetime


def _one(value: float) -> Samples:
    return [((), value)]


def _of_activities(read: Callable[[ActivityLoad], float]) -> Callable[[Figures], Samples]:
    return lambda figures: [
        ((arn.rpartition(":")[2],), read(load)) for arn, load in figures.activities.items()
    ]


def _waits(figures: Figures) -> Samples:
    return [
        ((arn.rpartition(":")[2],), max((figures.at - load.oldest_at).total_seconds(), 0.0))
        for arn, load in figures.activities.items()
        if load.oldest_at is not None
    ]


def _of_webhooks(read: Callable[[Standing, datetime], float]) -> Callable[[OutreachFigures], Samples]:
    return lambda seen: [((each.webhook_id,), read(each, seen.at)) for each in seen.webhooks]


def _failing(webhook: Standing, now: datetime) -> float:
    return 0.0 if webhook.failing_since is None else max((now - webhook.failing_since).total_seconds(), 0.0)


ENGINE: Final[Sequence[Meter[Figures]]] = (
    Meter(
        "wfm_executions_open",
        GAUGE,
        (),
        "Executions that have begun and not ended, children of distributed Maps included",
        lambda seen: _one(seen.executions_open),
    ),
    Meter(
        "wfm_executions_in_memory",
        GAUGE,
        (),
        "Those of them that are in memory; the others wait in the journal",
        lambda seen: _one(seen.executions_in_memory),
    ),
    Meter(
        "wfm_executions_started",
        COUNTER,
        (),
        "Executions that have begun",
        lambda seen: _one(seen.executions_begun),
    ),
    Meter(
        "wfm_executions_ended",
        COUNTER,
        ("status",),
        "Executions that have ended",
        lambda seen: [((status.value,), count) for status, count in seen.executions_ended.items()],
    ),
    Meter(
        "wfm_states_entered",
        COUNTER,
        (),
        "States entered: what AWS counts as state transitions",
        lambda seen: _one(seen.states_entered),
    ),
    Meter(
        "wfm_activity_waiting",
        GAUGE,
        ("activity",),
        "Tasks that no worker has taken yet",
        _of_activities(lambda load: load.waiting),
    ),
    Meter(
        "wfm_activity_waiting_seconds",
        GAUGE,
        ("activity",),
        "How long the task that is next in line has waited; absent when nothing waits",
        _waits,
    ),
    Meter(
        "wfm_activity_running",
        GAUGE,
        ("activity",),
        "Tasks that workers hold",
        _of_activities(lambda load: load.running),
    ),
    Meter(
        "wfm_activity_polling",
        GAUGE,
        ("activity",),
        "Workers that ask for a task now",
        _of_activities(lambda load: load.polling),
    ),
    Meter(
        "wfm_activity_workers",
        GAUGE,
        ("activity",),
        "Workers heard of in the last ten minutes, and those that hold tasks",
        _of_activities(lambda load: len(load.workers)),
    ),
    Meter(
        "wfm_activities_not_shown",
        GAUGE,
        (),
        "Activities with a task or a worker that are too many to be told one by one",
        lambda seen: _one(seen.others),
    ),
    Meter(
        "wfm_service_calls",
        GAUGE,
        (),
        "Calls of services under way, and jobs that are waited for",
        lambda seen: _one(seen.service_calls),
    ),
    Meter("wfm_map_runs", GAUGE, (), "Map runs under way", lambda seen: _one(seen.map_runs)),
    Meter(
        "wfm_map_run_executions",
        GAUGE,
        (),
        "Child executions of them that have begun and not ended",
        lambda seen: _one(seen.map_run_children),
    ),
    Meter("wfm_timers", GAUGE, (), "Timers that are set", lambda seen: _one(seen.timers)),
    Meter(
        "wfm_timers_overdue_seconds",
        GAUGE,
        (),
        "How long ago the next timer was due",
        lambda seen: _one(seen.timer_overdue),
    ),
    Meter(
        "wfm_ends_pending",
        GAUGE,
        (),
        "Ends of executions that are being noted in the records",
        lambda seen: _one(seen.endings_pending),
    ),
    Meter(
        "wfm_journal_backlog",
        GAUGE,
        (),
        "Writes that wait for their commit",
        lambda seen: _one(seen.writes_waiting),
    ),
    Meter(
        "wfm_journal_commit_writes",
        HISTOGRAM,
        (),
        "Writes in one commit of the journal",
        lambda seen: seen.commits.sizes,
    ),
    Meter(
        "wfm_journal_commit_seconds",
        HISTOGRAM,
        (),
        "How long a commit of the journal took",
        lambda seen: seen.commits.seconds,
    ),
    Meter(
        "wfm_journal_commits_failed",
        COUNTER,
        (),
        "Commits of the journal that failed",
        lambda seen: _one(seen.commits.failed),
    ),
)

TRAFFIC: Final[Sequence[Meter[Traffic]]] = (
    Meter(
        "wfm_protocol_requests",
        COUNTER,
        ("operation", "error"),
        "Requests of the Step Functions protocol that are over",
        lambda seen: [] if seen.protocol is None else seen.protocol.counts().items(),
    ),
    Meter(
        "wfm_requests_refused",
        COUNTER,
        ("door",),
        "Requests told to come again, because too many were being worked on",
        lambda seen: seen.refused.counts().items(),
    ),
    Meter("wfm_event_streams", GAUGE, (), "Event streams that are open", lambda seen: _one(seen.streams)),
)

DATA: Final[Sequence[Meter[DataFigures]]] = (
    Meter(
        "wfm_data_bytes",
        GAUGE,
        ("file",),
        "Size of a file of the data directory: engine.db is the journal, records.db the store",
        lambda seen: [((name,), size) for name, size in seen.files.items()],
    ),
    Meter(
        "wfm_disk_bytes",
        GAUGE,
        (),
        "Size of the disk that the data directory is on",
        lambda seen: _one(seen.disk_size),
    ),
    Meter(
        "wfm_disk_free_bytes",
        GAUGE,
        (),
        "What is free of it",
        lambda seen: _one(seen.disk_free),
    ),
)

OUTREACH: Final[Sequence[Meter[OutreachFigures]]] = (
    Meter(
        "wfm_schedule_times",
        COUNTER,
        ("outcome",),
        "What became of times of schedules; several that were missed one after the other count once",
        lambda seen: seen.outcomes.counts().items(),
    ),
    Meter(
        "wfm_schedule_delay_seconds",
        HISTOGRAM,
        (),
        "How long after its time, jitter included, a workflow was started; without backfills",
        lambda seen: seen.delays,
    ),
    Meter(
        "wfm_schedules_overdue_seconds",
        GAUGE,
        (),
        "How long ago the schedule that is next was due",
        lambda seen: _one(seen.overdue),
    ),
    Meter(
        "wfm_webhook_attempts",
        COUNTER,
        ("outcome",),
        "Attempts to deliver: `delivered`, `failed`, or `dead` for a last one that failed",
        lambda seen: seen.attempts.counts().items(),
    ),
    Meter(
        "wfm_webhook_waiting",
        GAUGE,
        ("webhook",),
        "Deliveries that are neither made nor given up; the first thousand are counted",
        _of_webhooks(lambda webhook, now: webhook.waiting),
    ),
    Meter(
        "wfm_webhook_failing_seconds",
        GAUGE,
        ("webhook",),
        "How long its attempts have failed; 0 when the last one succeeded",
        _of_webhooks(_failing),
    ),
    Meter(
        "wfm_webhook_disabled",
        GAUGE,
        ("webhook",),
        "1 for a webhook that is disabled",
        _of_webhooks(lambda webhook, now: webhook.is_disabled),
    ),
)
