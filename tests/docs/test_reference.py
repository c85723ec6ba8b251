"""The pages that are generated are as their sources are now."""

from __future__ import annotations

import pytest

from docs.generate import PAGES, REFERENCE


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says_now(name: str) -> None:
    assert (REFERENCE / name).read_text() == PAGES[name](), "run `make docs`, and commit what it wrote"
