"""`wfm submit`, `workflows`, `cancel`, `resume` and `resolve` against a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.memory_executor import MemoryExecutor
from tests.cli.conftest import Wfm
from workflow_manager.models.workflow import WorkflowStatus

MACHINE: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


@pytest.fixture(autouse=True)
def _hello(executor: MemoryExecutor) -> None:
    executor.create_definition("hello", MACHINE)
    executor.update_definition("hello", "hello", MACHINE)


def test_a_submitted_workflow_is_told_in_a_line(wfm: Wfm, executor: MemoryExecutor) -> None:
    printed = wfm("submit", "hello", '{"a": 1}')
    (run,) = executor.runs.values()
    assert printed.lines == [f"{run.id}  hello@1  queued"]
    assert (run.input, run.namespace, run.queue) == ('{"a": 1}', "default", "default")


def test_everything_can_be_chosen(wfm: Wfm, executor: MemoryExecutor) -> None:
    printed = wfm(
        "submit",
        "hello@0",
        "--namespace",
        "dev",
        "--queue",
        "slow",
        "--tag",
        "a=b=c",
        "--tag",
        "d=",
        "--json",
    )
    workflow = printed.json
    assert workflow["workflowDefinition"].get("version", 0) == 0
    assert (workflow["namespace"], workflow["queue"], workflow["tags"]) == (
        "dev",
        "slow",
        {"a": "b=c", "d": ""},
    )
    assert workflow["input"] == "{}"


def test_quiet_prints_the_id_alone(wfm: Wfm, executor: MemoryExecutor) -> None:
    printed = wfm("submit", "hello", "-q")
    assert printed.lines == list(executor.runs)


def test_the_input_may_come_from_a_file(wfm: Wfm, executor: MemoryExecutor, tmp_path: Path) -> None:
    (tmp_path / "input.json").write_text('{"n": 12345678901234567890123, "u": "ü"}\n')
    wfm("submit", "hello", f"@{tmp_path / 'input.json'}")
    (run,) = executor.runs.values()
    assert run.input == '{"n": 12345678901234567890123, "u": "ü"}\n'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("zz",), "Error: there is no definition zz"),
        (("hello@9",), "Error: there is no definition hello@9"),
        (("hello@x",), "the version in 'hello@x' is not a whole number"),
        (("hello", "[1]"), "Error: input is not a valid JSON object"),
        (("hello", "@no-such-file"), "no-such-file: No such file or directory"),
        (("hello", "--tag", "x"), "'x' is not of the form key=value"),
        ((), "Missing argument 'NAME[@VERSION]'"),
    ],
)
def test_a_mistake_is_said_and_exits_2(wfm: Wfm, arguments: tuple[str, ...], message: str) -> None:
    printed = wfm("submit", *arguments)
    assert printed.code == 2
    assert message in printed.err
    assert "Traceback" not in printed.err


def submitted(wfm: Wfm, *arguments: str) -> str:
    return wfm("submit", "hello", "-q", *arguments).out.strip()


def test_one_workflow_is_summed_up(wfm: Wfm) -> None:
    workflow_id = submitted(wfm, '{"a":1}', "--namespace", "dev", "--tag", "k=v")
    shown = dict(line.split(None, 1) for line in wfm("workflows", "--workflow-id", workflow_id).lines)
    assert shown["id"] == workflow_id
    assert shown["definition"] == "hello@1"
    assert shown["namespace"] == "dev"
    assert shown["status"] == "queued"
    assert shown["stopped"] == "-"
    assert shown["tags"] == "k=v"
    assert shown["input"] == '{"a":1}'
    assert "output" not in shown


def test_the_whole_workflow_is_json(wfm: Wfm) -> None:
    workflow_id = submitted(wfm)
    assert wfm("workflows", "--workflow-id", workflow_id, "--full").json["jobs"] == []


def test_lists_are_filtered(wfm: Wfm, executor: MemoryExecutor) -> None:
    first, second = submitted(wfm, "--namespace", "dev"), submitted(wfm, "--tag", "k=v")
    executor.finish(first, WorkflowStatus.FAILED)
    wfm("resolve", second)

    def ids(*arguments: str) -> list[str]:
        return [each["id"] for each in wfm("workflows", "hello", "--json", *arguments).json]

    assert ids() == [second, first]
    assert ids("--oldest-first") == [first, second]
    assert ids("--status", "failed") == [first]
    assert ids("--namespace", "dev") == [first]
    assert ids("--tag", "k=v") == [second]
    assert ids("--resolved") == [second]
    assert ids("--unresolved") == [first]
    assert ids("--limit", "1") == [second]


def test_a_list_is_a_table_that_says_how_to_go_on(wfm: Wfm) -> None:
    ids = [submitted(wfm) for _ in range(3)]
    printed = wfm("workflows", "hello", "--limit", "2")
    assert printed.lines[0].split() == ["ID", "DEFINITION", "NAMESPACE", "STATUS", "CREATED", "TOOK"]
    assert [line.split()[0] for line in printed.lines[1:]] == [ids[2], ids[1]]
    assert printed.err.startswith("There are more: add --page-token ")
    token = printed.err.split()[-1]
    rest = wfm("workflows", "hello", "--limit", "2", "--page-token", token)
    assert [line.split()[0] for line in rest.lines[1:]] == [ids[0]]
    assert rest.err == ""


def test_without_a_definition_those_of_all_are_listed(wfm: Wfm, executor: MemoryExecutor) -> None:
    executor.create_definition("another", MACHINE)
    first = submitted(wfm)
    second = wfm("submit", "another", "-q").out.strip()
    assert [each["id"] for each in wfm("workflows", "--json").json] == [second, first]


def test_an_empty_list_says_so(wfm: Wfm) -> None:
    assert wfm("workflows", "hello").err == "There are no such workflows.\n"


def test_cancel_gives_its_reason(wfm: Wfm, executor: MemoryExecutor) -> None:
    workflow_id = submitted(wfm)
    assert wfm("cancel", workflow_id, "--reason", "not needed").lines == [f"{workflow_id}  cancelled"]
    assert executor.runs[workflow_id].status_reason == "not needed"


def test_what_is_over_cannot_be_cancelled(wfm: Wfm, executor: MemoryExecutor) -> None:
    workflow_id = submitted(wfm)
    executor.finish(workflow_id, WorkflowStatus.SUCCEEDED)
    printed = wfm("cancel", workflow_id)
    assert printed.code == 2
    assert printed.err == f"Error: Cancellation not allowed. Workflow {workflow_id} is succeeded\n"


def test_resume_needs_to_know_where(wfm: Wfm, executor: MemoryExecutor) -> None:
    workflow_id = submitted(wfm)
    assert "it is queued: say where to go on, with --start-at STATE" in wfm("resume", workflow_id).err
    executor.finish(workflow_id, WorkflowStatus.FAILED)
    assert "no job of it failed" in wfm("resume", workflow_id).err
    resumed = wfm("resume", workflow_id, "--start-at", "A", "--json").json
    assert resumed["retryFor"] == workflow_id


def test_resolving_twice_is_a_conflict(wfm: Wfm) -> None:
    workflow_id = submitted(wfm)
    assert wfm("resolve", workflow_id).lines == [f"{workflow_id}  resolved"]
    printed = wfm("resolve", workflow_id)
    assert (printed.code, printed.err) == (4, f"Error: workflow {workflow_id} already resolved\n")


def test_an_unknown_workflow_exits_2(wfm: Wfm) -> None:
    commands = (
        ("workflows", "--workflow-id", "zz"),
        ("workflows", "--workflow-id", "zz", "--follow"),
        ("cancel", "zz"),
        ("resume", "zz", "--start-at", "A"),
        ("resolve", "zz"),
    )
    for arguments in commands:
        printed = wfm(*arguments)
        assert (printed.code, printed.err) == (2, "Error: there is no workflow zz\n")


class TestBulk:
    def test_cancel_ends_each_of_them(self, wfm: Wfm, executor: MemoryExecutor) -> None:
        ids = [submitted(wfm) for _ in range(5)]
        executor.finish(ids[0], WorkflowStatus.FAILED)
        printed = wfm("bulk", "cancel", "hello", "--status", "queued", "--reason", "r", "--yes")
        assert printed.code == 0
        assert "4 done, 0 failed, 0 in the queue" in printed.err
        assert [executor.runs[each].status_reason for each in ids] == ["", "r", "r", "r", "r"]

    def test_a_dry_run_only_shows(self, wfm: Wfm, executor: MemoryExecutor) -> None:
        ids = [submitted(wfm) for _ in range(2)]
        printed = wfm("bulk", "cancel", "hello", "--status", "queued", "--reason", "r", "--dry-run")
        assert printed.lines == [f"would call for {each}" for each in ids]
        assert all(run.status_reason == "" for run in executor.runs.values())

    def test_a_refresh_without_news_says_so_and_is_not_counted(self, wfm: Wfm) -> None:
        workflow_id = submitted(wfm)
        printed = wfm("bulk", "refresh", "hello", "--status", "queued", "--yes")
        assert printed.lines == [f"status unchanged ID = {workflow_id}: queued"]
        assert "0 done, 0 failed" in printed.err
        assert printed.code == 0
