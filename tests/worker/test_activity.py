"""The activity's name and tags, and the worker's name."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

import pytest

from tests.worker.activities import ACCOUNT, Activities, client_error, no_server
from workflow_manager.kernel.errors import InvalidRequest, Unavailable
from workflow_manager.worker.activity import (
    activity_tags,
    default_worker_name,
    expand,
    name_from_ecs,
    register,
)

TASK_ARN = "arn:aws:ecs:us-west-2:1:task/c/0123"


def test_the_activity_is_created_and_tagged() -> None:
    activities = Activities()
    assert register(activities, "dev--x", {"team": "t"}) == f"{ACCOUNT}:dev--x"
    assert activities.tags == {f"{ACCOUNT}:dev--x": {"team": "t"}}


def test_tags_are_sent_even_when_there_are_none() -> None:
    activities = Activities()
    register(activities, "x", {})
    assert activities.calls == ["create_activity", "tag_resource"]


def test_an_arn_is_taken_as_it_is() -> None:
    activities = Activities()
    assert register(activities, f"{ACCOUNT}:x", {}) == f"{ACCOUNT}:x"
    assert activities.calls == []


@pytest.mark.parametrize("call", ["create_activity", "tag_resource"])
def test_an_activity_that_cannot_be_made_says_why(call: str) -> None:
    activities = Activities(failures={call: deque([client_error("AccessDenied"), no_server()])})
    with pytest.raises(InvalidRequest, match="creating activity x: AccessDenied: as told"):
        register(activities, "x", {})
    with pytest.raises(Unavailable, match="creating activity x: Could not connect"):
        register(activities, "x", {})


def test_tags_come_from_the_environment() -> None:
    environment = {"_DEPLOY_ENV": "e", "_APP_NAME": "a", "_POD_ID": "", "_TEAM_OWNER": "o", "OTHER": "x"}
    assert activity_tags(environment) == {"environment": "e", "application": "a", "team": "o"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("plain", "plain"),
        ("$A--x", "1--x"),
        ("${A}x", "1x"),
        ("$MISSING-x", "-x"),
        ("$", "$"),
        ("a$A$B", "a12"),
    ],
)
def test_names_are_expanded(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expanded


def test_a_worker_without_a_name_gets_one_of_its_own() -> None:
    first, second = default_worker_name({}), default_worker_name({"APP_NAME": "app" * 40})
    assert first.startswith("wfm-embedded-")
    assert second.startswith("appapp")
    assert len(second) == 80


def test_the_ecs_task_is_waited_for_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "metadata.json"
    writes = iter(["", "{", "{}", json.dumps({"TaskARN": TASK_ARN})])
    environment = {"ECS_CONTAINER_METADATA_FILE": str(file)}
    name = name_from_ecs("w-MAGIC_ECS_TASK_ID", environment, lambda _: file.write_text(next(writes)) and None)
    assert name == "w-0123"
    assert name_from_ecs("MAGIC_ECS_TASK_ARN", environment) == TASK_ARN


def test_a_name_without_placeholders_asks_nobody() -> None:
    assert name_from_ecs("w", {}) == "w"


def test_a_placeholder_outside_ecs_is_an_error() -> None:
    with pytest.raises(InvalidRequest, match="ECS_CONTAINER_METADATA_URI"):
        name_from_ecs("MAGIC_ECS_TASK_ID", {})
