"""The page of the errors: one tree, and what each door makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docs.writing.tables import code, table
from workflow_manager.api.problems import STATUS
from workflow_manager.cli.main import exit_code
from workflow_manager.kernel import errors
from workflow_manager.protocol.refusals import EXISTING, MISSING, refusal_of

HEAD = """\
# Errors

Generated from the tables of the API, of the protocol and of the command by `make docs`.

An error says what happened, and each door has its own words for it. Failures of a workflow, such as
`States.Timeout`, are not errors: they are in the history, and `Retry` and `Catch` are for them.

"""

OVER_REST = """\
Over REST an error is `{"message": "…"}`. A conflict is a 409 only where an operation declares it, and a
400 elsewhere. There are some that come from no table: 401 without a valid key, 405 for another method,
408 for a request that was not sent in time, 413 for too large a body, 415 for a compressed one, 429 for too
many requests at once, and 503 for a request that took longer than `WFM_REQUEST_TIMEOUT`. A 500 without a
reason, `internal error`, is a mistake of the server's, and its log has all of it.

"""

PROTOCOL = """\
## Over the Step Functions protocol

What is missing, or is there already, has a code of its own:

"""

TAIL = """\
The command prints `Error: ` and the message to stderr. `wfm submit --follow` and its like exit with 1
when the workflow has failed, and with 3 when it was cancelled; an interrupted command exits with 130.
"""

_SAMPLES: Mapping[type[errors.WorkflowManagerError], errors.WorkflowManagerError] = {
    errors.NotFound: errors.NotFound("execution", "…"),
    errors.AlreadyExists: errors.AlreadyExists("execution", "…"),
}


def page() -> str:
    """The whole page."""
    rows = []
    for depth, kind in _tree(errors.WorkflowManagerError):
        sample = _SAMPLES.get(kind) or kind("…")
        rows.append(
            (
                "&emsp;" * depth + code(kind.__name__),
                str(next(STATUS[each] for each in kind.__mro__ if each in STATUS)),
                code(refusal_of(sample).code),
                str(exit_code(sample)),
                (kind.__doc__ or "").split("\n")[0],
            )
        )
    absent = [
        (f"{problem} {kind}", code(name), code(text.format("…")))
        for problem, known in (("no", MISSING), ("already:", EXISTING))
        for kind, (name, text) in known.items()
    ]
    return (
        HEAD
        + table(("error", "REST", "`__type`", "exit code", "meaning"), rows)
        + OVER_REST
        + PROTOCOL
        + table(("what", "`__type`", "message"), absent)
        + TAIL
    )


def _tree(
    kind: type[errors.WorkflowManagerError], depth: int = 0
) -> Iterator[tuple[int, type[errors.WorkflowManagerError]]]:
    """Every error of the kernel below this one, as the tree is drawn."""
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield depth, inner
            yield from _tree(inner, depth + 1)
