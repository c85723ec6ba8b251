"""A worker's file: what it says, and how what is wrong with it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.worker.command import Limits
from workflow_manager.worker.config import ActivityConfig, WorkerConfig, read_config

YAML = """\
name: $HOST-worker
namespace: dev
metricsPort: 9464
graceSeconds: 60
drain: true
concurrency: 2
environment: {LEVEL: info, HOME: $HOME/x}
limits: {seconds: 300}
activities:
  greet:
    command: ./greet --loud 'two words' $HOME
    concurrency: 4
    environment: {LEVEL: debug}
    limits: {memoryMegabytes: 512, openFiles: 64}
  add:
    function: sums:add
    limits: {}
"""

TOML = """\
name = "w"
[activities.greet]
command = ["./greet", "--loud"]
heartbeatSeconds = 5
"""


def test_a_file_says_everything_that_flags_can() -> None:
    text = YAML.replace("limits: {}\n", "").replace("limits: {seconds: 300}\n", "")
    config = read_config("worker.yml", text, {"HOST": "h", "HOME": "/home/a"})
    greet = ActivityConfig(
        name="greet",
        command=("./greet", "--loud", "two words", "$HOME"),
        concurrency=4,
        environment={"LEVEL": "debug", "HOME": "/home/a/x"},
        limits=Limits(memory_megabytes=512, open_files=64),
    )
    add = ActivityConfig(
        name="add", function="sums:add", concurrency=2, environment={"LEVEL": "info", "HOME": "/home/a/x"}
    )
    assert config == WorkerConfig(
        activities=(greet, add),
        name="h-worker",
        namespace="dev",
        metrics_port=9464,
        grace=timedelta(seconds=60),
        drain=True,
    )


def test_limits_of_all_are_limits_of_each() -> None:
    text = "limits: {seconds: 300, cpuSeconds: 9}\nactivities: {a: {command: a, limits: {cpuSeconds: 5}}}"
    (found,) = read_config("w.yml", text, {}).activities
    assert found.limits == Limits(time=timedelta(seconds=300), cpu_seconds=5)


def test_a_file_may_be_toml() -> None:
    (greet,) = read_config("worker.toml", TOML, {}).activities
    assert (greet.command, greet.heartbeat) == (("./greet", "--loud"), timedelta(seconds=5))


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["w.yml: must be keys with their values"]),
        ("[1]", ["w.yml: must be keys with their values"]),
        ("name: w", ["w.yml: `activities` is missing: the names to serve, each with its command"]),
        ("activities: {}", ["w.yml:1: activities: must be keys with their values, not {}"]),
        (
            "activities:\n  a:\n    comand: x",
            [
                "w.yml:3: activities.a.comand: there is no such key here; did you mean `command`?",
            ],
        ),
        ("activities:\n  a: {}", ["w.yml:2: activities.a: needs `command` or `function`, and not both"]),
        (
            "activities:\n  a: {command: x, function: m:f}",
            ["w.yml:2: activities.a: needs `command` or `function`, and not both"],
        ),
        (
            "activities:\n  a: {function: m:f, limits: {seconds: 1}}",
            ["w.yml:2: activities.a: `limits` are for commands: a function runs inside the worker"],
        ),
        (
            "namespace: 5\ndrain: maybe\nactivities:\n  a:\n    command: it's",
            [
                "w.yml:1: namespace: must be a text that is not empty, not 5",
                "w.yml:2: drain: must be true or false, not 'maybe'",
                "w.yml:5: activities.a.command: must be a text as in a shell, or a list of words, not …",
            ],
        ),
        (
            "activities: {a: {command: x, concurrency: 0, environment: {A: 1}, limits: {memory: 5}}}",
            [
                "w.yml:1: activities.a.concurrency: must be a whole number from 1 to 1000, not 0",
                "w.yml:1: activities.a.environment: the value of A must be a text, in quotes where it …",
                "w.yml:1: activities.a.limits.memory: there is no such key here; did you mean `memory…",
            ],
        ),
        (
            "activities: {a: {command: x, concurrency: true}}",
            ["w.yml:1: activities.a.concurrency: must be …"],
        ),
        ("activities: {1: {command: x}}", ["w.yml:1: activities.1: an activity's name must be a text"]),
        ("name: [", ["w.yml: while parsing a flow node …"]),
    ],
)
def test_every_key_is_checked_and_told_with_its_place(text: str, problems: list[str]) -> None:
    with pytest.raises(InvalidRequest) as raised:
        read_config("w.yml", text, {})
    lines = str(raised.value).splitlines()
    assert len(lines) == len(problems), lines
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith(problem.removesuffix("…")), line


def test_toml_that_is_none_is_told() -> None:
    with pytest.raises(InvalidRequest, match=r"w\.toml: Expected"):
        read_config("w.toml", "a", {})
