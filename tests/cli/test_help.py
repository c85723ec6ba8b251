"""What the command says of itself: every command, every topic, and all that the API can do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cli.conftest import Wfm
from workflow_manager.api.spec import load_spec
from workflow_manager.cli.help import EXIT_CODES, topics
from workflow_manager.cli.http import Server
from workflow_manager.cli.main import SECTIONS, run, wfm
from workflow_manager.kernel.json import loads

# Which command does what the operation does.  A new operation needs one, and a line here; those of
# Events are streams, which are read to their end.
COMMANDS: dict[str, tuple[str, ...]] = {
    "healthCheck": ("status",),
    "readinessCheck": ("status",),
    "getMetrics": ("status", "--metrics"),
    "newWorkflowDefinition": ("definitions", "apply", "FILE"),
    "updateWorkflowDefinition": ("definitions", "apply", "CHANGED"),
    "getWorkflowDefinitions": ("definitions", "list"),
    "getWorkflowDefinitionVersionsByName": ("definitions", "versions", "NAME"),
    "getWorkflowDefinitionByNameAndVersion": ("definitions", "show", "NAME@0"),
    "startWorkflow": ("submit", "NAME", '{"do":"fail"}', "--follow"),
    "getWorkflows": ("workflows", "NAME"),
    "getWorkflowByID": ("workflows", "--workflow-id", "ID"),
    "getWorkflowHistory": ("history", "ID"),
    "streamWorkflowEvents": ("events", "--workflow-id", "ID"),
    "streamEvents": ("events", "--definition", "NAME"),
    "resumeWorkflowByID": ("resume", "ID", "--start-at", "Choose"),
    "CancelWorkflow": ("cancel", "RUNNING"),
    "resolveWorkflowByID": ("resolve", "ID"),
    "getActivities": ("top",),
    "newSchedule": ("schedules", "create", "SCHEDULE", "NAME", "--every", "1h"),
    "applySchedule": ("schedules", "apply", "SCHEDULES"),
    "getSchedules": ("schedules", "list"),
    "getSchedule": ("schedules", "show", "SCHEDULE"),
    "getScheduleTimes": ("schedules", "next", "SCHEDULE"),
    "pauseSchedule": ("schedules", "pause", "SCHEDULE"),
    "resumeSchedule": ("schedules", "resume", "SCHEDULE"),
    "backfillSchedule": ("schedules", "backfill", "SCHEDULE", "--from", "2026-01-01", "--to", "2026-01-01"),
    "deleteSchedule": ("schedules", "delete", "SCHEDULE"),
    "newWebhook": ("webhooks", "create", "http://127.0.0.1:9/", "--definition", "NAME", "-q"),
    "getWebhooks": ("webhooks", "list"),
    "getWebhook": ("webhooks", "show", "WEBHOOK"),
    "updateWebhook": ("webhooks", "update", "WEBHOOK", "http://127.0.0.1:9/other"),
    "disableWebhook": ("webhooks", "disable", "WEBHOOK"),
    "enableWebhook": ("webhooks", "enable", "WEBHOOK"),
    "getWebhookDeliveries": ("webhooks", "deliveries", "WEBHOOK"),
    "redeliverWebhookDelivery": ("webhooks", "redeliver", "WEBHOOK", "DELIVERY"),
    "deleteWebhook": ("webhooks", "delete", "WEBHOOK"),
    "postStateResource": ("state-resources", "set", "echo", "arn:x"),
    "putStateResource": ("state-resources", "set", "echo", "arn:x"),
    "getStateResource": ("state-resources", "show", "echo"),
    "deleteStateResource": ("state-resources", "delete", "echo"),
}

# Done by another operation that does the same; never over; or in need of something that takes time.
NOT_CALLED = {"postStateResource", "streamEvents", "redeliverWebhookDelivery"}


def every_command(group: click.Group = wfm, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*words, name))


def command_of(words: Sequence[str]) -> click.Command:
    found: click.Command = wfm
    for word in words:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    return found


def params_of(command: click.Command) -> list[click.Parameter]:
    # In the context that it has when it runs: what it makes then, it keeps.
    return command.get_params(click.Context(command, **wfm.context_settings))


def test_every_operation_has_a_command() -> None:
    operations = {
        operation["operationId"]
        for path in load_spec()["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "delete", "patch")
    }
    assert set(COMMANDS) == operations, "give each operation a command, and a line in COMMANDS"


def called_operations(url: str) -> dict[str, int]:
    """How often each operation was answered."""
    with Server(url) as server:
        found = re.findall(
            r'^wfm_requests_total\{operation="(\w+)",status="2..".*\} (\d+)', server.text("/metrics"), re.M
        )
    return {operation: int(count) for operation, count in found}


def test_its_command_calls_it(wfm: Wfm, url: str, name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "hello.yml").write_text(text)
    (tmp_path / "changed.yml").write_text(text.replace("600", "300"))
    given = {"FILE": str(tmp_path / "hello.yml"), "CHANGED": str(tmp_path / "changed.yml")}
    given |= {"NAME": name, "NAME@0": f"{name}@0", "SCHEDULE": f"s-{name}"}
    schedule = f"name: s-{name}\nworkflowDefinition: {{name: {name}}}\neverySeconds: 7200\n"
    (tmp_path / "schedules.yml").write_text(schedule)
    given["SCHEDULES"] = str(tmp_path / "schedules.yml")
    for operation, words in COMMANDS.items():
        if operation in NOT_CALLED:
            continue
        before = called_operations(url).get(operation, 0)
        printed = wfm(*(given.get(word, word) for word in words))
        assert printed.code == (1 if "--follow" in words else 0), (words, printed)
        assert called_operations(url).get(operation, 0) > before, words
        if operation == "newWebhook":
            given["WEBHOOK"] = printed.out.strip()
        if operation == "startWorkflow":
            given["ID"] = printed.out.split()[0]
            given["RUNNING"] = wfm("submit", name, '{"do":"wait"}', "-q").out.strip()


def test_what_happens_in_a_workflow_is_told_to_its_end(
    wfm: Wfm, name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / "hello.yml").write_text(text)
    wfm("definitions", "apply", str(tmp_path / "hello.yml"))
    workflow_id = wfm("submit", name, '{"do":"well"}', "-q").out.strip()
    lines = wfm("events", "--workflow-id", workflow_id).lines
    assert [line.split()[1:] for line in lines[:2]] == [
        ["1", "ExecutionStarted"],
        ["2", "ChoiceStateEntered", "Choose"],
    ]
    assert lines[-1].split()[2:] == ["succeeded", workflow_id, f"{name}@0"]
    again = wfm("events", "--workflow-id", workflow_id, "--after", "2", "--json").lines
    events: list[Any] = [loads(line) for line in again]
    assert (events[0]["id"], events[0]["data"]["id"]) == ("3", 3)
    assert (events[-1]["event"], events[-1]["data"]["status"]) == ("end", "succeeded")
    assert wfm("events", "-o", "name").code == 2


def test_every_command_is_in_one_section() -> None:
    listed = [command for section in SECTIONS.values() for command in section]
    assert len(listed) == len(set(listed)) == len(wfm.commands)


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_the_help_of_a_command_is_whole(words: tuple[str, ...]) -> None:
    command = command_of(words)
    # As `wfm --help` shows it on a terminal of 80 columns.
    longest = max(len(name) for name in command_of(words[:-1]).commands)  # type: ignore[attr-defined]
    summary = command.get_short_help_str(78 - 6 - longest)
    assert summary.endswith(".")
    assert not summary.endswith("..."), f"too long for a line: {command.help}"
    if not isinstance(command, click.Group):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help or parameter.hidden, parameter.name


@pytest.mark.parametrize("words", [each for each in every_command() if len(each) == 1], ids=" ".join)
def test_the_help_of_a_command_shows_how_it_is_used(words: tuple[str, ...]) -> None:
    text = command_of(words).help or ""
    assert re.search(r"Examples?:\n(.*\n)*? +(\w+=\$\()?([A-Z_]+=\S+ )?(eval \"\$\()?wfm ", text), words


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_examples_are_of_commands_and_options_that_there_are(words: tuple[str, ...]) -> None:
    for line in re.findall(r"^ {2,}wfm (.*)$", (command_of(words).help or "").replace("\b", ""), re.M):
        # What comes after two blanks is said about it; what comes after `--` is another program's.
        found = wfm
        arguments = line.split("  ")[0].split(" -- ")[0].split(" | ")[0].split("$(")[0].split()
        for argument in arguments:
            if not isinstance(found, click.Group) or argument not in found.commands:
                break
            found = found.commands[argument]  # type: ignore[assignment]
        assert found is not wfm, line
        commands = [found, *getattr(found, "commands", {}).values()]
        params = [each for command in commands for each in params_of(command)]
        known = {name for each in params for name in (*each.opts, *each.secondary_opts)}
        used = {argument.partition("=")[0] for argument in arguments if re.match(r"--\w", argument)}
        assert used <= known, line


@pytest.mark.parametrize("topic", sorted(topics()))
def test_a_topic_is_told(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", topic]) == 0
    assert capsys.readouterr().out.rstrip("\n") == topics()[topic]


def test_every_exit_code_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(["help", "exit-codes"])
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [int(line.split()[0]) for line in lines] == list(EXIT_CODES)


def test_help_of_a_command_is_what_the_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    run(["help", "workflows", "cancel"])
    asked = capsys.readouterr().out
    run(["workflows", "cancel", "--help"])
    assert asked == capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["submti"], "No such command 'submti'. Did you mean 'submit'?"),
        (["definitions", "aply"], "No such command 'aply'. Did you mean 'apply'?"),
        (["submit", "--folow", "x"], "No such option '--folow'. Did you mean '--follow'?"),
        (["help", "exit-code"], "there is no command or topic exit-code. Did you mean exit-codes?"),
        (["help", "workflows", "cancle"], "there is no command or topic cancle. Did you mean cancel?"),
        (["help", "submit", "x"], "there is no command or topic x."),
    ],
)
def test_nonsense_is_answered_with_what_may_have_been_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_list_of_a_definition_that_is_not_there_says_so(wfm: Wfm) -> None:
    printed = wfm("workflows", "lsit")
    assert (printed.code, printed.err) == (2, "Error: there is no definition lsit\n")


def test_a_resource_is_named_with_its_namespace(wfm: Wfm) -> None:
    shown = wfm("state-resources", "set", "echo", "arn:y", "-n", "dev", "--json").json
    assert (shown["name"], shown["namespace"], shown["uri"]) == ("echo", "dev", "arn:y")
    assert wfm("state-resources", "show", "echo", "-n", "dev", "-q").lines == ["dev--echo"]
    assert wfm("state-resources", "delete", "echo", "-n", "dev").lines == ["dev--echo  deleted"]
    printed = wfm("state-resources", "show", "echo", "-n", "dev")
    assert (printed.code, printed.err) == (2, "Error: there is no state resource dev--echo\n")


@pytest.mark.parametrize(
    ("command", "read", "unread"),
    [
        (("tables", "check"), "--dynamo-endpoint", "--drain-timeout"),
        (("log-group", "check"), "--events-stream", "--dynamo-endpoint"),
        (("consume",), "--events-queue", "--max-open"),
    ],
)
def test_a_command_shows_the_settings_that_it_reads_and_takes_the_servers(
    command: tuple[str, ...], read: str, unread: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert (f"{read} " in shown, f"{unread} " in shown) == (True, False)
    run([*command, unread, "1", "--sync", "nonsense"])
    assert "--sync" in capsys.readouterr().err, "it got as far as the settings"
