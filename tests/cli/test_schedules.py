"""`wfm schedules` against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Wfm


@pytest.fixture
def definition(wfm: Wfm, name: str, text: str, tmp_path: Path) -> str:
    file = tmp_path / "definition.yml"
    file.write_text(text)
    assert wfm("definitions", "apply", str(file)).code == 0
    return name


def test_a_schedule_is_made_shown_and_listed(wfm: Wfm, definition: str) -> None:
    name = f"s-{definition}"
    made = wfm(
        *("schedules", "create", name, f"{definition}@0", "--cron", "30 2 * * mon-fri"),
        *("--time-zone", "Europe/Berlin", "--jitter", "5m", "--overlap", "queue", "--tag", "by=clock"),
        *("--input", '{"do": "end"}', "-n", "dev"),
    )
    assert made.code == 0, made.err
    assert made.out.startswith(f"{name}  created  version 1, next 20")
    shown = wfm("schedules", "show", name, "--json").json
    assert (shown["cron"], shown["jitterSeconds"], shown["overlap"]) == ("30 2 * * mon-fri", 300, "queue")
    assert shown["workflowDefinition"] == {"name": definition, "version": 0}
    assert (shown["namespace"], shown["tags"]) == ("dev", {"by": "clock"})
    listed = next(line for line in wfm("schedules", "list").lines if line.startswith(name))
    assert "30 2 * * mon-fri Europe/Berlin" in listed
    assert f"{definition}@0" in listed
    assert len(wfm("schedules", "next", name, "--limit", "3").lines) == 3


def test_what_is_shown_can_be_applied_again(wfm: Wfm, definition: str, tmp_path: Path) -> None:
    name = f"s-{definition}"
    wfm("schedules", "create", name, definition, "--every", "15m", "--description", "looks in")
    shown = wfm("schedules", "show", name)
    file = tmp_path / "schedules.yml"
    file.write_text("\n".join(line for line in shown.lines if not line.startswith("next:")))
    assert wfm("schedules", "apply", str(file)).out.startswith(f"{name}  unchanged  version 1")
    file.write_text(file.read_text().replace("900", "1800"))
    assert wfm("schedules", "apply", str(file)).out.startswith(f"{name}  updated  version 2")
    wfm("schedules", "delete", name)
    assert wfm("schedules", "apply", str(file)).out.startswith(f"{name}  created  version 1")


def test_a_backfill_that_cannot_be_is_told_by_its_options(wfm: Wfm, definition: str) -> None:
    name = f"never-{definition}"
    wfm("schedules", "create", name, definition, "--every", "1h", "--paused")
    for from_, to, message in (
        ("2026-01-02", "2026-01-01", "--to should not be before --from"),
        ("2026-01-01", "9000-01-01", "--to should not be in the future"),
    ):
        printed = wfm("schedules", "backfill", name, "--from", from_, "--to", to)
        assert (printed.code, f"Error: {message}" in printed.err) == (2, True)
    wfm("schedules", "delete", name)


def test_a_schedule_is_paused_resumed_backfilled_and_deleted(wfm: Wfm, definition: str) -> None:
    name = f"s-{definition}"
    wfm("schedules", "create", name, definition, "--cron", "@daily", "--paused")
    assert wfm("schedules", "resume", name).out.startswith(f"{name}  resumed")
    assert wfm("schedules", "pause", name, "--reason", "holidays").out.rstrip().endswith("paused")
    assert "# pauseReason: holidays" in wfm("schedules", "show", name).lines
    filled = wfm(
        "schedules", "backfill", name, "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-03T00:00:00Z"
    )
    assert filled.out == f"{name}  3 times to start\n"
    assert wfm("schedules", "delete", name).out == f"{name}  deleted\n"
    missing = wfm("schedules", "show", name)
    assert (missing.code, missing.err) == (2, f"Error: there is no schedule {name}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x", "DEF"], "give one of --cron and --every"),
        (["x", "DEF", "--every", "soon"], "'soon' is not a span such as"),
        (["x", "DEF", "--cron", "61 * * * *"], "cron: bad minute"),
        (["x", "DEF", "--cron", "@daily", "--time-zone", "Mars"], "there is no time zone 'Mars'"),
        (["x", "DEF", "--cron", "@daily", "--start", "noon"], "is not a time such as"),
        (["x", "nothing", "--cron", "@daily"], "there is no definition nothing"),
    ],
)
def test_a_mistake_is_told_with_its_reason(
    wfm: Wfm, definition: str, arguments: list[str], message: str
) -> None:
    printed = wfm("schedules", "create", *[definition if each == "DEF" else each for each in arguments])
    assert printed.code == 2
    assert message in printed.err


def test_a_file_with_an_unknown_member_is_refused_before_anything_is_stored(
    wfm: Wfm, definition: str, tmp_path: Path
) -> None:
    file = tmp_path / "schedules.yml"
    file.write_text(f"name: s\ncron: '@daily'\ncrons: 1\nworkflowDefinition: {{name: {definition}}}\n")
    printed = wfm("schedules", "apply", str(file))
    assert printed.code == 2
    assert "crons is not known; there are name, description, cron" in printed.err
