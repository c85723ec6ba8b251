"""Ends of executions on their way to the store and to those who wait."""

from __future__ import annotations

import asyncio
import threading

import pytest

from workflow_manager.executor.endings import Endings
from workflow_manager.kernel.beside import Beside
from workflow_manager.kernel.errors import Unavailable

ARN = "arn:aws:states:us-east-1:123456789012:execution:m:w1"


def test_an_ending_from_before_there_was_anyone_to_note_it_is_noted() -> None:
    endings, noted = Endings(), []
    telling = threading.Thread(target=endings.ended, args=(ARN,))
    telling.start()
    endings.noted_by(noted.append)
    telling.join(120)
    assert noted == [ARN]


def test_an_ending_that_nobody_notes_any_more_is_not_taken_for_noted() -> None:
    endings = Endings()
    endings.close()
    with pytest.raises(Unavailable):
        endings.ended(ARN)


def test_an_ending_that_is_told_beside_a_loop_waits_for_nobody() -> None:
    endings = Endings()

    async def tell() -> None:
        await Beside().begin(lambda: endings.ended(ARN))

    with pytest.raises(Unavailable):
        asyncio.run(tell())


def test_who_waits_hears_of_it_after_it_was_noted() -> None:
    endings = Endings()
    with endings.watching("w1") as ended, endings.watching("w2") as other:
        endings.noted_by(lambda arn: assert_not_told(ended))
        endings.ended(ARN)
        assert ended.is_set()
        assert not other.is_set()


def assert_not_told(ended: threading.Event) -> None:
    assert not ended.is_set()
