"""A served `wfm` whose disk fails: it says so, loses nothing it acknowledged, and goes on when it can."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.crashes.wire import Answer, Wire
from tests.processes import ROOT, WFM, Served, served

resource = pytest.importorskip("resource")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits the files of another process"),
]

ROLE = "arn:aws:iam::123456789012:role/r"
WAIT = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data", log=tmp_path / "server.log") as server:
        yield server


def limit_files(server: Served, size: int) -> None:
    """No file of the server may grow beyond `size` bytes, as on a disk that is full."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def prepare(wire: Wire) -> str:
    made = wire.call("CreateStateMachine", name="m", definition=WAIT, roleArn=ROLE)
    definition = {"name": "d", "manager": "step-functions", "stateMachine": json.loads(WAIT)}
    assert wire.rest("POST", "/workflow-definitions", definition).ok
    return str(made.body["stateMachineArn"])


def submit(wire: Wire) -> Answer:
    body = {"workflowDefinition": {"name": "d", "version": 0}, "namespace": "n", "queue": "q", "input": "{}"}
    return wire.rest("POST", "/workflows", body)


def status_once_ended(wire: Wire, operation: Any) -> str:
    until = time.monotonic() + 120
    while (status := operation().body["status"]) in ("RUNNING", "running", "queued"):
        assert time.monotonic() < until
        time.sleep(0.1)
    return str(status)


