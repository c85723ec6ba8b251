"""What the log shows of a bug: where it is, and nothing of what passed by."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from workflow_manager.assembly.logs import configure_logs
from workflow_manager.settings import LogFormat, LogLevel


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    configure_logs(LogFormat.JSON, LogLevel.ERROR, sys.__stderr__)


def written(format: LogFormat) -> str:
    """What is logged of a bug, by a logger of ours and by one of a library."""
    stream = io.StringIO()
    configure_logs(format, LogLevel.INFO, stream)

    def broken(payload: str) -> None:
        raise RuntimeError("a bug" if payload else "")

    for log in (structlog.get_logger("ours"), logging.getLogger("theirs")):
        try:
            broken("hush" * 2)
        except RuntimeError:
            log.exception("it went wrong")
    return stream.getvalue()


@pytest.mark.parametrize("format", [LogFormat.JSON, LogFormat.CONSOLE])
def test_the_values_of_variables_stay_out_of_it(format: LogFormat) -> None:
    text = written(format)
    assert text.count("it went wrong") >= 2
    assert text.count("a bug") >= 2
    assert "hushhush" not in text


def test_json_tells_the_place_in_members() -> None:
    for line in written(LogFormat.JSON).splitlines():
        (exception,) = json.loads(line)["exception"]
        assert (exception["exc_type"], exception["exc_value"]) == ("RuntimeError", "a bug")
        assert exception["frames"][-1]["name"] == "broken"


class Full(io.StringIO):
    """Takes nothing while it is full."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.mark.parametrize("kind", ["ours", "theirs"])
def test_a_log_that_cannot_be_written_stops_nobody_and_tells_what_it_lost(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = Full()
    configure_logs(LogFormat.JSON, LogLevel.INFO, stream)
    log = structlog.get_logger("ours") if kind == "ours" else logging.getLogger("theirs")
    log.warning("first")
    log.warning("second")
    stream.is_full = False
    log.warning("third")
    lost, told = map(json.loads, stream.getvalue().splitlines())
    assert (lost, told["title"]) == ({"title": "log-lines-lost", "lines": 2}, "third")
    stream.close()
    log.warning("nobody")
    assert capsys.readouterr().err == ""
