"""Listing activities: filtered, in order, page by page, with what is known of them."""

from __future__ import annotations

import pytest

from tests.executor.fake_step_functions import FakeStepFunctions, activity_arn
from workflow_manager.executor.activities import list_activities
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.models.activity import ActivityLoad
from workflow_manager.store.memory import MemoryStore

LOAD = ActivityLoad(waiting=1, waiting_since=None, running=0, pollers=0, workers=())


@pytest.fixture
def named(clock: ManualClock) -> FakeStepFunctions:
    client = FakeStepFunctions(clock)
    client.activities = ["dev--b", "dev--a", "prod--a", "bare", "dev--c"]
    return client


@pytest.fixture
def executor(named: FakeStepFunctions, clock: ManualClock) -> Executor:
    return Executor(named, MemoryStore(clock=clock), clock=clock, chance=SystemChance())


def names(executor: Executor, **wanted: object) -> list[str]:
    return [each.name for each in executor.activities(**wanted).activities]  # type: ignore[arg-type]


def test_they_are_sorted_by_name_whatever_order_they_come_in(executor: Executor) -> None:
    assert names(executor) == ["bare", "dev--a", "dev--b", "dev--c", "prod--a"]
    assert names(executor, namespace="dev") == ["dev--a", "dev--b", "dev--c"]
    assert names(executor, namespace="de") == []


def test_a_page_goes_on_after_the_one_before_though_others_are_added(
    executor: Executor, named: FakeStepFunctions
) -> None:
    first = executor.activities(namespace="dev", limit=2)
    named.activities.insert(0, "dev--aa")
    second = executor.activities(namespace="dev", limit=2, page_token=first.next_token)
    assert [each.name for each in (*first.activities, *second.activities)] == ["dev--a", "dev--b", "dev--c"]
    assert second.next_token is None


def test_without_somebody_who_tells_nothing_is_known_of_them(executor: Executor) -> None:
    assert {each.load for each in executor.activities().activities} == {None}


def test_what_is_known_is_asked_for_the_page_alone(named: FakeStepFunctions) -> None:
    asked: list[list[str]] = []

    def loads(arns: object) -> dict[str, ActivityLoad]:
        asked.append(list(arns))  # type: ignore[call-overload]
        return {activity_arn("bare"): LOAD}

    page = list_activities(named, loads, namespace="", limit=2, page_token=None)
    assert [(each.name, each.load) for each in page.activities] == [("bare", LOAD), ("dev--a", None)]
    assert asked == [[activity_arn("bare"), activity_arn("dev--a")]]


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_that_cannot_be_is_refused(executor: Executor, limit: int) -> None:
    with pytest.raises(InvalidRequest, match="limit in query should be from 1 to 1000"):
        executor.activities(limit=limit)
