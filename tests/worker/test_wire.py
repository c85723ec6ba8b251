"""The client without boto3: boto3's answers and errors, and connections that are kept."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.serving import serving
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.worker.client import Trouble, judge
from workflow_manager.worker.wire import WireClient

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Listening:
    """Answers each connection in turn by a script of answers; None closes it."""

    def __init__(self, *connections: list[bytes | None]) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        threading.Thread(target=self._serve, args=(connections,), daemon=True).start()

    @property
    def client(self) -> WireClient:
        return WireClient(f"http://127.0.0.1:{self.socket.getsockname()[1]}", timeout=120)

    def _serve(self, connections: tuple[list[bytes | None], ...]) -> None:
        for answers in connections:
            connection, _ = self.socket.accept()
            with connection:
                for answer in answers:
                    if answer is None:
                        break
                    self.requests.append(_request(connection))
                    connection.sendall(answer)


def _request(connection: socket.socket) -> bytes:
    """Head and body, which may come apart."""
    received = b""
    while not received.endswith(b"}"):
        received += connection.recv(65536)
    return received


def test_a_connection_is_kept() -> None:
    listening = Listening([OK, OK, OK])
    client = listening.client
    for _ in range(3):
        client.send_task_heartbeat(taskToken="t")
    assert len(listening.requests) == 3
    assert b"AWSStepFunctions.SendTaskHeartbeat" in listening.requests[0]


def test_one_that_was_closed_while_idle_is_replaced() -> None:
    listening = Listening([OK, None], [OK])
    client = listening.client
    client.send_task_heartbeat(taskToken="t")
    client.send_task_success(taskToken="t", output="{}")
    assert len(listening.requests) == 2


@pytest.mark.parametrize(
    ("answer", "code", "trouble"),
    [
        (b'400 Bad Request|{"__type":"TaskTimedOut","message":"m"}', "TaskTimedOut", Trouble.TASK_GONE),
        (b'400 Bad Request|{"__type":"com.x#InvalidToken"}', "InvalidToken", Trouble.TASK_GONE),
        (b'400 Bad Request|{"__type":"ThrottlingException"}', "ThrottlingException", Trouble.PASSING),
        (b'400 Bad Request|{"__type":"InvalidOutput"}', "InvalidOutput", Trouble.LASTING),
        (b'401 Unauthorized|{"message":"no key"}', "401", Trouble.LASTING),
        (b"502 Bad Gateway|<html>", "502", Trouble.PASSING),
        (b"200 OK|<html>", "200", Trouble.LASTING),
        (b"429 Too Many Requests|", "429", Trouble.PASSING),
    ],
)
def test_refusals_are_boto3s(answer: bytes, code: str, trouble: Trouble) -> None:
    status, _, body = answer.partition(b"|")
    listening = Listening([b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)])
    with pytest.raises(ClientError) as caught:
        listening.client.send_task_success(taskToken="t", output="{}")
    assert caught.value.response["Error"]["Code"] == code
    assert judge(caught.value) is trouble


@pytest.mark.parametrize(
    "answers", [[None], [b"nonsense\r\n"], [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]]
)
def test_no_answer_is_worth_another_try(answers: list[bytes | None]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        Listening(answers).client.send_task_success(taskToken="t", output="{}")
    assert judge(caught.value) is Trouble.PASSING


@pytest.mark.parametrize("address", ["ftp://x", "http://", "http://x:port"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidRequest, match="is not an address of a server"):
        WireClient(address, timeout=1)


def test_a_server_with_keys_wants_one(tmp_path: Path) -> None:
    with serving(tmp_path / "data", api_keys="the-key") as url:

        def create(key: str | None) -> object:
            return WireClient(url, timeout=120, api_key=key).create_activity(name="a", tags=[])

        assert create("the-key")
        for key in (None, "another"):
            with pytest.raises(ClientError):
                create(key)
