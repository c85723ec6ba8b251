from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.calling import FUNCTION, STATES, Caller, call_of
from workflow_manager.engine.blocking import Threads
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.integrations.functions import (
    FunctionEntry,
    make_functions,
    parse_entry,
    read_entries,
)
from workflow_manager.integrations.invocations import Function
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, loads

HERE = "tests.integrations.handlers"
PYTHON = f"command:{sys.executable} -c"
RAISE_BY_NAME = """'print("{\\"errorType\\":\\"Mine\\",\\"errorMessage\\":\\"m\\"}"); exit(1)'"""


def functions(*entries: FunctionEntry, at_once: int = 4) -> dict[str, Function]:
    return make_functions(
        entries,
        threads=Threads(at_once, "service-call"),
        environment=os.environ,
        directory=Path.cwd(),
    )


def call(reference: str, event: Json, *, seconds: float = 30.0) -> Any:
    entry = FunctionEntry("f", reference, seconds)
    return Caller("http://127.0.0.1:1", functions(entry)).call(f"{FUNCTION}f", event)


@pytest.mark.parametrize(
    ("reference", "event", "output"),
    [
        (f"{HERE}:greet", {"name": "Ada"}, {"hello": "Ada", "function": "f", "has_time": True}),
        (f"{HERE}:double", 21, 42),
        (f"{HERE}:later", [1], [1]),
        (f"{HERE}:Nested.handler", "x", "nested x"),
        (f"{HERE}:nothing", 1, None),
        ("command:cat", {"a": [1, 2]}, {"a": [1, 2]}),
        ("command:echo plain text", 1, "plain text"),
        ("command:true", 1, None),
        (f"{PYTHON} 'import os; print(os.environ[\"AWS_LAMBDA_FUNCTION_NAME\"])'", 1, "f"),
    ],
)
def test_a_function_on_this_machine_gives_the_output(reference: str, event: Json, output: Json) -> None:
    assert call(reference, event) == output


def test_the_sdk_is_answered_by_a_function_on_this_machine_too() -> None:
    def invoked(handler: str) -> Any:
        here = Caller("http://127.0.0.1:1", functions(FunctionEntry("f", f"{HERE}:{handler}")))
        return here.call(f"{STATES}aws-sdk:lambda:invoke", {"FunctionName": "f", "Payload": 21})

    assert invoked("double") == {"ExecutedVersion": "$LATEST", "Payload": "42", "StatusCode": 200}
    failed = invoked("fail")
    assert failed["FunctionError"] == "Unhandled"
    assert loads(failed["Payload"])["errorType"] == "Refused"


@pytest.mark.parametrize(
    ("reference", "event", "error", "message"),
    [
        (f"{HERE}:fail", "too bad", "Refused", "too bad"),
        (f"{HERE}:leave", 1, "SystemExit", "7"),
        (f"{HERE}:unshowable", 1, "Runtime.MarshalError", "Unable to marshal response: "),
        ("command:sh -c 'exit 3'", 1, "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        ("command:sh -c 'kill -9 $$'", 1, "Runtime.ExitError", "Runtime exited with error: signal 9"),
        (f"{PYTHON} {RAISE_BY_NAME}", 1, "Mine", "m"),
        ("command:./no-such-command", 1, "Runtime.InvalidEntrypoint", "no-such-command"),
        ("command:cat /dev/zero", 1, "Function.ResponseSizeTooLarge", "exceeds the maximum"),
    ],
)
def test_what_a_function_raises_fails_the_task(reference: str, event: Json, error: str, message: str) -> None:
    with pytest.raises(ServiceFailed) as failed:
        call(reference, event)
    assert failed.value.failure.error == error
    told = loads(failed.value.failure.cause or "")
    assert isinstance(told, dict)
    assert message in str(told["errorMessage"])


def test_the_cause_shows_where_it_was_raised() -> None:
    with pytest.raises(ServiceFailed) as failed:
        call(f"{HERE}:fail", "x")
    told = loads(failed.value.failure.cause or "")
    assert isinstance(told, dict)
    assert isinstance(told["stackTrace"], list)
    assert "raise Refused" in str(told["stackTrace"][-1])
    with pytest.raises(ServiceFailed) as failed:
        call("command:sh -c 'echo why >&2; exit 1'", "x")
    assert '"stackTrace":["why\\n"]' in (failed.value.failure.cause or "")


@pytest.mark.timeout(50)  # less than the functions sleep
@pytest.mark.parametrize("reference", ["command:sh -c 'sleep 60 & wait'", f"{HERE}:sleep"])
def test_a_function_has_its_time(reference: str) -> None:
    with pytest.raises(ServiceFailed) as failed:
        call(reference, 1, seconds=0.2)
    assert failed.value.failure.error == "Sandbox.Timedout"
    assert "Task timed out after 0.20 seconds" in (failed.value.failure.cause or "")


def test_a_command_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    entry = FunctionEntry("f", f"command:sh -c 'echo $$ > {file}; sleep 60'")

    async def play() -> None:
        services = Caller("", functions(entry)).services()
        call = asyncio.create_task(services.call(call_of(f"{FUNCTION}f", 1)))
        while not file.exists() or not file.read_text().strip():
            await asyncio.sleep(0.01)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

        pid = int(file.read_text())
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(play(), 120))


