"""`wfm submit`, `workflows`, `cancel`, `resume` and `resolve` against a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Wfm
from workflow_manager.kernel.json import loads

WAIT, FAIL = '{"do":"wait"}', '{"do":"fail"}'


@pytest.fixture(autouse=True)
def _defined(wfm: Wfm, tmp_path: Path, text: str) -> None:
    """In two versions."""
    for version in (text, text.replace("600", "300")):
        (tmp_path / "hello.yml").write_text(version)
        wfm("definitions", "apply", str(tmp_path / "hello.yml"))


def submitted(wfm: Wfm, name: str, *arguments: str) -> str:
    return wfm("submit", name, "-q", *arguments).out.strip()


def shown(wfm: Wfm, workflow_id: str) -> Any:
    return wfm("workflows", "--workflow-id", workflow_id, "--json").json


def test_a_submitted_workflow_is_told_in_a_line(wfm: Wfm, name: str) -> None:
    workflow_id, reference, status = wfm("submit", name, '{"do": "well"}').out.split()
    assert (reference, status) == (f"{name}@1", "queued")
    workflow = shown(wfm, workflow_id)
    assert (workflow["input"], workflow["namespace"], workflow["queue"]) == (
        '{"do": "well"}',
        "default",
        "default",
    )


def test_everything_can_be_chosen(wfm: Wfm, name: str) -> None:
    chosen = ("--namespace", "dev", "--queue", "slow", "--tag", "a=b=c", "--tag", "d=", "--json")
    workflow = wfm("submit", f"{name}@0", WAIT, *chosen).json
    assert workflow["workflowDefinition"].get("version", 0) == 0
    assert (workflow["namespace"], workflow["queue"]) == ("dev", "slow")
    assert workflow["tags"] == {"team": "infra", "a": "b=c", "d": ""}


def test_a_submission_under_a_key_is_made_once(wfm: Wfm, name: str) -> None:
    key = ("--idempotency-key", f"{name}-monday")
    first = submitted(wfm, name, WAIT, *key)
    assert submitted(wfm, name, WAIT, *key) == first
    refused = wfm("submit", name, FAIL, *key)
    assert refused.code == 2
    assert f"used for another request, which started {first}" in refused.err
    assert wfm("submit", name, WAIT, "--idempotency-key", "ü").code == 2


def test_the_input_may_come_from_a_file(wfm: Wfm, tmp_path: Path, name: str) -> None:
    text = '{"do": "well", "n": 12345678901234567890123, "u": "ü"}\n'
    (tmp_path / "input.json").write_text(text)
    workflow_id = submitted(wfm, name, f"@{tmp_path / 'input.json'}")
    assert shown(wfm, workflow_id)["input"] == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("zz",), "Error: there is no definition zz"),
        (("zz@9",), "Error: there is no definition zz@9"),
        (("hello@x",), "the version in 'hello@x' is not a whole number"),
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


@pytest.mark.parametrize("given", ["[1]", "null", "text", "{"])
def test_an_input_that_is_no_object_is_refused(wfm: Wfm, name: str, given: str) -> None:
    printed = wfm("submit", name, given)
    assert printed.code == 2
    assert printed.err.startswith("Error: input is not a valid JSON object")


@pytest.mark.parametrize(("given", "code", "status"), [("{}", 0, "succeeded"), (FAIL, 1, "failed")])
def test_following_ends_with_the_outcome(wfm: Wfm, name: str, given: str, code: int, status: str) -> None:
    given = given.replace("{}", '{"do":"well"}')
    printed = wfm("submit", name, given, "--follow")
    assert printed.code == code
    assert any(line.startswith(status) for line in printed.lines[1:])


def test_following_as_json_ends_with_the_workflow(wfm: Wfm, name: str) -> None:
    printed = wfm("submit", name, '{"do":"well"}', "--follow", "--json")
    events: list[Any] = [loads(line) for line in printed.lines]
    assert [(each["type"], each["status"]) for each in events][-1] == ("workflow", "succeeded")
    assert {each["state"] for each in events[:-1]} >= {"Choose", "Done"}


def test_one_workflow_is_summed_up(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, WAIT, "--namespace", "dev", "--tag", "k=v")
    lines = wfm("workflows", "--workflow-id", workflow_id).lines
    summary = dict(line.split(None, 1) for line in lines)
    assert summary["id"] == workflow_id
    assert summary["definition"] == f"{name}@1"
    assert summary["namespace"] == "dev"
    assert summary["status"] == "running"
    assert summary["stopped"] == "-"
    assert summary["tags"] == "k=v team=infra"
    assert summary["input"] == WAIT
    assert "output" not in summary


def test_the_whole_workflow_is_json(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, WAIT)
    whole = wfm("workflows", "--workflow-id", workflow_id, "--full").json
    assert "Choose" in [job["state"] for job in whole["jobs"]]


def test_lists_are_filtered(wfm: Wfm, name: str) -> None:
    first = submitted(wfm, name, FAIL, "--namespace", "dev")
    second = submitted(wfm, name, WAIT, "--tag", "k=v")
    wfm("workflows", "--workflow-id", first, "--follow")
    wfm("resolve", second)

    def ids(*arguments: str) -> list[str]:
        return [each["id"] for each in wfm("workflows", name, "--json", *arguments).json]

    assert ids() == [second, first]
    assert ids("--oldest-first") == [first, second]
    assert ids("--status", "failed") == [first]
    assert ids("--namespace", "dev") == [first]
    assert ids("--tag", "k=v") == [second]
    assert ids("--resolved") == [second]
    assert ids("--unresolved") == [first]
    assert ids("--limit", "1") == [second]
    assert ids("--created-before", "2020-01-01T00:00:00Z") == []
    assert ids("--created-after", "2020-01-01T00:00:00Z") == [second, first]


def test_a_list_is_a_table_that_says_how_to_go_on(wfm: Wfm, name: str) -> None:
    ids = [submitted(wfm, name, WAIT) for _ in range(3)]
    printed = wfm("workflows", name, "--limit", "2")
    assert printed.lines[0].split() == ["ID", "DEFINITION", "NAMESPACE", "STATUS", "CREATED", "TOOK"]
    assert [line.split()[0] for line in printed.lines[1:]] == [ids[2], ids[1]]
    assert printed.err.startswith("There are more: add --page-token ")
    token = printed.err.split()[-1]
    rest = wfm("workflows", name, "--limit", "2", "--page-token", token)
    assert [line.split()[0] for line in rest.lines[1:]] == [ids[0]]
    assert rest.err == ""


def test_without_a_definition_those_of_all_are_listed(wfm: Wfm, name: str) -> None:
    first = submitted(wfm, name, WAIT)
    second = submitted(wfm, name, WAIT)
    assert [each["id"] for each in wfm("workflows", "--json").json[:2]] == [second, first]


def test_cancel_gives_its_reason(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, WAIT)
    assert wfm("cancel", workflow_id, "--reason", "not needed").lines == [f"{workflow_id}  cancelled"]
    workflow = shown(wfm, workflow_id)
    assert (workflow["status"], workflow["statusReason"]) == ("cancelled", "not needed")
    assert wfm("workflows", "--workflow-id", workflow_id, "--follow").code == 3


def test_what_is_over_cannot_be_cancelled(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, FAIL)
    wfm("workflows", "--workflow-id", workflow_id, "--follow")
    printed = wfm("cancel", workflow_id)
    assert printed.code == 2
    assert printed.err == f"Error: Cancellation not allowed. Workflow {workflow_id} is failed\n"


def test_resume_needs_to_know_where(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, WAIT)
    assert "it is running: say where to go on, with --start-at STATE" in wfm("resume", workflow_id).err


def test_resume_goes_on_at_a_state(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, FAIL)
    wfm("workflows", "--workflow-id", workflow_id, "--follow")
    resumed = wfm("resume", workflow_id, "--start-at", "Choose", "--json").json
    assert resumed["retryFor"] == workflow_id
    printed = wfm("resume", workflow_id, "--start-at", "Nowhere")
    assert (printed.code, "Nowhere" in printed.err) == (2, True)


def test_resolving_twice_is_a_conflict(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, WAIT)
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


def test_one_is_shown_by_its_noun_too(wfm: Wfm, name: str) -> None:
    workflow_id = submitted(wfm, name, FAIL)
    assert wfm("workflows", "show", workflow_id, "--follow").code == 1
    for more in ((), ("--full",), ("-o", "yaml")):
        shown_by_option = wfm("workflows", "--workflow-id", workflow_id, *more)
        assert wfm("workflows", "show", workflow_id, *more) == shown_by_option
    printed = wfm("workflows", workflow_id)
    assert (printed.code, f"wfm workflows show {workflow_id}" in printed.err) == (2, True)


def test_what_is_done_to_one_is_told_to_programs(wfm: Wfm, name: str) -> None:
    running, failed = submitted(wfm, name, WAIT), submitted(wfm, name, FAIL)
    assert wfm("cancel", running, "--reason", "r", "--json").json["statusReason"] == "r"
    assert wfm("cancel", running, "-q").lines == [running]
    wfm("workflows", "show", failed, "--follow")
    assert wfm("resolve", failed, "--json").json["resolvedByUser"] is True


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("workflows", "list", "--created-after", "yesterday"), "--created-after"),
        (("workflows", "cancel", "--reason", "r", "--where", "created-before=yesterday"), "--where"),
        (("events", "--workflow-id", "zz", "--after", "first"), "--after"),
    ],
)
def test_what_is_no_time_or_number_is_told_by_its_option(
    wfm: Wfm, arguments: tuple[str, ...], hint: str
) -> None:
    printed = wfm(*arguments)
    assert (printed.code, f"Invalid value for {hint}" in printed.err.replace("'", "")) == (2, True)


class TestBulk:
    def test_cancel_ends_each_of_them(self, wfm: Wfm, name: str) -> None:
        ids = [submitted(wfm, name, WAIT) for _ in range(4)]
        for each in ids:
            shown(wfm, each)
        printed = wfm("workflows", "cancel", "--where", f"definition={name}", "--reason", "r", "--yes")
        assert printed.code == 0
        assert "4 done, 0 failed, 0 in the queue" in printed.err
        assert {shown(wfm, each)["statusReason"] for each in ids} == {"r"}

    def test_a_dry_run_only_shows(self, wfm: Wfm, name: str) -> None:
        ids = [submitted(wfm, name, WAIT) for _ in range(2)]
        for each in ids:
            shown(wfm, each)
        printed = wfm("workflows", "cancel", *ids, "--reason", "r", "--dry-run")
        assert printed.lines == ids
        assert f"2 × {name}@1 running" in printed.err
        assert [shown(wfm, each)["status"] for each in ids] == ["running", "running"]

    def test_a_refresh_without_news_says_so_and_is_not_counted(self, wfm: Wfm, name: str) -> None:
        workflow_id = submitted(wfm, name, WAIT)
        shown(wfm, workflow_id)
        printed = wfm(
            "workflows", "refresh", "--where", f"definition={name}", "--where", "status=running", "-y"
        )
        assert printed.lines == [f"status unchanged ID = {workflow_id}: running"]
        assert "0 done, 0 failed" in printed.err
        assert printed.code == 0

    def test_those_that_failed_go_on_and_are_dealt_with(self, wfm: Wfm, name: str) -> None:
        workflow_id = submitted(wfm, name, FAIL)
        wfm("workflows", "--workflow-id", workflow_id, "--follow")
        where = ("--where", f"definition={name}", "--yes")
        assert wfm("workflows", "resume", *where).lines[0].split()[0] == workflow_id
        assert wfm("workflows", "resolve", *where).code == 0
        assert shown(wfm, workflow_id)["resolvedByUser"]

    def test_the_same_again_starts_none_anew(self, wfm: Wfm, name: str) -> None:
        workflow_id = submitted(wfm, name, FAIL)
        wfm("workflows", "--workflow-id", workflow_id, "--follow")
        again = ("workflows", "resume", "--where", f"definition={name}", "--yes", "-q")
        retry = wfm(*again).out.strip()
        assert shown(wfm, workflow_id)["retries"] == [retry]
        wfm("workflows", "--workflow-id", retry, "--follow")
        printed = wfm(*again)
        assert "1 was resumed before" in printed.err
        assert shown(wfm, retry)["retries"] == printed.lines
        assert len(shown(wfm, workflow_id)["retries"]) == 1
        assert wfm("workflows", "--workflow-id", printed.lines[0], "--follow").code == 1
        assert wfm("workflows", "resume", workflow_id, "--yes").code == 0
        assert len(shown(wfm, workflow_id)["retries"]) == 2

    def test_what_became_of_each_is_told_to_programs(self, wfm: Wfm, name: str) -> None:
        over, running = submitted(wfm, name, FAIL), submitted(wfm, name, WAIT)
        wfm("workflows", "--workflow-id", over, "--follow")
        told = wfm("workflows", "cancel", over, running, "--reason", "r", "--yes", "--json").json
        assert [each["id"] for each in told] == [over, running]
        assert "Cancellation not allowed" in told[0]["error"]
        assert told[1] == {"id": running, "outcome": "cancelled"}

    def test_a_namespace_may_be_said_for_short(self, wfm: Wfm, name: str) -> None:
        ids = [wfm("submit", name, WAIT, "-q", "-n", each).out.strip() for each in ("one", "other")]
        where = ("--where", f"definition={name}", "-n", "one", "--reason", "r")
        assert wfm("workflows", "cancel", *where, "--dry-run", "-q").lines == ids[:1]

    def test_a_definition_that_is_not_there_is_no_empty_list(self, wfm: Wfm) -> None:
        printed = wfm("workflows", "resolve", "--where", "definition=nope", "--yes")
        assert (printed.code, printed.err) == (2, "Error: there is no definition nope\n")

    def test_one_that_cannot_be_is_told_and_the_others_go_on(self, wfm: Wfm, name: str) -> None:
        over, running = submitted(wfm, name, FAIL), submitted(wfm, name, WAIT)
        wfm("workflows", "--workflow-id", over, "--follow")
        printed = wfm("workflows", "cancel", over, running, "--reason", "r", "--yes")
        assert printed.code == 1
        assert f"{over}: Cancellation not allowed" in printed.err
        assert "1 done, 1 failed" in printed.err

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((), "either their ids, or --where"),
            (("--where", "definition"), "not of the form KEY=VALUE"),
            (("--where", "colour=red"), "'colour' is not one of definition, status"),
            (("--where", "status=done"), "status is one of queued, running"),
        ],
    )
    def test_which_ones_has_to_be_said(self, wfm: Wfm, arguments: tuple[str, ...], message: str) -> None:
        printed = wfm("workflows", "refresh", *arguments)
        assert (printed.code, message in printed.err) == (2, True)
