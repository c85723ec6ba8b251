from __future__ import annotations

import pytest

from tests.docs.pages import matches


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("one\n", "one\n", True),
        ("one\n", "two\n", False),
        ("id …\n", "id 4711\n", True),
        ("id …\n", "no 4711\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("a\n…\nd\n", "a\nb\nc\n", False),
        ("", "surprise\n", False),
    ],
)
def test_a_page_matches_only_what_it_shows(shown: str, printed: str, fits: bool) -> None:
    assert matches(shown, printed) is fits
