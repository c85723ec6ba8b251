"""Task tokens find their task, and nobody can make one up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.engine.driver import identity
from workflow_manager.engine.tokens import is_genuine, make_token, parse_token
from workflow_manager.kernel.clock import ManualClock

IDENTITY = identity("{}", ManualClock().now())


def test_a_token_says_whose_task_it_is() -> None:
    claim = parse_token(make_token(IDENTITY, "0.3.1", 17))
    assert claim is not None
    assert (claim.execution_arn, claim.frame, claim.visit) == (IDENTITY.arn, "0.3.1", 17)
    assert is_genuine(claim, IDENTITY)


@pytest.mark.parametrize("change", [{"secret": "another"}, {"arn": "arn:other"}])
def test_a_token_of_another_execution_is_not_genuine(change: dict[str, str]) -> None:
    claim = parse_token(make_token(structs.replace(IDENTITY, **change), "0", 1))
    assert claim is not None
    assert not is_genuine(claim, IDENTITY)


def test_what_a_token_claims_cannot_be_altered() -> None:
    claim = parse_token(make_token(IDENTITY, "0", 1))
    assert claim is not None
    assert not is_genuine(claim._replace(visit=2), IDENTITY)
    assert not is_genuine(claim._replace(frame="0.0"), IDENTITY)


def test_a_token_is_made_the_same_again() -> None:
    assert make_token(IDENTITY, "0", 1) == make_token(IDENTITY, "0", 1)


@given(st.text())
def test_no_text_is_too_strange_to_be_refused(text: str) -> None:
    claim = parse_token(text)
    assert claim is None or not is_genuine(claim, IDENTITY)
