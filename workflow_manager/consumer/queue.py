"""Takes status changes from an SQS queue, for as long as it is let."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from workflow_manager.consumer.consumer import Consumer

# SQS hands out and takes back at most this many at a time.
BATCH: Final = 10

# Between polls that failed; doubled up to the longest.
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0

_log = structlog.get_logger("consumer")


class Sqs(Protocol):
    """A boto3 client of SQS."""

    def receive_message(self, **request: Any) -> Mapping[str, Any]: ...
    def delete_message_batch(self, **request: Any) -> Mapping[str, Any]: ...


class QueueLoop:
    """A message is deleted once it was taken; one that has to come again is left to its time-out."""

    def __init__(self, sqs: Sqs, queue_url: str, consumer: Consumer, *, poll_seconds: int) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._consumer = consumer
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let `run` return, at the latest when the poll that is under way ends."""
        self._stopping.set()

    def run(self) -> None:
        pause = _FIRST_PAUSE
        with ThreadPoolExecutor(BATCH, thread_name_prefix="consume") as threads:
            while not self._stopping.is_set():
                try:
                    self.take_some(threads)
                    pause = _FIRST_PAUSE
                except (BotoCoreError, ClientError) as error:
                    _log.error("queue-unavailable", error=str(error), next_in_seconds=pause)
                    self._stopping.wait(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)

    def take_some(self, threads: ThreadPoolExecutor) -> int:
        """One poll; how many messages were done with."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=self._poll_seconds
        )
        messages: Sequence[Mapping[str, Any]] = answer.get("Messages") or []
        taken = threads.map(self._consumer.take_message, [message["Body"] for message in messages])
        done = [message for message, is_done in zip(messages, taken, strict=True) if is_done]
        if done:
            self._delete(done)
        return len(done)

    def _delete(self, messages: Sequence[Mapping[str, Any]]) -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        answer = self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
        for failure in answer.get("Failed") or []:
            # It comes again, and changes nothing then.
            _log.warning("message-not-deleted", error=failure.get("Message"))
