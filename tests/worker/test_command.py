"""What a command's end means for its task, with real child processes."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.worker.command import Command, CommandRun, Limits, prepare_work_directory
from workflow_manager.worker.process import ChildProcess, Tail
from workflow_manager.worker.tasks import Failed, Outcome, Succeeded, Task

INPUT = '{"_EXECUTION_NAME":"the-execution"}'


def check(
    script: str | list[str],
    *,
    text: str = INPUT,
    environment: dict[str, str] | None = None,
    work_directory: Path | None = None,
    during: Callable[[CommandRun], None] | None = None,
    grace: float = 20.0,
    undisturbed: bool = False,
    limits: Limits | None = None,
    stdout: io.BytesIO | None = None,
    stderr: io.BytesIO | None = None,
) -> Outcome:
    """Run a shell script (or a list of arguments) for a task; `during` runs beside it, once it has
    printed something."""
    said = stdout or _Heard()
    command = Command(
        arguments=["sh", "-c", script, "sh"] if isinstance(script, str) else script,
        stdout=said,
        stderr=stderr or io.BytesIO(),
        environment={**os.environ, **(environment or {})},
        work_directory=work_directory,
        stop_grace=timedelta(seconds=grace),
        cancel_grace=timedelta(seconds=grace),
        undisturbed=undisturbed,
        limits=limits or Limits(),
    )
    run = command(Task("token", text))
    if during is not None:
        assert isinstance(said, _Heard)
        threading.Thread(target=lambda: (said.something.wait(120), during(run))).start()
    return run.run()


class _Heard(io.BytesIO):
    def __init__(self) -> None:
        super().__init__()
        self.something = threading.Event()

    def write(self, data: object) -> int:
        self.something.set()
        return super().write(data)  # type: ignore[arg-type]


def output_of(outcome: Outcome) -> object:
    assert isinstance(outcome, Succeeded), outcome
    return json.loads(outcome.output)


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("true", {}),
        ("echo", {}),
        ("echo '{\"a\": 1}'", {"a": 1}),
        ("echo working; echo 'still working'; echo '{\"a\": 1}'; echo; echo", {"a": 1}),
        ("printf '{\"a\": 1}'", {"a": 1}),
        ('echo \'{"_EXECUTION_NAME": "another"}\'', {}),
        (
            'echo \'{"error": "name", "cause": "exit 0 is success"}\'',
            {"error": "name", "cause": "exit 0 is success"},
        ),
    ],
)
def test_the_last_line_is_the_output(script: str, output: dict[str, object]) -> None:
    assert output_of(check(script)) == {**output, "_EXECUTION_NAME": "the-execution"}


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("not json", Failed("sfncli.TaskInputNotJSON", "task input not valid JSON: 'not json'")),
        ("[1]", Failed("sfncli.TaskInputNotJSON", "task input not valid JSON: '[1]'")),
        ("null", Failed("sfncli.TaskInputNotJSON", "task input not valid JSON: 'null'")),
        (
            "{}",
            Failed(
                "sfncli.TaskInputMissingExecutionName", "task input missing _EXECUTION_NAME attribute: '{}'"
            ),
        ),
        (
            '{"_EXECUTION_NAME":1}',
            Failed(
                "sfncli.TaskInputMissingExecutionName",
                "task input missing _EXECUTION_NAME attribute: '{\"_EXECUTION_NAME\":1}'",
            ),
        ),
    ],
)
def test_an_input_that_is_no_object_with_an_execution_name_fails(text: str, failure: Failed) -> None:
    assert check("true", text=text) == failure


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("echo no; echo >&2 why", None),
        ("echo '[1]'", Failed("sfncli.TaskOutputNotJSON", "stdout not valid JSON: '[1]'")),
        ("echo 1; echo text", Failed("sfncli.TaskOutputNotJSON", "stdout not valid JSON: 'text'")),
        ("echo ' why '>&2; exit 10", Failed("sfncli.CommandExitedNonzero", "why")),
        ("kill -KILL $$", Failed("sfncli.CommandKilled", "")),
        ("echo why >&2; kill -TERM $$", Failed("sfncli.CommandTerminated", "why")),
        ("kill -USR1 $$", Failed("sfncli.Unknown", "signal: User defined signal 1")),
        ('echo \'{"error":"mine","cause":"because"}\'; exit 10', Failed("mine", "because")),
        ('echo \'{"error":"mine"}\'; exit 1', Failed("mine", "")),
        ('echo \'{"error":""}\'; exit 1', Failed("sfncli.CommandExitedNonzero", "")),
        ("echo '{\"error\":5}'; exit 1", Failed("sfncli.CommandExitedNonzero", "")),
        ("echo null; exit 1", Failed("sfncli.CommandExitedNonzero", "")),
        (["/no/such/program"], Failed("sfncli.CommandNotFound", "command not found: '/no/such/program'")),
        (["no-such-program"], Failed("sfncli.CommandNotFound", "command not found: 'no-such-program'")),
        (["/etc"], Failed("sfncli.CommandNotFound", "command not found: '/etc'")),
        (["./nul\0byte"], Failed("sfncli.Unknown", "embedded null byte")),
    ],
)
def test_each_end_has_its_error(script: str | list[str], failure: Failed | None) -> None:
    expected = failure or Failed("sfncli.TaskOutputNotJSON", "stdout not valid JSON: 'no'")
    assert check(script) == expected


def test_an_input_too_long_for_an_argument_fails_the_task_alone() -> None:
    outcome = check("true", text=json.dumps({"_EXECUTION_NAME": "e", "a": "x" * 200_000}))
    assert isinstance(outcome, Failed)
    assert outcome.error == "sfncli.Unknown"
    assert "Argument list too long" in outcome.cause


def test_the_command_gets_its_own_arguments_and_the_input_last() -> None:
    script = "import json, sys; print(json.dumps({'got': sys.argv[1:]}))"
    text = '{ "b" : {"z":1, "y":[2]}, "_EXECUTION_NAME":"e", "a": "ü" }'
    got = output_of(check([sys.executable, "-c", script, "--flag", "x"], text=text))
    assert got == {
        "got": ["--flag", "x", '{"_EXECUTION_NAME":"e","a":"ü","b":{"y":[2],"z":1}}'],
        "_EXECUTION_NAME": "e",
    }


def test_big_integers_pass_unchanged_both_ways() -> None:
    number = 123456789012345678901234567890
    outcome = check('echo "$1"', text=f'{{"_EXECUTION_NAME":"e","n":{number}}}')
    assert output_of(outcome) == {"_EXECUTION_NAME": "e", "n": number}
    assert isinstance(outcome, Succeeded)
    assert str(number) in outcome.output


def test_the_command_has_no_stdin_and_knows_its_execution() -> None:
    script = 'cat; echo "{\\"name\\": \\"$_EXECUTION_NAME\\", \\"own\\": \\"$OWN\\"}"'
    assert output_of(check(script, environment={"OWN": "kept"})) == {
        "name": "the-execution",
        "own": "kept",
        "_EXECUTION_NAME": "the-execution",
    }


def test_what_the_command_says_is_passed_on() -> None:
    out, err = io.BytesIO(), io.BytesIO()
    check("echo one; echo two >&2; echo '{}'", stdout=out, stderr=err)
    assert out.getvalue() == b"one\n{}\n"
    assert err.getvalue() == b"two\n"


def test_a_closed_output_of_the_worker_does_not_fail_the_task() -> None:
    out = io.BytesIO()
    out.close()
    assert isinstance(check("echo '{}'", stdout=out), Succeeded)


def test_a_last_line_of_256_kilobytes_is_an_output() -> None:
    script = "import json; print('x' * 300000); print(json.dumps({'a': 'x' * 262100}))"
    outcome = check([sys.executable, "-c", script])
    assert isinstance(outcome, Succeeded)


@pytest.mark.parametrize("length", [262144 - 40, 262144, 400_000])
def test_a_larger_output_says_that_it_is_too_large(length: int) -> None:
    outcome = check([sys.executable, "-c", f"import json; print(json.dumps({{'a': 'x' * {length}}}))"])
    assert isinstance(outcome, Failed)
    assert outcome.error == "States.DataLimitExceeded"
    assert "262144" in outcome.cause


def test_a_long_cause_keeps_its_last_part_and_fits() -> None:
    script = "import sys; sys.stderr.write('a' * 50000 + 'end'); sys.exit(1)"
    outcome = check([sys.executable, "-c", script])
    assert isinstance(outcome, Failed)
    assert len(outcome.cause) == 32768
    assert outcome.cause.endswith("end")


def test_a_long_error_of_the_command_is_cut_between_characters() -> None:
    script = (
        "import json, sys; print(json.dumps({'error': 'e' + 'ü' * 200, 'cause': 'ü' * 20000})); sys.exit(1)"
    )
    outcome = check([sys.executable, "-c", script])
    assert isinstance(outcome, Failed)
    assert outcome.error.endswith("ü[truncated]")
    assert len(outcome.error.encode()) == 256
    assert outcome.cause.endswith("ü[truncated]")
    assert len(outcome.cause.encode()) in (32767, 32768)


class TestWorkDirectory:
    def test_each_task_has_a_fresh_one_that_is_gone_afterwards(self, tmp_path: Path) -> None:
        base = prepare_work_directory(tmp_path / "made" / "here")
        script = 'touch "$WORK_DIR/a"; mkdir "$WORK_DIR/b"; echo "{\\"dir\\": \\"$WORK_DIR\\"}"'
        output = output_of(check(script, work_directory=base))
        assert isinstance(output, dict)
        assert Path(output["dir"]).parent == base
        assert list(base.iterdir()) == []
        assert base.stat().st_mode & 0o777 == 0o700

    def test_without_a_base_there_is_none(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "WORK_DIR"}
        assert "WORK_DIR" not in environment
        output = output_of(check('echo "{\\"dir\\": \\"$WORK_DIR\\"}"'))
        assert isinstance(output, dict)
        assert output["dir"] == ""

    def test_a_base_that_is_a_file_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.touch()
        with pytest.raises(InvalidRequest, match=r"work directory .*file cannot be used"):
            prepare_work_directory(file)


class TestSignals:
    @pytest.mark.parametrize(
        ("at_term", "outcome"),
        [
            ("echo why >&2; exit 1", Failed("sfncli.CommandTerminated", "why")),
            ('echo \'{"error":"mine","cause":"c"}\'; exit 1', Failed("mine", "c")),
            ("echo '{\"done\":1}'; exit 0", Succeeded('{"done":1,"_EXECUTION_NAME":"the-execution"}')),
        ],
    )
    def test_a_stopping_worker_lets_the_command_decide(self, at_term: str, outcome: Outcome) -> None:
        script = f"trap '{_quoted(at_term)}' TERM; sleep 200 & sleep 0.05; echo ready; wait"
        assert check(script, during=lambda run: run.stop(signal.SIGTERM)) == outcome

    def test_a_command_that_ignores_the_signal_is_killed_after_its_grace(self) -> None:
        script = "trap '' TERM; echo ready; while :; do sleep 0.02; done"
        outcome = check(script, during=lambda run: run.stop(signal.SIGTERM), grace=0.2)
        assert outcome == Failed("sfncli.CommandTerminated", "")

    def test_death_by_an_interrupt_of_the_worker_counts_as_terminated(self) -> None:
        outcome = check("echo ready; exec sleep 200", during=lambda run: run.stop(signal.SIGINT))
        assert outcome == Failed("sfncli.CommandTerminated", "")

    def test_a_cancelled_command_is_asked_and_then_killed(self) -> None:
        script = "trap 'echo asked >&2' TERM; echo ready; while :; do sleep 0.02; done"
        outcome = check(script, during=lambda run: run.cancel(), grace=2.0)
        assert isinstance(outcome, Failed)
        assert outcome.error == "sfncli.CommandKilled"
        assert outcome.cause.endswith("asked")

    def test_other_signals_reach_the_command(self) -> None:
        script = 'trap \'echo "{\\"got\\":\\"HUP\\"}"; exit 0\' HUP; echo ready; while :; do sleep 0.02; done'
        outcome = check(script, during=lambda run: run.forward(signal.SIGHUP))
        assert output_of(outcome) == {"got": "HUP", "_EXECUTION_NAME": "the-execution"}

    def test_what_comes_before_the_start_is_not_forgotten(self) -> None:
        for end in (CommandRun.cancel, lambda run: run.stop(signal.SIGTERM), CommandRun.kill):
            arguments = ["sh", "-c", "exec sleep 200"]
            run = Command(arguments=arguments, stdout=io.BytesIO(), stderr=io.BytesIO())(Task("token", INPUT))
            end(run)
            outcome = run.run()
            assert isinstance(outcome, Failed)
            assert outcome.error == "sfncli.CommandTerminated"

    def test_the_signal_reaches_grandchildren(self) -> None:
        script = "(trap 'echo grandchild >&2; exit 0' TERM; sleep 200 & sleep 0.05; echo ready; wait) & wait"
        outcome = check(script, during=lambda run: run.stop(signal.SIGTERM))
        assert outcome == Failed("sfncli.CommandTerminated", "grandchild")

    def test_a_grandchild_that_holds_the_pipes_delays_no_longer_than_the_grace(self) -> None:
        script = "(trap '' TERM; echo ready; sleep 200 & wait; sleep 200) & sleep 200"
        outcome = check(script, during=lambda run: run.stop(signal.SIGTERM), grace=0.3)
        assert isinstance(outcome, Failed)

    def test_even_one_that_left_the_group_delays_no_longer(self) -> None:
        leave = "subprocess.Popen(['sleep', '200'], start_new_session=True).pid"
        script = f"import subprocess; print('{{\"left\":%d}}' % {leave})"
        outcome = check([sys.executable, "-c", script], grace=0.2)
        assert isinstance(outcome, Succeeded)
        os.kill(json.loads(outcome.output)["left"], signal.SIGKILL)

    def test_output_that_comes_after_the_command_ended_still_counts(self) -> None:
        assert output_of(check("(sleep 0.2; echo '{\"late\":1}') & exit 0")) == {
            "late": 1,
            "_EXECUTION_NAME": "the-execution",
        }

    def test_one_that_is_left_alone_does_not_hear_of_the_end(self) -> None:
        script = "trap 'exit 3' TERM; echo ready; sleep 0.2; echo '{}'"
        outcome = check(script, during=lambda run: run.stop(signal.SIGTERM), undisturbed=True)
        assert isinstance(outcome, Succeeded)

    def test_but_only_for_the_length_of_its_grace(self) -> None:
        script = "trap 'echo told >&2; exit 3' TERM; echo ready; while :; do sleep 0.02; done"
        outcome = check(script, during=lambda run: run.stop(signal.SIGTERM), undisturbed=True, grace=1.0)
        assert isinstance(outcome, Failed)
        assert (outcome.error, "told" in outcome.cause) == ("sfncli.CommandTerminated", True)


def test_whoever_tells_late_of_the_end_writes_into_no_closed_pipe() -> None:
    streams = {name: (Tail(100), io.BytesIO()) for name in ("stdout", "stderr")}
    child = ChildProcess(["true"], {}, linger=timedelta(seconds=20), **streams)
    assert child.wait() == 0
    child._reap()


class TestLimits:
    def test_a_command_that_takes_too_long_has_timed_out(self) -> None:
        outcome = check("exec sleep 200", limits=Limits(time=timedelta(seconds=0.1)))
        assert outcome == Failed(
            "States.Timeout", "the command took longer than its worker allows: 0.1 seconds"
        )

    def test_a_command_within_its_time_has_not(self) -> None:
        assert isinstance(check("echo '{}'", limits=Limits(time=timedelta(hours=1))), Succeeded)

    @pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
    @pytest.mark.parametrize(
        ("limits", "program"),
        [
            (Limits(memory_megabytes=256), "bytearray(1 << 30)"),
            (Limits(open_files=16), "[open('/dev/null') for _ in range(20)]"),
        ],
    )
    def test_a_command_that_wants_too_much_does_not_get_it(self, limits: Limits, program: str) -> None:
        # The limits are set just after the start, so the program waits for them.
        ((number, most),) = limits.by_number().items()
        wait = f"while resource.getrlimit({number})[0] != {most}: time.sleep(0.01)"
        text = f"import resource, time\n{wait}\n{program}\nprint('{{}}')"
        outcome = check([sys.executable, "-c", text], limits=limits)
        assert isinstance(outcome, Failed)
        assert outcome.error == "sfncli.CommandExitedNonzero"
        assert "Error" in outcome.cause


def _quoted(script: str) -> str:
    return script.replace("'", "'\\''")
