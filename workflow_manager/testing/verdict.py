"""Plays a test case and compares how it ended with what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow_manager.executor.definitions import check_state_machine
from workflow_manager.kernel.errors import InvalidDefinition
from workflow_manager.kernel.json import Json, dumps, loads
from workflow_manager.models.names import Naming
from workflow_manager.testing.cases import Case
from workflow_manager.testing.rehearsal import Outcome, Unmocked, rehearse


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` is empty for a test that passed; `outcome` is None where it could not be played."""

    case: Case
    outcome: Outcome | None
    problems: tuple[str, ...]


def judge(case: Case) -> Verdict:
    """A test without a word on the status expects success, or just an end where it expects nothing."""
    try:
        check_state_machine(case.state_machine, "test", 0, Naming())
        outcome = rehearse(case.state_machine, case.input, case.answers)
    except (InvalidDefinition, Unmocked) as error:
        return Verdict(case, None, (str(error),))
    expected = dict(case.expected)
    if expected and not {"status", "error", "cause"} & expected.keys():
        expected["status"] = "SUCCEEDED"
    seen = _seen(outcome)
    problems = [
        f"{name}: expected {dumps(wanted)}, got {dumps(seen[name])}"
        for name, wanted in expected.items()
        if not _is_same(seen[name], wanted)
    ]
    return Verdict(case, outcome, tuple(problems))


def _seen(outcome: Outcome) -> dict[str, Json]:
    return {
        "status": outcome.status,
        "output": None if outcome.output is None else loads(outcome.output),
        "error": outcome.error,
        "cause": outcome.cause,
        "path": list(outcome.path),
        "visited": list(outcome.visited),
        "seconds": outcome.took.total_seconds(),
    }


def _is_same(one: Any, other: Any) -> bool:
    """As JSON: 1 is 1.0 there, and not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return bool(one == other)
