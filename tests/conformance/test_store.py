"""The store's contract: one suite, every backend, a fresh store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pytest

from tests.dynamodb import CREDENTIALS, dynalite, dynamodb_local, empty, fresh_tables, moto_server
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    AlreadyFinished,
    Conflict,
    InvalidRequest,
    NotFound,
)
from workflow_manager.models.webhook import Delivery, Filter, Webhook
from workflow_manager.models.workflow import (
    Job,
    JobAttempt,
    JobStatus,
    MapItems,
    StateResource,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.dynamodb import DynamoDBStore
from workflow_manager.store.dynamodb.tables import Tables
from workflow_manager.store.entries import Entry, delivery_kind, delivery_of, webhook_entry
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import Store, WorkflowChange, WorkflowQuery
from workflow_manager.store.sqlite import SqliteStore

DYNALITE = pytest.param("dynalite", marks=pytest.mark.slow)
STRICT = [DYNALITE, pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local)]
MOTO = pytest.param("moto", marks=pytest.mark.slow)
BACKENDS = ["memory", "sqlite", MOTO, *STRICT]

SECOND = timedelta(seconds=1)
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)
JOB = Job(
    id="17",
    state="s",
    state_type="Task",
    status=JobStatus.FAILED,
    status_reason="1\n2",
    created_at=MOMENT,
    started_at=MOMENT,
    stopped_at=MOMENT,
    input='{"a": 1.0}',
    output="{}",
    container="worker",
    state_resource=StateResource(
        name="echo", namespace="dev", last_updated=MOMENT, type=StateResourceType.ACTIVITY
    ),
    attempts=(JobAttempt(created_at=MOMENT, reason="no", task_arn="worker"),),
    nested=True,
    parent="2",
    map_index=0,
    branch=1,
    map_items=MapItems(total=3, running=1, succeeded=1),
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


# moto takes minutes, and stumbles over a large item.
heavy = pytest.mark.parametrize("backend", [each for each in BACKENDS if each is not MOTO], indirect=True)

# dynalite has no transactions.
transactional = pytest.mark.parametrize(
    "backend", [each for each in BACKENDS if each is not DYNALITE], indirect=True
)


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Tables | str]:
    """The name of a store; of one that takes its time to begin, what all tests share of it."""
    servers = {"moto": moto_server, "dynalite": dynalite, "dynamodb_local": dynamodb_local}
    if request.param not in servers:
        yield request.param
        return
    with pytest.MonkeyPatch.context() as patch, servers[request.param]() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield fresh_tables(url, keep_days=0 if request.param == "dynalite" else 30)


@pytest.fixture
def store(backend: Tables | str, tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    if isinstance(backend, Tables):
        yield DynamoDBStore(backend, clock=clock)
        empty(backend)
        return
    fresh = {
        "memory": lambda: MemoryStore(clock=clock),
        "sqlite": lambda: SqliteStore(tmp_path / "records.sqlite", clock=clock, synchronous="OFF"),
    }
    with closing(fresh[backend]()) as opened:
        yield opened


def definition(name: str = "wf", id: str = "d0", **fields: Any) -> WorkflowDefinition:
    machine = {"StartAt": "s", "States": {"s": {"Type": "Pass", "End": True, "Result": [1, None, 2**70]}}}
    return WorkflowDefinition(
        **{
            "id": id,
            "name": name,
            "version": 0,
            "manager": "step-functions",
            "state_machine": machine,
            "default_tags": {"team": "infra"},
        }
        | fields
    )


def workflow(id: str, **fields: Any) -> Workflow:
    return Workflow(**{"id": id, "workflow_definition": definition(created_at=MOMENT)} | fields)


def ids(store: Store, **query: Any) -> list[str]:
    return [found.id for found in store.find_workflows(WorkflowQuery(**{"limit": 100} | query)).workflows]


def pages(store: Store, **query: Any) -> list[list[str]]:
    """Every page of ids, in order."""
    found: list[list[str]] = []
    token: str | None = None
    while True:
        page = store.find_workflows(WorkflowQuery(**query, page_token=token))
        found.append([workflow.id for workflow in page.workflows])
        token = page.next_token
        if token is None:
            return found


# Definitions


@transactional
def test_a_new_definition_is_version_0_of_now(store: Store, clock: ManualClock) -> None:
    stored = store.create_definition(definition(version=7))
    assert stored == definition(version=0, created_at=clock.now())
    assert store.get_definition("wf", 0) == store.latest_definition("wf") == stored


@transactional
def test_a_name_is_taken_once(store: Store) -> None:
    store.create_definition(definition())
    with pytest.raises(AlreadyExists, match=r"Already Exists: wf$"):
        store.create_definition(definition(id="other"))
    assert store.latest_definition("wf").id == "d0"


@transactional
def test_the_next_version_is_one_more_and_leaves_the_older_as_they_were(
    store: Store, clock: ManualClock
) -> None:
    first = store.create_definition(definition())
    clock.advance(SECOND)
    second = store.add_version(definition(id="d1", manager="", default_tags={}, version=99))
    assert second == definition(id="d1", manager="", default_tags={}, version=1, created_at=clock.now())
    assert store.latest_definition("wf") == second
    assert store.definition_versions("wf") == [first, second]
    assert store.get_definition("wf", 0) == first


@transactional
def test_the_list_of_definitions_holds_the_newest_of_each_name_by_name(store: Store) -> None:
    assert list(store.latest_definitions()) == []
    for name in ("b", "a:x", "B"):
        store.create_definition(definition(name))
    store.add_version(definition("b"))
    found = [(each.name, each.version) for each in store.latest_definitions()]
    assert found == [("B", 0), ("a:x", 0), ("b", 1)]


@transactional
@pytest.mark.parametrize("version", [-1, 1, 2**63, 10**30])
def test_a_version_that_is_not_there_is_named(store: Store, version: int) -> None:
    store.create_definition(definition())
    with pytest.raises(NotFound, match=f"^wf@{version}$"):
        store.get_definition("wf", version)


@transactional
def test_an_unknown_name_is_named(store: Store) -> None:
    for call in (store.latest_definition, store.definition_versions):
        with pytest.raises(NotFound, match=r"^zz$"):
            call("zz")
    with pytest.raises(NotFound, match=r"^zz$"):
        store.add_version(definition("zz"))
    with pytest.raises(NotFound, match=r"^zz@0$"):
        store.get_definition("zz", 0)


@transactional
def test_versions_are_dense_however_many_add_them(store: Store) -> None:
    store.create_definition(definition())
    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda n: store.add_version(definition(id=f"d{n}")), range(1, 41)))
    assert sorted(each.version for each in added) == list(range(1, 41))
    assert [each.version for each in store.definition_versions("wf")] == list(range(41))
    assert {each.id for each in store.definition_versions("wf")} == {f"d{n}" for n in range(41)}


@transactional
def test_one_of_many_creates_a_name(store: Store) -> None:
    def create(n: int) -> bool:
        try:
            store.create_definition(definition(id=f"d{n}"))
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(create, range(16))) == 1


# State resources


def test_a_state_resource_is_saved_replaced_and_deleted(store: Store, clock: ManualClock) -> None:
    resource = StateResource(name="n", namespace="ns", uri="u", type=StateResourceType.ACTIVITY)
    assert store.save_state_resource(resource) == replace(resource, last_updated=clock.now())
    clock.advance(SECOND)
    newer = store.save_state_resource(replace(resource, uri="v"))
    assert newer.last_updated == clock.now()
    assert store.get_state_resource("ns", "n") == newer
    store.delete_state_resource("ns", "n")
    for call in (store.get_state_resource, store.delete_state_resource):
        with pytest.raises(NotFound, match=r"^ns--n$"):
            call("ns", "n")


# Workflows


def test_a_workflow_comes_back_as_it_was_saved(store: Store, clock: ManualClock) -> None:
    whole = workflow(
        "w",
        status=WorkflowStatus.RUNNING,
        status_reason="because",
        namespace="ns",
        queue="q",
        input='["input", 1.0, 12345678901234567890]',
        output='{"ü": "\\u0000"}',
        tags={"team": "infra", "n": "\x00"},
        stopped_at=MOMENT,
        resolved_by_user=True,
        retry_for="p",
        retries=("r", "q"),
        execution_arn="arn:x",
        request_digest="d1",
        last_job=JOB,
        jobs=(JOB, Job(id="18", state="t")),
    )
    stored = store.create_workflow(whole)
    assert stored == replace(whole, created_at=clock.now(), last_updated=clock.now())
    assert store.get_workflow("w") == stored


@pytest.mark.parametrize("jobs", [None, (), (JOB,)])
def test_no_history_is_not_an_empty_history(store: Store, jobs: tuple[Job, ...] | None) -> None:
    store.create_workflow(workflow("w", jobs=jobs))
    assert store.get_workflow("w").jobs == jobs


def test_an_id_is_taken_once(store: Store) -> None:
    store.create_workflow(workflow("w", namespace="first"))
    with pytest.raises(AlreadyExists, match=r"^Already Exists: w$"):
        store.create_workflow(workflow("w"))
    assert store.get_workflow("w").namespace == "first"
    assert ids(store) == ["w"]


@transactional
def test_the_definition_of_a_workflow_is_its_own_copy(store: Store) -> None:
    store.create_definition(definition())
    pruned = definition(state_machine={"StartAt": "t", "States": {"t": {"Type": "Succeed"}}})
    store.create_workflow(workflow("whole"))
    store.create_workflow(workflow("retry", workflow_definition=pruned))
    assert store.get_workflow("retry").workflow_definition == pruned
    assert store.get_workflow("whole").workflow_definition == definition(created_at=MOMENT)
    assert [each.workflow_definition for each in store.find_workflows(WorkflowQuery()).workflows] == [
        definition(created_at=MOMENT),
        pruned,
    ]


@transactional
def test_what_was_handed_in_or_out_can_be_changed_without_changing_the_store(store: Store) -> None:
    given = workflow("w", tags={"a": ["b"]})
    cast(Any, store.create_workflow(given).tags)["x"] = 1
    cast(Any, given.tags)["a"].append("c")
    cast(Any, given.workflow_definition.state_machine)["States"].clear()
    for taken in (
        store.get_workflow("w"),
        store.find_workflows(WorkflowQuery()).workflows[0],
        store.find_workflows(WorkflowQuery(summary_only=True)).workflows[0],
        store.update_workflow("w", WorkflowChange(output="o")),
    ):
        assert taken.tags == {"a": ["b"]}
        cast(Any, taken.tags)["a"].append("d")
        cast(Any, taken.workflow_definition.default_tags)["x"] = 1
    assert store.get_workflow("w").workflow_definition == definition(created_at=MOMENT)

    made = store.create_definition(definition())
    cast(Any, made.state_machine)["States"].clear()
    for found in (*store.latest_definitions(), store.get_definition("wf", 0), store.latest_definition("wf")):
        assert "s" in cast(Any, found.state_machine)["States"]
        cast(Any, found.state_machine)["States"].clear()


def test_a_deleted_workflow_is_gone(store: Store) -> None:
    store.create_workflow(workflow("w", tags={"a": "b"}, jobs=(JOB,)))
    store.delete_workflow("w")
    for call in (store.get_workflow, store.delete_workflow, store.resolve_workflow):
        with pytest.raises(NotFound, match=r"^w$"):
            call("w")
    assert ids(store) == ids(store, tags=(("a", "b"),)) == []
    store.create_workflow(workflow("w"))
    assert store.get_workflow("w").jobs is None


# Changes


def test_a_change_touches_what_it_names_and_the_time(store: Store, clock: ManualClock) -> None:
    before = store.create_workflow(workflow("w", output="o", jobs=(JOB,)))
    clock.advance(SECOND)
    changed = store.update_workflow("w", WorkflowChange(status=WorkflowStatus.RUNNING))
    assert changed == replace(before, status=WorkflowStatus.RUNNING, last_updated=clock.now())
    assert store.get_workflow("w") == changed


def test_every_attribute_can_be_changed(store: Store) -> None:
    store.create_workflow(workflow("w"))
    fields: dict[str, Any] = {
        "status": WorkflowStatus.FAILED,
        "status_reason": "why",
        "stopped_at": MOMENT,
        "resolved_by_user": True,
        "output": "[1]",
        "last_job": JOB,
        "jobs": (JOB,),
    }
    store.update_workflow("w", WorkflowChange(**fields))
    stored = store.get_workflow("w")
    assert {name: getattr(stored, name) for name in fields} == fields
    store.update_workflow("w", WorkflowChange(status_reason="", output="", resolved_by_user=False, jobs=()))
    stored = store.get_workflow("w")
    assert (stored.status_reason, stored.output, stored.resolved_by_user, stored.jobs) == ("", "", False, ())


TERMINAL = [WorkflowStatus.FAILED, WorkflowStatus.SUCCEEDED, WorkflowStatus.CANCELLED]


@pytest.mark.parametrize("end", TERMINAL)
@pytest.mark.parametrize("to", list(WorkflowStatus))
def test_a_terminal_status_never_moves(store: Store, end: WorkflowStatus, to: WorkflowStatus) -> None:
    store.create_workflow(workflow("w", status=end))
    change = WorkflowChange(status=to, output="new")
    if to is end:
        assert store.update_workflow("w", change).output == "new"
    else:
        with pytest.raises(AlreadyFinished, match=rf"^workflow w is {end.value}$"):
            store.update_workflow("w", change)
        assert store.get_workflow("w").output == ""
    assert store.get_workflow("w").status is end


def test_one_of_two_ends_wins(store: Store) -> None:
    def end(n: int) -> bool:
        try:
            store.update_workflow("w", WorkflowChange(status=TERMINAL[n % 3], output=TERMINAL[n % 3].value))
        except AlreadyFinished:
            return False
        return True

    store.create_workflow(workflow("w"))
    with ThreadPoolExecutor(6) as threads:
        won = list(threads.map(end, range(12)))
    stored = store.get_workflow("w")
    assert stored.output == stored.status.value
    assert won == [TERMINAL[n % 3] is stored.status for n in range(12)]


def test_the_first_reason_stays(store: Store) -> None:
    store.create_workflow(workflow("w"))
    assert store.update_workflow("w", WorkflowChange(first_status_reason="")).status_reason == ""
    assert store.update_workflow("w", WorkflowChange(first_status_reason="a")).status_reason == "a"
    assert store.update_workflow("w", WorkflowChange(first_status_reason="b")).status_reason == "a"
    assert store.update_workflow("w", WorkflowChange(status_reason="c")).status_reason == "c"


def test_a_change_of_nothing_that_exists_says_so(store: Store) -> None:
    with pytest.raises(NotFound, match=r"^w$"):
        store.update_workflow("w", WorkflowChange(last_job=JOB))


def test_a_workflow_is_resolved_once(store: Store, clock: ManualClock) -> None:
    store.create_workflow(workflow("w"))
    clock.advance(SECOND)
    resolved = store.resolve_workflow("w")
    assert resolved.resolved_by_user
    assert resolved.last_updated == clock.now()
    with pytest.raises(Conflict, match=r"^workflow w already resolved$"):
        store.resolve_workflow("w")


@heavy
def test_thousands_of_jobs_fit(store: Store) -> None:
    jobs = tuple(replace(JOB, id=str(n)) for n in range(4000))
    store.create_workflow(workflow("w"))
    store.update_workflow("w", WorkflowChange(status=WorkflowStatus.SUCCEEDED, jobs=jobs))
    assert store.get_workflow("w").jobs == jobs


# Retries


@transactional
def test_a_retry_and_its_mention_are_one_write(store: Store, clock: ManualClock) -> None:
    store.create_workflow(workflow("parent"))
    clock.advance(SECOND)
    stored = store.create_retry(workflow("r1", retry_for="parent"), ())
    assert stored.created_at == clock.now()
    store.create_retry(workflow("r2", retry_for="parent"), ("r1",))
    assert store.get_workflow("parent").retries == ("r1", "r2")
    assert store.get_workflow("parent").last_updated == clock.now()


@transactional
def test_a_retry_that_saw_other_retries_is_not_written(store: Store) -> None:
    store.create_workflow(workflow("parent", retries=("r1",)))
    with pytest.raises(Conflict):
        store.create_retry(workflow("r2", retry_for="parent"), ())
    with pytest.raises(NotFound, match=r"^r2$"):
        store.get_workflow("r2")
    assert store.get_workflow("parent").retries == ("r1",)


@transactional
def test_a_retry_of_nothing_or_with_a_taken_id_is_not_written(store: Store) -> None:
    with pytest.raises(NotFound, match=r"^parent$"):
        store.create_retry(workflow("r", retry_for="parent"), ())
    store.create_workflow(workflow("parent"))
    store.create_workflow(workflow("r"))
    with pytest.raises(AlreadyExists):
        store.create_retry(workflow("r", retry_for="parent"), ())
    assert store.get_workflow("parent").retries == ()


@transactional
def test_a_discarded_retry_leaves_nothing(store: Store) -> None:
    store.create_workflow(workflow("parent", retries=("r0",)))
    store.create_retry(workflow("r1", retry_for="parent"), ("r0",))
    store.discard_retry("r1")
    assert store.get_workflow("parent").retries == ("r0",)
    for call in (store.get_workflow, store.discard_retry):
        with pytest.raises(NotFound, match=r"^r1$"):
            call("r1")
    store.create_retry(workflow("r2", retry_for="parent"), ("r0",))
    store.delete_workflow("parent")
    store.discard_retry("r2")


@transactional
def test_one_of_many_simultaneous_retries_wins(store: Store) -> None:
    def resume(n: int) -> bool:
        try:
            store.create_retry(workflow(f"r{n}", retry_for="parent"), ())
        except Conflict:
            return False
        return True

    store.create_workflow(workflow("parent"))
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(resume, range(16)))
    assert store.get_workflow("parent").retries == tuple(f"r{n}" for n in range(16) if won[n])
    assert sum(won) == 1


# Listing


def test_the_newest_come_first_unless_asked_otherwise(store: Store, clock: ManualClock) -> None:
    for n in range(3):
        store.create_workflow(workflow(f"w{n}"))
        clock.advance(SECOND)
    assert ids(store) == ["w2", "w1", "w0"]
    assert ids(store, oldest_first=True) == ["w0", "w1", "w2"]


@heavy
@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_hold_each_once_though_all_have_the_same_time(
    store: Store, oldest_first: bool, limit: int
) -> None:
    for n in (3, 1, 0, 2, 6, 5, 4):
        store.create_workflow(workflow(f"w{n}", status=list(WorkflowStatus)[n % 5]))
    found = pages(store, limit=limit, oldest_first=oldest_first)
    assert all(found), "no page is empty"
    expected = [f"w{n}" for n in range(7)]
    assert list(chain(*found)) == (expected if oldest_first else expected[::-1])


def test_no_workflow_is_no_page(store: Store) -> None:
    page = store.find_workflows(WorkflowQuery())
    assert (list(page.workflows), page.next_token) == ([], None)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_what_others_add_or_delete_shifts_no_page(
    store: Store, clock: ManualClock, oldest_first: bool
) -> None:
    for n in range(6):
        store.create_workflow(workflow(f"w{n}"))
        clock.advance(SECOND)
    first = store.find_workflows(WorkflowQuery(limit=2, oldest_first=oldest_first))
    store.create_workflow(workflow("new"))
    store.delete_workflow(first.workflows[-1].id)
    rest = ids(store, oldest_first=oldest_first, page_token=first.next_token)
    assert rest == (["w2", "w3", "w4", "w5", "new"] if oldest_first else ["w3", "w2", "w1", "w0"])


def test_a_token_of_digits_is_a_time_in_milliseconds(store: Store, clock: ManualClock) -> None:
    at = []
    for n in range(3):
        clock.advance(timedelta(milliseconds=1, microseconds=300))
        at.append(int(clock.now().timestamp() * 1000))
        store.create_workflow(workflow(f"w{n}"))
    assert ids(store, page_token=str(at[1])) == ["w0"]
    assert ids(store, page_token=str(at[1]), oldest_first=True) == ["w2"]
    assert ids(store, page_token="0", oldest_first=True) == ["w0", "w1", "w2"]
    assert ids(store, page_token="0") == []
    assert ids(store, page_token="9" * 400) == ["w2", "w1", "w0"]
    assert ids(store, page_token="9" * 400, oldest_first=True) == []


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "W10", "WzBd", "WzAsMSwyXQ", "bnVsbA", "-1", "1.5", "²", "é", "\ud800", "W" * 9_000),
        *("WzAsMTAwMDAwMDAwMDAwMDAwMDAwMDAwLCJ3Il0", "WzAuMCwxLCJ3Il0", "W1sxXSwxLCJ3Il0"),
    ],
)
def test_a_token_that_none_was_is_refused(store: Store, token: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^invalid page token: "):
        store.find_workflows(WorkflowQuery(page_token=token))


def test_a_token_belongs_to_its_direction(store: Store) -> None:
    store.create_workflow(workflow("a"))
    store.create_workflow(workflow("b"))
    token = store.find_workflows(WorkflowQuery(limit=1)).next_token
    assert token is not None
    assert not token.isdigit()
    with pytest.raises(InvalidRequest, match=r"^invalid page token: "):
        store.find_workflows(WorkflowQuery(page_token=token, oldest_first=True))


@heavy
def test_all_filters_must_hold(store: Store, clock: ManualClock) -> None:
    everything: list[Workflow] = []
    count = 0
    for name in ("a", "b"):
        for namespace in ("", "ns"):
            for status in (WorkflowStatus.RUNNING, WorkflowStatus.FAILED):
                for resolved in (False, True):
                    for tags in ({}, {"t": "1"}, {"t": "1", "u": "2"}, {"t": "2"}):
                        count += 1
                        clock.advance(timedelta(microseconds=count % 3))
                        everything.append(
                            store.create_workflow(
                                workflow(
                                    f"w{count:03}",
                                    workflow_definition=definition(name),
                                    namespace=namespace,
                                    status=status,
                                    resolved_by_user=resolved,
                                    tags=tags,
                                )
                            )
                        )
    middle = everything[count // 2].created_at
    assert middle is not None
    for name in (None, "a", "zz"):
        for namespace in (None, "", "ns"):
            for status in (None, WorkflowStatus.FAILED):
                for resolved in (None, False, True):
                    for tags in ((), (("t", "1"),), (("t", "1"), ("u", "2"))):
                        for after, before in ((None, None), (middle, None), (None, middle)):
                            expected = [
                                each.id
                                for each in everything
                                if name in (None, each.workflow_definition.name)
                                and namespace in (None, each.namespace)
                                and status in (None, each.status)
                                and resolved in (None, each.resolved_by_user)
                                and all(each.tags.get(key) == value for key, value in tags)
                                and (after is None or cast(datetime, each.created_at) > after)
                                and (before is None or cast(datetime, each.created_at) < before)
                            ]
                            found = pages(
                                store,
                                definition_name=name,
                                namespace=namespace,
                                status=status,
                                resolved_by_user=resolved,
                                tags=tags,
                                created_after=after,
                                created_before=before,
                                oldest_first=True,
                                limit=17,
                                summary_only=True,
                            )
                            assert list(chain(*found)) == expected


def test_a_workflow_moves_between_filters_as_it_changes(store: Store) -> None:
    store.create_workflow(workflow("w"))
    assert ids(store, status=WorkflowStatus.QUEUED, resolved_by_user=False) == ["w"]
    store.update_workflow("w", WorkflowChange(status=WorkflowStatus.SUCCEEDED, resolved_by_user=True))
    assert ids(store, status=WorkflowStatus.QUEUED) == []
    assert ids(store, status=WorkflowStatus.SUCCEEDED, resolved_by_user=True) == ["w"]


def test_a_page_of_whole_workflows_is_what_get_shows(store: Store) -> None:
    store.create_workflow(workflow("a", jobs=(JOB,), last_job=JOB, tags={"a": "b"}, output="1"))
    store.create_workflow(workflow("b"))
    found = store.find_workflows(WorkflowQuery(oldest_first=True)).workflows
    assert list(found) == [store.get_workflow("a"), store.get_workflow("b")]


def test_a_summary_leaves_out_the_machine_the_jobs_and_the_output(store: Store) -> None:
    whole = store.create_workflow(
        workflow(
            "a",
            workflow_definition=definition(version=3),
            jobs=(JOB,),
            last_job=JOB,
            tags={"a": "b"},
            output="1",
            status_reason="why",
            retries=("r",),
        )
    )
    (found,) = store.find_workflows(WorkflowQuery(summary_only=True)).workflows
    assert found == replace(
        whole,
        workflow_definition=WorkflowDefinition(id="", name="wf", version=3),
        jobs=None,
        output="",
        status_reason="",
    )


# Text and health


@transactional
def test_text_that_no_store_can_write_is_a_bad_request(store: Store) -> None:
    store.create_workflow(workflow("w"))
    bad = "\ud800"
    for call in (
        lambda: store.create_workflow(workflow("v", namespace=bad)),
        lambda: store.create_workflow(workflow("v", tags={"a": bad})),
        lambda: store.create_definition(definition(name=bad)),
        lambda: store.create_definition(definition(default_tags={"a": bad})),
        lambda: store.update_workflow("w", WorkflowChange(first_status_reason=bad)),
        lambda: store.save_state_resource(StateResource(name="n", namespace="ns", uri=bad)),
    ):
        with pytest.raises(InvalidRequest):
            cast(Any, call)()
    assert ids(store) == ["w"]


def test_an_open_store_answers_and_closes_twice(store: Store) -> None:
    store.check()
    store.close()
    store.close()


def entry(id: str, kind: str = "note", **fields: Any) -> Entry:
    return Entry(**{"kind": kind, "id": id, "body": "{}"} | fields)


def test_an_entry_is_stored_as_it_is(store: Store) -> None:
    added = store.add_entry(entry("ä/b c", body='{"a": "ü"}', due_at=MOMENT))
    assert added == entry("ä/b c", body='{"a": "ü"}', due_at=MOMENT, revision=1)
    assert store.get_entry("note", "ä/b c") == added
    with pytest.raises(AlreadyExists):
        store.add_entry(entry("ä/b c"))
    assert store.add_entry(entry("ä/b c", "other")).revision == 1


def test_only_who_knows_the_latest_revision_changes_an_entry(store: Store) -> None:
    first = store.add_entry(entry("a", due_at=MOMENT))
    second = store.replace_entry(replace(first, body="2", due_at=None))
    assert (second.revision, second.body, second.due_at) == (2, "2", None)
    with pytest.raises(Conflict):
        store.replace_entry(replace(first, body="mine"))
    with pytest.raises(Conflict):
        store.delete_entry(first)
    assert store.get_entry("note", "a") == second
    store.delete_entry(second)
    for again in (store.replace_entry, store.delete_entry):
        with pytest.raises(NotFound):
            again(second)
    with pytest.raises(NotFound):
        store.get_entry("note", "a")


def test_of_many_who_change_an_entry_at_once_one_does(store: Store) -> None:
    seen = store.add_entry(entry("a"))

    def change(number: int) -> bool:
        try:
            store.replace_entry(replace(seen, body=str(number)))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(change, range(8))) == 1


def test_entries_of_a_kind_are_listed_in_order_from_anywhere(store: Store) -> None:
    for key in ("b", "a", "ö", "c"):
        store.add_entry(entry(key))
    store.add_entry(entry("z", "other"))

    def listed(**query: Any) -> list[str]:
        return [each.id for each in store.entries("note", **{"limit": 10} | query)]

    assert listed() == ["a", "b", "c", "ö"]
    assert listed(limit=2) == ["a", "b"]
    assert listed(beyond="b") == ["c", "ö"]
    assert listed(beyond="b", limit=1) == ["c"]
    assert listed(backwards=True, limit=2) == ["ö", "c"]
    assert listed(backwards=True, beyond="c") == ["b", "a"]
    assert store.entries("none", limit=10) == []


def test_what_is_due_comes_in_the_order_of_its_time(store: Store) -> None:
    for key, seconds in (("late", 2), ("soon", 0), ("later", 3)):
        store.add_entry(entry(key, due_at=MOMENT + seconds * SECOND))
    store.add_entry(entry("never"))
    store.add_entry(entry("elsewhere", "other", due_at=MOMENT))

    def due(seconds: int, limit: int = 10) -> list[str]:
        return [each.id for each in store.due_entries("note", MOMENT + seconds * SECOND, limit)]

    assert due(-1) == []
    assert due(0) == ["soon"]
    assert due(2) == ["soon", "late"]
    assert due(9, limit=1) == ["soon"]
    done = store.get_entry("note", "soon")
    store.replace_entry(replace(done, due_at=None))
    assert due(9) == ["late", "later"]


def hook(id: str = "h", **fields: Any) -> Webhook:
    return Webhook(
        **{
            "id": id,
            "url": "https://example.com/in",
            "secret": "whsec_x",
            "filter": Filter(),
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
        | fields
    )


def deliveries(store: Store, webhook_id: str = "h") -> list[Delivery]:
    found = store.due_entries(delivery_kind(webhook_id), MOMENT + timedelta(days=3650), 100)
    return [delivery_of(each) for each in found]


@transactional
def test_the_end_of_a_workflow_makes_one_delivery_for_each_webhook_that_wants_it(
    store: Store, clock: ManualClock
) -> None:
    for webhook in (
        hook(),
        hook("failures", filter=Filter(statuses=("failed",))),
        hook("others", filter=Filter(definition="other")),
        hook("disabled", disabled="by hand"),
        hook("deleted", is_deleted=True),
        hook("tagged", filter=Filter(tags={"team": "a"}, namespace="dev")),
    ):
        store.add_entry(webhook_entry(webhook))
    store.create_workflow(workflow("w", namespace="dev", tags={"team": "a"}, queue="q"))
    store.update_workflow("w", WorkflowChange(status=WorkflowStatus.RUNNING))
    assert deliveries(store) == []
    ended = store.update_workflow(
        "w", WorkflowChange(status=WorkflowStatus.SUCCEEDED, stopped_at=MOMENT, output="{}")
    )
    assert (ended.status, ended.output) == (WorkflowStatus.SUCCEEDED, "{}")
    [delivery] = deliveries(store)
    end = delivery.end
    assert (end.workflow_id, end.status, end.definition, end.version) == ("w", "succeeded", "wf", 0)
    assert (end.namespace, end.queue, end.tags, end.ended_at) == ("dev", "q", {"team": "a"}, MOMENT)
    assert delivery.created_at == clock.now()
    assert len(deliveries(store, "tagged")) == 1
    for none in ("failures", "others", "disabled", "deleted"):
        assert deliveries(store, none) == []
    # The same again, and what comes after the end, is no other end.
    store.update_workflow("w", WorkflowChange(status=WorkflowStatus.SUCCEEDED, resolved_by_user=True))
    with pytest.raises(AlreadyFinished):
        store.update_workflow("w", WorkflowChange(status=WorkflowStatus.FAILED))
    assert len(deliveries(store)) == 1
    assert deliveries(store, "failures") == []


@transactional
def test_of_two_ends_at_once_one_is_told(store: Store) -> None:
    store.add_entry(webhook_entry(hook()))
    store.create_workflow(workflow("w"))

    def end(status: WorkflowStatus) -> bool:
        try:
            store.update_workflow("w", WorkflowChange(status=status))
        except AlreadyFinished:
            return False
        return True

    both = [WorkflowStatus.FAILED, WorkflowStatus.CANCELLED]
    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(end, both)) == 1
    [delivery] = deliveries(store)
    assert delivery.end.status == store.get_workflow("w").status.value


def test_who_ends_an_unknown_workflow_is_told_so(store: Store) -> None:
    store.add_entry(webhook_entry(hook()))
    with pytest.raises(NotFound):
        store.update_workflow("nobody", WorkflowChange(status=WorkflowStatus.FAILED))
