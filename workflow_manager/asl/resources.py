"""Which texts are resources of a Task state, and what a kind of resource asks for."""

from __future__ import annotations

import re
from typing import Final

_ARN: Final = re.compile(r"arn:[A-Za-z0-9-]+:[A-Za-z0-9-]+:[^:\s]*:[^:\s]*:\S.*")

# arn:aws:lambda:region:account:function:name, with a version or an alias at will.
_FUNCTION: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(?::(?:\$LATEST|[A-Za-z0-9_-]+))?")
_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:[^:]+")
_ANY_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity(?::|$)")


def is_resource(text: str) -> bool:
    """Whether Step Functions takes the text for the resource of a task."""
    if _LAMBDA.match(text):
        return _FUNCTION.fullmatch(text) is not None
    if _ANY_ACTIVITY.match(text):
        return _ACTIVITY.fullmatch(text) is not None
    return _ARN.fullmatch(text) is not None


def express_problem(text: str) -> str | None:
    """Why an Express state machine cannot use the resource, None when it can."""
    if text.endswith(".waitForTaskToken"):
        # The space is AWS's.
        return "Express state machine does not support '.waitForTaskToken' service integration "
    if re.search(r"\.sync(:2)?$", text):
        return "Express state machine does not support '.sync' service integration"
    if _ACTIVITY.fullmatch(text):
        return "Express state machine does not support Activity ARN"
    return None
