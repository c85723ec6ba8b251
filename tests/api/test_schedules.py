"""Schedules over REST: what is shown, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.wire import Server

PLAN = {"cron": "@daily", "workflowDefinition": {"name": "wf:s"}}


@pytest.fixture
def planned(server: Server) -> Server:
    if server.request("GET", "/workflow-definitions/wf:s").status == 404:
        server.define("wf:s")
    server.request("DELETE", "/schedules/nightly")
    return server


def test_a_schedule_is_shown_with_what_is_in_force(planned: Server) -> None:
    made = planned.request("POST", "/schedules", {"name": "nightly", **PLAN})
    assert made.status == 201
    shown = made.json
    for variable in ("id", "createdAt", "updatedAt", "nextAt"):
        assert shown.pop(variable)
    assert shown == {
        "name": "nightly",
        "version": 1,
        "cron": "@daily",
        "timeZone": "UTC",
        "overlap": "skip",
        "catchUp": "latest",
        "catchUpLimit": 100,
        "workflowDefinition": {"name": "wf:s"},
        "runs": [],
    }
    assert planned.request("POST", "/schedules", {"name": "nightly", **PLAN}).status == 409
    assert planned.request("GET", "/schedules/nightly").json["version"] == 1


def test_version_0_is_shown_because_absent_is_the_latest(planned: Server) -> None:
    plan = {**PLAN, "workflowDefinition": {"name": "wf:s", "version": 0}}
    shown = planned.request("PUT", "/schedules/nightly", plan).json
    assert shown["workflowDefinition"] == {"name": "wf:s", "version": 0}


def test_schedules_are_listed_page_by_page(planned: Server) -> None:
    for name in ("nightly", "nightly-2"):
        planned.request("PUT", f"/schedules/{name}", PLAN)
    first = planned.request("GET", "/schedules?limit=1")
    assert [each["name"] for each in first.json] == ["nightly"]
    second = planned.request("GET", first.headers["x-next-page-path"])
    assert [each["name"] for each in second.json] == ["nightly-2"]
    assert "x-next-page-path" not in second.headers


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"cron": None}, 400, "one of cron and everySeconds in body is required, and not both"),
        ({"everySeconds": 60}, 400, "one of cron and everySeconds in body is required, and not both"),
        ({"cron": 5}, 400, "cron in body should be a string, not a number"),
        ({"cron": "a b c d e"}, 400, "cron in body: bad minute in 'a b c d e'"),
        ({"timeZone": "Nowhere"}, 400, "timeZone in body: there is no time zone 'Nowhere'"),
        ({"startAt": "soon"}, 400, "startAt in body: not a date-time: 'soon'"),
        ({"jitterSeconds": -1}, 400, "jitterSeconds in body should be greater than or equal to 0"),
        ({"catchUpLimit": 10**6}, 400, "catchUpLimit in body should be less than or equal to 1000"),
        ({"overlap": "maybe"}, 400, "overlap in body should be one of [allow skip bufferOne queue cancelRu"),
        ({"workflowDefinition": None}, 400, "workflowDefinition in body is required"),
        ({"workflowDefinition": {"name": "none"}}, 404, "none"),
        ({"name": "other"}, 400, "name in body must match the name in path"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_reason(
    planned: Server, change: dict[str, Any], status: int, message: str
) -> None:
    answer = planned.request("PUT", "/schedules/nightly", {**PLAN, **change})
    assert (answer.status, message in answer.message) == (status, True), answer.message


def test_a_name_that_cannot_be_is_refused(planned: Server) -> None:
    assert "name in body should have" in planned.request("POST", "/schedules", PLAN).message
    assert "name in body should have" in planned.request("PUT", "/schedules/a%2Fb", PLAN).message
    assert planned.request("GET", "/schedules/a%2Fb").status == 404


def test_a_backfill_needs_both_ends(planned: Server) -> None:
    planned.request("PUT", "/schedules/nightly", PLAN)
    where = "/schedules/nightly/backfill"
    assert planned.request("POST", where, {"startAt": "2026-01-01T00:00:00Z"}).message.endswith("is required")
    whole = {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-01-02T00:00:00Z"}
    assert planned.request("POST", where, whole).json == {"times": 2}


@pytest.mark.parametrize("verb", ["pause", "resume", "backfill"])
def test_an_unknown_schedule_is_not_found(planned: Server, verb: str) -> None:
    body = {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-01-02T00:00:00Z"}
    assert planned.request("POST", f"/schedules/nobody/{verb}", body).status == 404
