"""Texts of others in a terminal: they stand there, and do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Wfm
from workflow_manager.cli.drawing.model import chart_of
from workflow_manager.cli.drawing.text import draw
from workflow_manager.cli.letters import cells, cut, pad, plain, plain_lines
from workflow_manager.cli.output import fitting


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "hello"),
        ("日本語 é 👩", "日本語 é 👩"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\x9b2J\x7f\x00", r"\x9b2J\x7f\x00"),
        ("abc\u202edcba\u2028", r"abc\u202edcba\u2028"),
    ],
)
def test_what_would_move_the_cursor_is_shown_by_its_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_lines_stay_lines() -> None:
    assert plain_lines("a\tb\r\n\x1b[1mc\x1b[0m\n\rd") == ["a b", "c", r"\rd"]


def test_signs_of_east_asia_take_two_columns() -> None:
    assert [cells("ab"), cells("日本"), cells("e\u0301")] == [2, 4, 1]
    assert pad("日本", 6) == "日本  "
    assert [cut("日本語", 6), cut("日本語", 5), cut("日本語", 4), cut("abc", 2)] == [
        "日本語",
        "日本…",
        "日…",
        "a…",
    ]


TABLE = [("ID", "NAMESPACE", "STATUS", "TOOK"), ("0123456789", "dev", "failed", "1.1 s")]


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (None, ("ID", "NAMESPACE", "STATUS", "TOOK")),
        (36, ("ID", "NAMESPACE", "STATUS", "TOOK")),
        (35, ("ID", "STATUS", "TOOK")),
        (24, ("ID", "STATUS")),
        (3, ("ID", "STATUS")),
    ],
)
def test_spare_columns_leave_a_narrow_terminal_in_their_order(
    width: int | None, headings: tuple[str, ...]
) -> None:
    table = fitting(TABLE, ("NAMESPACE", "TOOK"), width)
    assert tuple(table[0]) == headings
    assert {len(row) for row in table} == {len(headings)}


def test_boxes_are_as_wide_as_what_is_in_them() -> None:
    states = {"日本語": {"Type": "Pass", "Next": "E"}, "E": {"Type": "Fail", "Error": "\x1b[2J", "Cause": ""}}
    lines = draw(chart_of({"StartAt": "日本語", "States": states})).splitlines()
    assert {cells(line.rstrip()) for line in lines[:4]} == {cells(lines[0])}
    assert "日本語" in lines[1]
    assert r"Fail \x1b[2J" in "\n".join(lines)


def test_a_name_of_control_characters_cannot_write_to_the_terminal(wfm: Wfm, tmp_path: Path) -> None:
    file = tmp_path / "evil.json"
    machine = (
        '{"StartAt": "s", "States": {"s": {"Type": "Fail", "Error": "E", "Cause": "\\u001b[2Jgone\\u0007"}}}'
    )
    file.write_text(f'{{"name": "evil\\u001b[2J\\nline", "stateMachine": {machine}}}')
    shown = [
        wfm("definitions", "apply", str(file)),
        wfm("definitions", "list"),
        wfm("submit", "evil\x1b[2J\nline", "--follow"),
        wfm("workflows"),
        wfm("logs", wfm("workflows", "-o", "name").lines[0]),
        wfm("definitions", "show", "no\x1b[2J"),
    ]
    assert shown[0].lines == [r"evil\x1b[2J\nline  created"]
    assert r"  \x1b[2Jgone\x07" in shown[2].lines
    assert not any("\x1b" in printed.out + printed.err for printed in shown)
