"""An application's functions as workers of this process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from tests.worker.activities import ACCOUNT, Activities, client_error
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json
from workflow_manager.worker.application import FunctionWorkers


def echo(value: Json) -> Json:
    return value


def workers(activities: Activities | None, functions: dict[str, Any], **more: Any) -> FunctionWorkers:
    settings = {"environment": "dev", "app": "shop", "poll_rate": 1000.0, **more}
    return FunctionWorkers(activities, functions, **settings)


def test_each_function_has_an_activity_of_its_own() -> None:
    activities = Activities()
    serving = workers(activities, {"echo": echo, "again": echo})
    thread = threading.Thread(target=serving.run)
    thread.start()
    assert activities.outcome(activities.offer('{"a":1}')) == ("success", '{"a":1}')
    serving.stop()
    thread.join(120)
    assert not thread.is_alive()
    assert set(activities.tags) == {f"{ACCOUNT}:dev--shop-echo", f"{ACCOUNT}:dev--shop-again"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda a: workers(a, {"f": echo}, environment=""), "must configure Environment"),
        (lambda a: workers(a, {"f": echo}, app=""), "must configure App"),
        (lambda a: workers(None, {"f": echo}), "must configure SFN client"),
        (lambda a: workers(a, {}), "must configure resources"),
        (lambda a: workers(a, {"f": None}), "function 'f': function is nil"),
    ],
)
def test_what_is_missing_is_said_at_once(make: Callable[[Activities], object], message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        make(Activities())
    assert str(caught.value) == message


def test_an_activity_that_cannot_be_created_ends_all_of_them() -> None:
    activities = Activities(failures={"create_activity": deque([client_error("AccessDenied")])})
    with pytest.raises(InvalidRequest, match="creating activity dev--shop-"):
        workers(activities, {"echo": echo, "again": echo}).run()
