"""What only the store on DynamoDB has: items of the original service, the size rule, the tables."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.dynamodb import CREDENTIALS, dynalite, empty, fresh_tables, moto_server
from tests.far_away import Distance, far_away
from tests.store.originals import ORIGINAL, ZERO, make_original_tables, noise
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    Conflict,
    InvalidDefinition,
    InvalidRequest,
    NotFound,
    Unavailable,
)
from workflow_manager.models.workflow import (
    Job,
    JobStatus,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.dynamodb import DynamoDBStore
from workflow_manager.store.dynamodb.codec import date_of, date_text
from workflow_manager.store.dynamodb.shrinking import MARK
from workflow_manager.store.dynamodb.tables import DynamoDBSettings, TableNames, Tables
from workflow_manager.store.dynamodb.upkeep import Upkeep
from workflow_manager.store.port import WorkflowChange, WorkflowQuery

DEFINITION = WorkflowDefinition(id="d", name="wf", version=0, state_machine={"StartAt": "s"})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield url


@pytest.fixture(scope="module")
def made(url: str) -> Tables:
    return fresh_tables(url)


@pytest.fixture
def tables(made: Tables) -> Iterator[Tables]:
    yield made
    empty(made)


@pytest.fixture
def store(tables: Tables) -> DynamoDBStore:
    return DynamoDBStore(tables, clock=ManualClock())


@pytest.fixture
def client(url: str) -> Any:
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url)


# The original's items


def put_original(client: Any, tables: Tables, item: dict[str, Any] = ORIGINAL) -> None:
    client.put_item(TableName=TableNames(tables.settings).workflows, Item=item)


def test_an_item_of_the_original_reads_back(store: DynamoDBStore, tables: Tables, client: Any) -> None:
    put_original(client, tables)
    found = store.get_workflow("w")
    assert found.created_at == datetime(2023, 11, 14, 22, 13, 20, 120_000, tzinfo=UTC)
    assert found.last_updated == datetime(2023, 11, 14, 22, 13, 21, 123_456, tzinfo=UTC)
    assert (found.stopped_at, found.retries, found.jobs) == (None, (), None)
    assert (found.status, found.tags, found.input) == (WorkflowStatus.FAILED, {"team": "infra"}, '{"a": 1}')
    definition = found.workflow_definition
    assert (definition.name, definition.version, definition.created_at) == ("wf:m", 0, None)
    assert definition.state_machine == {"StartAt": "s", "States": {"s": {"Type": "Task", "Retry": None}}}
    job = found.last_job
    assert job is not None
    assert (job.status, job.attempts, job.started_at) == (JobStatus.FAILED, (), None)
    assert job.state_resource is not None
    assert job.state_resource.type is StateResourceType.ACTIVITY


def test_an_item_of_the_original_can_be_changed_resumed_and_resolved(
    store: DynamoDBStore, tables: Tables, client: Any
) -> None:
    put_original(client, tables)
    store.create_retry(Workflow(id="r", workflow_definition=DEFINITION, retry_for="w"), ())
    store.update_workflow("w", WorkflowChange(first_status_reason="why", jobs=()))
    store.resolve_workflow("w")
    found = store.get_workflow("w")
    assert (found.retries, found.status_reason, found.jobs) == (("r",), "why", ())
    assert found.resolved_by_user
    store.discard_retry("r")
    assert store.get_workflow("w").retries == ()


@pytest.mark.slow
@pytest.mark.parametrize("time", ["2023-11-14T22:13:21.123456789Z", "2023-11-14T22:13:21.5Z"])
def test_a_change_that_makes_an_item_of_the_original_too_large_is_made(url: str, time: str) -> None:
    """Its times are finer than ours, or have fewer digits.  moto lets items grow as they like."""
    item = copy.deepcopy(ORIGINAL)
    item["Workflow"]["M"]["lastUpdated"]["S"] = time
    text = noise(600_000)
    with dynalite() as strict:
        tables = fresh_tables(strict, keep_days=0)
        put_original(boto3.client("dynamodb", endpoint_url=strict), tables, item)
        store = DynamoDBStore(tables, clock=ManualClock())
        assert store.update_workflow("w", WorkflowChange(output=text)).output == text
        assert store.get_workflow("w").output == text


def test_what_is_written_is_what_the_original_reads(
    store: DynamoDBStore, tables: Tables, client: Any
) -> None:
    stored = store.create_workflow(Workflow(id="v", workflow_definition=DEFINITION, tags={"a": "b"}))
    item = client.get_item(TableName=TableNames(tables.settings).workflows, Key={"id": {"S": "v"}})["Item"]
    assert stored.created_at is not None
    created_at = date_text(stored.created_at)
    assert len(created_at) == len("2023-11-14T22:13:20.123456789Z")
    expires = int((stored.created_at + timedelta(days=30)).timestamp())
    assert item == {
        "id": {"S": "v"},
        "_gsi-wn": {"S": "wf"},
        "_gsi-ca": {"S": created_at},
        "_gsi-st": {"S": "queued"},
        "_ttl": {"N": str(expires)},
        "Workflow": {
            "M": {
                "id": {"S": "v"},
                "createdAt": {"S": created_at},
                "lastUpdated": {"S": created_at},
                "stoppedAt": ZERO,
                "status": {"S": "queued"},
                "queue": {"S": "default"},
                "input": {"S": "{}"},
                "tags": {"M": {"a": {"S": "b"}}},
                "retries": {"NULL": True},
                "jobs": {"NULL": True},
                "workflowDefinition": {
                    "M": {
                        "id": {"S": "d"},
                        "name": {"S": "wf"},
                        "createdAt": ZERO,
                        "stateMachine": {"M": {"StartAt": {"S": "s"}}},
                    }
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2023-11-14T22:13:20Z", 0),
        ("2023-11-14T22:13:20.12Z", 120_000),
        ("2023-11-14T22:13:20.123456789Z", 123_456),
        ("2023-11-15T00:13:20.000001+02:00", 1),
    ],
)
def test_the_original_trims_its_times(text: str, micros: int) -> None:
    assert date_of(text) == datetime(2023, 11, 14, 22, 13, 20, micros, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0001-01-01T00:00:00Z", "yesterday"])
def test_a_time_that_is_none(text: str) -> None:
    assert date_of(text) is None


# What DynamoDB would change

AWKWARD = [2**200, 1.0, 1e300, -0.0, "", [], {}, None, json.loads("[" * 40 + "]" * 40)]


@pytest.mark.parametrize("value", AWKWARD, ids=str)
def test_free_form_values_come_back_as_they_were(store: DynamoDBStore, value: Any) -> None:
    definition = WorkflowDefinition(
        id="d", name="wf", version=0, state_machine={"Result": value}, default_tags={"": value}
    )
    workflow = Workflow(id="w", workflow_definition=definition, tags={"a": value})
    store.create_workflow(workflow)
    found = store.get_workflow("w")
    given = (definition.state_machine, definition.default_tags, workflow.tags)
    read = (found.workflow_definition.state_machine, found.workflow_definition.default_tags, found.tags)
    assert json.dumps(read) == json.dumps(given)


# The size rule


def test_a_record_that_does_not_fit_is_compressed_and_nothing_is_lost(store: DynamoDBStore) -> None:
    job = Job(id="1", state="s", input='{"a": 1}' * 20_000, output="o" * 200_000)
    workflow = Workflow(
        id="w", workflow_definition=DEFINITION, input="i" * 250_000, output="o" * 250_000, jobs=(job, job)
    )
    assert store.create_workflow(workflow).jobs == (job, job)
    found = store.get_workflow("w")
    assert (found.input, found.output, found.jobs) == (workflow.input, workflow.output, (job, job))
    changed = store.update_workflow("w", WorkflowChange(output="short", jobs=()))
    assert (changed.output, changed.jobs, changed.input) == ("short", (), workflow.input)


def test_a_change_that_does_not_fit_is_made_and_the_status_stands(store: DynamoDBStore) -> None:
    text = noise(250_000)
    job = Job(id="1", state="s", input=text)
    store.create_workflow(Workflow(id="w", workflow_definition=DEFINITION, input=text, jobs=(job,)))
    end = WorkflowChange(
        status=WorkflowStatus.FAILED, output=text, last_job=Job(id="1", state="s", input=noise(260_000))
    )
    changed = store.update_workflow("w", end)
    assert changed == store.get_workflow("w")
    assert changed.status is WorkflowStatus.FAILED
    assert (changed.input, changed.output, changed.jobs) == (text, text, None)
    assert changed.last_job is not None
    assert changed.last_job.input in ("", end.last_job.input)  # type: ignore[union-attr]


def test_at_last_the_tails_go_and_that_is_marked(store: DynamoDBStore) -> None:
    # Every character takes three bytes, and no two are alike for long.
    chance = random.Random(7)
    text = "".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(200_000))
    store.create_workflow(Workflow(id="w", workflow_definition=DEFINITION, input=text, output=text))
    found = store.get_workflow("w")
    assert found.output.endswith(MARK)
    assert text.startswith(found.output.removesuffix(MARK))


def test_a_definition_too_large_for_any_item_is_refused(store: DynamoDBStore) -> None:
    fits = WorkflowDefinition(id="d", name="a", version=0, state_machine={"Comment": noise(600_000)})
    assert store.create_definition(fits).state_machine == fits.state_machine
    never = WorkflowDefinition(id="d", name="b", version=0, state_machine={"Comment": noise(1_200_000)})
    with pytest.raises(InvalidDefinition, match="400 KB"):
        store.create_definition(never)
    with pytest.raises(InvalidRequest, match="400 KB"):
        store.create_workflow(Workflow(id="w", workflow_definition=never))
    with pytest.raises(NotFound):
        store.get_workflow("w")


# Answers that get lost


def test_what_is_made_twice_because_the_answer_was_lost_is_no_conflict(tables: Tables, url: str) -> None:
    distance = Distance(seconds=0)
    with far_away(int(url.rpartition(":")[2]), distance) as through:
        settings = replace(tables.settings, endpoint_url=through)
        store = DynamoDBStore(Tables(settings), clock=ManualClock())
        makes: list[Callable[[], object]] = [
            lambda: store.create_definition(DEFINITION),
            lambda: store.create_workflow(Workflow(id="w", workflow_definition=DEFINITION)),
            lambda: store.create_retry(Workflow(id="r", workflow_definition=DEFINITION, retry_for="w"), ()),
        ]
        for make in makes:
            distance.writes_to_lose = 1
            make()
            assert distance.writes_to_lose == 0
        with pytest.raises(AlreadyExists):
            store.create_definition(replace(DEFINITION, id="other"))
        with pytest.raises(Conflict):
            store.create_retry(Workflow(id="s", workflow_definition=DEFINITION, retry_for="w"), ())
    found = DynamoDBStore(tables, clock=ManualClock())
    assert found.get_workflow("w").retries == ("r",)
    assert [each.version for each in found.definition_versions("wf")] == [0]


@pytest.mark.parametrize("name", ["", "n" * 2049])
def test_a_key_that_cannot_be_is_refused_or_not_found(store: DynamoDBStore, name: str) -> None:
    definition = WorkflowDefinition(id="d", name=name, version=0)
    with pytest.raises(InvalidRequest, match="1 to 2048 bytes"):
        store.create_definition(definition)
    with pytest.raises(InvalidRequest, match="1 to 2048 bytes"):
        store.create_workflow(Workflow(id="w", workflow_definition=definition))
    for read in (
        store.latest_definition,
        store.definition_versions,
        store.get_workflow,
        store.delete_workflow,
    ):
        with pytest.raises(NotFound):
            read(name)
    assert not store.find_workflows(WorkflowQuery(definition_name=name)).workflows


# Tables


def test_tables_are_made_once_and_then_are_as_they_must_be(url: str) -> None:
    upkeep = Upkeep(_settings(url, "made-once"))
    assert len(upkeep.problems()) == 5
    assert [word.split()[0] for word in upkeep.create()] == ["table"] * 5 + ["expiry"]
    assert upkeep.problems() == []
    assert upkeep.create() == []


def test_missing_tables_are_said_to_be_missing(url: str) -> None:
    store = DynamoDBStore(Tables(_settings(url, "nowhere")), clock=ManualClock())
    for call in (store.check, store.latest_definitions, lambda: store.get_workflow("w")):
        with pytest.raises(Unavailable, match="DynamoDB"):
            call()


def test_the_originals_tables_are_migrated(url: str, client: Any) -> None:
    settings = _settings(url, "old")
    make_original_tables(client, settings)
    upkeep = Upkeep(settings)
    assert [problem.split(": ")[1] for problem in upkeep.problems()] == [
        "there is no index status-createdat",
        "workflows do not expire (_ttl)",
        "there is no such table",
    ]
    # A server may be newer than its tables: ends are then told to nobody.
    early = DynamoDBStore(Tables(settings), clock=ManualClock())
    early.update_workflow("w", WorkflowChange(status=WorkflowStatus.FAILED))

    done = upkeep.migrate()
    assert (len(done.made), done.workflows, done.definitions) == (3, 1, 1)
    assert upkeep.problems() == []

    store = DynamoDBStore(Tables(settings), clock=ManualClock())
    assert [found.id for found in store.find_workflows(WorkflowQuery()).workflows] == ["w"]
    found = store.find_workflows(WorkflowQuery(status=WorkflowStatus.FAILED, definition_name="wf:m"))
    assert [each.id for each in found.workflows] == ["w"]
    assert [each.version for each in store.latest_definitions()] == [1]
    again = upkeep.migrate()
    assert (list(again.made), again.workflows, again.definitions) == ([], 0, 0)


def _settings(url: str, prefix: str) -> DynamoDBSettings:
    return DynamoDBSettings(
        endpoint_url=url, definitions_prefix=prefix, workflows_prefix=prefix, resources_prefix=prefix
    )
