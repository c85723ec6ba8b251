from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_manager.webhooks.asked_pauses import LONGEST, asked_pause

NOW = datetime(1994, 11, 6, 8, 47, 37, tzinfo=UTC)
TWO = timedelta(minutes=2)
NONE = timedelta()


@pytest.mark.parametrize(
    ("status", "retry_after", "pause"),
    [
        (503, "120", TWO),
        (429, "120", TWO),
        (500, "120", NONE),
        (301, "120", NONE),
        (None, "", NONE),
        (429, "0", NONE),
        (429, "999999999", LONGEST),
        (429, "9" * 40, NONE),
        (429, "-1", NONE),
        (429, "1.5", NONE),
        (429, "soon", NONE),
        # The three forms of a date (RFC 9110, 5.6.7).
        (429, "Sun, 06 Nov 1994 08:49:37 GMT", TWO),
        (429, "Sunday, 06-Nov-94 08:49:37 GMT", TWO),
        (429, "Sun Nov  6 08:49:37 1994", TWO),
        (429, "Sun, 06 Nov 1994 08:00:00 GMT", NONE),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        (429, "Fri, 31 Dec 9999 23:59:59 -2300", LONGEST),
    ],
)
def test_a_pause_is_what_is_asked_for_within_bounds(
    status: int | None, retry_after: str, pause: timedelta
) -> None:
    assert asked_pause(status, retry_after, NOW) == pause


@given(st.text(st.characters(max_codepoint=255), max_size=100))
def test_whatever_the_header_says_there_is_a_pause(retry_after: str) -> None:
    assert NONE <= asked_pause(503, retry_after, NOW) <= LONGEST
