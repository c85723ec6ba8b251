"""ActivityActivePercent, with the time in the test's hands."""

from __future__ import annotations

import threading
from datetime import timedelta

from workflow_manager.worker.metric import ActiveMeter, CloudWatchGauge, report


class Watch:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def metered(places: int = 1) -> tuple[ActiveMeter, Watch]:
    watch = Watch()
    return ActiveMeter(places, watch), watch


def test_idle_is_0() -> None:
    meter, watch = metered()
    watch.seconds += 60
    assert meter.take() == 0


def test_half_active_is_50_in_each_interval() -> None:
    meter, watch = metered()
    for _ in range(2):
        meter.began()
        watch.seconds += 30
        meter.ended()
        watch.seconds += 30
        assert meter.take() == 50


def test_active_throughout_is_100_though_the_task_outlasts_the_interval() -> None:
    meter, watch = metered()
    meter.began()
    for _ in range(2):
        watch.seconds += 60
        assert meter.take() == 100


def test_paused_for_the_whole_interval_is_100() -> None:
    meter, watch = metered()
    meter.pausing(True)
    watch.seconds += 60
    assert meter.take() == 100


def test_half_paused_and_active_for_the_rest_is_100() -> None:
    meter, watch = metered()
    meter.pausing(True)
    watch.seconds += 30
    meter.pausing(False)
    meter.began()
    watch.seconds += 30
    assert meter.take() == 100


def test_half_paused_and_half_of_the_rest_active_is_50() -> None:
    meter, watch = metered()
    meter.pausing(True)
    watch.seconds += 30
    meter.pausing(False)
    watch.seconds += 15
    meter.began()
    watch.seconds += 15
    meter.ended()
    assert meter.take() == 50


def test_several_places_count_together() -> None:
    meter, watch = metered(places=4)
    meter.began()
    meter.began()
    meter.pausing(True)
    watch.seconds += 30
    meter.pausing(False)
    watch.seconds += 30
    # 120 of 240 seconds were worked; the two idle places paused for 60 of them.
    assert meter.take() == 100 * 120 / (240 - 60)


class Shown:
    def __init__(self, done: threading.Event, error: Exception | None = None) -> None:
        self.done, self.error, self.values = done, error, []

    def set(self, value: float) -> None:
        self.values.append(value)
        if len(self.values) == 2:
            self.done.set()
        if self.error:
            raise self.error


def test_a_gauge_that_fails_does_not_end_the_reports() -> None:
    meter, _ = metered()
    done = threading.Event()
    broken, whole = Shown(done, OSError("away")), Shown(done)
    report("a", meter, [broken, whole], done, timedelta(milliseconds=1))
    assert len(whole.values) == len(broken.values) == 2


def test_cloudwatch_gets_the_figure_of_the_activity() -> None:
    class CloudWatch:
        def put_metric_data(self, **arguments: object) -> None:
            self.arguments = arguments

    client = CloudWatch()
    CloudWatchGauge(client, "arn:a").set(12.5)
    assert client.arguments == {
        "Namespace": "StatesCustom",
        "MetricData": [
            {
                "MetricName": "ActivityActivePercent",
                "Unit": "Percent",
                "Value": 12.5,
                "Dimensions": [{"Name": "ActivityArn", "Value": "arn:a"}],
            }
        ],
    }
