"""One attempt to deliver, over a real socket."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.ports import held_port
from tests.webhooks.receiver import receiving
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.sending import MAX_ANSWER, HttpSender, Outcome

HERE = AddressPolicy(loopback=True)


def send(url: str, *, policy: AddressPolicy = HERE, seconds: float = 60) -> Outcome:
    return asyncio.run(HttpSender(policy, seconds)(url, {"webhook-id": "m"}, b'{"a": 1}'))


@contextmanager
def answering(*chunks: bytes, hold: bool = False) -> Iterator[str]:
    """A server of one connection, which answers with these bytes and may then say nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                try:
                    for chunk in chunks:
                        connection.sendall(chunk)
                except OSError:
                    return
                if hold:
                    over.wait(120)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/in?x=1"
        finally:
            over.set()
            thread.join()


def test_a_message_is_posted_as_json_and_a_2xx_is_a_success() -> None:
    with receiving() as receiver:
        assert send(receiver.url) == Outcome(204)
    [received] = receiver.received
    assert (received.path, received.body) == ("/hook", b'{"a": 1}')
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "m"


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503])
def test_any_other_answer_is_a_failure(status: int) -> None:
    with receiving(lambda received: (status, {}, b"no")) as receiver:
        assert send(receiver.url) == Outcome(status, f"HTTP {status}")


def test_what_is_asked_for_is_told_of_the_last_answer_alone() -> None:
    with receiving(lambda received: (503, {"Retry-After": " 120 "}, b"")) as receiver:
        assert send(receiver.url) == Outcome(503, "HTTP 503", "120")
    early = b"HTTP/1.1 103 Early Hints\r\nretry-after: 5\r\n\r\n"
    with answering(early, b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n") as url:
        assert send(url) == Outcome(503, "HTTP 503")


def test_a_redirect_is_not_followed() -> None:
    with receiving() as elsewhere:
        with receiving(lambda received: (307, {"location": elsewhere.url}, b"")) as receiver:
            assert send(receiver.url) == Outcome(307, "HTTP 307: redirects are not followed")
        assert elsewhere.received == []


def test_an_address_that_is_not_allowed_hears_nothing() -> None:
    with receiving() as receiver:
        outcome = send(receiver.url, policy=AddressPolicy())
        assert outcome.status is None
        assert "this machine" in outcome.error
        assert receiver.received == []


def test_who_never_answers_is_given_up_in_time() -> None:
    with answering(hold=True) as url:
        assert send(url, seconds=0.2) == Outcome(None, "no answer within 0.2 seconds")


def test_who_answers_byte_by_byte_is_given_up_in_time_too() -> None:
    with answering(b"HTTP/1.1 200", hold=True) as url:
        begin = time.monotonic()
        assert send(url, seconds=0.2).error == "no answer within 0.2 seconds"
        assert time.monotonic() - begin < 60


def test_who_answers_and_does_not_end_has_answered() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"
    with answering(head, hold=True) as url:
        assert send(url, seconds=2) == Outcome(200)


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with answering(head, *[b"x" * 65536] * (20 * MAX_ANSWER // 65536)) as url:
        assert send(url) == Outcome(200)


@pytest.mark.parametrize(
    ("chunks", "error"),
    [
        ((b"nonsense\r\n\r\n",), "the answer is not HTTP"),
        ((b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000,), "closed without an answer"),
        ((), "closed without an answer"),
        ((b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",), "not HTTP"),
    ],
)
def test_what_is_no_answer_is_told(chunks: tuple[bytes, ...], error: str) -> None:
    with answering(*chunks) as url:
        assert error in send(url).error


def test_nobody_there_is_told() -> None:
    with held_port() as port:
        outcome = send(f"http://127.0.0.1:{port}/")
    assert outcome.status is None
    assert outcome.error.startswith("no connection: ")


def test_a_server_without_a_certificate_is_not_spoken_to() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        outcome = send(url.replace("http:", "https:"))
        assert outcome.status is None
        assert outcome.error.startswith("no connection: ")
