"""What Prometheus is shown of a worker."""

from __future__ import annotations

import urllib.request

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.worker.observation import Exposition, Silent, Tally
from workflow_manager.worker.tasks import execution_name


def test_all_activities_are_shown_on_one_port_from_the_beginning() -> None:
    exposition = Exposition(0)
    observers = {name: exposition.observer(name) for name in ("dev--a", "dev--b")}
    observers["dev--a"].polled("task")
    observers["dev--a"].began()
    observers["dev--a"].began()
    observers["dev--a"].ended("E", 2.0)
    exposition.active.labels("dev--a").set(50.0)
    with urllib.request.urlopen(f"http://127.0.0.1:{exposition.port}/metrics", timeout=120) as answer:
        lines = answer.read().decode().splitlines()
    for line in (
        'wfm_worker_tasks_running{activity="dev--a"} 1.0',
        'wfm_worker_tasks_total{activity="dev--a",outcome="failed"} 1.0',
        'wfm_worker_tasks_total{activity="dev--b",outcome="succeeded"} 0.0',
        'wfm_worker_polls_total{activity="dev--a",result="task"} 1.0',
        'wfm_worker_task_seconds_bucket{activity="dev--a",le="5.0"} 1.0',
        'wfm_worker_active_percent{activity="dev--a"} 50.0',
    ):
        assert line in lines
    with pytest.raises(InvalidRequest, match=f"metrics cannot be shown on port {exposition.port}"):
        Exposition(exposition.port)


def test_failures_are_counted() -> None:
    tally = Tally(Silent())
    for error in (None, "E", "F"):
        tally.began()
        tally.ended(error, 1.0)
    assert tally.failed == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"_EXECUTION_NAME":"e","n":1}', "e"),
        ('{"n":1}', None),
        ('{"_EXECUTION_NAME":5}', None),
        ("[1]", None),
        ("no json", None),
        ("[" * 100_000, None),
        ('{"_EXECUTION_NAME":"\\ud800"}', None),
    ],
)
def test_the_execution_is_named_by_its_input(text: str, name: str | None) -> None:
    assert execution_name(text) == name
