from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Step, matches, steps


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


def test_a_command_goes_on_over_lines_that_may_be_empty(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Say:\n\n```console\n$ cat <<END\n> one\n>\n> two\n> END\none\n\ntwo\n$ true\n```\n")
    assert steps(page) == [Step("cat <<END\none\n\ntwo\nEND", "one\n\ntwo\n", 4), Step("true", "", 12)]