def test_a_full_disk_is_an_error_of_the_callers_and_no_loss(server: Served, tmp_path: Path) -> None:
    wire = Wire(server.port)
    machine = prepare(wire)
    started = [wire.call("StartExecution", stateMachineArn=machine, input="{}") for _ in range(20)]
    submitted = [submit(wire) for _ in range(10)]
    limit_files(server, 4096)
    refused = [
        wire.call("StartExecution", stateMachineArn=machine, name=f"n{n}", input="{}") for n in range(20)
    ]
    assert {each.status for each in refused} == {503}
    assert {each.error for each in refused} == {"ServiceUnavailable"}
    unsubmitted = [submit(wire) for _ in range(5)]
    assert {each.status for each in unsubmitted} == {503}
    assert "retry-after" in {name.lower() for name in unsubmitted[0].headers}
    assert wire.rest("GET", "/_health").ok
    assert wire.rest("GET", "/_ready").status == 503
    time.sleep(1.5)  # the timers of the first ones come due, and cannot be written down
    limit_files(server, resource.RLIM_INFINITY)
    for each in started:
        arn = each.body["executionArn"]
        assert (
            status_once_ended(wire, lambda arn=arn: wire.call("DescribeExecution", executionArn=arn))
            == "SUCCEEDED"
        )
    for each in submitted:
        path = f"/workflows/{each.body['id']}"
        assert status_once_ended(wire, lambda path=path: wire.rest("GET", path)) == "succeeded"
    for number in range(20):
        again = wire.call("StartExecution", stateMachineArn=machine, name=f"n{number}", input="{}")
        assert again.ok, "what was refused has not happened"
    assert wire.rest("GET", "/_ready").ok
    assert "Traceback" not in (tmp_path / "server.log").read_text()


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own, which can be full and can be made read-only."""
    at.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at)], capture_output=True
    )
    if made.returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**16, 2**12):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


def test_a_disk_without_room_is_an_error_of_the_callers_and_no_loss(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk, served(disk / "data", log=tmp_path / "log") as server:
        wire = Wire(server.port)
        machine = prepare(wire)
        kept = [wire.call("StartExecution", stateMachineArn=machine, input="{}") for _ in range(10)]
        ballast = fill(disk)
        text = json.dumps({"padding": "x" * 20_000})
        answers = [
            wire.call("StartExecution", stateMachineArn=machine, name=f"n{n}", input=text) for n in range(300)
        ]
        assert {each.status for each in answers} <= {200, 503}
        assert answers[-1].status == 503, "a log that was preallocated may take some, not all"
        assert wire.rest("GET", "/_health").ok
        server.kill()
        ballast.unlink()
        server.start()
        wire = Wire(server.port)
        for each in [*kept, *answers]:
            if each.ok:
                arn = each.body["executionArn"]
                described = status_once_ended(
                    wire, lambda arn=arn: wire.call("DescribeExecution", executionArn=arn)
                )
                assert described == "SUCCEEDED"
        refused = [number for number, each in enumerate(answers) if not each.ok]
        again = wire.call("StartExecution", stateMachineArn=machine, name=f"n{refused[0]}", input="{}")
        assert again.ok, "what was refused has not happened"
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_files_that_become_immutable_are_an_error_of_the_callers_and_no_loss(tmp_path: Path) -> None:
    with served(tmp_path / "data", log=tmp_path / "log") as server:
        wire = Wire(server.port)
        machine = prepare(wire)
        started = wire.call("StartExecution", stateMachineArn=machine, input="{}")
        # Not what SQLite has mapped into memory: a fault there is no error, but the end of the process.
        files = [str(path) for path in (tmp_path / "data").glob("*.db*") if not path.match("*-shm")]
        if subprocess.run(["chattr", "+i", *files], capture_output=True).returncode:
            pytest.skip("only root can make a file immutable, and not on every file system")
        try:
            refused = wire.call("StartExecution", stateMachineArn=machine, name="n", input="{}")
            assert (refused.status, refused.error) == (503, "ServiceUnavailable")
            assert submit(wire).status == 503
            assert wire.call("DescribeExecution", executionArn=started.body["executionArn"]).ok
            assert wire.rest("GET", "/_ready").status == 503
        finally:
            subprocess.run(["chattr", "-i", *files], check=True)
        arn = started.body["executionArn"]
        assert (
            status_once_ended(wire, lambda: wire.call("DescribeExecution", executionArn=arn)) == "SUCCEEDED"
        )
        assert wire.call("StartExecution", stateMachineArn=machine, name="n", input="{}").ok
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("name", ["engine.db", "records.db", "engine.db-wal"])
def test_nothing_is_accepted_while_a_file_is_missing(tmp_path: Path, name: str) -> None:
    with served(tmp_path / "data", log=tmp_path / "log") as server:
        wire = Wire(server.port)
        prepare(wire)
        assert submit(wire).ok
        file, away = tmp_path / "data" / name, tmp_path / "away"
        file.rename(away)
        until = time.monotonic() + 120
        while (refused := submit(wire)).ok:  # it looks once a second
            assert time.monotonic() < until
        assert wire.rest("GET", "/_ready").status == 503
        assert refused.status == 503
        assert f"{name} was deleted, moved or replaced" in refused.body["message"]
        away.rename(file)
        while not (accepted := submit(wire)).ok:
            assert time.monotonic() < until
        server.kill()
        server.start()
        path = f"/workflows/{accepted.body['id']}"
        wire = Wire(server.port)
        assert status_once_ended(wire, lambda: wire.rest("GET", path)) == "succeeded"


def test_a_server_on_a_read_only_disk_does_not_start_and_says_why(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        with served(disk / "data", log=tmp_path / "log") as server:
            prepare(Wire(server.port))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for data in (disk / "data", disk / "new"):
            command = [*WFM, "serve", "--port", "0", "--data", str(data)]
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
            assert ended.returncode != 0
            assert "Traceback" not in ended.stderr
            assert str(data) in ended.stderr
            assert "read-only" in ended.stderr.lower()
        doctor = subprocess.run(
            [*WFM, "doctor", "--data", str(disk / "data")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert doctor.returncode == 1
        assert "mount it for writing" in doctor.stdout
        assert "restore" not in doctor.stdout, "nothing is wrong with the data"


def test_a_backup_and_a_restore_that_do_not_fit_say_so_and_leave_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "data", log=tmp_path / "log") as server:
        wire = Wire(server.port)
        machine = prepare(wire)
        for _ in range(20):
            text = json.dumps(os.urandom(60_000).hex())  # nothing that could be packed
            assert wire.call("StartExecution", stateMachineArn=machine, input=text).ok

    def wfm(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*WFM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=180)

    backup = str(tmp_path / "backup.tar")
    assert wfm("backup", backup, "--data", str(tmp_path / "data")).returncode == 0
    with small_disk(tmp_path / "disk", 1) as disk:
        for refused in (
            wfm("backup", str(disk / "b.tar"), "--data", str(tmp_path / "data")),
            wfm("restore", backup, "--data", str(disk / "data")),
        ):
            assert refused.returncode == 5
            assert "No space left on device" in refused.stderr or "make room" in refused.stderr
            assert "Traceback" not in refused.stderr
            assert list(disk.iterdir()) == []


def test_another_process_that_holds_the_file_only_makes_it_slow(server: Served, tmp_path: Path) -> None:
    wire = Wire(server.port)
    machine = prepare(wire)
    other = sqlite3.connect(tmp_path / "data" / "engine.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    answers: list[Answer] = []
    thread = threading.Thread(
        target=lambda: answers.append(wire.call("StartExecution", stateMachineArn=machine, input="{}"))
    )
    thread.start()
    assert Wire(server.port).rest("GET", "/_health").ok, "the loop does not wait for the disk"
    time.sleep(1.0)
    other.execute("ROLLBACK")
    thread.join()
    other.close()
    assert answers[0].ok
    assert time.monotonic() - started < 60
