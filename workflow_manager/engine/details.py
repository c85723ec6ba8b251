"""The inner objects of history events that more than one kind of state writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_manager.asl.failure import EvaluationFailed, Failure
from workflow_manager.kernel.json import Document, Json

COMPLETE: Final[Json] = {"truncated": False}
"""Beside every payload: we never cut one off."""


def state_entered(name: str, input: Document) -> dict[str, Json]:
    return {"name": name, "input": input.text, "inputDetails": COMPLETE}


def state_exited(name: str, output: Document, assigned: Mapping[str, Document]) -> dict[str, Json]:
    details: dict[str, Json] = {"name": name, "output": output.text, "outputDetails": COMPLETE}
    if assigned:
        details["assignedVariables"] = {key: assigned[key].text for key in sorted(assigned)}
        details["assignedVariablesDetails"] = COMPLETE
    return details


def describe_output(output: Document) -> dict[str, Json]:
    return {"output": output.text, "outputDetails": COMPLETE}


def describe_failure(failure: Failure) -> dict[str, Json]:
    """Without the members that are missing or empty, as AWS writes a time-out's empty cause."""
    details: dict[str, Json] = {}
    if failure.error:
        details["error"] = failure.error
    if failure.cause:
        details["cause"] = failure.cause
    return details


def evaluation_details(state: str, problem: EvaluationFailed, cause: str) -> dict[str, Json]:
    details: dict[str, Json] = {"error": problem.error, "cause": cause, "state": state}
    if problem.location is not None:
        details["location"] = problem.location
    return details
