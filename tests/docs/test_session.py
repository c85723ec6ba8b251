"""The recorded session is what the commands show now."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import pytest

from tests.docs.session import PAGE, normal, play, shop, without_widths


@pytest.mark.slow
def test_the_session_can_be_played_again(tmp_path: Path) -> None:
    with shop(tmp_path) as session:
        play(session)
    shown, recorded = without_widths(session.written()), without_widths(PAGE.read_text())
    differing = [pair for pair in zip_longest(shown, recorded, fillvalue="") if not is_alike(*pair)]
    assert differing == [], "if it is right so: python -m tests.docs.session"


def is_alike(shown: str, recorded: str) -> bool:
    """How much of a text there is room for depends on the width of durations beside it."""
    if not (shown.endswith("…") or recorded.endswith("…")):
        return shown == recorded
    cut, whole = sorted((shown.rstrip("…"), recorded.rstrip("…")), key=len)
    return whole.startswith(cut)


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ("started 2026-11-21 17:47:23", "started 2026-01-31 12:00:00"),
        ("17:47:23.123  +0.812", "12:00:00.000  +0.100"),
        ("took 12 s, 1 min 5 s", "took 0.1 s, 0.1 s"),
        ("shop-1  4  3.2 s ago", "shop-1  4       now"),
        ("6 done, 3/6, version 2", "6 done, 3/6, version 2"),
    ],
)
def test_only_times_and_ids_are_made_the_same(shown: str, told: str) -> None:
    assert without_widths(normal(shown, {})) == without_widths(told)


def test_an_id_is_the_same_one_wherever_it_stands() -> None:
    first, second = "8f14e45f-ceea-467f-a9d5-000000000000", "8f14e45f-ceea-467f-a9d5-111111111111"
    words = normal(f"{first} {second} {first}", {}).split()
    assert words[0] == words[2] != words[1]