def test_invoke_finds_functions_by_name_and_by_arn() -> None:
    caller = Caller("http://127.0.0.1:1", functions(FunctionEntry("double", f"{HERE}:double")))
    for name in ("double", "double:live", f"{FUNCTION}double", f"{FUNCTION}double:1", "prod--double"):
        result = caller.call(f"{STATES}lambda:invoke", {"FunctionName": name, "Payload": 4})
        assert (result["Payload"], result["StatusCode"], result["ExecutedVersion"]) == (8, 200, "$LATEST")
    with pytest.raises(ServiceFailed, match=r"Lambda\.SdkClientException"):
        caller.call(f"{STATES}lambda:invoke", {"FunctionName": "other", "Payload": 4})


def test_no_more_commands_run_at_once_than_there_may(tmp_path: Path) -> None:
    script = tmp_path / "alone"
    script.write_text("mkdir lock || exit 1\nsleep 0.05\nrmdir lock\n")
    entry = FunctionEntry("f", f"command:sh -c 'cd {tmp_path} && sh alone'")

    async def play() -> None:
        services = Caller("", functions(entry, at_once=1)).services()
        await asyncio.gather(*(services.call(call_of(f"{FUNCTION}f", 1)) for _ in range(4)))

    asyncio.run(play())


def test_entries_are_read_from_flags_and_from_a_file(tmp_path: Path) -> None:
    assert parse_entry("f=a.b:c") == FunctionEntry("f", "a.b:c")
    assert parse_entry("f=command:./x --a=b") == FunctionEntry("f", "command:./x --a=b")
    file = tmp_path / "functions.yml"
    file.write_text(
        "functions:\n  short: a:b\n  long: {python: 'a:c', timeout: 1.5}\n  tool: {command: ./tool --x}\n"
    )
    assert read_entries(file) == [
        FunctionEntry("short", "a:b"),
        FunctionEntry("long", "a:c", 1.5),
        FunctionEntry("tool", "command:./tool --x"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("f", "say NAME=module:callable"),
        ("f g=a:b", "'f g': a name has"),
        ("f=nothing", "'f': 'nothing' is no module:callable"),
        ("f=no_such_module:f", "'f': ModuleNotFoundError"),
        (f"f={HERE}:absent", "'f': AttributeError"),
        (f"f={HERE}:NUMBER", "is not callable"),
        ("f=command:", "'f': there is no command"),
        ("f=command:'open", "'f': No closing quotation"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidRequest, match=complaint):
        functions(parse_entry(text))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("functions: [", "not YAML"),
        ("[]", "'functions' must hold an object"),
        ("functions: {f: 1}", "'f': only 'python', 'command' and 'timeout'"),
        ("functions: {f: {python: 'a:b', command: x}}", "'f': either 'python' or 'command'"),
        ("functions: {f: {command: x, timeout: 0}}", "'f': 'timeout' must be seconds"),
        ("functions: {f: {command: x, timeout: true}}", "'f': 'timeout' must be seconds"),
        ("functions: {f: {command: x, memory: 1}}", "'f': only"),
    ],
)
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "functions.yml"
    file.write_text(text)
    with pytest.raises(InvalidRequest, match=complaint):
        read_entries(file)
    with pytest.raises(InvalidRequest, match="absent"):
        read_entries(tmp_path / "absent.yml")
